"""A run held against what is on the street, what was on the street, and what it did."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from madang.commons.gateway.pages import CityRequest, render
from madang.kernel.errors import Conflict, Invalid
from madang.streets.traffic_signals import facade
from madang.streets.traffic_signals.contracts import PlanSetId, PlanState
from madang.streets.traffic_signals.web import words
from madang.streets.traffic_signals.web.sentences import each_said

_MOST_LINES = 500


@never_cache
@require_http_methods(["GET", "POST"])
def run(request: CityRequest, run: UUID) -> HttpResponse:
    """A run: what would change, why, and what was refused; sent, the decision."""
    if request.method == "GET":
        return _run(request, PlanSetId(run))
    try:
        if request.POST.get("act") == "approve":
            facade.approve(request.actor, PlanSetId(run), request.now)
        else:
            facade.refuse(request.actor, PlanSetId(run), request.now)
    except (Conflict, Invalid) as late:
        return _run(request, PlanSetId(run), words.mistake(late), 409)
    return HttpResponseRedirect("/streets/signals/?done=decided")


@never_cache
@require_http_methods(["GET", "POST"])
def street(request: CityRequest) -> HttpResponse:
    """What was on the street, the newest first; sent, a step back."""
    mistake = ""
    if request.method == "POST":
        try:
            facade.roll_back(request.actor, request.now)
        except (Conflict, Invalid) as refused:
            mistake = words.mistake(refused)
        else:
            return HttpResponseRedirect("/streets/signals/street/?done=back")
    lines = [(one, words.HOW[one.how]) for one in facade.publications(request.actor)]
    context = {"lines": lines, "mistake": mistake, "done": request.GET.get("done", "")[:10]}
    return render(request, "traffic_signals/street.html", context, 409 if mistake else 200)


@never_cache
@require_GET
def before_after(request: CityRequest, publication: UUID) -> HttpResponse:
    """What a publication did to delay."""
    found = facade.before_and_after(request.actor, publication, request.now)
    million = 1_000_000
    year = found and found.won_a_year
    won = year and [-value / million for value in (year.value, year.high, year.low)]
    context = {
        "found": found, "won": won, "publication": publication,
        "naive_part": found and found.naive - found.change.value,
    }
    return render(request, "traffic_signals/before_after.html", context)


def _run(request: CityRequest, run: PlanSetId, mistake: str = "", status: int = 200) -> HttpResponse:
    found, line, now = facade.run_of(request.actor, run)
    names = facade.network().intersections
    changes = sorted(
        found.proposals.values(), key=lambda one: one.effect.delay - one.effect.delay_now,
    )
    context = {
        "run": found, "line": line, "state": words.STATES[line.state], "mistake": mistake,
        "is_open": line.state is PlanState.PROPOSED,
        "changes": [
            {"one": one, "now": now.get(one.plan.intersection), "saves": one.effect.delay_now - one.effect.delay,
             "reasons": each_said(one.reasons),
             "name": names[one.plan.intersection].name if one.plan.intersection in names else one.plan.intersection}
            for one in changes[:_MOST_LINES]
        ],
        "refused": words.breaches(found.refused[:_MOST_LINES]),
    }
    return render(request, "traffic_signals/run.html", context, status)
