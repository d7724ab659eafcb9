"""The door to bookings: what can be booked, whose it is, who is next, and who came.

A place is counted in its slot's row: docs/bookings.md says how, and benchmarks/bookings.py how fast. Rows are locked in
one order, a case before its slot and a slot before its bookings, so that two steps at once are two steps in turn.
"""

from madang.services.bookings.facade.attendance import attendance_of, excuse, note, object_to, objections, slots_of_day
from madang.services.bookings.facade.calendars import drop_feed, event_of, feed, has_feed, make_feed
from madang.services.bookings.facade.draws import draw_due, faults, published
from madang.services.bookings.facade.offering import availability, lay_out, open_slots, place_of, said, slot
from madang.services.bookings.facade.residents import accept, barred, booking, cancel, mine
from madang.services.bookings.facade.steps import forget, release, settle, take, tidy

__all__ = [
    "accept",
    "attendance_of",
    "availability",
    "barred",
    "booking",
    "cancel",
    "draw_due",
    "drop_feed",
    "event_of",
    "excuse",
    "faults",
    "feed",
    "forget",
    "has_feed",
    "lay_out",
    "make_feed",
    "mine",
    "note",
    "object_to",
    "objections",
    "open_slots",
    "place_of",
    "published",
    "release",
    "said",
    "settle",
    "slot",
    "slots_of_day",
    "take",
    "tidy",
]
