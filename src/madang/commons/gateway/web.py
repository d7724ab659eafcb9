"""The developers' pages: register a system, make its keys, try the API, see its use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.commons.gateway import facade, problems
from madang.commons.gateway.contracts import Key, NewPartner, Partner, Permission, State
from madang.commons.gateway.pages import CityRequest, FormField, render
from madang.kernel.errors import CityError, Conflict, Invalid, Unavailable


@dataclass(frozen=True, slots=True)
class _ShownKey:
    key: Key
    is_good: bool


@require_GET
def developers(request: CityRequest) -> HttpResponse:
    """What the API offers to systems, and one's own systems."""
    book = facade.current_rules()
    scopes = [
        {"scope": one, "title": gettext(one.title), "methods": " ".join(one.methods)}
        for one in sorted(book.scopes, key=lambda scope: (not scope.is_open, scope.name))
    ]
    mine = facade.partners(request.actor) if request.actor.may(Permission.DEVELOP) else None
    return render(request, "gateway/developers.html", {
        "plans": sorted(book.plans.values(), key=lambda plan: plan.per_day), "scopes": scopes,
        "sunsets": [one for one in book.sunsets if one.ends > request.now], "partners": mine,
    })


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: CityRequest) -> HttpResponse:
    """Register a system of one's own."""
    request.actor.require(Permission.DEVELOP)
    typed = {name: str(request.POST.get(name, "")) for name in ("name", "organisation", "plan")}
    if request.method != "POST":
        return _registering(request, typed | {"organisation": request.actor.department}, {})
    try:
        new = NewPartner(typed["name"], typed["organisation"], typed["plan"])
        made = facade.register_partner(request.actor, new, request.now)
    except Invalid as wrong:
        return _registering(request, typed, _by_field(wrong))
    except Conflict as wrong:
        return _registering(request, typed, {"name": problems.say(wrong.message, wrong.data)})
    return HttpResponseRedirect(f"/developers/{made.id}")


def _registering(request: CityRequest, typed: Mapping[str, str], wrong: Mapping[str, str]) -> HttpResponse:
    fields = [
        FormField("name", gettext("Name of the system"), value=typed["name"], error=wrong.get("name", ""), longest=100),
        FormField(
            "organisation", gettext("Department, company or group"), value=typed["organisation"],
            error=wrong.get("organisation", ""), longest=100,
        ),
        _plan_field(request, typed["plan"], wrong.get("plan", "")),
    ]
    found = {"fields": fields, "wrong_fields": [one for one in fields if one.error]}
    return render(request, "gateway/register.html", found, 422 if wrong else 200)


@never_cache
@require_GET
def partner(request: CityRequest, id_: UUID) -> HttpResponse:
    """A system: keys, use, a place to try."""
    return _page(request, id_)


@never_cache
@require_POST
def make_key(request: CityRequest, id_: UUID) -> HttpResponse:
    """Make a key; this answer alone shows it."""
    try:
        return _page(request, id_, fresh=facade.make_key(request.actor, id_, request.now).text)
    except Conflict as wrong:
        return _page(request, id_, problem=problems.say(wrong.message, wrong.data), status=409)


@never_cache
@require_POST
def revoke_key(request: CityRequest, id_: UUID) -> HttpResponse:
    """End a key."""
    try:
        key = UUID(str(request.POST.get("key", "")))
    except ValueError:
        return _page(request, id_, status=422)
    facade.revoke_key(request.actor, id_, key, request.now)
    return HttpResponseRedirect(f"/developers/{id_}#keys")


@never_cache
@require_POST
def change(request: CityRequest, id_: UUID) -> HttpResponse:
    """Change plan and addresses, or stop the system and let it in again."""
    if state := request.POST.get("state"):
        facade.change_partner(request.actor, id_, state=State.STOPPED if state == State.STOPPED else State.ACTIVE)
        return HttpResponseRedirect(f"/developers/{id_}")
    plan, addresses = str(request.POST.get("plan", "")), str(request.POST.get("addresses", ""))
    try:
        facade.change_partner(request.actor, id_, plan=plan or None, addresses=addresses.split())
    except Invalid as wrong:
        return _page(request, id_, typed={"plan": plan, "addresses": addresses}, wrong=_by_field(wrong), status=422)
    return HttpResponseRedirect(f"/developers/{id_}")


@never_cache
@require_POST
def try_it(request: CityRequest, id_: UUID) -> HttpResponse:
    """Ask the API with a key, through the gateway."""
    key, where = str(request.POST.get("key", "")).strip(), str(request.POST.get("path", "")).strip()
    typed = {"path": where}
    try:
        tried = facade.try_out(request.actor, id_, key, where, request.language)
    except Invalid as wrong:
        return _page(request, id_, typed=typed, wrong=_by_field(wrong), status=422)
    except Unavailable as away:
        return _page(request, id_, typed=typed, problem=problems.say(away.message, away.data), status=503)
    return _page(request, id_, typed=typed, tried=tried)


def _page(
    request: CityRequest, id_: UUID, *, typed: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None,
    status: int = 200, **more: Any,
) -> HttpResponse:
    shown, book = facade.partner(request.actor, id_), facade.current_rules()
    today, use = facade.use_of(request.actor, id_, request.now)
    keys = [_ShownKey(one, one.is_good(request.now)) for one in facade.keys_of(request.actor, id_)]
    return render(request, "gateway/partner.html", {
        "partner": shown, "plan": book.plans[shown.plan], "keys": keys, "today": today, "use": use,
        "held": sorted({*shown.scopes, *(one.name for one in book.scopes if one.is_open)}),
        "most": max((one.requests for one in use), default=0),
        "try_fields": _try_fields(typed or {}, wrong or {}),
        "change_fields": _change_fields(request, shown, typed or {}, wrong or {}), **more,
    }, status)


def _try_fields(typed: Mapping[str, str], wrong: Mapping[str, str]) -> list[FormField]:
    return [
        FormField("key", gettext("Key"), kind="password", autocomplete="off", error=wrong.get("key", "")),
        FormField(
            "path", gettext("Address"), value=typed.get("path", "/api/v1/services?limit=1"),
            error=wrong.get("path", ""), hint=gettext("It is asked with GET, and counts as one request."),
        ),
    ]


def _change_fields(
    request: CityRequest, shown: Partner, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> list[FormField]:
    return [
        _plan_field(request, typed.get("plan", shown.plan), wrong.get("plan", ""), also=shown.plan),
        FormField(
            "addresses", gettext("Addresses that it may ask from"), kind="long_text", required=False,
            value=typed.get("addresses", "\n".join(shown.addresses)), error=wrong.get("addresses", ""),
            hint=gettext("One address or network a line, such as 192.0.2.0/24. Leave empty for any."),
        ),
    ]


def _plan_field(request: CityRequest, chosen: str, wrong: str, also: str = "") -> FormField:
    plans = [one for one in facade.current_rules().plans.values() if one.is_self_service or one.name == also]
    choices = [(one.name, one.title.into(request.language)) for one in plans]
    return FormField("plan", gettext("Plan"), kind="choice", value=chosen, choices=choices, error=wrong)


def _by_field(wrong: CityError) -> dict[str, str]:
    return {one["field"]: one["message"] for one in problems.by_field(wrong)}


urls: Any = [
    path("developers/", developers),
    path("developers/register", register),
    path("developers/<uuid:id_>", partner),
    path("developers/<uuid:id_>/keys", make_key),
    path("developers/<uuid:id_>/revoke", revoke_key),
    path("developers/<uuid:id_>/change", change),
    path("developers/<uuid:id_>/try", try_it),
]
