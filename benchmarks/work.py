"""Durable work: procrastinate, which the city uses, beside DBOS, in one run on one PostgreSQL.

A piece of work writes one row. Two workers a library; one is killed with -9 in the middle. Counted: pieces a
second, pieces lost, pieces done twice, and how long until the dead worker's pieces were done by the living one.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from madang.commons.db import embedded
from madang.commons.db.processes import child_of_ours

_HEARTBEAT = 0.5
_DEAD_AFTER = 3.0
_PIECE_SECONDS = 0.005


def measure(*, quick: bool) -> dict[str, Any]:
    """Both libraries, the same work, the same kill."""
    pieces = 600 if quick else 6_000
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        server = embedded.start(Path(folder) / "postgres")
        try:
            ours = _try("procrastinate", server.url, pieces)
            peer = _try("dbos", server.url, pieces)
        finally:
            server.stop()
    return {"pieces": pieces, "procrastinate": ours, "peer_dbos": peer}


def _try(library: str, database: str, pieces: int) -> dict[str, Any]:
    url = embedded.make_database(database, library)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE done (piece int, at timestamptz DEFAULT now())")
    subprocess.run([sys.executable, "-m", "benchmarks.work", library, "fill", url, str(pieces)], check=True)
    began = time.monotonic()
    workers = [_worker(library, url, number) for number in (1, 2)]
    try:
        _until(url, lambda done: done >= pieces // 3)
        workers[0].send_signal(signal.SIGKILL)
        killed = time.monotonic()
        finished = _until(url, lambda done: done >= pieces, give_up=25)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    return _figures(url, pieces, began, killed, finished)


def _figures(url: str, pieces: int, began: float, killed: float, finished: float) -> dict[str, Any]:
    with psycopg.connect(url) as connection:
        rows, different = connection.execute("SELECT count(*), count(DISTINCT piece) FROM done").fetchone() or (0, 0)
    return {
        "pieces_per_s": round(rows / (finished - began), 1),
        "seconds_from_kill_to_last": round(finished - killed, 1),
        "not_done": pieces - different,
        "effects_twice": rows - different,
    }


def _worker(library: str, url: str, number: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.work", library, "work", url, str(number)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=child_of_ours,  # noqa: PLW1509 -- it only asks the kernel for a signal
    )


def _until(url: str, enough: Callable[[int], bool], give_up: float = 120) -> float:
    """When enough was done; for what a dead worker took along and nobody takes over, when we gave up waiting."""
    deadline = time.monotonic() + give_up
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = connection.execute("SELECT count(DISTINCT piece) FROM done").fetchone()
            if row and enough(row[0]):
                break
            time.sleep(0.05)
    return time.monotonic()


def _do(url: str, piece: int) -> None:
    time.sleep(_PIECE_SECONDS)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO done (piece) VALUES (%s)", [piece])


def _procrastinate(what: str, url: str, number: int) -> None:
    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector(conninfo=url))

    @app.task(name="piece")
    def piece(number: int) -> None:
        _do(url, number)

    async def fill() -> None:
        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            await piece.batch_defer_async(*({"number": one} for one in range(number)))

    async def rescue() -> None:
        while True:
            await asyncio.sleep(_HEARTBEAT)
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_AFTER):
                await app.job_manager.retry_job(job)

    async def work() -> None:
        async with app.open_async():
            rescuer = asyncio.create_task(rescue())
            await app.run_worker_async(
                concurrency=4, update_heartbeat_interval=_HEARTBEAT, stalled_worker_timeout=_DEAD_AFTER
            )
            rescuer.cancel()

    asyncio.run(fill() if what == "fill" else work())


def _dbos(what: str, url: str, number: int) -> None:
    from dbos import DBOS

    executor = "filler" if what == "fill" else f"worker-{number}"
    DBOS(config={
        "name": "bench", "system_database_url": url.replace("postgresql://", "postgresql+psycopg://"),
        "application_version": "1", "executor_id": executor, "log_level": "ERROR",
    })
    @DBOS.workflow()
    def piece(number: int) -> None:
        DBOS.run_step({"name": "do"}, _do, url, number)

    if what == "fill":
        DBOS.listen_queues(["none of ours"])
    DBOS.launch()
    DBOS.register_queue("pieces", worker_concurrency=4, polling_interval_sec=0.1)
    if what == "work":
        signal.pause()
    for one in range(number):
        DBOS.enqueue_workflow("pieces", piece, one)
    os._exit(0)


if __name__ == "__main__":
    {"procrastinate": _procrastinate, "dbos": _dbos}[sys.argv[1]](sys.argv[2], sys.argv[3], int(sys.argv[4]))
