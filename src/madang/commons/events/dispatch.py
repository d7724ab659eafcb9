"""From the bus to the rooms: every subscriber handles every event once, or a person hears of it."""

import asyncio
import traceback
from concurrent.futures import Executor
from dataclasses import dataclass

import nats.errors
import structlog
from django.db import close_old_connections
from nats.aio.msg import Msg
from nats.js.client import JetStreamContext

from madang.commons.db.transactions import transaction
from madang.commons.events import facade, store
from madang.commons.events.bus import Bus, ForeignMessage, envelope_of
from madang.kernel import clock
from madang.kernel.manifest import Subscription

_BATCH = 50
_LONG_POLL_SECONDS = 5
_AFTER_FAILURE_SECONDS = 0.5
_WAITS = (1, 2, 5, 15, 60, 300, 900)
"""Seconds before each further try; after the last the event is a dead letter."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Hands events to handlers on a pool of threads, each with its own database connection."""

    bus: Bus
    threads: Executor

    async def serve(self, subscription: Subscription, stop: asyncio.Event) -> None:
        """Let one subscriber handle its events until ``stop``; survives a bus that comes and goes."""
        while not stop.is_set():
            try:
                source = await self.bus.subscribe(subscription.name, subscription.event.topic)
                while messages := await _next_batch(source, stop):
                    await asyncio.gather(*(self._deliver(message, subscription) for message in messages))
            except (nats.errors.Error, TimeoutError, OSError) as failure:
                log.warning("subscriber waits", subscriber=subscription.name, because=repr(failure))
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)

    async def _deliver(self, message: Msg, subscription: Subscription) -> None:
        loop = asyncio.get_running_loop()
        attempt = message.metadata.num_delivered or 1
        try:
            await loop.run_in_executor(self.threads, _handle, message, subscription)
        except ForeignMessage as stranger:
            log.warning("message is not an event of ours", subject=str(stranger))
            await message.term()
        except Exception as failure:  # noqa: BLE001 -- whatever a handler raises, its event is tried again, then kept
            log.warning("handler failed", subscriber=subscription.name, attempt=attempt, because=repr(failure))
            if attempt <= len(_WAITS):
                await message.nak(delay=_WAITS[attempt - 1])
                return
            error = "".join(traceback.format_exception(failure))
            await loop.run_in_executor(self.threads, _bury, message, subscription, error, attempt)
            await message.term()
        else:
            await message.ack()


async def _next_batch(source: JetStreamContext.PullSubscription, stop: asyncio.Event) -> list[Msg]:
    """The next messages, as soon as there are any; none once ``stop`` is set."""
    stopped = asyncio.create_task(stop.wait())
    while not stop.is_set():
        fetch = asyncio.create_task(source.fetch(_BATCH, timeout=_LONG_POLL_SECONDS))
        await asyncio.wait([fetch, stopped], return_when=asyncio.FIRST_COMPLETED)
        if not fetch.done():
            fetch.cancel()
            break
        try:
            return fetch.result()
        except TimeoutError:
            continue
    stopped.cancel()
    return []


def _handle(message: Msg, subscription: Subscription) -> None:
    close_old_connections()
    facade.handle(subscription, envelope_of(message), clock.now())


def _bury(message: Msg, subscription: Subscription, error: str, attempts: int) -> None:
    with transaction():
        store.bury(subscription.name, envelope_of(message), error, attempts, clock.now())
