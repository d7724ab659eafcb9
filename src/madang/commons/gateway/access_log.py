"""From the front's log of every request to the event bus, and into each partner's use: once, whoever falls meanwhile.

The log on disk is the buffer: while the bus or the database is away nothing is lost, and nobody waits. How far it has
been read is kept in the transaction that counts; what is published twice has the same id, and the bus drops it.
"""

import asyncio
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import msgspec
import nats.errors
import structlog
from django.db import OperationalError, close_old_connections
from nats.js.api import RetentionPolicy, StorageType, StreamConfig
from nats.js.client import JetStreamContext
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError

from madang.commons.gateway import facade
from madang.commons.gateway.contracts import LogPosition, Request
from madang.commons.gateway.envoy import described

STREAM: Final = "ACCESS"
SUBJECT: Final = "access.requests"
_KEPT_S: Final = 30 * 24 * 3600.0
_PAUSE_SECONDS: Final = 1.0
_LINES_AT_MOST: Final = 1_000
_ROTATED_FROM: Final = 64 * 1024 * 1024
_REOPEN_SECONDS: Final = 2.0
_PASSING: Final = (nats.errors.Error, JetStreamError, TimeoutError, OSError, OperationalError)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Read:
    """Some lines of the log and where they end."""

    requests: list[Request]
    after: LogPosition


@dataclass(frozen=True, slots=True)
class AccessLog:
    """Follows one front's log. ``folder`` is the front's own."""

    folder: Path
    stream: JetStreamContext
    rotated_from: int = _ROTATED_FROM

    async def run(self, stop: asyncio.Event) -> None:
        """Read, publish and count until ``stop``; a bus or database that comes and goes is waited for."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, thread_name_prefix="access") as thread:
            while not stop.is_set():
                try:
                    await self._ensure_stream()
                    while not stop.is_set() and await self.step(loop, thread):
                        pass
                except _PASSING as failure:
                    log.warning("the access log waits", because=repr(failure))
                await _pause(stop)

    async def step(self, loop: asyncio.AbstractEventLoop, thread: ThreadPoolExecutor) -> bool:
        """Carry some lines on; False when there is nothing more at the moment."""
        read = await loop.run_in_executor(thread, self._read)
        if read is None:
            return False
        if read.requests:
            await self._publish(read)
        await loop.run_in_executor(thread, _count, read)
        return len(read.requests) == _LINES_AT_MOST

    async def _publish(self, read: Read) -> None:
        body = msgspec.json.encode({"requests": read.requests})
        number = f"{read.after.log}:{read.after.inode}:{read.after.offset}"
        await self.stream.publish(SUBJECT, body, headers={"Nats-Msg-Id": number}, timeout=10)

    async def _ensure_stream(self) -> None:
        try:
            await self.stream.stream_info(STREAM)
        except NotFoundError:
            await self.stream.add_stream(StreamConfig(
                name=STREAM, subjects=["access.>"], storage=StorageType.FILE, retention=RetentionPolicy.LIMITS,
                max_age=_KEPT_S, max_bytes=5 * 2**30, duplicate_window=600.0,
            ))

    def _read(self) -> Read | None:
        """The next lines; an old log is read to its end before the new one is begun."""
        close_old_connections()
        current, old = self.folder / "traffic.log", self.folder / "traffic.log.old"
        name = str(current)
        before = facade.log_position(name)
        for file in (old, current):
            if not file.exists():
                continue
            inode = file.stat().st_ino
            offset = before.offset if before.inode == inode else 0
            read = _lines(file, LogPosition(name, inode, offset))
            if read is not None:
                return read
            if file == old:
                old.unlink()
        if current.exists() and current.stat().st_size > self.rotated_from:
            self._rotate(current, old)
        return None

    def _rotate(self, current: Path, old: Path) -> None:
        current.rename(old)
        httpx.post(f"http://127.0.0.1:{described(self.folder).admin_port}/reopen_logs", timeout=2)
        time.sleep(_REOPEN_SECONDS)  # the front's last lines for the old file are on their way


def _lines(file: Path, since: LogPosition) -> Read | None:
    """Whole lines from there on; None at the end. A line that is none of ours is passed over."""
    with file.open("rb") as source:
        source.seek(since.offset)
        raw = [line for line in source.readlines(_LINES_AT_MOST * 300)[:_LINES_AT_MOST] if line.endswith(b"\n")]
    if not raw:
        return None
    after = LogPosition(since.log, since.inode, since.offset + sum(map(len, raw)))
    return Read(list(_requests(raw)), after)


def _requests(lines: Iterable[bytes]) -> Iterable[Request]:
    for line in lines:
        try:
            yield facade.request_of(msgspec.json.decode(line))
        except (msgspec.DecodeError, KeyError, TypeError, ValueError):
            log.warning("a line of the access log cannot be read", length=len(line))


def _count(read: Read) -> None:
    close_old_connections()
    facade.count_use(read.requests, read.after)


async def _pause(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), _PAUSE_SECONDS)
    except TimeoutError:
        return
