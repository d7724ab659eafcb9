"""A booking as other calendars read it: iCalendar (RFC 5545, 2009)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from madang.services.bookings.contracts import Booking, BookingStanding, Session


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booking with the words for it in its reader's language."""

    booking: Booking
    title: str
    where: str
    note: str
    link: str


def calendar(appointments: Iterable[Appointment], name: str, now: datetime) -> bytes:
    """A calendar with one event a session; what is not confirmed is tentative, what was cancelled says so."""
    whole = Calendar()
    whole.add("prodid", "-//Madang//Bookings//EN")
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add("x-wr-calname", name)
    whole.add("refresh-interval", timedelta(hours=1), {"VALUE": "DURATION"})
    for one in appointments:
        for event in _events(one, now):
            whole.add_component(event)
    return bytes(whole.to_ical())


def _events(one: Appointment, now: datetime) -> Iterator[Event]:
    for number, session in enumerate(one.booking.slot.sessions, 1):
        yield _event(one, number, session, now)


def _event(one: Appointment, number: int, session: Session, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{one.booking.id}-{number}@madang")
    event.add("dtstamp", now)
    event.add("dtstart", session.starts)
    event.add("dtend", session.ends)
    event.add("summary", one.title)
    event.add("location", one.where)
    event.add("description", f"{one.note}\n{one.link}")
    event.add("status", _status(one.booking.standing))
    return event


def _status(standing: BookingStanding) -> str:
    if standing is BookingStanding.CONFIRMED:
        return "CONFIRMED"
    return "CANCELLED" if standing in {BookingStanding.CANCELLED, BookingStanding.LAPSED} else "TENTATIVE"
