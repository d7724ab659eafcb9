"""From the outbox to the bus: every kept event is published, in the order of its making, at least once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import nats.errors
import psycopg
import structlog
from django.db import OperationalError, close_old_connections

from madang.commons.db.transactions import transaction
from madang.commons.events import store
from madang.commons.events.bus import Bus

_BATCH = 500
_LOOK_ANYWAY_SECONDS = 1.0
_AFTER_FAILURE_SECONDS = 0.5

log = structlog.get_logger(__name__)


async def relay(bus: Bus, database_url: str, stop: asyncio.Event) -> None:
    """Publish what lies in the outbox until ``stop``; wakes on NOTIFY, and looks once a second all the same."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, thread_name_prefix="relay") as thread:
        wake = asyncio.Event()
        listener = asyncio.create_task(_listen(database_url, wake, stop))
        while not stop.is_set():
            wake.clear()
            try:
                published = await loop.run_in_executor(thread, _publish_batch, bus, loop)
            except (OperationalError, nats.errors.Error, TimeoutError, OSError) as failure:
                log.warning("relay waits", because=repr(failure))
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                continue
            if published < _BATCH:
                await _first_of(wake, stop, _LOOK_ANYWAY_SECONDS)
        listener.cancel()


def _publish_batch(bus: Bus, loop: asyncio.AbstractEventLoop) -> int:
    close_old_connections()
    with transaction():
        waiting = store.lock_waiting(_BATCH)
        if waiting:
            asyncio.run_coroutine_threadsafe(bus.publish(waiting), loop).result(timeout=30)
            store.delete([envelope.id for envelope in waiting])
    return len(waiting)


async def _listen(database_url: str, wake: asyncio.Event, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
                await connection.execute(f"LISTEN {store.WAKE_CHANNEL}")
                async for _ in connection.notifies():
                    wake.set()
        except psycopg.OperationalError as failure:
            log.warning("relay's ear is cut", because=repr(failure))
            await asyncio.sleep(_AFTER_FAILURE_SECONDS)


async def _first_of(wake: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    waits = [asyncio.create_task(event.wait()) for event in (wake, stop)]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
