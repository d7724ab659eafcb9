"""The developers' pages: register a system, make its keys, try the API, see its use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.commons.gateway import facade, problems
from madang.commons.gateway.contracts import Ask, Key, NewPartner, Partner, Permission, State
from madang.commons.gateway.pages import CityRequest, FormField, render
from madang.commons.gateway.web.fields import by_field, plan_field, scope_boxes
from madang.kernel.errors import Conflict, Invalid, Unavailable


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
        return _registering(request, typed, by_field(wrong))
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
        plan_field(request, typed["plan"], wrong.get("plan", "")),
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
        return _page(request, id_, typed={"plan": plan, "addresses": addresses}, wrong=by_field(wrong), status=422)
    return HttpResponseRedirect(f"/developers/{id_}")


@never_cache
@require_POST
def ask(request: CityRequest, id_: UUID) -> HttpResponse:
    """Ask the city for another plan or more scopes."""
    plan, why = str(request.POST.get("asked_plan", "")), str(request.POST.get("why", ""))
    scopes = tuple(request.POST.getlist("scopes"))
    try:
        facade.ask_for(request.actor, Ask(id_, plan, scopes, why, request.now))
    except Invalid as wrong:
        typed = {"asked_plan": plan, "why": why, "scopes": " ".join(scopes)}
        mistakes = by_field(wrong)
        return _page(request, id_, typed=typed, wrong=mistakes | {"asked_plan": mistakes.get("plan", "")}, status=422)
    return HttpResponseRedirect(f"/developers/{id_}#ask")


@never_cache
@require_POST
def try_it(request: CityRequest, id_: UUID) -> HttpResponse:
    """Ask the API with a key, through the gateway."""
    key, where = str(request.POST.get("key", "")).strip(), str(request.POST.get("path", "")).strip()
    typed = {"path": where}
    try:
        tried = facade.try_out(request.actor, id_, key, where, request.language)
    except Invalid as wrong:
        return _page(request, id_, typed=typed, wrong=by_field(wrong), status=422)
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
        "change_fields": _change_fields(request, shown, typed or {}, wrong or {}),
        **_asking(request, shown, typed or {}, wrong or {}), **more,
    }, status)


def _asking(
    request: CityRequest, shown: Partner, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> Mapping[str, Any]:
    """What was asked for, and the form to ask with."""
    asked = facade.ask_of(request.actor, shown.id)
    chosen = typed["scopes"].split() if "scopes" in typed else [*shown.scopes, *(asked.scopes if asked else ())]
    plan = typed.get("asked_plan", asked.plan if asked else shown.plan)
    why = FormField(
        "why", gettext("What the system does, and why it needs this"), kind="long_text", error=wrong.get("why", ""),
        value=typed.get("why", asked.why if asked else ""), longest=500,
    )
    return {
        "asked": asked, "ask_scopes": scope_boxes(chosen),
        "ask_fields": [plan_field(request, plan, wrong.get("asked_plan", ""), name="asked_plan", every=True)],
        "why_field": why,
    }


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
        plan_field(request, typed.get("plan", shown.plan), wrong.get("plan", ""), also=shown.plan),
        FormField(
            "addresses", gettext("Addresses that it may ask from"), kind="long_text", required=False,
            value=typed.get("addresses", "\n".join(shown.addresses)), error=wrong.get("addresses", ""),
            hint=gettext("One address or network a line, such as 192.0.2.0/24. Leave empty for any."),
        ),
    ]
