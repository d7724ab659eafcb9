"""Traffic signals over HTTP: for controllers (counts in, plans out) and for engineers' own tools."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Annotated
from uuid import UUID

import msgspec
from django.http import HttpResponse
from pydantic import Field

from madang.commons.gateway import http_api
from madang.commons.gateway.http_api import CityRequest, Query, Schema
from madang.streets.traffic_signals import facade
from madang.streets.traffic_signals.contracts import (
    Breach,
    DetectorMinute,
    IntersectionId,
    MovementId,
    PlanSetId,
    PlanState,
    StageId,
    StageTime,
    TimingPlan,
)
from madang.streets.traffic_signals.contracts.operation import (
    BeforeAfter,
    How,
    Publication,
    RollOutLimits,
    RunLine,
    Scope,
)
from madang.streets.traffic_signals.contracts.priority import Approach, PriorityRecord, Vehicle

router = http_api.router("signals")

_WORD = 120
_MOST_STAGES = 40
_MOST_DETECTORS = 20_000
_LATEST_CACHE = "private, no-cache"
Name = Annotated[str, Field(min_length=1, max_length=_WORD)]
Reason = Annotated[str, Field(max_length=500)]


class MinuteIn(Schema):
    """What one area's detectors counted in one interval; -1 where a detector was silent."""

    area: Annotated[str, Field(max_length=40)]
    begin: datetime
    seconds: float = Field(60.0, ge=1, le=3600)
    detectors: list[Name] = Field(max_length=_MOST_DETECTORS)
    vehicles: list[float] = Field(max_length=_MOST_DETECTORS)
    occupancy: list[float] = Field(max_length=_MOST_DETECTORS)


class MinutesIn(Schema):
    """Batches, one an area and interval."""

    batches: list[MinuteIn] = Field(min_length=1, max_length=100)


class TakenOut(Schema):
    """How many batches were kept."""

    batches: int


class StageIn(Schema):
    """A stage and its whole seconds of green."""

    stage: Name
    green: int = Field(ge=1, le=1000)


class PlanIn(Schema):
    """A plan: greens and the intersection's intergreens add up to the cycle."""

    intersection: Name
    cycle: int = Field(ge=1, le=1000)
    offset: int = Field(ge=0, le=1000)
    stages: list[StageIn] = Field(min_length=1, max_length=_MOST_STAGES)


class OverrideIn(PlanIn):
    """An engineer's own plan, and why."""

    reason: Reason


class HoldIn(Schema):
    """Where nothing is to change, and why."""

    scope: Scope
    name: Name
    reason: Reason


class BreachOut(Schema):
    """Why a plan is refused."""

    intersection: str
    clause: str
    what: str
    movement: str | None


class AcknowledgementIn(Schema):
    """Controllers of an area that took a publication up."""

    area: Annotated[str, Field(max_length=40)]
    intersections: int = Field(ge=0, le=1_000_000)


class ApproachIn(Schema):
    """A vehicle on its way to a stop line; ``id`` is the sender's own number, new for each vehicle and intersection."""

    id: UUID
    vehicle: Vehicle
    intersection: Name
    movement: Name
    arrives: datetime
    late: float = Field(0.0, ge=-7200, le=7200)


class CyclesOut(Schema):
    """A plan to be run for one cycle."""

    intersection: str
    cycle: int
    offset: int
    stages: list[StageIn]


class PriorityOut(Schema):
    """What a vehicle is given: cycles to be run once from ``begins`` on, after which the plan goes on; and why."""

    id: UUID
    intersection: str
    vehicle: Vehicle
    movement: str
    arrives: datetime
    given: bool
    begins: datetime
    ends: datetime
    cycles: list[CyclesOut]
    reasons: list[str]


class RunOut(Schema):
    """A run in the list."""

    id: UUID
    made: datetime
    state: PlanState
    intersections: int
    changed: int
    refused: int
    kept: int
    delay_now: float
    delay: float
    seconds: float
    decided_by: str
    decided_at: datetime | None


