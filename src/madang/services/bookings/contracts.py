"""What bookings says to the rest of the city."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from madang.kernel.errors import Conflict, Invalid, NotFound
from madang.kernel.events import Event
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Text
from madang.records.catalogue.contracts import ServiceId
from madang.services.applications.contracts import CaseId

SlotId = NewType("SlotId", UUID)
BookingId = NewType("BookingId", UUID)

WAIT = ":wait"
"""What follows a slot's id in an answer when a place in its waiting list will do."""


class Permission(StrEnum):
    """What one may be allowed to do here."""

    BOOK = "bookings.book"
    """Cancel, accept, object, and have a calendar of one's own. A place itself is taken by sending a request."""
    SEE_OWN = "bookings.see_own"
    ATTEND = "bookings.attend"
    """Note who came to what one's department offers, and answer objections."""


class Allotment(StrEnum):
    """How places are given."""

    FIRST_COME = "first_come"
    DRAW = "draw"


class BookingStanding(StrEnum):
    """Where a booking stands."""

    HELD = "held"
    """A place is kept while its fee is not paid; ``until`` says how long."""
    ENTERED = "entered"
    """In a draw that is not drawn yet."""
    WAITING = "waiting"
    OFFERED = "offered"
    """A place came free and is kept for this one; ``until`` says how long."""
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    """It ended without a place: unpaid, not drawn, not answered, or none came free."""


LIVE = frozenset(BookingStanding) - {BookingStanding.CANCELLED, BookingStanding.LAPSED}
"""Bookings that may still come to something."""

SEATED = frozenset({BookingStanding.HELD, BookingStanding.OFFERED, BookingStanding.CONFIRMED})
"""Bookings that take up places."""


class Attendance(StrEnum):
    """What staff noted."""

    UNKNOWN = "unknown"
    CAME = "came"
    MISSED = "missed"
    EXCUSED = "excused"
    """Missed, and it does not count: an objection was granted."""


class Availability(StrEnum):
    """What somebody who asks now can have of a slot."""

    FREE = "free"
    DRAW = "draw"
    """Entries are taken; places are drawn later."""
    WAITING_LIST = "waiting_list"
    FULL = "full"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Session:
    """One meeting. Times are aware, on Seoul's clock."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """What can be booked once: a time at a place, or a course with its sessions. Times are aware."""

    id: SlotId
    service: ServiceId
    district: str
    """The code of the district whose facility it is."""
    sessions: Sequence[Session]
    capacity: int
    """Places; one for a whole room."""
    closes: datetime
    """Until when one can ask for it."""
    cancel_until: datetime
    has_waiting_list: bool
    draw_closes: datetime | None = None
    draw_at: datetime | None = None
    taken: int = 0
    entries: int = 0
    waiting: int = 0
    commitment: str = ""
    """SHA-256 (hexadecimal) of the draw's seed, published before anybody can enter."""
    drawn: datetime | None = None

    @property
    def starts(self) -> datetime:
        """When the first session begins."""
        return self.sessions[0].starts

    @property
    def ends(self) -> datetime:
        """When the last session ends."""
        return self.sessions[-1].ends

    @property
    def free(self) -> int:
        """Places that nobody has."""
        return self.capacity - self.taken


@dataclass(frozen=True, slots=True)
class Booking:
    """A resident's booking of a slot; ``number`` and ``code`` are their entry's in its draw, if there is one."""

    id: BookingId
    slot: Slot
    case: CaseId
    resident: ResidentId
    seats: int
    standing: BookingStanding
    asked: datetime
    until: datetime | None
    number: int | None
    code: str
    attendance: Attendance
    objection: str

    @property
    def is_live(self) -> bool:
        """Whether it may still come to something."""
        return self.standing in LIVE


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a draw as it is published: no person can be told from it but by themselves."""

    number: int
    code: str
    seats: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is needed to hold a draw again, as it is published. ``seed`` and ``commitment`` are hexadecimal."""

    seed: str
    commitment: str
    capacity: int
    entries: Sequence[Entry]
    order: Sequence[int]
    """Every number in the order drawn."""
    winners: Sequence[int]


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw as everybody may see it; ``seed`` (hexadecimal), entries and winners only once it is drawn."""

    slot: Slot
    name: Text
    seed: str
    entries: Sequence[Entry]
    winners: Sequence[int]
    """Numbers of the entries that won, in the order drawn."""
    order: Sequence[int]
    """Every number in the order drawn."""

    @property
    def sheet(self) -> Sheet:
        """What anybody needs to hold it again."""
        slot = self.slot
        return Sheet(self.seed, slot.commitment, slot.capacity, self.entries, self.order, self.winners)


@dataclass(frozen=True, slots=True)
class Barred:
    """That somebody may book nothing of a kind until a moment (aware), because of the times they did not come."""

    until: datetime
    missed: Sequence[datetime]


@dataclass(frozen=True, slots=True)
class BookingConfirmed(Event):
    """A place is a resident's."""

    topic = "bookings.confirmed"
    booking: BookingId
    case: CaseId
    resident: ResidentId


@dataclass(frozen=True, slots=True)
class BookingEnded(Event):
    """A booking was cancelled, or came to nothing."""

    topic = "bookings.ended"
    booking: BookingId
    case: CaseId
    resident: ResidentId
    standing: BookingStanding


@dataclass(frozen=True, slots=True)
class SlotDrawn(Event):
    """A draw was held and is published."""

    topic = "bookings.drawn"
    slot: SlotId


@dataclass(eq=False)
class SlotUnknown(NotFound):
    """There is no such slot."""

    slot: str

    code = "bookings.slot_unknown"
    message = "There is no time to book with the number {slot}. Please choose another."


@dataclass(eq=False)
class BookingUnknown(NotFound):
    """There is no such booking, or it is somebody else's."""

    booking: str

    code = "bookings.booking_unknown"
    message = "You have no booking with the number {booking}."


@dataclass(eq=False)
class TooLateToCancel(Conflict):
    """It can no longer be cancelled online."""

    until: str

    code = "bookings.too_late_to_cancel"
    message = "This could be cancelled until {until}. If you cannot come, please call 120, so that it does not count."


@dataclass(eq=False)
class NothingOffered(Conflict):
    """There is no offer to accept any more."""

    code = "bookings.nothing_offered"
    message = "This offer is over, and the place went to the next in line."


@dataclass(eq=False)
class NotMissed(Conflict):
    """One can object only to having been noted as absent."""

    code = "bookings.not_missed"
    message = "Nobody noted that you did not come, so there is nothing to object to."


@dataclass(eq=False)
class ObjectionEmpty(Invalid):
    """An objection needs words."""

    longest: int = 500

    code = "bookings.objection_empty"
    message = "Please write in a few words why you could not come, in at most {longest} characters."


@dataclass(eq=False)
class FeedUnknown(NotFound):
    """No calendar has this address, or it was revoked."""

    code = "bookings.feed_unknown"
    message = "This calendar address is not valid any more. You can make a new one on your page."
