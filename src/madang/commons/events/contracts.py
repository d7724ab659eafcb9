"""What the bus says to the rooms."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from madang.kernel.errors import NotFound
from madang.kernel.events import Event
from madang.kernel.manifest import Subscription

_Event = TypeVar("_Event", bound=Event)


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event under way: its id, its topic, its JSON body, and when it happened (aware)."""

    id: UUID
    topic: str
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that one subscriber gave up on. Times are aware."""

    id: UUID
    subscriber: str
    topic: str
    error: str
    attempts: int
    happened: datetime
    died: datetime
    replayed: datetime | None


@dataclass(eq=False)
class DeadLetterUnknown(NotFound):
    """There is no such dead letter."""

    letter: UUID

    code = "events.dead_letter_unknown"
    message = "There is no dead letter {letter}."


def on(event: type[_Event]) -> Callable[[Callable[[_Event, datetime], None]], Subscription]:
    """Mark a room's handler as woken by ``event``; the room's manifest then lists it under ``listens``.

    The handler runs inside a transaction with the note that it ran, so its effects happen once; ``now`` is
    the present, not the event's time.
    """

    def subscribe(handler: Callable[[Any, datetime], None]) -> Subscription:
        room = re.sub(r"\.handlers(\..*)?$", "", handler.__module__).rpartition(".")[2]
        return Subscription(name=f"{room}.{handler.__name__}", event=event, handle=handler)

    return subscribe
