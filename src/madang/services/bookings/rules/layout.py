"""Which times there are to book: the same for everybody who works them out from the city's profile."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5

from madang.kernel.clock import SEOUL
from madang.records.catalogue.contracts import ServiceId
from madang.services.bookings.contracts import Allotment, Session, Slot, SlotId

_SLOTS = UUID("6f1d2a52-3a49-4d63-9c49-5f0f4a1e7b10")
"""The name space of slots' ids (UUIDv5): whoever lays the same slot out again gives it the same id."""
_FIRST_MONDAY = date(2024, 1, 1)
"""From which weeks are counted for what does not begin each week."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a service offers, as ``bookings.yaml`` says it."""

    districts: Sequence[str]
    weekdays: Collection[int]
    """ISO weekdays: 1 is Monday."""
    begins: Sequence[time]
    minutes: int
    """How long one session takes; days for what is borrowed are 1440 minutes each."""
    capacity: int
    ahead_days: int
    """How far ahead slots are laid out."""
    allotment: Allotment = Allotment.FIRST_COME
    sessions: int = 1
    every_weeks: int = 1
    """A course of several sessions begins only every so many weeks."""
    open_on_holidays: bool = False
    closes_hours: int = 1
    cancel_hours: int = 24
    waiting_list: bool = True
    draw_closes_days: int = 0
    draw_days: int = 0
    most_seats: int = 1
    seats_question: str = ""
    """The question that says how many places one asks for; empty where it is always one."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a place is kept for somebody, and when not coming has consequences."""

    hold: timedelta
    """For the fee."""
    offer: timedelta
    """For the next in line to say yes."""
    missed: int
    within: timedelta
    barred: timedelta
    kept: timedelta
    """How long a booking is kept after its end."""
    reasons: Mapping[str, str] = field(default_factory=dict)


def slots(
    service: ServiceId, offer: Offer, holidays: Collection[date], first: date, last: date
) -> Iterator[Slot]:
    """Every slot that begins from ``first`` to ``last``, both included, in order of time and district."""
    for day in _days(first, last):
        if not _begins_on(offer, day, holidays):
            continue
        for begin in offer.begins:
            for district in offer.districts:
                yield _slot(service, offer, district, datetime.combine(day, begin, SEOUL), holidays)


def slot_id(service: ServiceId, district: str, starts: datetime) -> SlotId:
    """The id that a slot always has."""
    return SlotId(uuid5(_SLOTS, f"{service} {district} {starts.isoformat()}"))


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _begins_on(offer: Offer, day: date, holidays: Collection[date]) -> bool:
    weeks = (day - _FIRST_MONDAY).days // 7
    return weeks % offer.every_weeks == 0 and day.isoweekday() in offer.weekdays and _is_open(offer, day, holidays)


def _is_open(offer: Offer, day: date, holidays: Collection[date]) -> bool:
    return offer.open_on_holidays or day not in holidays


def _slot(
    service: ServiceId, offer: Offer, district: str, starts: datetime, holidays: Collection[date]
) -> Slot:
    is_drawn = offer.allotment is Allotment.DRAW
    return Slot(
        id=slot_id(service, district, starts), service=service, district=district,
        sessions=tuple(_sessions(offer, starts, holidays)), capacity=offer.capacity,
        closes=starts - timedelta(hours=offer.closes_hours),
        cancel_until=starts - timedelta(hours=offer.cancel_hours), has_waiting_list=offer.waiting_list,
        draw_closes=starts - timedelta(days=offer.draw_closes_days) if is_drawn else None,
        draw_at=starts - timedelta(days=offer.draw_days) if is_drawn else None,
    )


def _sessions(offer: Offer, starts: datetime, holidays: Collection[date]) -> Iterator[Session]:
    """A week apart; one that would fall on a holiday is held the week after, so that none is lost."""
    given, week = 0, 0
    while given < offer.sessions:
        begin = starts + timedelta(weeks=week)
        if _is_open(offer, begin.date(), holidays):
            yield Session(begin, begin + timedelta(minutes=offer.minutes))
            given += 1
        week += 1
