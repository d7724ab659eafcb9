"""What audit says to the rooms: who saw whose data, and whether the record of it is whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from madang.kernel.actors import ActorKind
from madang.kernel.errors import CityError, Invalid
from madang.kernel.events import Event
from madang.kernel.ids import AccountId, ResidentId

GENESIS = bytes(32)
"""What the first entry of the chain follows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act: who did what, what for, to whose data. Names of fields, never their values. ``at`` is aware."""

    id: UUID
    at: datetime
    kind: ActorKind
    name: str
    """A post or a room; never a person's name."""
    account: AccountId | None
    action: str
    """``room.verb``."""
    purpose: str
    subject: ResidentId | None
    about: UUID | None
    """The case, bill, document ... that the act was about."""
    fields: Sequence[str]
    trace: str
    """The id of the request that the act was part of; empty outside a request."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry in its place in the chain: positions count from 1 without gaps; hashes are SHA-256."""

    position: int
    previous: bytes
    hash: bytes
    entry: Entry


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain as it stood at ``at`` (aware): as many entries as ``position`` says; ``hash`` in hex."""

    position: int
    hash: str
    at: datetime


STATED = "stated."
"""What a purpose begins with that somebody stated; the profile's name of it follows (``purposes.yaml``)."""


LINES_KEPT = timedelta(days=1095)
"""How long what was written beside a stated purpose is kept. The law asks a city of this size to keep records of access
for two years at least (개인정보의 안전성 확보조치 기준, article 8, 2023); three is our own choice."""


@dataclass(frozen=True, slots=True)
class Access:
    """One line of what a resident reads about who read or changed their data. ``at`` is aware."""

    at: datetime
    kind: ActorKind
    by: str
    """The officer's post or the room; ``resident`` for the resident themselves."""
    action: str
    purpose: str
    fields: Sequence[str]
    about: UUID | None
    line: str = ""
    """What they wrote beside a stated purpose, in their own words; forgotten sooner than the rest."""


class Tampering(StrEnum):
    """What was done to the chain."""

    CHANGED = "changed"
    """An entry is not what was sealed."""
    REMOVED = "removed"
    """Entries are missing."""
    INSERTED = "inserted"
    """An entry was put in that was not sealed there."""
    REORDERED = "reordered"
    """An entry stands elsewhere than where it was sealed."""
    REWRITTEN = "rewritten"
    """An entry was exchanged together with its hash, or one after it was taken out and the rest renumbered."""


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold, from ``position`` to ``until`` (the same for one entry)."""

    kind: Tampering
    position: int
    until: int
    entry: UUID | None = None
    """The entry that stands there now, if one does."""


@dataclass(frozen=True, slots=True)
class ChainState:
    """What a look at the whole chain found. ``waiting`` entries are recorded and not yet sealed."""

    sealed: int
    waiting: int
    waiting_since: datetime | None
    head: Head | None
    breaks: Sequence[Break]
    """The first 50, in order."""

    @property
    def whole(self) -> bool:
        """Whether nothing was tampered with."""
        return not self.breaks

    def require_whole(self) -> None:
        """Raise ChainBroken if it is not."""
        if self.breaks:
            first = self.breaks[0]
            raise ChainBroken(count=len(self.breaks), position=first.position, kind=first.kind)


@dataclass(frozen=True, slots=True)
class AuditSealed(Event):
    """The chain's head, told to the outside: whoever keeps it can show later that nothing before it was changed."""

    topic = "audit.sealed"
    position: int
    hash: str


@dataclass(eq=False)
class ChainBroken(CityError):
    """The record of who did what was tampered with; ``kind`` and ``position`` are of the first break."""

    count: int
    position: int
    kind: Tampering

    code = "audit.chain_broken"
    message = "The audit chain is broken in {count} places; the first: entry {position} was {kind}."


@dataclass(eq=False)
class EntryNotAllowed(Invalid):
    """A room tried to record something that may not stand in the audit; a mistake in that room's code."""

    what: str

    code = "audit.entry_not_allowed"
    message = "This may not be recorded: {what}."
