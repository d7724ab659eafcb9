"""The network, an area, an intersection, a corridor, and the detectors that cannot be believed."""

from collections import Counter
from collections.abc import Mapping

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from madang.commons.gateway.pages import CityRequest, FormField, render
from madang.kernel.errors import CityError
from madang.streets.traffic_signals import facade
from madang.streets.traffic_signals.contracts import DetectorId, IntersectionId, Network, StageId, StageTime, TimingPlan
from madang.streets.traffic_signals.contracts.operation import PlaceUnknown, Scope
from madang.streets.traffic_signals.web import drawing, priority, words
from madang.streets.traffic_signals.web.sentences import each_said, said

_HOME = "/streets/signals/"
_NO_AREA = "-"
"""In addresses, where a network came without districts."""


@never_cache
@require_GET
def network(request: CityRequest) -> HttpResponse:
    """Everything at a glance: what is on the street, what waits, where data fail."""
    found = facade.overview(request.actor)
    names, kinds = words.area_names(request.language), _kinds(found)
    areas = Counter(one.area for one in found.network.intersections.values())
    by_kind = {kind: Counter(found.network.intersections[place].area for place, own in kinds.items() if own == kind)
               for kind in ("failed", "held", "changed")}
    context = {
        "found": found, "count": len(found.network.intersections), "detectors": len(found.network.detectors),
        "how": words.HOW[found.on_street.how] if found.on_street else "",
        "map": drawing.network_map(found.network, kinds, found.network.intersections), "width": drawing.WIDTH,
        "areas": [
            {"code": code, "name": names.get(code, code), "count": count,
             **{kind: own[code] for kind, own in by_kind.items()}}
            for code, count in sorted(areas.items(), key=lambda pair: names.get(pair[0], pair[0]))
        ],
        "runs": [(line, words.STATES[line.state]) for line in found.runs[:12]],
        "holds": [(hold, words.SCOPES[hold.scope]) for hold in found.holds],
        "failed": len(found.failed), "done": request.GET.get("done", "")[:20],
    }
    return render(request, "traffic_signals/network.html", context)


