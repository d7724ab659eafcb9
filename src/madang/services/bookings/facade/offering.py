"""What there is to book, and how it is said."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import formats
from django.utils.translation import gettext

from madang.commons.db.transactions import transaction
from madang.kernel.languages import Language, Text
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Service, ServiceId
from madang.records.places import facade as places
from madang.services.bookings.contracts import Availability, Slot
from madang.services.bookings.rules import giving, layout
from madang.services.bookings.store import profile, slots

_A_DAY = timedelta(days=1)


def lay_out(now: datetime) -> int:
    """Lay out what every service offers for the time ahead; how many services had something new."""
    return sum(_lay_out(service, now) for service in catalogue.services() if service.slot_question)


def open_slots(
    service_id: ServiceId, now: datetime, *, district: str = "", limit: int = 60, after: datetime | None = None
) -> Sequence[Slot]:
    """What can still be asked for of a service, by time; full ones too where one can wait. Raises ServiceUnknown.

    A service's first slots are laid out here when nobody has yet: a city that has just begun has them at once.
    """
    service = catalogue.service(service_id)
    if not service.slot_question:
        return []
    found = slots.coming(service.id, now, district, limit, after)
    if not found and slots.laid_until(service.id) is None:
        _lay_out(service, now)
        found = slots.coming(service.id, now, district, limit, after)
    return found


def slot(slot_id: UUID) -> Slot:
    """One slot. Raises SlotUnknown."""
    return slots.find(slot_id)


def availability(one: Slot, now: datetime, seats: int = 1) -> Availability:
    """What somebody who asks now can have of a slot."""
    return giving.available(one, seats, now)


def place_of(one: Slot) -> Text:
    """The district whose facility a slot is at."""
    return places.district(one.district).name


def said(one: Slot, language: Language, now: datetime | None = None) -> str:
    """A slot in one line, in the language that is active: day, time, district, and with ``now`` what is free."""
    first = one.sessions[0]
    parts = [f"{formats.date_format(first.starts.date(), 'DATE_FORMAT')} ({formats.date_format(first.starts, 'D')})"]
    parts.append(_hours(one))
    parts.append(place_of(one).into(language))
    if len(one.sessions) > 1:
        parts.append(gettext("sessions: %(n)d") % {"n": len(one.sessions)})
    return " · ".join([*parts, _room(one, now)] if now else parts)


def _hours(one: Slot) -> str:
    first = one.sessions[0]
    if first.ends - first.starts >= _A_DAY:
        until = formats.date_format(first.ends.date(), "DATE_FORMAT")
        return gettext("until %(day)s") % {"day": until}
    return f"{first.starts:%H:%M}–{first.ends:%H:%M}"


def _room(one: Slot, now: datetime) -> str:
    match availability(one, now):
        case Availability.FREE:
            return gettext("places free: %(n)d") % {"n": one.free}
        case Availability.DRAW:
            told = {"n": one.entries, "places": one.capacity}
            return gettext("draw; places: %(places)d, entries so far: %(n)d") % told
        case Availability.WAITING_LIST:
            return gettext("full; waiting list: %(n)d before you") % {"n": one.waiting}
        case _:
            return gettext("full")


def _lay_out(service: Service, now: datetime) -> bool:
    offer = profile.offer(service)
    if offer is None:
        return False
    last, until = (now + timedelta(days=offer.ahead_days)).date(), slots.laid_until(service.id)
    first = max(now.date(), until.date() + _A_DAY) if until else now.date()
    found = list(layout.slots(service.id, offer, profile.holidays_of(now.year), first, last))
    with transaction():
        slots.lay_out(found)
    return bool(found)
