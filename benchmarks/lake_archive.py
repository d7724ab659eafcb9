"""The archive of events: rows a second into Iceberg, beside the same rows into bare Parquet files, and from the bus.

In one run on one disk: ``archive`` commits batches of the size that the city uses, each with its place on the bus and
synced to disk; the limit writes and syncs the same rows with nothing else around them.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from madang.kernel import clock
from madang.kernel.ids import new_id

_BATCH = 5_000
_BODY = (
    '{"case":"01931f6c-7c3a-7c3a-8c3a-0123456789ab","service":"resident-register-extract",'
    '"resident":"01931f6c-7c3a-7c3a-8c3a-0123456789ab"}'
)


def measure(*, quick: bool) -> dict[str, Any]:
    """Rows a second archived, their limit, events a second from the bus, and what a round of upkeep takes."""
    batches = 20 if quick else 200
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder, _city(Path(folder)) as nats_url:
        before = _memory()
        archived = _archived(batches)
        upkeep = _upkeep()
        from_bus = asyncio.run(_from_bus(nats_url, 10_000 if quick else 100_000))
        return {
            "rows_per_s_archived": round(archived),
            "limit_rows_per_s_parquet": round(_parquet(Path(folder) / "bare", batches)),
            "events_per_s_from_bus": round(from_bus),
            "upkeep_s": round(upkeep, 2),
            "memory_mb_before": before,
            "memory_mb_with_archive": _memory(),
            "batch": _BATCH,
        }


@contextmanager
def _city(folder: Path) -> Iterator[str]:
    """An instance of its own, whatever the environment names."""
    for name in ("MADANG_DATABASE_URL", "MADANG_NATS_URL"):
        os.environ.pop(name, None)
    os.environ["MADANG_INSTANCE"] = str(folder)
    from madang.entrypoints.instance import opened

    with opened() as settings:
        yield settings.nats_url


def _archived(batches: int) -> float:
    from madang.commons.lake import facade
    from madang.commons.lake.contracts import Archived

    now, took = clock.now(), 0.0
    facade.position()
    for batch in range(batches):
        first = batch * _BATCH + 1
        rows = [Archived(first + at, new_id(), "bench.happened", now, _BODY) for at in range(_BATCH)]
        began = time.monotonic()
        facade.archive("bench", rows)
        took += time.monotonic() - began
    return batches * _BATCH / took


def _parquet(folder: Path, batches: int) -> float:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir()
    now, took = clock.now(), 0.0
    for batch in range(batches):
        rows = [(str(new_id()), "bench.happened", "bench", now, _BODY, "bench", at) for at in range(_BATCH)]
        began = time.monotonic()
        names = ["event", "topic", "room", "at", "body", "bus", "sequence"]
        table = pa.table(dict(zip(names, map(pa.array, zip(*rows, strict=True)), strict=True)))
        with (folder / f"{batch}.parquet").open("wb") as file:
            pq.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        took += time.monotonic() - began
    return batches * _BATCH / took


def _upkeep() -> float:
    from madang.commons.lake import facade

    began = time.monotonic()
    facade.tend(clock.now())
    return time.monotonic() - began


async def _from_bus(nats_url: str, many: int) -> float:
    from madang.commons.events.bus import Bus
    from madang.commons.events.contracts import Envelope
    from madang.commons.lake import facade
    from madang.commons.lake.archiver import Archiver

    bus = await Bus.connect(nats_url)
    for _ in range(many // 500):
        await bus.publish([Envelope(new_id(), "bench.happened", _BODY.encode(), clock.now()) for _ in range(500)])
    last, stop = await bus.last_sequence(), asyncio.Event()
    began = time.monotonic()
    duty = asyncio.create_task(Archiver(bus.jetstream, delay=0).run(stop))
    while (at := await asyncio.to_thread(facade.position)) is None or at.bus == "bench" or at.sequence < last:  # noqa: ASYNC110 -- the archive is looked at from outside
        await asyncio.sleep(0.1)
    took = time.monotonic() - began
    stop.set()
    await duty
    await bus.close()
    return many / took


def _memory() -> int:
    return int(psutil.Process().memory_info().rss / 2**20)
