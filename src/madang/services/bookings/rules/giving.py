"""Who gets what of a slot, and who is next."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from madang.services.bookings.contracts import Availability, Barred, Booking, Slot
from madang.services.bookings.rules.layout import Patience


def available(slot: Slot, seats: int, now: datetime) -> Availability:
    """What somebody who asks for ``seats`` places now can have."""
    if now >= slot.closes:
        return Availability.CLOSED
    if slot.draw_at and not slot.drawn:
        return Availability.DRAW if slot.draw_closes and now < slot.draw_closes else Availability.CLOSED
    # whoever waits comes before whoever asks now, also for a place that has just come free
    if slot.free >= seats and not slot.waiting:
        return Availability.FREE
    return Availability.WAITING_LIST if slot.has_waiting_list else Availability.FULL


def next_in_line(waiting: Iterable[Booking], free: int) -> Booking | None:
    """The first who waits, in the order given, if there is room for them; nobody is passed over for a smaller party."""
    first = next(iter(waiting), None)
    return first if first is not None and first.seats <= free else None


def offered_until(slot: Slot, now: datetime, patience: Patience) -> datetime:
    """Until when a place is kept for the next in line: never beyond the moment when booking closes."""
    return min(now + patience.offer, slot.closes)


def held_until(slot: Slot, now: datetime, patience: Patience) -> datetime:
    """Until when a place is kept for its fee."""
    return min(now + patience.hold, slot.closes)


def barred(missed: Sequence[datetime], now: datetime, patience: Patience) -> Barred | None:
    """Whether the times that somebody did not come keep them from booking at ``now``; ``missed`` in any order.

    One is barred from the ``patience.missed``-th time within ``patience.within``, for ``patience.barred``.
    """
    times = sorted(missed)
    for last in range(len(times) - 1, patience.missed - 2, -1):
        counted = times[last - patience.missed + 1 : last + 1]
        until = counted[-1] + patience.barred
        if counted[-1] - counted[0] <= patience.within and counted[-1] <= now < until:
            return Barred(until, counted)
    return None


def counts_from(now: datetime, patience: Patience) -> datetime:
    """From when times of not coming can still matter."""
    return now - patience.within - patience.barred - timedelta(days=1)
