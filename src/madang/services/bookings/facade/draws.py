"""Draws: held at their hour, published with everything that is needed to hold them again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.records.catalogue import facade as catalogue
from madang.services.bookings.contracts import BookingId, BookingStanding, Draw, Sheet, Slot, SlotDrawn, SlotId
from madang.services.bookings.facade import steps
from madang.services.bookings.rules import drawing
from madang.services.bookings.store import rows, slots


def draw_due(now: datetime) -> int:
    """Hold every draw whose hour has come; how many."""
    due = slots.to_draw(now)
    for slot_id in due:
        _draw(slot_id, now)
    return len(due)


def published(slot_id: UUID) -> Draw:
    """A draw as everybody may see it: its commitment from the start, the rest once it is drawn. Raises SlotUnknown."""
    return slots.draw(slot_id, {service.id: service.name for service in catalogue.services()})


def _draw(slot_id: SlotId, now: datetime) -> None:
    with transaction():
        slot = slots.lock(slot_id)
        if slot.drawn:
            return
        entered = rows.entries(slot.id)
        drawn = drawing.order([entry for entry, _ in entered], slots.seed_of(slot.id))
        won = list(drawing.winners(drawn, slot.free))
        slots.keep_draw(slot.id, drawn, won, now)
        booked = {entry.number: booking for entry, booking in entered}
        for winner in won:
            slots.take(slot.id, winner.seats)
            steps.confirm(rows.lock(booked[winner.number]), now)
        _line_up(slot, [booked[entry.number] for entry in drawn if entry not in won], now)
        events.emit(SlotDrawn(slot.id))


def _line_up(slot: Slot, losers: Sequence[BookingId], now: datetime) -> None:
    """Whoever was not drawn waits in the order drawn, or goes home."""
    for rank, booking in enumerate(losers):
        if slot.has_waiting_list and now < slot.closes:
            rows.change(booking, standing=BookingStanding.WAITING, rank=rank - len(losers))
        else:
            steps.end(rows.lock(booking), BookingStanding.LAPSED, steps.NOT_DRAWN, now)


def faults(sheet: Sheet) -> Sequence[str]:
    """What is wrong with a published draw, in English; nothing when whoever draws it again gets the same."""
    return list(drawing.faults(sheet))
