"""Who came: noted by staff of the department that owns the service, objected to by whoever was noted as absent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from madang.commons.db.transactions import transaction
from madang.kernel.actors import Actor
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import ServiceId
from madang.services.bookings.contracts import (
    Attendance,
    Booking,
    BookingStanding,
    BookingUnknown,
    NotMissed,
    ObjectionEmpty,
    Permission,
    Slot,
    SlotUnknown,
)
from madang.services.bookings.facade import residents, told
from madang.services.bookings.store import rows, slots


def slots_of_day(actor: Actor, day: datetime) -> Sequence[Slot]:
    """What the officer's department offers on the day of ``day`` that somebody has booked."""
    actor.require(Permission.ATTEND)
    begin = day.replace(hour=0, minute=0, second=0, microsecond=0)
    return slots.of_day(_own_services(actor), begin, begin + timedelta(days=1))


def attendance_of(actor: Actor, slot_id: UUID) -> tuple[Slot, Sequence[Booking]]:
    """A slot of the officer's department with whoever has a place; that it was opened is recorded for each of them."""
    actor.require(Permission.ATTEND)
    slot = slots.find(slot_id)
    if slot.service not in _own_services(actor):
        raise SlotUnknown(slot=str(slot_id))
    found = rows.of_slot(slot.id, {BookingStanding.CONFIRMED})
    with transaction():
        for booking in found:
            told.record(actor, "bookings.see_attendance", booking)
    return slot, found


def note(actor: Actor, booking_id: UUID, attendance: Attendance, now: datetime) -> Booking:
    """Note that somebody came or did not; not before it begins (BookingUnknown, as for another department's)."""
    actor.require(Permission.ATTEND)
    with transaction():
        booking = _of_department(actor, booking_id)
        if now < booking.slot.starts or booking.standing is not BookingStanding.CONFIRMED:
            raise BookingUnknown(booking=str(booking_id))
        noted = rows.change(booking.id, attendance=attendance, noted_by=actor.name)
        told.record(actor, "bookings.note_attendance", noted)
    return noted


def object_to(actor: Actor, booking_id: UUID, words: str) -> Booking:
    """A resident says why it should not count that they did not come. Raises NotMissed, ObjectionEmpty."""
    actor.require(Permission.BOOK)
    said = " ".join(words.split())
    if not said or len(said) > ObjectionEmpty.longest:
        raise ObjectionEmpty
    found = residents.booking(actor, booking_id)
    with transaction():
        if rows.lock(found.id).attendance is not Attendance.MISSED:
            raise NotMissed
        kept = rows.change(found.id, objection=said)
        told.record(actor, "bookings.object", kept)
    return kept


def objections(actor: Actor) -> Sequence[Booking]:
    """What residents object to in the officer's department, and nobody has answered."""
    actor.require(Permission.ATTEND)
    return rows.objections(_own_services(actor))


def excuse(actor: Actor, booking_id: UUID) -> Booking:
    """Grant an objection: it does not count that they did not come. Granted before, the booking as it is."""
    actor.require(Permission.ATTEND)
    with transaction():
        booking = _of_department(actor, booking_id)
        if booking.attendance is Attendance.EXCUSED:
            return booking
        if booking.attendance is not Attendance.MISSED:
            raise NotMissed
        kept = rows.change(booking.id, attendance=Attendance.EXCUSED, noted_by=actor.name)
        told.record(actor, "bookings.excuse", kept)
    return kept


def _of_department(actor: Actor, booking_id: UUID) -> Booking:
    booking = rows.lock(booking_id)
    if booking.slot.service not in _own_services(actor):
        raise BookingUnknown(booking=str(booking_id))
    return booking


def _own_services(actor: Actor) -> frozenset[ServiceId]:
    own = (one for one in catalogue.services() if one.slot_question)
    return frozenset(one.id for one in own if actor.department == one.department.into(Language.KO))
