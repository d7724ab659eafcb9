"""The duty that carries every event from the bus into the archive, once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import nats.errors
import structlog
from django.db import OperationalError, close_old_connections
from nats.aio.msg import Msg
from nats.js.client import JetStreamContext
from nats.js.errors import Error as JetStreamError

from madang.commons.lake import bus, facade
from madang.commons.lake.contracts import Archived, LakeBusy
from madang.kernel import clock

_BATCH = 5_000
_LINGER_SECONDS = 5.0
"""A batch is archived when it is full or this old: small commits make small files."""
_PAUSE_SECONDS = 0.2
_AFTER_START_SECONDS = 5.0
"""The archive's libraries take a second to load; a city that starts has better to do, and the bus keeps the events."""
_AFTER_FAILURE_SECONDS = 1.0
_PASSING = (nats.errors.Error, JetStreamError, TimeoutError, OSError, OperationalError, LakeBusy)

_Answer = TypeVar("_Answer")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Archiver:
    """Follows the stream in order and archives it in batches. Only the archive knows how far it has come.

    Run as many as you like: the archive takes each event once. One is enough.
    """

    stream: JetStreamContext
    batch: int = _BATCH
    linger: float = _LINGER_SECONDS
    delay: float = _AFTER_START_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Archive, and tend the archive now and then, until ``stop``; survives a bus or database that comes and goes.

        Works in one thread of its own, which alone carries pyarrow.
        """
        await _pause(self.delay, stop)
        with ThreadPoolExecutor(1, thread_name_prefix="archive") as thread:
            upkeep = asyncio.create_task(_tend(thread, stop))
            while not stop.is_set():
                try:
                    await self._follow(thread, stop)
                except _PASSING as failure:
                    log.warning("archive waits", because=repr(failure))
                    await _pause(_AFTER_FAILURE_SECONDS, stop)
            await upkeep

    async def _follow(self, thread: ThreadPoolExecutor, stop: asyncio.Event) -> None:
        """Read on from the archive's own position until ``stop`` or until a message was skipped on the way."""
        known = await _in(thread, facade.position)
        life = (await bus.life(self.stream)).bus
        last = known.sequence if known and known.bus == life else 0
        source = await bus.read_from(self.stream, last + 1)
        fresh = True
        try:
            while not stop.is_set():
                messages = await self._gather(source, stop)
                events = [bus.event_of(message, life) for message in messages]
                unbroken = _unbroken(events, None if fresh else last)
                if unbroken:
                    await _in(thread, facade.archive, life, unbroken)
                    last, fresh = unbroken[-1].sequence, False
                if len(unbroken) < len(events):
                    return
        finally:
            await _leave(source)

    async def _gather(self, source: JetStreamContext.PullSubscription, stop: asyncio.Event) -> list[Msg]:
        """The next messages: a full batch, or what came within the linger."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.linger
        found: list[Msg] = []
        while len(found) < self.batch and not stop.is_set() and (left := until - loop.time()) > 0:
            try:
                found += await source.fetch(self.batch - len(found), timeout=min(left, 1.0))
            except TimeoutError:
                continue
            await _pause(min(_PAUSE_SECONDS, self.linger), stop)
        return found


def _unbroken(events: list[Archived], last: int | None) -> list[Archived]:
    """The events up to the first gap. A gap right at a fresh reader's start is the bus's own, and is taken as it is."""
    for at, event in enumerate(events):
        if last is not None and event.sequence != last + 1:
            log.warning("messages skipped on the way from the bus", after=last, next=event.sequence)
            return events[:at]
        last = event.sequence
    return events


async def _leave(source: JetStreamContext.PullSubscription) -> None:
    try:
        await source.unsubscribe()
    except (nats.errors.Error, JetStreamError, TimeoutError, OSError):
        return


async def _tend(thread: ThreadPoolExecutor, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await _pause(facade.every().total_seconds(), stop)
        if stop.is_set():
            return
        try:
            done = await _in(thread, facade.tend, clock.now())
            log.info("archive tended", joined=done.files_joined, deleted=done.files_deleted)
        except (OperationalError, LakeBusy, OSError) as failure:
            log.warning("archive could not be tended", because=repr(failure))


async def _in(thread: ThreadPoolExecutor, call: Callable[..., _Answer], *given: object) -> _Answer:
    def work() -> _Answer:
        close_old_connections()
        return call(*given)

    return await asyncio.get_running_loop().run_in_executor(thread, work)


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
