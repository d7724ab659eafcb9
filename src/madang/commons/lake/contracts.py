"""What the lake says to the rest of the city: archived events, where the archive stands, and what it lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from madang.kernel.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Archived:
    """One event as the archive keeps it. ``at`` is aware; ``body`` is its JSON; ``sequence`` its place on the bus."""

    sequence: int
    id: UUID
    topic: str
    at: datetime
    body: str

    @property
    def room(self) -> str:
        """The room that spoke: the topic's first part."""
        return self.topic.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Position:
    """How far the archive has come: everything on ``bus`` up to ``sequence`` is in it.

    ``bus`` names one life of the stream: a bus that was made anew counts from 1 again.
    """

    bus: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Hole:
    """Sequences of one bus that the archive should have and has not, both ends included."""

    bus: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class LakeState:
    """What a check found. ``behind`` is how many events wait on the bus; None when the bus did not answer."""

    events: int
    erased: int
    """Events whose content was erased on request; an empty row marks each, so that no other can vanish unseen."""
    twice: int
    holes: Sequence[Hole]
    files: int
    bytes: int
    snapshots: int
    position: Position | None
    behind: int | None

    @property
    def whole(self) -> bool:
        """Whether every event that the bus gave is here exactly once."""
        return not self.twice and not self.holes


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What a round of upkeep did."""

    files_joined: int
    files_made: int
    files_deleted: int
    snapshots_expired: int
    rows_forgotten: int


@dataclass(eq=False)
class LakeBusy(Unavailable):
    """Another writer changed the archive in the same moment; nothing was written."""

    code = "lake.busy"
    message = "The archive is being written by somebody else at the moment. Please try again a little later."
