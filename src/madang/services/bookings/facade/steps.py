"""What happens to a place by itself: taken with its request, kept for the fee, confirmed, given back, offered on."""

from datetime import datetime
from typing import Final
from uuid import UUID

from madang.commons.db.transactions import transaction
from madang.kernel.actors import Actor
from madang.kernel.ids import new_id
from madang.kernel.languages import to_translate
from madang.records.catalogue import facade as catalogue
from madang.services.applications import facade as applications
from madang.services.applications.contracts import AnswersWrong, Case, CaseId, Mistake, MoveNotAllowed, Reason
from madang.services.applications.contracts import Permission as OfApplications
from madang.services.applications.contracts import Standing as CaseStanding
from madang.services.bookings.contracts import (
    SEATED,
    WAIT,
    Attendance,
    Availability,
    Booking,
    BookingId,
    BookingStanding,
    Slot,
    SlotUnknown,
)
from madang.services.bookings.facade import told
from madang.services.bookings.rules import giving
from madang.services.bookings.store import profile, rows, slots

ROOM: Final = Actor.system("bookings", {OfApplications.SEE_ANY, OfApplications.REVIEW, OfApplications.COMPLETE})

CONFIRMED = Reason("bookings.confirmed", to_translate("There was a place, and it is yours."))
UNPAID = to_translate("The fee was not paid in time, so the place was given back.")
NOT_DRAWN = to_translate("The draw was held, and there was no place for this entry.")
NONE_FREE = to_translate("No place came free in time.")
NOT_ANSWERED = to_translate("A place came free, and nobody answered in time.")
CANCELLED = to_translate("You cancelled the booking.")


def take(case: Case, now: datetime) -> None:
    """Take the place that a request asks for, in the transaction that sends it; nothing for one that asks for none.

    Raises AnswersWrong when it is gone, or its resident may not have it: then the request is not sent either.
    """
    service = catalogue.service(case.service)
    if not service.slot_question:
        return
    value = case.values.get(service.slot_question, "")
    slot = _slot_asked_for(case, service.slot_question, value.removesuffix(WAIT))
    _refuse_whoever_may_not(case, service.slot_question, slot, now)
    booking = _given(case, slot, _seats(case, slot), now, or_wait=value.endswith(WAIT))
    if booking is None:
        raise _wrong(service.slot_question, "gone", to_translate(
            "This place has just been taken. Please choose another, or the waiting list if there is one."))
    is_paid = case.standing is not CaseStanding.AWAITING_PAYMENT
    rows.add(booking, is_paid=is_paid)
    told.record(ROOM, "bookings.take", booking)


def settle(case_id: CaseId, now: datetime) -> None:
    """A request is complete and paid: a place that is kept is now the resident's. Asked again, nothing changes."""
    with transaction():
        booking = rows.of_case(case_id)
        if booking is None:
            return
        slots.lock(booking.slot.id)
        booking = rows.lock(booking.id)
        if booking.standing in {BookingStanding.HELD, BookingStanding.CONFIRMED}:
            confirm(booking, now)
        elif booking.is_live and booking.standing is not BookingStanding.OFFERED:
            rows.change(booking.id, until=None, is_paid=True)


def confirm(booking: Booking, now: datetime) -> Booking:
    """Make a place the resident's, and end its request. Within a transaction that holds the booking."""
    kept = rows.change(booking.id, standing=BookingStanding.CONFIRMED, until=None, is_paid=True)
    applications.approve(ROOM, booking.case, [CONFIRMED], now, automatic=True)
    told.confirmed(ROOM, kept)
    return kept


def end(booking: Booking, standing: BookingStanding, why: str, now: datetime) -> Booking:
    """End a booking, give its places back, and close its request if that is open. Within a transaction."""
    if booking.standing in SEATED:
        slots.give_back(booking.slot.id, booking.seats)
    ended = rows.change(booking.id, standing=standing, until=None)
    _close(booking.case, why, now)
    told.ended(ROOM, ended)
    return ended


def release(case_id: CaseId, now: datetime) -> None:
    """A request was taken back: its place goes to whoever is next."""
    with transaction():
        booking = rows.of_case(case_id)
        if booking is None:
            return
        slot = slots.lock(booking.slot.id)
        booking = rows.lock(booking.id)
        if booking.is_live:
            end(booking, BookingStanding.CANCELLED, CANCELLED, now)
            move_up(slot, now)


def move_up(slot: Slot, now: datetime) -> None:
    """Offer what is free to whoever is next, as far as it goes. Within a transaction that holds the slot."""
    patience = profile.patience()
    if now >= slot.closes or (slot.draw_at and not slot.drawn):
        return
    while first := giving.next_in_line(rows.line(slot.id), slots.find(slot.id).free):
        slots.take(slot.id, first.seats)
        until = giving.offered_until(slot, now, patience)
        told.offered(rows.change(first.id, standing=BookingStanding.OFFERED, until=until))