class PublicationOut(Schema):
    """What is, or was, on the street."""

    id: UUID
    at: datetime
    how: How
    by: str
    plan_set: UUID | None
    fallen_back: list[str]
    changed: int


class RollOutIn(Schema):
    """Inside what a machine may roll plans out."""

    on: bool
    max_cycle_change: int = Field(ge=0)
    max_green_change: int = Field(ge=0)
    max_effect: float = Field(ge=0)
    begin: time
    end: time
    areas: list[Name] = Field(max_length=100)


class RollOutOut(RollOutIn):
    """The same, with who set it and when."""

    by: str
    at: datetime | None


class EstimateOut(Schema):
    """A figure with its 95 % confidence interval."""

    value: float
    low: float
    high: float


class BeforeAfterOut(Schema):
    """What a publication did; seconds of delay a vehicle, and won a year."""

    change: EstimateOut
    naive: float
    before: float
    won_a_year: EstimateOut
    intersections: int
    compared: int
    hours_before: float
    hours_after: float


@router.post("/signals/detector-minutes", response={202: TakenOut})
def detector_minutes(request: CityRequest, sent: MinutesIn) -> tuple[int, Mapping[str, int]]:
    """Send what detectors counted. A detector sent again counts with what it said last."""
    batches = [
        DetectorMinute(
            one.area, one.begin, one.seconds, tuple(one.detectors), tuple(one.vehicles), tuple(one.occupancy),
        ) for one in sent.batches
    ]
    return 202, {"batches": facade.report(request.actor, batches, request.now)}


@router.get("/signals/plans")
def plans(request: CityRequest, area: Query[Annotated[str, Field(max_length=40)]] = "") -> HttpResponse:
    """The plans of an area as they are on the street, all of one publication; send its number in If-None-Match."""
    tag = _tag(facade.publication_now(request.actor))
    if request.headers.get("if-none-match") == tag:
        return HttpResponse(status=304, headers={"etag": tag, "cache-control": _LATEST_CACHE})
    found = facade.plans_for_controllers(request.actor, area)
    body = msgspec.json.encode({"publication": found.publication, "area": area, "plans": list(found.plans.values())})
    headers = {"etag": _tag(found.publication), "cache-control": _LATEST_CACHE}
    return HttpResponse(body, content_type="application/json", headers=headers)


def _tag(publication: object) -> str:
    """Weak, because the gateway compresses answers and takes strong tags off what it compresses (RFC 9110, 2022)."""
    return f'W/"{publication}"'


@router.post("/signals/plans/{uuid:publication}/taken-up", response={204: None})
def taken_up(request: CityRequest, publication: UUID, sent: AcknowledgementIn) -> tuple[int, None]:
    """Say that controllers of an area took a publication up."""
    facade.acknowledge(request.actor, publication, sent.area, sent.intersections, request.now)
    return 204, None


@router.post("/signals/priority-requests", response={201: PriorityOut})
def ask_priority(request: CityRequest, sent: ApproachIn) -> tuple[int, Mapping[str, object]]:
    """Ask that a vehicle find green at an intersection. Sent again with its id it is answered as before."""
    approach = Approach(
        sent.id, sent.vehicle, IntersectionId(sent.intersection), MovementId(sent.movement), sent.arrives, sent.late)
    return 201, _priority(facade.ask_priority(request.actor, approach, request.now))


@router.get("/signals/priority", response=list[PriorityOut])
def priority(
    request: CityRequest, area: Query[Annotated[str, Field(max_length=40)]] = "",
) -> Sequence[Mapping[str, object]]:
    """The changed cycles that run now or will in an area; controllers run each once, in place of the plan."""
    return [_priority(one) for one in facade.priority_for_controllers(request.actor, area, request.now)]


@router.get("/signals/runs", response=list[RunOut])
def runs(request: CityRequest) -> Sequence[RunLine]:
    """The last runs, the newest first."""
    return facade.runs_of(request.actor)