@never_cache
@require_GET
def area(request: CityRequest, area: str) -> HttpResponse:
    """The intersections of one area, on a map and in a table."""
    found = facade.overview(request.actor)
    places = [one for one in found.network.intersections.values() if one.area == (area if area != _NO_AREA else "")]
    if not places:
        raise PlaceUnknown(area)
    kinds = _kinds(found)
    proposals = found.open_run.proposals if found.open_run else {}
    context = {
        "code": area, "name": words.area_names(request.language).get(area, area), "count": len(places),
        "map": drawing.network_map(found.network, kinds, [one.id for one in places]), "width": drawing.WIDTH,
        "lines": [
            {"at": one, "plan": found.plans.get(one.id), "kind": kinds.get(one.id, ""),
             "proposal": proposals.get(one.id), "why": found.failed.get(one.id, "")} for one in places
        ],
    }
    return render(request, "traffic_signals/area.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def intersection(request: CityRequest, name: str) -> HttpResponse:
    """One intersection: stages, who has green when, detectors; sent, a hold, its end, or an engineer's own plan."""
    found = facade.intersection(request.actor, name)
    if request.method == "GET":
        return _intersection(request, found)
    try:
        _decide(request, found)
    except CityError as refused:
        return _intersection(request, found, mistake=words.mistake(refused), status=422)
    return HttpResponseRedirect(f"{request.path}?done={request.POST.get('act', '')[:10]}")


@never_cache
@require_GET
def corridor(request: CityRequest, name: str) -> HttpResponse:
    """A corridor over time and space."""
    one, diagram = facade.corridor(request.actor, name)
    drawn = drawing.time_space(diagram)
    context = {
        "corridor": one, "diagram": diagram, "drawn": drawn, "width": drawing.WIDTH, "height": drawing.HEIGHT,
        "stops": zip(diagram.stops, drawn.levels, strict=True),
        "onward": diagram.share(diagram.onward), "back": diagram.share(diagram.back),
    }
    return render(request, "traffic_signals/corridor.html", context)


@never_cache
@require_GET
def detectors(request: CityRequest) -> HttpResponse:
    """The detectors that cannot be believed, and why."""
    faulty, at, found = facade.detectors(request.actor)
    lines = [
        {"detector": each.detector, "fault": words.FAULTS.get(each.fault, each.fault), "since": each.since,
         "evidence": said(each.evidence), "place": _place_of(found, each.detector)} for each in faulty[:1000]
    ]
    context = {"lines": lines, "faulty": len(faulty), "count": len(found.detectors), "at": at}
    return render(request, "traffic_signals/detectors.html", context)


def _intersection(
    request: CityRequest, found: facade.AtIntersection, *, mistake: str = "", status: int = 200,
) -> HttpResponse:
    typed = request.POST
    plan = found.running or found.fixed
    greens = {each.stage: each.green for each in plan.stages} if plan else {}
    reason = FormField(
        "reason", gettext("Reason"), "long_text", typed.get("reason", ""), longest=500,
        error=mistake if typed.get("act") == "hold" else "",
    )
    context = {
        "found": found, "reason": reason, "mistake": mistake,
        "failed": said(found.failed) if found.failed else None, "refused": words.breaches(found.refused),
        "reasons": each_said(found.proposal.reasons) if found.proposal else [],
        "bars": [(title, each, drawing.cycle_bars(found.at, each)) for title, each in _plans(found)],
        "tracks": _tracks(found, plan) if plan else [], "width": drawing.WIDTH,
        "tracks_height": int(drawing.TRACK) * (len(found.at.movements) + len(found.at.crossings)),
        "stages": [(one, typed.get(f"green-{one.id}", greens.get(one.id))) for one in found.at.stages],
        "turns": [(one, words.TURNS[one.turn]) for one in found.at.movements],
        "detectors": [(one, words.FAULTS.get(fault.fault) if fault else None) for one, fault in found.detectors],
        "area": words.area_names(request.language).get(found.at.area, found.at.area),
        "offset": typed.get("offset", plan.offset if plan else 0), "done": request.GET.get("done", "")[:10],
        "wrong_fields": [reason] if reason.error else [],
        "lines": priority.lines(facade.priorities(request.actor, found.at.id)[:20]),
    }
    return render(request, "traffic_signals/intersection.html", context, status)


def _tracks(found: facade.AtIntersection, plan: TimingPlan) -> list[tuple[str, list[drawing.Bar]]]:
    """The tracks under short names: the number in the table of movements, and where it goes."""
    walking = gettext("People walk")
    turns = [str(words.TURNS[one.turn]) for one in found.at.movements] + [walking] * len(found.at.crossings)
    tracks = drawing.head_tracks(found.at, plan)
    return [(f"{number}. {turn}", bars) for number, (turn, (_, bars)) in enumerate(zip(turns, tracks, strict=True), 1)]


def _plans(found: facade.AtIntersection) -> list[tuple[str, TimingPlan]]:
    shown = [
        (gettext("Now"), found.running), (gettext("Proposed"), found.proposal and found.proposal.plan),
        (gettext("Fixed"), found.fixed),
    ]
    return [(title, plan) for title, plan in shown if plan]


def _decide(request: CityRequest, found: facade.AtIntersection) -> None:
    act, reason = request.POST.get("act"), request.POST.get("reason", "")
    if act == "lift":
        facade.lift(request.actor, Scope.INTERSECTION, found.at.id, request.now)
    elif act == "plan":
        facade.override(request.actor, _typed_plan(request, found), reason, request.now)
    else:
        facade.hold(request.actor, Scope.INTERSECTION, found.at.id, reason, request.now)


def _typed_plan(request: CityRequest, found: facade.AtIntersection) -> TimingPlan:
    """The plan that was typed; its cycle follows from greens and intergreens. What is no number is 0, and refused."""
    greens = {stage.id: _whole(request.POST.get(f"green-{stage.id}", "")) for stage in found.at.stages}
    stages = tuple(StageTime(StageId(name), green) for name, green in greens.items() if green)
    order = [each.stage for each in stages]
    gaps = sum(found.at.intergreens.get(pair, 0.0) for pair in zip(order, order[1:] + order[:1], strict=True))
    cycle = round(sum(each.green for each in stages) + gaps)
    return TimingPlan(found.at.id, cycle, _whole(request.POST.get("offset", "")), stages)


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= 4 else 0  # noqa: PLR2004 -- no plan is ten thousand seconds long


def _kinds(found: facade.Overview) -> Mapping[IntersectionId, str]:
    """What is special about a place; the gravest last, so that it stands."""
    changed = found.open_run.proposals if found.open_run else {}
    return {
        **dict.fromkeys(changed, "changed"), **dict.fromkeys(found.held, "held"),
        **dict.fromkeys(found.failed, "failed"),
    }


def _place_of(network: Network, detector: DetectorId) -> str:
    found = network.detectors.get(detector)
    return str(network.links[found.link].end or "") if found else ""
