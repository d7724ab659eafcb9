"""A city of one's own for a while, as a child process: for benchmarks, and for whoever tests from outside."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from madang.commons.db.processes import child_of_ours, free_port
from madang.entrypoints.city import ready_file
from madang.entrypoints.instance import Lock

_START_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Launched:
    """A running city: where it is entered, where its things lie, and who may sign in."""

    url: str
    instance: Path
    process: subprocess.Popen[bytes]
    sign_ins: tuple[Mapping[str, str], ...]

    def pid_of(self, name: str) -> int:
        """The process id of one of the city's processes as of now: ``web``, ``worker-1``, ``postgres``, …."""
        pids: dict[str, int] = _read(self.instance)["pids"]
        return pids[name]

    def names(self) -> Mapping[int, str]:
        """The names of the city's processes as of now, by process id."""
        return {pid: name for name, pid in _read(self.instance)["pids"].items()}


@contextmanager
def launched(folder: Path, *, environ: Mapping[str, str] | None = None) -> Iterator[Launched]:
    """Run ``madang up`` on ``folder`` and a free port while the block runs. Raises RuntimeError with its output."""
    out = folder / "up.log"
    folder.mkdir(parents=True, exist_ok=True)
    if not Lock(folder).is_held_by_another():
        ready_file(folder).unlink(missing_ok=True)  # of a city that was killed: it would be taken for this one's
    own = {name: value for name, value in os.environ.items() if not name.startswith("MADANG_")}
    own |= {"MADANG_INSTANCE": str(folder), "MADANG_PORT": str(free_port())} | dict(environ or {})
    with out.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "madang.entrypoints.cli", "up"],
            stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, env=own,
            preexec_fn=child_of_ours,  # noqa: PLW1509 -- the callers have no threads of their own yet
        )
    try:
        _await_ready(process, folder, out)
        said = _read(folder)
        yield Launched(said["url"], folder, process, tuple(said["sign_ins"]))
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_ready(process: subprocess.Popen[bytes], folder: Path, out: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready_file(folder).exists():
        if process.poll() is not None or time.monotonic() > deadline:
            message = f"the city did not start:\n{out.read_text(encoding='utf-8', errors='replace')[-3000:]}"
            raise RuntimeError(message)
        time.sleep(0.1)


def _read(folder: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(ready_file(folder).read_text(encoding="utf-8"))
    return said
