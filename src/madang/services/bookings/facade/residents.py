"""A resident's own bookings: see them, cancel one, say yes to a place that came free."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from madang.commons.db.transactions import transaction
from madang.kernel.actors import Actor
from madang.kernel.errors import BeyondDelegation
from madang.records.catalogue import facade as catalogue
from madang.services.bookings.contracts import (
    SEATED,
    Barred,
    Booking,
    BookingId,
    BookingStanding,
    NothingOffered,
    Permission,
    TooLateToCancel,
)
from madang.services.bookings.facade import steps
from madang.services.bookings.rules import giving
from madang.services.bookings.store import profile, rows, slots


def mine(actor: Actor, before: datetime | None = None, limit: int = 50) -> Sequence[Booking]:
    """The resident's bookings, the last asked for first; ``before`` is the ``asked`` of the last one seen."""
    actor.require(Permission.SEE_OWN)
    found = rows.of_resident(actor.the_resident(), before, min(max(limit, 1), 200))
    return [one for one in found if _is_covered(actor, one)]


def booking(actor: Actor, booking_id: UUID) -> Booking:
    """A booking of the resident's own. Raises BookingUnknown, also for somebody else's; BeyondDelegation."""
    actor.require(Permission.SEE_OWN)
    found = rows.own(actor.the_resident(), booking_id)
    if not _is_covered(actor, found):
        raise BeyondDelegation
    return found


def barred(actor: Actor, now: datetime) -> Barred | None:
    """Whether the resident may book nothing for a while, and until when."""
    actor.require(Permission.SEE_OWN)
    patience = profile.patience()
    times = rows.missed(actor.the_resident(), giving.counts_from(now, patience))
    return giving.barred(times, now, patience)


def cancel(actor: Actor, booking_id: UUID, now: datetime) -> Booking:
    """Give a place, or a wish for one, back; what came free is offered on. Cancelled before, the booking as it is.

    Raises TooLateToCancel for a place that one has, BookingUnknown, NotPermitted.
    """
    actor.require(Permission.BOOK)
    found = booking(actor, booking_id)
    with transaction():
        slot = slots.lock(found.slot.id)
        held = rows.lock(found.id)
        if not held.is_live:
            return held
        if held.standing in SEATED and now > slot.cancel_until:
            raise TooLateToCancel(until=f"{slot.cancel_until:%Y-%m-%d %H:%M}")
        ended = steps.end(held, BookingStanding.CANCELLED, steps.CANCELLED, now)
        steps.move_up(slot, now)
    return ended


def accept(actor: Actor, booking_id: UUID, now: datetime) -> Booking:
    """Say yes to a place that came free. Accepted before, the booking as it is. Raises NothingOffered when too late."""
    actor.require(Permission.BOOK)
    found = booking(actor, booking_id)
    with transaction():
        slots.lock(found.slot.id)
        held = rows.lock(BookingId(found.id))
        if held.standing is BookingStanding.CONFIRMED:
            return held
        if held.standing is not BookingStanding.OFFERED or held.until is None or now >= held.until:
            raise NothingOffered
        return steps.confirm(held, now)


def _is_covered(actor: Actor, one: Booking) -> bool:
    return actor.acting is None or actor.covers(one.slot.service, catalogue.service(one.slot.service).category)
