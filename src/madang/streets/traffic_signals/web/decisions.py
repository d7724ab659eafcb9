"""The limits inside which a machine may roll plans out."""

from dataclasses import replace
from datetime import time

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.commons.gateway.pages import CityRequest, FormField, render
from madang.streets.traffic_signals import facade
from madang.streets.traffic_signals.contracts.operation import OutOfBounds, RollOutLimits
from madang.streets.traffic_signals.web import words

_AREAS_AT_MOST = 100


@never_cache
@require_http_methods(["GET", "POST"])
def roll_out(request: CityRequest) -> HttpResponse:
    """The limits as they are; sent, new ones."""
    now, widest = facade.roll_out(request.actor)
    if request.method == "GET":
        return _page(request, now, widest)
    try:
        wanted = _typed(request, now, widest)
        facade.set_roll_out(request.actor, wanted, request.now)
    except OutOfBounds as wide:
        return _page(request, now, widest, wide, 422)
    return HttpResponseRedirect("/streets/signals/roll-out/?done=set")


def _page(
    request: CityRequest, now: RollOutLimits, widest: RollOutLimits, wrong: OutOfBounds | None = None,
    status: int = 200,
) -> HttpResponse:
    labels = {
        "max_cycle_change": gettext("Largest change of a cycle, in seconds"),
        "max_green_change": gettext("Largest change of a green, in seconds"),
        "max_effect": gettext("Largest predicted change of delay, in percent"),
        "begin": gettext("From (hour and minute)"),
        "end": gettext("Until (hour and minute)"),
    }
    values = {
        "max_cycle_change": str(now.max_cycle_change), "max_green_change": str(now.max_green_change),
        "max_effect": f"{100 * now.max_effect:g}", "begin": f"{now.begin:%H:%M}", "end": f"{now.end:%H:%M}",
    }
    most = {"max_cycle_change": widest.max_cycle_change, "max_green_change": widest.max_green_change,
            "max_effect": 100 * widest.max_effect}
    fields = [
        FormField(
            name, label, "text", request.POST.get(name, values[name]),
            hint=gettext("At most {most}.").format(most=f"{most[name]:g}") if name in most else "",
            error=gettext(wrong.message).format(**wrong.data) if wrong and wrong.field == name else "",
        ) for name, label in labels.items()
    ]
    names = words.area_names(request.language)
    known = sorted({one.area for one in facade.network().intersections.values()})
    chosen = request.POST.getlist("areas") if request.method == "POST" else now.areas
    context = {
        "now": now, "fields": fields, "wrong_fields": [field for field in fields if field.error],
        "is_on": bool(request.POST.get("on")) if request.method == "POST" else now.on,
        "areas": [(code, names.get(code, code), code in chosen) for code in known],
        "done": request.GET.get("done", "")[:10],
    }
    return render(request, "traffic_signals/roll_out.html", context, status)


def _typed(request: CityRequest, now: RollOutLimits, widest: RollOutLimits) -> RollOutLimits:
    """The limits that were typed. Raises OutOfBounds for what is no number or no time."""
    return replace(
        now, on=bool(request.POST.get("on")),
        max_cycle_change=int(_number(request, "max_cycle_change", widest.max_cycle_change)),
        max_green_change=int(_number(request, "max_green_change", widest.max_green_change)),
        max_effect=_number(request, "max_effect", 100 * widest.max_effect) / 100,
        begin=_time(request, "begin"), end=_time(request, "end"),
        areas=tuple(request.POST.getlist("areas")[:_AREAS_AT_MOST]),
    )


def _number(request: CityRequest, name: str, most: float) -> float:
    text = request.POST.get(name, "").strip()
    if not text.replace(".", "", 1).isdecimal() or float(text) > most:
        raise OutOfBounds(name, "0", f"{most:g}")
    return float(text)


def _time(request: CityRequest, name: str) -> time:
    try:
        return time.fromisoformat(request.POST.get(name, "").strip())
    except ValueError:
        raise OutOfBounds(name, "00:00", "23:59") from None
