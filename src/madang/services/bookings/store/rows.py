"""Bookings and calendars in PostgreSQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from madang.kernel.clock import in_seoul
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language
from madang.services.applications.contracts import CaseId
from madang.services.bookings.contracts import (
    LIVE,
    SEATED,
    Attendance,
    Booking,
    BookingId,
    BookingStanding,
    BookingUnknown,
    Entry,
    FeedUnknown,
    Slot,
    SlotId,
)
from madang.services.bookings.models import BookingRow, FeedRow
from madang.services.bookings.store import slots


def add(booking: Booking, *, is_paid: bool) -> None:
    """Keep a new booking."""
    BookingRow.objects.create(
        id=booking.id, slot_id=booking.slot.id, case=booking.case, resident=booking.resident, seats=booking.seats,
        standing=booking.standing, asked=booking.asked, until=booking.until, number=booking.number, code=booking.code,
        is_paid=is_paid,
    )


def has_live(slot: SlotId, resident: ResidentId) -> bool:
    """Whether a resident has, or waits for, a place of a slot."""
    return BookingRow.objects.filter(slot=slot, resident=resident, standing__in=LIVE).exists()


def change(booking: BookingId, **columns: Any) -> Booking:
    """Change a locked booking; the booking as it is then."""
    BookingRow.objects.filter(id=booking).update(**columns)
    return _one(BookingRow.objects.filter(id=booking), booking)


def lock(booking: UUID) -> Booking:
    """A booking, locked until the transaction ends. Raises BookingUnknown."""
    return _one(BookingRow.objects.select_for_update(of=("self",)).filter(id=booking), booking)


def own(resident: ResidentId, booking: UUID) -> Booking:
    """A resident's booking. Raises BookingUnknown, also for somebody else's."""
    return _one(BookingRow.objects.filter(id=booking, resident=resident), booking)


def any_one(booking: UUID) -> Booking:
    """A booking, whoever has it. Raises BookingUnknown."""
    return _one(BookingRow.objects.filter(id=booking), booking)


def of_case(case: CaseId) -> Booking | None:
    """The booking of a case."""
    row = BookingRow.objects.select_related("slot").filter(case=case).first()
    return None if row is None else _booking(row)


def of_resident(
    resident: ResidentId, before: datetime | None = None, limit: int = 200, *,
    of: Collection[BookingStanding] = frozenset()
) -> Sequence[Booking]:
    """A resident's bookings, the last asked for first."""
    rows = BookingRow.objects.select_related("slot").filter(resident=resident).order_by("-asked", "-id")
    rows = rows.filter(asked__lt=before) if before else rows
    rows = rows.filter(standing__in=of) if of else rows
    return [_booking(row) for row in rows[:limit]]


def of_slot(slot: UUID, standings: Collection[BookingStanding]) -> Sequence[Booking]:
    """The bookings of a slot, in the order asked."""
    rows = BookingRow.objects.select_related("slot").filter(slot=slot, standing__in=standings)
    return [_booking(row) for row in rows.order_by("asked", "id")]


def line(slot: SlotId) -> Sequence[Booking]:
    """Who waits for a slot and owes nothing, the first in line first."""
    rows = BookingRow.objects.select_related("slot").filter(slot=slot, standing=BookingStanding.WAITING, is_paid=True)
    return [_booking(row) for row in rows.order_by("rank", "asked", "id")]


def last_rank(slot: SlotId) -> int:
    """The place in line of the last who waits after a draw; whoever asks later comes after them."""
    return BookingRow.objects.filter(slot=slot).order_by("-rank").values_list("rank", flat=True).first() or 0


def entries(slot: SlotId) -> Sequence[tuple[Entry, BookingId]]:
    """The paid entries of a draw."""
    rows = BookingRow.objects.filter(slot=slot, standing=BookingStanding.ENTERED, is_paid=True).order_by("number")
    return [(Entry(row.number or 0, row.code, row.seats), BookingId(row.id)) for row in rows]


def lapsed(now: datetime, limit: int = 100) -> Sequence[BookingId]:
    """Bookings whose time to pay or to answer is over."""
    over = BookingRow.objects.filter(until__lte=now, standing__in=LIVE).order_by("until")
    return [BookingId(one) for one in over.values_list("id", flat=True)[:limit]]


def missed(resident: ResidentId, since: datetime) -> Sequence[datetime]:
    """When a resident was to come and did not, objections that were granted left out."""
    rows = BookingRow.objects.filter(resident=resident, attendance=Attendance.MISSED, slot__starts__gte=since)
    return [in_seoul(one) for one in rows.values_list("slot__starts", flat=True)]


def objections(slots_of: Collection[str], limit: int = 100) -> Sequence[Booking]:
    """Objections that nobody has answered yet, of these services."""
    rows = BookingRow.objects.select_related("slot").exclude(objection="")
    rows = rows.filter(attendance=Attendance.MISSED, slot__service__in=slots_of)
    return [_booking(row) for row in rows.order_by("asked")[:limit]]


def erase(ended_before: datetime) -> int:
    """Delete bookings of slots that ended before then; how many."""
    return BookingRow.objects.filter(slot__ends__lt=ended_before).delete()[0]


def seated(slot: SlotId) -> int:
    """How many places bookings take up: what the slot's own count must be."""
    return sum(one.seats for one in of_slot(slot, SEATED))


def make_feed(resident: ResidentId, token: str, language: Language, now: datetime) -> None:
    """Give a resident's calendar an address; one it had before is not valid any more."""
    values = {"digest": _digest(token), "language": language, "made": now}
    FeedRow.objects.update_or_create(resident=resident, defaults=values)


def drop_feed(resident: ResidentId) -> None:
    """Take a calendar's address back."""
    FeedRow.objects.filter(resident=resident).delete()


def has_feed(resident: ResidentId) -> bool:
    """Whether a resident's calendar has an address."""
    return FeedRow.objects.filter(resident=resident).exists()


def whose_feed(token: str) -> tuple[ResidentId, Language]:
    """Whose calendar has this address, and in which language. Raises FeedUnknown."""
    row = FeedRow.objects.filter(digest=_digest(token)).first()
    if row is None:
        raise FeedUnknown
    return ResidentId(row.resident), Language(row.language)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _one(rows: QuerySet[BookingRow], name: UUID) -> Booking:
    row = rows.select_related("slot").first()
    if row is None:
        raise BookingUnknown(booking=str(name))
    return _booking(row)


def _booking(row: BookingRow) -> Booking:
    slot: Slot = slots.as_slot(row.slot)
    return Booking(
        BookingId(row.id), slot, CaseId(row.case), ResidentId(row.resident), row.seats, BookingStanding(row.standing),
        in_seoul(row.asked), row.until and in_seoul(row.until), row.number, row.code, Attendance(row.attendance),
        row.objection,
    )
