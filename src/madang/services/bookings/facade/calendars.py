"""Bookings in a calendar: one as a file, all of one's own by an address that nobody can guess and one can take back."""

import secrets
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext, override

from madang.commons.db.transactions import transaction
from madang.kernel.actors import Actor
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.services.bookings.contracts import LIVE, Booking, Permission
from madang.services.bookings.facade import residents
from madang.services.bookings.facade.offering import place_of
from madang.services.bookings.rules import calendar
from madang.services.bookings.store import rows

_TOKEN_BYTES = 32
"""256 random bits: no address can be guessed (OWASP ASVS 5.0, 2025, asks for at least 128)."""


def event_of(actor: Actor, booking_id: UUID, language: Language, now: datetime) -> bytes:
    """One booking of the resident's own as an iCalendar file. Raises BookingUnknown."""
    one = residents.booking(actor, booking_id)
    return calendar.calendar([_appointment(one, language)], _name(one, language), now)


def make_feed(actor: Actor, language: Language, now: datetime) -> str:
    """The address (a path) of the resident's own calendar, told once; the one before is not valid any more."""
    actor.require(Permission.BOOK)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with transaction():
        rows.make_feed(actor.the_resident_alone(Permission.BOOK), token, language, now)
    return f"/calendar/{token}.ics"


def drop_feed(actor: Actor) -> None:
    """Take the address of the resident's calendar back."""
    actor.require(Permission.BOOK)
    with transaction():
        rows.drop_feed(actor.the_resident())


def has_feed(actor: Actor) -> bool:
    """Whether the resident's calendar has an address."""
    actor.require(Permission.SEE_OWN)
    return rows.has_feed(actor.the_resident())


def feed(token: str, now: datetime) -> bytes:
    """Whoever has the address reads the calendar: times, places and names of services. Raises FeedUnknown."""
    resident, language = rows.whose_feed(token)
    with override(language.tag):
        appointments = [_appointment(one, language) for one in rows.of_resident(resident, of=LIVE)]
        return calendar.calendar(appointments, gettext("My bookings with the city"), now)


def _appointment(one: Booking, language: Language) -> calendar.Appointment:
    note = "" if not one.until else gettext("To be answered by %(until)s") % {"until": f"{one.until:%Y-%m-%d %H:%M}"}
    link = f"{settings.MADANG_PUBLIC_URL}/my/bookings"
    return calendar.Appointment(one, _name(one, language), place_of(one.slot).into(language), note, link)


def _name(one: Booking, language: Language) -> str:
    return catalogue.service(one.slot.service).name.into(language)