def tidy(now: datetime) -> int:
    """Give back what was not paid or answered in time, and end waiting for what has begun; how many bookings."""
    done = sum(_lapse(one, now) for one in rows.lapsed(now))
    for slot_id in slots.with_waiting(now):
        with transaction():
            slot = slots.lock(slot_id)
            for booking in rows.of_slot(slot.id, {BookingStanding.WAITING}):
                end(rows.lock(booking.id), BookingStanding.LAPSED, NONE_FREE, now)
                done += 1
    return done


def forget(now: datetime) -> int:
    """Erase bookings whose time of keeping is over, and slots that nothing is left of; how many."""
    with transaction():
        before = now - profile.patience().kept
        return rows.erase(before) + slots.erase(before)


def _lapse(booking_id: BookingId, now: datetime) -> int:
    why = {BookingStanding.OFFERED: NOT_ANSWERED}
    with transaction():
        slot = slots.lock(rows.any_one(booking_id).slot.id)
        booking = rows.lock(booking_id)
        if not booking.is_live or booking.until is None or booking.until > now:
            return 0
        if _is_paid_meanwhile(booking):
            rows.change(booking.id, until=None)  # the news of the payment is on its way
            return 0
        end(booking, BookingStanding.LAPSED, why.get(booking.standing, UNPAID), now)
        move_up(slot, now)
    return 1


def _is_paid_meanwhile(booking: Booking) -> bool:
    if booking.standing is BookingStanding.OFFERED:
        return False
    return applications.case(ROOM, booking.case).standing is not CaseStanding.AWAITING_PAYMENT


def _close(case_id: CaseId, why: str, now: datetime) -> None:
    try:
        with transaction():
            applications.lapse(ROOM, case_id, why, [Reason("bookings.ended", why)], now)
    except MoveNotAllowed:
        return  # it was answered long ago: the booking ends, the answer stays


def _slot_asked_for(case: Case, question: str, value: str) -> Slot:
    try:
        slot = slots.lock(UUID(value))
    except (ValueError, SlotUnknown) as unknown:
        raise _wrong(question, "choice", to_translate("Please choose one of the answers shown.")) from unknown
    if slot.service != case.service:
        raise _wrong(question, "choice", to_translate("Please choose one of the answers shown."))
    return slot


def _refuse_whoever_may_not(case: Case, question: str, slot: Slot, now: datetime) -> None:
    patience = profile.patience()
    if rows.has_live(slot.id, case.resident):
        raise _wrong(question, "booked_before", to_translate("You have booked this already, or are in line for it."))
    times = rows.missed(case.resident, giving.counts_from(now, patience))
    if bar := giving.barred(times, now, patience):
        raise _wrong(question, "barred", to_translate(
            "You did not come {times} times without cancelling, so you can book again from {until}. "
            "If that is not right, say so on your page of bookings."),
            times=str(len(bar.missed)), until=bar.until.date().isoformat())


def _seats(case: Case, slot: Slot) -> int:
    offer = profile.offer(catalogue.service(case.service))
    if offer is None or not offer.seats_question:
        return 1
    asked = int(case.values.get(offer.seats_question, "1") or 1)
    most = min(offer.most_seats, slot.capacity)
    if asked > most:
        raise _wrong(offer.seats_question, "most", to_translate("This can be {most} at the most."), most=str(most))
    return asked


def _given(case: Case, slot: Slot, seats: int, now: datetime, *, or_wait: bool) -> Booking | None:
    """What the resident gets, with its place taken; None when there is nothing to be had."""
    unpaid = case.standing is CaseStanding.AWAITING_PAYMENT
    until = giving.held_until(slot, now, profile.patience()) if unpaid else None
    number, code, standing = None, "", BookingStanding.HELD if unpaid else BookingStanding.CONFIRMED
    match giving.available(slot, seats, now):
        case Availability.DRAW:
            number, code, standing = slots.enter(slot.id), told.entry_code(), BookingStanding.ENTERED
        case Availability.FREE if slots.take(slot.id, seats):
            pass
        case Availability.FREE | Availability.WAITING_LIST if or_wait and slot.has_waiting_list:
            standing = BookingStanding.WAITING
        case _:
            return None
    return Booking(
        BookingId(new_id()), slot, case.id, case.resident, seats, standing, now, until, number, code,
        Attendance.UNKNOWN, "",
    )


def _wrong(question: str, code: str, message: str, **facts: str) -> AnswersWrong:
    return AnswersWrong(mistakes=[Mistake(question, code, message=message, facts=facts)])