@router.post("/signals/runs/{uuid:run}/approve", response=PublicationOut)
def approve(request: CityRequest, run: UUID) -> Publication:
    """Put a run's proposals on the street."""
    return facade.approve(request.actor, PlanSetId(run), request.now)


@router.post("/signals/runs/{uuid:run}/refuse", response={204: None})
def refuse(request: CityRequest, run: UUID) -> tuple[int, None]:
    """Leave the street as it is."""
    facade.refuse(request.actor, PlanSetId(run), request.now)
    return 204, None


@router.get("/signals/publications", response=list[PublicationOut])
def publications(request: CityRequest) -> Sequence[Publication]:
    """What was on the street, the newest first."""
    return facade.publications(request.actor)


@router.post("/signals/roll-back", response=PublicationOut)
def roll_back(request: CityRequest) -> Publication:
    """Put back what was on the street before; automatic roll-out is switched off with it."""
    return facade.roll_back(request.actor, request.now)


@router.post("/signals/check", response=list[BreachOut])
def check(request: CityRequest, plan: PlanIn) -> Sequence[Breach]:
    """Whether a plan could go to the street now; an empty list when it could."""
    return facade.check(request.actor, _plan(plan))


@router.post("/signals/overrides", response=PublicationOut)
def override(request: CityRequest, plan: OverrideIn) -> Publication:
    """Run an engineer's own plan at one intersection, which is held with it."""
    return facade.override(request.actor, _plan(plan), plan.reason, request.now)


@router.post("/signals/holds", response={204: None})
def hold(request: CityRequest, asked: HoldIn) -> tuple[int, None]:
    """Let nothing change at an intersection, on a corridor or in an area."""
    facade.hold(request.actor, asked.scope, asked.name, asked.reason, request.now)
    return 204, None


@router.delete("/signals/holds/{scope}/{name}", response={204: None})
def lift(request: CityRequest, scope: Scope, name: Name) -> tuple[int, None]:
    """Let a place change again."""
    facade.lift(request.actor, scope, name, request.now)
    return 204, None


@router.get("/signals/roll-out", response=RollOutOut)
def roll_out(request: CityRequest) -> RollOutLimits:
    """Inside what a machine may roll plans out, and who said so."""
    return facade.roll_out(request.actor)[0]


@router.put("/signals/roll-out", response=RollOutOut)
def set_roll_out(request: CityRequest, asked: RollOutIn) -> RollOutLimits:
    """Say inside what a machine may roll plans out."""
    wanted = RollOutLimits(**asked.model_dump(exclude={"areas"}), areas=tuple(asked.areas))
    return facade.set_roll_out(request.actor, wanted, request.now)


@router.get("/signals/publications/{uuid:publication}/before-after", response={200: BeforeAfterOut, 204: None})
def before_after(
    request: CityRequest, publication: UUID, hours: Query[Annotated[float, Field(ge=1, le=672)]] = 24.0,
) -> tuple[int, BeforeAfter | None]:
    """What a publication did to delay; 204 while too little was measured."""
    found = facade.before_and_after(request.actor, publication, request.now, hours)
    return (200, found) if found else (204, None)


def _priority(kept: PriorityRecord) -> Mapping[str, object]:
    answer, approach = kept.answer, kept.answer.approach
    return {
        "id": kept.id, "intersection": approach.intersection, "vehicle": approach.vehicle,
        "movement": approach.movement, "arrives": approach.arrives, "given": answer.is_given,
        "begins": answer.begins, "ends": answer.ends, "cycles": msgspec.to_builtins(list(answer.cycles)),
        "reasons": list(answer.reasons),
    }


def _plan(sent: PlanIn) -> TimingPlan:
    stages = tuple(StageTime(StageId(one.stage), one.green) for one in sent.stages)
    return TimingPlan(IntersectionId(sent.intersection), sent.cycle, sent.offset, stages)
