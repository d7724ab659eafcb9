"""What pages and programmes see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from madang.kernel.actors import Actor
from madang.streets.traffic_signals.contracts import (
    Breach,
    Corridor,
    Detector,
    DetectorHealth,
    Intersection,
    IntersectionId,
    Limits,
    Network,
    Permission,
    PlanSet,
    PlanSetId,
    PlanState,
    Proposal,
    TimingPlan,
)
from madang.streets.traffic_signals.contracts.corridor import Diagram
from madang.streets.traffic_signals.contracts.operation import (
    Hold,
    PlaceUnknown,
    Plans,
    Publication,
    PublicationId,
    RollOutLimits,
    RunLine,
)
from madang.streets.traffic_signals.facade import engine as engines
from madang.streets.traffic_signals.facade.publishing import unsafe
from madang.streets.traffic_signals.facade.runs import held_places, limits_now
from madang.streets.traffic_signals.rules import formats
from madang.streets.traffic_signals.rules.operation import bands
from madang.streets.traffic_signals.store import people, runs, street

_RUNS = 50


@dataclass(frozen=True, slots=True)
class Overview:
    """The network as it is steered now."""

    network: Network
    plans: Mapping[IntersectionId, TimingPlan]
    on_street: Publication | None
    taken_up: int
    runs: Sequence[RunLine]
    open_run: PlanSet | None
    held: frozenset[IntersectionId]
    holds: Sequence[Hold]
    failed: Mapping[IntersectionId, str]
    faulty: int
    last_counts: datetime | None


@dataclass(frozen=True, slots=True)
class AtIntersection:
    """Everything about one intersection."""

    at: Intersection
    limits: Limits
    running: TimingPlan | None
    fixed: TimingPlan | None
    open_run: PlanSetId | None
    proposal: Proposal | None
    refused: Sequence[Breach]
    detectors: Sequence[tuple[Detector, DetectorHealth | None]]
    hold: Hold | None
    held: bool
    failed: str
    corridors: Sequence[Corridor]


def overview(actor: Actor) -> Overview:
    """The network, what is on the street, and the last runs."""
    actor.require(Permission.SEE)
    network, found = engines.network(), street.current()
    lines, known = runs.lines(_RUNS), engines.remembered()
    holds = people.holds()
    return Overview(
        network, street.plans_of(found.id) if found else {}, found, street.taken_up(found.id) if found else 0, lines,
        _open(lines), held_places(engines.current(), holds), holds, known.failed, len(engines.health()[0]),
        known.last,
    )


def run_of(actor: Actor, plan_set: PlanSetId) -> tuple[PlanSet, RunLine, Mapping[IntersectionId, TimingPlan]]:
    """A run, its line, and the plans on the street to hold it against. Raises PlanSetUnknown."""
    actor.require(Permission.SEE)
    found, line, now = runs.plan_set(plan_set), runs.line(plan_set), street.current()
    assert line is not None  # noqa: S101 -- the row that was just read
    return found, line, street.plans_of(now.id) if now else {}


def runs_of(actor: Actor) -> Sequence[RunLine]:
    """The last runs, the newest first."""
    actor.require(Permission.SEE)
    return runs.lines(_RUNS)


def intersection(actor: Actor, name: str) -> AtIntersection:
    """One intersection. Raises PlaceUnknown."""
    actor.require(Permission.SEE)
    engine, place = engines.current(), IntersectionId(name)
    at = engine.network.intersections.get(place)
    if at is None:
        raise PlaceUnknown(name)
    found, open_run, holds = street.current(), _open(runs.lines(1)), people.holds()
    faults = {each.detector: each for each in engines.health()[0]}
    return AtIntersection(
        at, engine.profile.limits, street.plans_of(found.id, at.area).get(place) if found else None,
        engine.fixed.get(place), open_run.id if open_run else None,
        open_run.proposals.get(place) if open_run else None,
        [each for each in open_run.refused if each.intersection == place] if open_run else [],
        [(one, faults.get(one.id)) for one in engine.detectors.get(place, ())],
        next((one for one in holds if one.name == name), None), place in held_places(engine, holds),
        engines.remembered().failed.get(place, ""),
        [one for one in engine.network.corridors if place in one.intersections],
    )


def corridor(actor: Actor, name: str) -> tuple[Corridor, Diagram]:
    """A corridor and its time–space diagram for the plans on the street. Raises PlaceUnknown."""
    actor.require(Permission.SEE)
    network, found = engines.network(), street.current()
    one = next((each for each in network.corridors if each.id == name), None)
    if one is None:
        raise PlaceUnknown(name)
    return one, bands.diagram(network, one, street.plans_of(found.id) if found else {})


def detectors(actor: Actor) -> tuple[Sequence[DetectorHealth], datetime | None, Network]:
    """The detectors that cannot be believed, and when that was seen."""
    actor.require(Permission.SEE)
    found, at = engines.health()
    return found, at, engines.network()


def roll_out(actor: Actor) -> tuple[RollOutLimits, RollOutLimits]:
    """The limits of automatic roll-out, and the widest that may be set."""
    actor.require(Permission.SEE)
    return limits_now(), engines.current().profile.widest


def publications(actor: Actor) -> Sequence[Publication]:
    """What was on the street, the newest first."""
    actor.require(Permission.SEE)
    return street.publications(_RUNS)


def check(actor: Actor, plan: TimingPlan) -> Sequence[Breach]:
    """Whether a plan could go to the street after the one that runs; the reasons why not. Raises PlaceUnknown."""
    actor.require(Permission.SEE)
    engine, found = engines.current(), street.current()
    if plan.intersection not in engine.network.intersections:
        raise PlaceUnknown(plan.intersection)
    running = street.plans_of(found.id, engine.areas[plan.intersection]) if found else {}
    return unsafe(engine, plan, running.get(plan.intersection))


def plans_for_controllers(actor: Actor, area: str) -> Plans:
    """The plans of an area as they are on the street, whole. Raises PlaceUnknown before the first publication."""
    actor.require(Permission.REPORT)
    found = street.current()
    plans = street.plans_of(found.id, area) if found else {}
    if found is None or not plans:
        raise PlaceUnknown(area)
    return Plans(found.id, plans)


def publication_now(actor: Actor) -> PublicationId | None:
    """The number of what is on the street: one small query, for a controller that asks often."""
    actor.require(Permission.REPORT)
    found = street.current()
    return found.id if found else None


def plans_of(actor: Actor, publication: UUID) -> Mapping[IntersectionId, TimingPlan]:
    """The plans of one publication. Raises PlaceUnknown when it is no longer kept."""
    actor.require(Permission.SEE)
    found = street.publication(publication)
    if found is None:
        raise PlaceUnknown(str(publication))
    return street.plans_of(found.id)


def plans_in(actor: Actor, area: str, form: str, now: datetime) -> Sequence[object]:
    """The plans on the street, of an area or all, as they are or as ``ntcip``, ``spat`` or ``map`` say them."""
    actor.require(Permission.SEE)
    engine, found = engines.current(), street.current()
    plans = street.plans_of(found.id, area or None) if found else {}
    forms: Mapping[str, Callable[[TimingPlan], object]] = {
        "ntcip": lambda plan: formats.ntcip(engine.network.intersections[plan.intersection], plan),
        "map": lambda plan: formats.map_data(engine.network.intersections[plan.intersection]),
        "spat": lambda plan: formats.spat(engine.junction(plan.intersection), plan, now),
    }
    return [forms[form](plan) if form in forms else plan for plan in plans.values()]


def _open(lines: Sequence[RunLine]) -> PlanSet | None:
    newest = next((one for one in lines if one.state is PlanState.PROPOSED), None)
    return runs.plan_set(newest.id) if newest else None
