"""What can be booked, as answers to choose from; and my bookings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from madang.commons.gateway.pages import CityRequest, render
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import ServiceId
from madang.services.bookings import facade as bookings
from madang.services.bookings.contracts import (
    WAIT,
    Attendance,
    Availability,
    Booking,
    BookingStanding,
    ObjectionEmpty,
    Slot,
    SlotUnknown,
)

_OFFERED = 20
"""Slots in the form itself; the page of what is free has the rest."""
_SHOWN = 6
_ASKABLE = {Availability.FREE, Availability.DRAW, Availability.WAITING_LIST}

_STANDINGS = {
    BookingStanding.HELD: _("Kept for you until you pay"), BookingStanding.ENTERED: _("In the draw"),
    BookingStanding.WAITING: _("On the waiting list"), BookingStanding.OFFERED: _("A place came free for you"),
    BookingStanding.CONFIRMED: _("Confirmed"), BookingStanding.CANCELLED: _("Cancelled"),
    BookingStanding.LAPSED: _("Ended without a place"),
}


def choices(service: ServiceId, chosen: str, language: Language, now: datetime) -> Sequence[tuple[str, str]]:
    """The next slots that can be asked for, and first the one that was chosen: values and lines to read."""
    askable = [one for one in bookings.open_slots(service, now, limit=60) if _value(one, now)]
    found = {_value(one, now): bookings.said(one, language, now) for one in askable[:_OFFERED]}
    if chosen and chosen not in found:
        return [(chosen, line(chosen, language, now)), *found.items()]
    return list(found.items())


def line(chosen: str, language: Language, now: datetime | None = None) -> str:
    """A slot that was chosen, as a person reads it."""
    try:
        said = bookings.said(bookings.slot(UUID(chosen.removesuffix(WAIT))), language, now)
    except (ValueError, SlotUnknown):
        return chosen
    return gettext("%(slot)s (waiting list)") % {"slot": said} if chosen.endswith(WAIT) and not now else said


def next_free(service: ServiceId, language: Language, now: datetime) -> Sequence[str]:
    """The next slots that can be asked for, in a line each, for the service's page."""
    found = (one for one in bookings.open_slots(service, now) if _value(one, now))
    return [bookings.said(one, language, now) for one, _place in zip(found, range(_SHOWN), strict=False)]


@never_cache
@require_safe
def mine(request: CityRequest) -> HttpResponse:
    """What I booked, what I wait for, and my calendar."""
    return _page(request)


@require_POST
def cancel(request: CityRequest, booking: UUID) -> HttpResponse:
    """Give a place back."""
    bookings.cancel(request.actor, booking, request.now)
    return HttpResponseRedirect("/my/bookings")


@require_POST
def accept(request: CityRequest, booking: UUID) -> HttpResponse:
    """Say yes to a place that came free."""
    bookings.accept(request.actor, booking, request.now)
    return HttpResponseRedirect("/my/bookings")


@require_POST
def object_to(request: CityRequest, booking: UUID) -> HttpResponse:
    """Say why it should not count that I did not come; what was typed is kept when it cannot be taken."""
    words = request.POST.get("words", "")
    try:
        bookings.object_to(request.actor, booking, words)
    except ObjectionEmpty as wrong:
        said = gettext(wrong.message).format(**wrong.data)
        return _page(request, {"about": booking, "typed": words, "wrong": said}, 422)
    return HttpResponseRedirect("/my/bookings")


@never_cache
@require_POST
def calendar(request: CityRequest) -> HttpResponse:
    """Give my calendar an address, shown this once, or take it back."""
    if request.POST.get("wanted") == "none":
        bookings.drop_feed(request.actor)
        return HttpResponseRedirect("/my/bookings")
    path = bookings.make_feed(request.actor, request.language, request.now)
    return _page(request, {"feed": request.build_absolute_uri(path)})


def _page(request: CityRequest, more: Mapping[str, Any] | None = None, status: int = 200) -> HttpResponse:
    found = bookings.mine(request.actor, limit=100)
    return render(request, "portal/my_bookings.html", {
        "tab": "bookings", "lines": [_line(request, one) for one in found],
        "barred": bookings.barred(request.actor, request.now), "has_feed": bookings.has_feed(request.actor),
        **(more or {}),
    }, status)


def _line(request: CityRequest, one: Booking) -> dict[str, Any]:
    over = request.now >= one.slot.starts
    has_place = one.standing in {BookingStanding.HELD, BookingStanding.OFFERED, BookingStanding.CONFIRMED}
    return {
        "booking": one, "name": catalogue.service(one.slot.service).name.into(request.language),
        "said": bookings.said(one.slot, request.language), "standing": _STANDINGS[one.standing],
        "may_cancel": one.is_live and not over and (not has_place or request.now <= one.slot.cancel_until),
        "is_offered": one.standing is BookingStanding.OFFERED, "is_missed": one.attendance is Attendance.MISSED,
        "has_event": one.is_live and not over,
    }


def _value(one: Slot, now: datetime) -> str:
    """The answer that asks for a slot; empty where it cannot be asked for."""
    match bookings.availability(one, now):
        case Availability.WAITING_LIST:
            return f"{one.id}{WAIT}"
        case open_for if open_for in _ASKABLE:
            return str(one.id)
    return ""
