"""Starts an instance's processes, watches them, starts a fallen one again, and stops all of them in the end."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import structlog

from madang.commons.db.processes import child_of_ours

_LOOK_SECONDS = 0.1
_PATIENCE_AT_STOP_SECONDS = 12.0
_FIRST_WAIT_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 10.0
_STEADY_SECONDS = 30.0
"""A process that lived so long is well again: its next fall is waited on as if it were the first."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """A process to keep running. ``stop_with`` is the signal that it takes as "finish and leave".

    ``farewell`` is called before that signal, for one that must be asked otherwise to finish what is under way.
    """

    name: str
    command: Sequence[str]
    log: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], None] = child_of_ours
    stop_with: signal.Signals = signal.SIGTERM
    farewell: Callable[[], None] | None = None


@dataclass(slots=True)
class _Kept:
    duty: Duty
    process: subprocess.Popen[bytes]
    started: float
    wait: float = _FIRST_WAIT_SECONDS
    again_at: float | None = None


class Supervisor:
    """Keeps duties running, in the order in which they were given; stops them in the opposite order."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce
        self._kept: list[_Kept] = []
        self._stopping = False

    def start(self, duty: Duty) -> subprocess.Popen[bytes]:
        """Start a process and keep it running from now on."""
        process = _spawn(duty)
        self._kept.append(_Kept(duty, process, time.monotonic()))
        return process

    def is_alive(self, name: str) -> bool:
        """Whether the process of that name runs at this moment."""
        return any(kept.duty.name == name and kept.process.poll() is None for kept in self._kept)

    def pids(self) -> dict[str, int]:
        """The process ids by name, for ``madang doctor`` and for whoever looks with ps."""
        return {kept.duty.name: kept.process.pid for kept in self._kept}

    def watch(self, on_change: Callable[[], None]) -> None:
        """Keep everything running until SIGINT or SIGTERM; ``on_change`` is told when a process was started again."""
        self._listen()
        while not self._stopping:
            for kept in self._kept:
                if self._mend(kept):
                    on_change()
            time.sleep(_LOOK_SECONDS)

    def stop(self) -> None:
        """Stop all, last started first. What does not leave in time is killed; nothing acknowledged is lost by it."""
        self._listen()
        for kept in reversed(self._kept):
            if kept.process.poll() is None:
                if kept.duty.farewell is not None:
                    kept.duty.farewell()
                kept.process.send_signal(kept.duty.stop_with)
                _await_end(kept.process, kept.duty.name)
        self._kept.clear()

    def _listen(self) -> None:
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._heed)

    def _heed(self, sign: int, frame: FrameType | None) -> None:  # noqa: ARG002 -- the signature of a signal handler
        self._stopping = True

    def _mend(self, kept: _Kept) -> bool:
        """Start a fallen process again when its wait is over; whether that was done."""
        if kept.process.poll() is None:
            return False
        now = time.monotonic()
        if kept.again_at is None:
            kept.wait = _next_wait(kept, now)
            kept.again_at = now + kept.wait
            self._announce(f"{kept.duty.name} ended ({_why(kept.process)}); starting it again in {kept.wait:.1f} s")
        if now < kept.again_at:
            return False
        kept.process, kept.started, kept.again_at = _spawn(kept.duty), now, None
        return True


def _spawn(duty: Duty) -> subprocess.Popen[bytes]:
    duty.log.parent.mkdir(parents=True, exist_ok=True)
    with duty.log.open("ab") as out:
        return subprocess.Popen(
            list(duty.command),
            stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            env={**os.environ, **duty.environ},
            preexec_fn=duty.before,  # noqa: PLW1509 -- this process has one thread when it starts children
        )


def _next_wait(kept: _Kept, now: float) -> float:
    if now - kept.started > _STEADY_SECONDS:
        return _FIRST_WAIT_SECONDS
    return min(kept.wait * 2, _LONGEST_WAIT_SECONDS)


def _why(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _await_end(process: subprocess.Popen[bytes], name: str) -> None:
    try:
        process.wait(_PATIENCE_AT_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        log.warning("killed: it did not leave in time", process=name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
