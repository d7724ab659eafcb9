"""Pages of the platform register: how far the city's systems are, for anybody; what is seen of each, for stewards."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from madang.commons.gateway.pages import CityRequest, render
from madang.stewardship.platform_register import facade
from madang.stewardship.platform_register.contracts import Action, Seen, Standing, System

_ACTIONS = {Action.MIGRATE: _("moves onto it"), Action.RETIRE: _("is switched off")}
_SEEN = {
    Seen.SEEN: _("seen"), Seen.NONE_SEEN: _("none seen"), Seen.NOT_OBSERVABLE: _("by its own word"),
}


@require_safe
def overview(request: CityRequest) -> HttpResponse:
    """The share over time, the parts, and what is late."""
    found, language = facade.overview(request.now), request.language
    names = facade.parts()
    return render(request, "platform_register/overview.html", {
        "found": found, "percent": _percent(found.share),
        "history": [(one.year, _percent(one.share), one.source) for one in found.history],
        "snapshots": [(month, _percent(share)) for month, share in found.snapshots],
        "target": (found.target.year, _percent(found.target.share)),
        "parts": [(names[part].into(language), uses, needs) for part, (uses, needs) in found.by_part.items()],
        "late": [_line(one, request) for one in found.late],
        "outside": [_line(one, request) for one in facade.systems() if not one.complies],
    })


@never_cache
@require_safe
def evidence(request: CityRequest) -> HttpResponse:
    """What the gateway and the OpenID provider saw of each system."""
    found = facade.standings(request.actor, request.now)
    return render(request, "platform_register/evidence.html", {"lines": [_seen(one, request) for one in found]})


def _line(one: System, request: CityRequest) -> dict[str, Any]:
    return {
        "name": one.name.into(request.language), "department": one.department,
        "action": _ACTIONS[one.plan.action] if one.plan else _("no plan yet"), "by": one.plan.by if one.plan else None,
        "lacks": [facade.parts()[part].into(request.language) for part in sorted(one.needs - one.uses)],
    }


def _seen(one: Standing, request: CityRequest) -> dict[str, Any]:
    return _line(one.system, request) | {
        "complies": one.system.complies, "is_late": one.is_late, "requests": one.evidence.requests,
        "last": one.evidence.last_sign_in,
        "seen": [(facade.parts()[part].into(request.language), _SEEN[what]) for part, what in one.seen.items()],
    }


def _percent(share: float) -> int:
    return round(share * 100)


urls = [path("platforms", overview), path("platforms/evidence", evidence)]
"""Paths from the city's root."""
