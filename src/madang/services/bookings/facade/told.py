"""What each step leaves behind: a message, a line in the audit, news for other rooms."""

import secrets
from collections.abc import Mapping

from madang.commons.audit import facade as audit
from madang.commons.events import facade as events
from madang.commons.notify import facade as notify
from madang.kernel.actors import Actor
from madang.kernel.languages import Text, to_translate
from madang.records.catalogue import facade as catalogue
from madang.records.places import facade as places
from madang.services.bookings.contracts import Booking, BookingConfirmed, BookingEnded, BookingStanding

BOOKING = to_translate("A booking that you made")
"""What residents' data is read and changed for here, in the record that they can read."""

_CODE_BYTES = 8


def entry_code() -> str:
    """A new entry's code in a draw: random, so that a list of codes tells of nobody."""
    return secrets.token_hex(_CODE_BYTES)


def record(actor: Actor, action: str, booking: Booking) -> None:
    """Record a step, for the resident to read."""
    audit.record(actor, action, purpose=BOOKING, subject=booking.resident, about=booking.id)


def confirmed(actor: Actor, booking: Booking) -> None:
    """A place is theirs; that the request is done tells them so."""
    record(actor, "bookings.confirm", booking)
    events.emit(BookingConfirmed(booking.id, booking.case, booking.resident))


def offered(booking: Booking) -> None:
    """A place came free for them, until then."""
    until = f"{booking.until:%Y-%m-%d %H:%M}" if booking.until else ""
    _tell(booking, "booking_offered", until=until)


def ended(actor: Actor, booking: Booking) -> None:
    """It ended; told where somebody waits to hear of it, and not to whoever ended it themselves."""
    record(actor, "bookings.end", booking)
    events.emit(BookingEnded(booking.id, booking.case, booking.resident, booking.standing))
    if booking.standing is BookingStanding.LAPSED:
        _tell(booking, "booking_ended")


def _tell(booking: Booking, template: str, **facts: str) -> None:
    notify.tell(booking.resident, template, {**_facts(booking), **facts}, link="/my/bookings", about=booking.id)


def _facts(booking: Booking) -> Mapping[str, str | Text]:
    slot = booking.slot
    return {
        "service": catalogue.service(slot.service).name, "place": places.district(slot.district).name,
        "starts": f"{slot.starts:%Y-%m-%d %H:%M}",
    }

