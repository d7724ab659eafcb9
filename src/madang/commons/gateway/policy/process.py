"""The policy process as a whole: it listens to the front, counts, and hears of every change."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
import structlog

from madang.commons.gateway.policy import ledger, rulebook
from madang.commons.gateway.policy.counters import Counters
from madang.commons.gateway.policy.door import Door
from madang.commons.gateway.policy.metrics import Metrics
from madang.commons.gateway.policy.purse import Purse
from madang.commons.gateway.policy.server import Asked
from madang.commons.gateway.policy.tokens import Reader, Tokens
from madang.kernel import clock

_LOOK_SECONDS: Final = 0.5
_READ_ANYWAY_SECONDS: Final = 15.0
_AFTER_FAILURE_SECONDS: Final = 0.1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the policy process stands."""

    port: int
    """On loopback."""
    folder: Path
    """The gateway's own, where the rulebook lies."""
    database_url: str
    seal_key: bytes
    read_token: Reader
    """Asks the provider of the city's tokens; called in a thread of its own."""


async def serve(place: Place, stop: asyncio.Event) -> None:
    """Answer the front until ``stop``. Raises OSError when the port is taken."""
    counters = Counters(place.database_url, clock.now, _purse(place))
    door = Door(rulebook.read(place.folder), counters, Tokens(place.read_token), place.seal_key, clock.now)
    metrics = Metrics(door, counters)
    loop = asyncio.get_running_loop()
    duties = [
        asyncio.create_task(duty)
        for duty in (counters.run(), _know(door, place.database_url), _reread(door, place.folder))
    ]
    server = await loop.create_server(
        lambda: Asked(door.answer, metrics), "127.0.0.1", place.port, reuse_port=True, backlog=512
    )
    async with server:
        await stop.wait()
    for duty in duties:
        duty.cancel()


def _purse(place: Place) -> Purse | None:
    """Where what is taken ahead is held; None, so that each request is counted, while another process holds it."""
    try:
        return Purse(place.folder / f"purse-{place.port}")
    except BlockingIOError:
        log.warning("another policy process holds the purse of this port", port=place.port)
        return None


async def _know(door: Door, database_url: str) -> None:
    """Keep who there is: read anew whenever a change is told, and now and then all the same."""
    while True:
        try:
            async with await ledger.connect(database_url) as connection:
                await connection.execute(f"LISTEN {ledger.CHANGED}")
                while True:
                    door.know(await ledger.known(connection))
                    await _next_change(connection)
        except (psycopg.Error, OSError, TimeoutError) as failure:
            log.warning("the policy process hears of no change", because=repr(failure))
            await asyncio.sleep(_AFTER_FAILURE_SECONDS)


async def _next_change(connection: ledger.Connection) -> None:
    async for _ in connection.notifies(timeout=_READ_ANYWAY_SECONDS, stop_after=1):
        return


async def _reread(door: Door, folder: Path) -> None:
    """Take up the rulebook when it was written anew."""
    last = rulebook.version(folder)
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if (found := rulebook.version(folder)) != last:
            last, door.book = found, rulebook.read(folder)
            door.forget_passes()
            log.info("the rules were taken up", plans=len(door.book.plans), scopes=len(door.book.scopes))

