"""The process for machines and news: from the outbox to the bus, from the bus to the rooms and the lake."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django
import structlog

from madang.entrypoints.logs import keep_values_out
from madang.entrypoints.memory import settle_memory

_THREADS = 4
_SEAL_SECONDS = 1.0
_SEAL_AT_MOST = 5_000

log = structlog.get_logger(__name__)


async def _serve() -> None:
    from madang.commons.events.bus import Bus
    from madang.commons.events.dispatch import Dispatcher
    from madang.commons.events.relay import relay
    from madang.commons.gateway.access_log import AccessLog
    from madang.commons.lake.archiver import Archiver
    from madang.entrypoints.rooms import subscriptions
    from madang.entrypoints.settings import current

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    bus = await Bus.connect(current().nats_url)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="handler") as threads:
        dispatcher = Dispatcher(bus, threads)
        duties: list[Coroutine[Any, Any, None]] = [
            relay(bus, current().database_url, stop),
            _seal(threads, stop),
            Archiver(bus.jetstream).run(stop),
            AccessLog(current().instance / "gateway", bus.jetstream).run(stop),
            *(dispatcher.serve(subscription, stop) for subscription in subscriptions()),
        ]
        await _until_stopped(duties, stop)
    await bus.close()


async def _until_stopped(duties: list[Coroutine[Any, Any, None]], stop: asyncio.Event) -> None:
    """Run all until ``stop``. If one ends with an error, the process ends with it, and the supervisor begins anew."""
    running = [asyncio.create_task(duty) for duty in duties]
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([*running, stopped], return_when=asyncio.FIRST_COMPLETED)
    fallen = next((task.exception() for task in running if task.done() and task.exception()), None)
    stop.set()
    await asyncio.wait(running, timeout=8)
    for task in running:
        task.cancel()
    if fallen is not None:
        raise fallen


async def _seal(threads: ThreadPoolExecutor, stop: asyncio.Event) -> None:
    from django.db import OperationalError, close_old_connections

    from madang.commons.audit import facade as audit
    from madang.kernel import clock

    def seal() -> int:
        close_old_connections()
        return audit.seal(clock.now(), limit=_SEAL_AT_MOST)

    while not stop.is_set():
        try:
            await asyncio.get_running_loop().run_in_executor(threads, seal)
        except OperationalError as failure:
            log.warning("audit waits to be sealed", because=repr(failure))
        await _sleep(_SEAL_SECONDS, stop)


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def main() -> None:
    """Serve until told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.entrypoints.django_settings")
    django.setup()
    keep_values_out()
    settle_memory()
    asyncio.run(_serve())


if __name__ == "__main__":
    main()
