"""The officers' pages: every partner system, what waits for an answer, what each may and asks."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from madang.commons.gateway import facade, problems
from madang.commons.gateway.contracts import Arrangement, Key, Partner, Permission, Plan, State
from madang.commons.gateway.pages import CityRequest, FormField, render
from madang.commons.gateway.web.fields import by_field, plan_field, scope_boxes
from madang.kernel.errors import CityError, Invalid

_DAYS = 30


@never_cache
@require_GET
def partners(request: CityRequest) -> HttpResponse:
    """Every partner system; those that wait for an answer first."""
    request.actor.require(Permission.SEE_PARTNERS)
    asks = facade.asks(request.actor)
    found = {one.id: one for one in facade.partners(request.actor)}
    traffic = facade.traffic_by_client_since(request.now - timedelta(days=_DAYS - 1))
    plans = facade.current_rules().plans
    return render(request, "gateway/partners.html", {
        "asks": [(found[one.partner], one) for one in asks if one.partner in found],
        "lines": [
            (one, _plan_title(request, plans, one), traffic.get(str(one.id), 0)) for one in found.values()
        ],
    })


@never_cache
@require_GET
def partner(request: CityRequest, id_: UUID) -> HttpResponse:
    """A system: what it may, what it asks for, its keys and use."""
    return _page(request, id_, {}, {})


@never_cache
@require_POST
def arrange(request: CityRequest, id_: UUID) -> HttpResponse:
    """Give a system its plan, scopes and end."""
    typed = {name: str(request.POST.get(name, "")) for name in ("plan", "ends")}
    scopes = tuple(request.POST.getlist("scopes"))
    try:
        sunset = facade.day_ahead(typed["ends"], request.now)
        facade.arrange(request.actor, id_, Arrangement(typed["plan"], scopes, sunset))
    except Invalid as wrong:
        return _page(request, id_, typed | {"scopes": " ".join(scopes)}, by_field(wrong), 422)
    return HttpResponseRedirect(f"/partners/{id_}")


@never_cache
@require_POST
def decline(request: CityRequest, id_: UUID) -> HttpResponse:
    """Say no, with a reason."""
    why = str(request.POST.get("why", ""))
    try:
        facade.decline(request.actor, id_, why)
    except Invalid as wrong:
        return _page(request, id_, {"why": why}, by_field(wrong), 422)
    return HttpResponseRedirect(f"/partners/{id_}")


@never_cache
@require_POST
def set_state(request: CityRequest, id_: UUID) -> HttpResponse:
    """Stop a system, or let it in again."""
    state = State.STOPPED if request.POST.get("state") == State.STOPPED else State.ACTIVE
    request.actor.require(Permission.MANAGE_PARTNERS)
    facade.change_partner(request.actor, id_, state=state)
    return HttpResponseRedirect(f"/partners/{id_}")


@never_cache
@require_POST
def end_key(request: CityRequest, id_: UUID) -> HttpResponse:
    """End a key: on a day, or at once when none is given."""
    request.actor.require(Permission.MANAGE_PARTNERS)
    try:
        key = UUID(str(request.POST.get("key", "")))
        ends = facade.day_ahead(str(request.POST.get("ends", "")), request.now)
    except ValueError:
        return _page(request, id_, {}, {}, 422)
    except Invalid as wrong:
        return _page(request, id_, {}, {"key": _said(wrong)}, 422)
    if ends is None:
        facade.revoke_key(request.actor, id_, key, request.now)
    else:
        facade.end_key(request.actor, id_, key, ends)
    return HttpResponseRedirect(f"/partners/{id_}#keys")


def _page(
    request: CityRequest, id_: UUID, typed: Mapping[str, str], wrong: Mapping[str, str], status: int = 200
) -> HttpResponse:
    request.actor.require(Permission.SEE_PARTNERS)
    shown, asked = facade.partner(request.actor, id_), facade.ask_of(request.actor, id_)
    plans = facade.current_rules().plans
    waiting = asked if asked and not asked.declined else None
    today, use = facade.use_of(request.actor, id_, request.now)
    chosen = typed["scopes"].split() if "scopes" in typed else [*shown.scopes, *(waiting.scopes if waiting else ())]
    plan = typed.get("plan", waiting.plan if waiting else shown.plan)
    return render(request, "gateway/arrange.html", {
        "partner": shown, "plan": plans.get(shown.plan), "plan_title": _plan_title(request, plans, shown),
        "asked": waiting, "asked_plan": plans.get(waiting.plan) if waiting else None,
        "keys": [_key_line(one, request) for one in facade.keys_of(request.actor, id_)], "today": today, "use": use,
        "most": max((one.requests for one in use), default=0),
        "may_manage": request.actor.may(Permission.MANAGE_PARTNERS),
        "plan_field": plan_field(request, plan, wrong.get("plan", ""), every=True), "scopes": scope_boxes(chosen),
        "ends_field": _ends_field(shown, typed, wrong), "why_field": _why_field(typed, wrong),
        "key_problem": wrong.get("key", ""),
    }, status)


def _plan_title(request: CityRequest, plans: Mapping[str, Plan], one: Partner) -> str:
    plan = plans.get(one.plan)
    return plan.title.into(request.language) if plan else one.plan


def _key_line(key: Key, request: CityRequest) -> tuple[Key, bool]:
    return key, key.is_good(request.now)


def _ends_field(shown: Partner, typed: Mapping[str, str], wrong: Mapping[str, str]) -> FormField:
    held = shown.sunset.date().isoformat() if shown.sunset else ""
    return FormField(
        "ends", gettext("Let in until"), kind="date", required=False, value=typed.get("ends", held),
        error=wrong.get("ends", ""), hint=gettext("From this day on it is let in no longer. Leave empty for no end."),
    )


def _why_field(typed: Mapping[str, str], wrong: Mapping[str, str]) -> FormField:
    return FormField(
        "why", gettext("Why it is declined"), kind="long_text", value=typed.get("why", ""), error=wrong.get("why", ""),
        hint=gettext("The developer reads this."), longest=500,
    )


def _said(wrong: CityError) -> str:
    return problems.say(wrong.message, wrong.data)
