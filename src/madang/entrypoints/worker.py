"""The process for durable and timed work. Run as many as there are cores; any takes over from a dead one."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import Any

import django
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from psycopg import AsyncConnection

from madang.entrypoints.logs import keep_values_out
from madang.entrypoints.memory import settle_memory

_CONCURRENCY = 4
_LOOK_SECONDS = 0.15
"""Under load, being woken for every piece makes every worker look several times for each; looking often is less."""
_HEARTBEAT_SECONDS = 1.0
_DEAD_AFTER_SECONDS = 3.0
_FINISH_SECONDS = 8.0
_LEAVE_SECONDS = 10.0
"""With the database gone a worker would wait half a minute to say goodbye to it; others take its work over anyway."""

log = structlog.get_logger(__name__)


async def _work(app: App, name: str) -> None:
    async with app.open_async():
        rescuer = asyncio.create_task(_take_over(app))
        working = asyncio.create_task(
            app.run_worker_async(
                name=name,
                concurrency=_CONCURRENCY,
                listen_notify=False,
                fetch_job_polling_interval=_LOOK_SECONDS,
                update_heartbeat_interval=_HEARTBEAT_SECONDS,
                stalled_worker_timeout=_DEAD_AFTER_SECONDS,
                shutdown_graceful_timeout=_FINISH_SECONDS,
                install_signal_handlers=False,
                delete_jobs="successful",
            )
        )
        _leave_when_told(working)
        try:
            with suppress(asyncio.CancelledError):
                await working
        finally:
            rescuer.cancel()


def _leave_when_told(working: "asyncio.Task[Any]") -> None:
    """At the first signal let work under way be finished, but not for longer than ``_LEAVE_SECONDS``."""
    loop = asyncio.get_running_loop()
    signs = (signal.SIGTERM, signal.SIGINT)

    def leave() -> None:
        for sign in signs:
            loop.remove_signal_handler(sign)  # the next one ends us at once
        working.cancel()
        loop.call_later(_LEAVE_SECONDS, os._exit, 1)

    for sign in signs:
        loop.add_signal_handler(sign, leave)


async def _take_over(app: App) -> None:
    """Put work back whose worker's heart has stopped, so that another does it."""
    while True:
        await asyncio.sleep(_HEARTBEAT_SECONDS)
        try:
            stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_AFTER_SECONDS))
        except ConnectorException as failure:
            log.warning("cannot look for dead workers", because=repr(failure))
            continue
        for job in stalled:
            await _take_one_over(app, job)


async def _take_one_over(app: App, job: Job) -> None:
    """Put one piece of work back. Timed work whose next turn waits already cannot be, and must not hold up others."""
    log.warning("taking over from a dead worker", job=job.id, task=job.task_name)
    try:
        await app.job_manager.retry_job(job)
    except ConnectorException as failure:
        log.warning("cannot take over", job=job.id, because=repr(failure))


async def _commit_each(connection: AsyncConnection[Any]) -> None:
    await connection.set_autocommit(True)


def main() -> None:
    """Work until told to stop; what is under way is finished or put back."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.entrypoints.django_settings")
    django.setup()
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.utils import connector_params

    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    keep_values_out()
    settle_memory()
    # Each of the queue's questions is one statement: without autocommit each would be three.
    queue = PsycopgConnector(kwargs=connector_params(), configure=_commit_each)
    with app.replace_connector(queue) as working:
        asyncio.run(_work(working, sys.argv[1] if len(sys.argv) > 1 else "worker"))


if __name__ == "__main__":
    main()
