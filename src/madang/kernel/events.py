"""News: what a room says has happened, for whoever listens."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """The root of every event. Subclasses are ``@dataclass(frozen=True, slots=True)``, in a room's contracts.

    ``topic`` is ``room.what_happened`` in the past tense, and never changes its meaning; fields hold
    ids and facts, no names or numbers of persons.
    """

    topic: ClassVar[str]
