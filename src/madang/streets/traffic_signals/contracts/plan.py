"""What a controller at the roadside is told: a cycle, an order of stages with greens, an offset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from madang.streets.traffic_signals.contracts.network import CrossingId, IntersectionId, MovementId, StageId

PlanSetId = NewType("PlanSetId", UUID)


@dataclass(frozen=True, slots=True)
class StageTime:
    """A stage and how many whole seconds of green it has; the intergreen to the next stage follows it."""

    stage: StageId
    green: int


@dataclass(frozen=True, slots=True)
class TimingPlan:
    """The timing of one intersection, repeated until another takes its place.

    ``offset``: the second of the cycle, counted from midnight Asia/Seoul modulo ``cycle``, at which the first
    stage's green
    begins. Greens and intergreens add up to ``cycle``; a stage may be left out or come twice if safety allows it.
    """

    intersection: IntersectionId
    cycle: int
    offset: int
    stages: tuple[StageTime, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What no plan may pass, whoever made it; from the profile's ``signals.yaml``, each with its source and year."""

    min_green: float
    max_red: float
    min_cycle: int
    max_cycle: int
    min_yellow: float
    min_all_red: float
    walking_speed: float
    """m/s of slow walkers, for the clearance of crossings."""
    walk_start: float
    """Seconds of walking green before the clearance begins."""


@dataclass(frozen=True, slots=True)
class Coordination:
    """Which signals are put in step, and how platoons run between them; from the profile's ``signals.yaml``.

    The defaults are the published figures that are named there with source and year. ``together`` 1: none is.
    """

    near: float = 762.0
    """Metres up to which neighbours are put in step."""
    far: float = 1524.0
    """Metres up to which they are where ``coupling`` (1,000 veh/h by mile²) is reached."""
    coupling: float = 50.0
    together: int = 12
    """Signals in a group, at most."""
    dispersion: float = 0.35
    travel: float = 0.8
    """Robertson's factors: how a platoon spreads, and after which part of the travel time its first vehicles come."""


@dataclass(frozen=True, slots=True)
class Breach:
    """Why a plan is refused. ``clause`` is the key of the limit in the profile or of the rule in docs."""

    intersection: IntersectionId
    clause: str
    what: str
    """In English, with figures: ``stage B has 4 s of green, at least 7 are needed``."""
    movement: MovementId | CrossingId | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a plan is expected to do, beside what runs now: seconds of delay a vehicle, and degree of saturation."""

    delay_now: float
    delay: float
    saturation_now: float
    saturation: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan for one intersection with its reasons, for an engineer to read."""

    plan: TimingPlan
    effect: Effect
    reasons: Sequence[str]
    """English sentences from a fixed list with figures (they are translated as data)."""


class PlanState(StrEnum):
    """Where a set of plans stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    PUBLISHED = "published"
    HELD = "held"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class PlanSet:
    """The plans of one five-minute run for a whole network, taken up by controllers all or none at ``valid_from``."""

    id: PlanSetId
    made: datetime
    valid_from: datetime
    state: PlanState
    proposals: Mapping[IntersectionId, Proposal]
    refused: Sequence[Breach]
    kept: Sequence[IntersectionId]
    """Intersections that stay on their fixed plan, because data failed or an engineer holds them."""
