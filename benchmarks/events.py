"""The event bus: what "acknowledged means on disk" costs, beside the bus without it.

Publishes events of the usual size with the bus syncing each message before it answers (what the city runs
with) and with the bus syncing every two minutes (NATS's default), in one run on one disk.
"""

import asyncio
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from madang.commons.db.processes import child_of_ours, free_port
from madang.commons.events import embedded
from madang.commons.events.bus import Bus
from madang.commons.events.contracts import Envelope
from madang.kernel import clock
from madang.kernel.ids import new_id

_BATCH = 500
_BODY = b'{"case":"01931f6c-7c3a-7c3a-8c3a-0123456789ab","service":"resident-register-extract"}'


def measure(*, quick: bool) -> dict[str, Any]:
    """Events acknowledged a second with and without a sync each, and syncs a second of this disk."""
    seconds = 4.0 if quick else 15.0
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        place = Path(folder)
        return {
            "events_per_s_synced": round(_rate(place / "always", "always", seconds)),
            "limit_events_per_s_unsynced": round(_rate(place / "default", "2m", seconds)),
            "limit_fdatasync_per_s": round(_syncs(place / "file", seconds / 2)),
            "batch": _BATCH,
        }


def _rate(folder: Path, sync: str, seconds: float) -> float:
    server = embedded.prepare(folder, free_port(), sync=sync)
    with server.log.open("ab") as log:
        process = subprocess.Popen(server.command, stdout=log, stderr=log, preexec_fn=child_of_ours)  # noqa: PLW1509 -- it only asks the kernel for a signal
    try:
        return asyncio.run(_publish(server.url, seconds))
    finally:
        process.terminate()
        process.wait()


async def _publish(url: str, seconds: float) -> float:
    bus = await Bus.connect(url)
    count, began = 0, time.monotonic()
    while time.monotonic() - began < seconds:
        await bus.publish([Envelope(new_id(), "bench.happened", _BODY, clock.now()) for _ in range(_BATCH)])
        count += _BATCH
    took = time.monotonic() - began
    await bus.close()
    return count / took


def _syncs(file: Path, seconds: float) -> float:
    count, began = 0, time.monotonic()
    with file.open("wb") as out:
        while time.monotonic() - began < seconds:
            out.write(_BODY)
            out.flush()
            os.fdatasync(out.fileno())
            count += 1
    return count / (time.monotonic() - began)
