"""Bookings' pages: what is free, a draw that anybody can check, calendars, and who came."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.commons.gateway.pages import CityRequest, render
from madang.kernel.clock import SEOUL
from madang.records.catalogue import facade as catalogue
from madang.records.places import facade as places
from madang.services.applications import facade as applications
from madang.services.bookings import facade
from madang.services.bookings.contracts import WAIT, Attendance, Availability, Slot

_SHOWN = 60
_ICALENDAR = "text/calendar; charset=utf-8"
_ATTENDANCE = {
    Attendance.UNKNOWN: _("Not noted"), Attendance.CAME: _("Came"), Attendance.MISSED: _("Did not come"),
    Attendance.EXCUSED: _("Excused"),
}


@never_cache
@require_safe
def free(request: CityRequest, service_id: str) -> HttpResponse:
    """What can be booked, by day; a district and a first day narrow it down, without any script."""
    service = catalogue.service(service_id)
    district, after = request.GET.get("district", "")[:5], _day(request.GET.get("from", ""))
    found = facade.open_slots(service.id, request.now, district=district, limit=_SHOWN, after=after)
    return render(request, "bookings/free.html", {
        "service": service,
        "service_name": service.name.into(request.language),
        "lines": [_line(request, one) for one in found],
        "districts": [(one.code, one.name.into(request.language)) for one in places.districts()],
        "district": district,
        "after": after.date().isoformat() if after else "",
        "more": found[-1].starts.date().isoformat() if len(found) == _SHOWN else "",
    })


@never_cache
@require_safe
def choose(request: CityRequest, slot_id: UUID) -> HttpResponse:
    """Begin the request for a slot, or go on with the one that was begun, with the slot chosen."""
    slot = facade.slot(slot_id)
    service = catalogue.service(slot.service)
    waits = facade.availability(slot, request.now) is Availability.WAITING_LIST
    draft = applications.begin(request.actor, service.id, request.language, request.now)
    answer = {service.slot_question: f"{slot.id}{WAIT if waits else ''}"}
    applications.keep(request.actor, draft.number, answer, request.now, language=request.language)
    return HttpResponseRedirect(f"/apply/{draft.number}/{service.steps[0].name}")


@require_safe
def draw(request: CityRequest, slot_id: UUID) -> HttpResponse:
    """A draw with everything that is needed to hold it again."""
    found = facade.published(slot_id)
    return render(request, "bookings/draw.html", {
        "draw": found, "slot": found.slot, "name": found.name.into(request.language),
        "said": facade.said(found.slot, request.language),
        "holds": bool(found.slot.drawn) and not facade.faults(found.sheet),
        "lines": [{"entry": one, "won": one.number in found.winners} for one in found.entries],
    })


@never_cache
@require_safe
def event(request: CityRequest, booking: UUID) -> HttpResponse:
    """One booking of my own for my calendar."""
    made = facade.event_of(request.actor, booking, request.language, request.now)
    return HttpResponse(made, content_type=_ICALENDAR, headers={
        "Content-Disposition": f'attachment; filename="booking-{booking}.ics"',
    })


@never_cache
@require_safe
def feed(request: CityRequest, token: str) -> HttpResponse:
    """A calendar by its address: whoever has the address needs no sign-in."""
    return HttpResponse(facade.feed(token, request.now), content_type=_ICALENDAR)


@never_cache
@require_safe
def day(request: CityRequest) -> HttpResponse:
    """Staff: what my department offers on a day, and what residents object to."""
    wanted = _day(request.GET.get("day", "")) or request.now
    return render(request, "bookings/day.html", {
        "lines": [_line(request, one) for one in facade.slots_of_day(request.actor, wanted)],
        "day": wanted.date().isoformat(),
        "objections": [
            {"booking": one, "said": facade.said(one.slot, request.language),
             "name": catalogue.service(one.slot.service).name.into(request.language)}
            for one in facade.objections(request.actor)
        ],
    })


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def attendance(request: CityRequest, slot_id: UUID) -> HttpResponse:
    """Staff: note who came to one slot."""
    slot, found = facade.attendance_of(request.actor, slot_id)
    if request.method == "POST":
        for booking in found:
            if (said := request.POST.get(f"came-{booking.id}", "")) in {Attendance.CAME, Attendance.MISSED}:
                facade.note(request.actor, booking.id, Attendance(said), request.now)
        return HttpResponseRedirect(f"/attendance/{slot_id}/?noted=1")
    return render(request, "bookings/attendance.html", {
        **_line(request, slot), "noted": "noted" in request.GET, "may_note": request.now >= slot.starts,
        "lines": [
            {"booking": one, "number": applications.case(request.actor, one.case).number,
             "attendance": _ATTENDANCE[one.attendance]}
            for one in found
        ],
    })


@require_http_methods(["POST"])
def excuse(request: CityRequest, booking: UUID) -> HttpResponse:
    """Staff: grant an objection."""
    facade.excuse(request.actor, booking)
    return HttpResponseRedirect("/attendance/")


def _line(request: CityRequest, slot: Slot) -> dict[str, Any]:
    open_for = facade.availability(slot, request.now)
    return {
        "slot": slot, "said": facade.said(slot, request.language, request.now),
        "name": catalogue.service(slot.service).name.into(request.language),
        "can_ask": open_for in {Availability.FREE, Availability.DRAW, Availability.WAITING_LIST},
        "waits": open_for is Availability.WAITING_LIST, "is_drawn": slot.draw_at is not None,
    }


def _day(given: str) -> datetime | None:
    try:
        return datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=SEOUL)
    except ValueError:
        return None


urls = [
    path("bookings/<slug:service_id>/", free),
    path("bookings/choose/<uuid:slot_id>", choose),
    path("bookings/<uuid:booking>.ics", event),
    path("draws/<uuid:slot_id>", draw),
    path("calendar/<str:token>.ics", feed),
    path("attendance/", day),
    path("attendance/<uuid:slot_id>/", attendance),
    path("attendance/excuse/<uuid:booking>", excuse),
]
"""Paths from the city's root."""
