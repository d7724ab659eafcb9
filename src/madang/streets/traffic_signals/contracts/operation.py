"""How the signals are run: proposals, what is on the street, who decided, and inside which limits a machine may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import NewType
from uuid import UUID

from madang.kernel.errors import Conflict, Invalid, NotFound
from madang.kernel.events import Event
from madang.streets.traffic_signals.contracts.network import IntersectionId
from madang.streets.traffic_signals.contracts.plan import PlanSetId, PlanState, TimingPlan

PublicationId = NewType("PublicationId", UUID)


class How(StrEnum):
    """Why what is on the street was put there."""

    FIXED = "fixed"
    """The network's own plans: how a city begins."""
    APPROVED = "approved"
    AUTOMATIC = "automatic"
    """Inside the limits that a person set."""
    OVERRIDE = "override"
    """An engineer's own plan for one intersection, or the end of one."""
    FALLBACK = "fallback"
    """Data failed at some intersections, or are there again: those on their fixed plan changed."""
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class Publication:
    """What controllers take up, all of it or none. ``by`` is a post, or the machine's name."""

    id: PublicationId
    at: datetime
    how: How
    by: str
    plan_set: PlanSetId | None
    fallen_back: Sequence[IntersectionId]
    """Who runs the fixed plan because data fail."""
    changed: int
    """Intersections whose plan is another than before."""


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in the list of runs. Delays are means over vehicles in seconds."""

    id: PlanSetId
    made: datetime
    state: PlanState
    intersections: int
    changed: int
    refused: int
    kept: int
    delay_now: float
    delay: float
    seconds: float
    """How long the run took."""
    decided_by: str
    decided_at: datetime | None


class Scope(StrEnum):
    """What a hold holds."""

    INTERSECTION = "intersection"
    CORRIDOR = "corridor"
    AREA = "area"


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing changes here until it is lifted."""

    id: UUID
    scope: Scope
    name: str
    by: str
    at: datetime
    reason: str
    plan: TimingPlan | None = None
    """An engineer's own plan for one intersection."""


@dataclass(frozen=True, slots=True)
class RollOutLimits:
    """Inside what a machine may put plans on the street by itself; a person set them, ``by`` and ``at`` say who, when.

    ``max_cycle_change`` and ``max_green_change`` in seconds beside what runs; ``max_effect`` the largest share by
    which the expected delay may change, for a gain too large to be true is a fault. Between ``begin`` and ``end`` on
    Seoul's clock, over midnight when ``end`` comes first. ``areas`` empty means none.
    """

    on: bool
    max_cycle_change: int
    max_green_change: int
    max_effect: float
    begin: time
    end: time
    areas: tuple[str, ...]
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DataLimits:
    """When an intersection's data have failed."""

    stale_minutes: int
    """No report of any detector for so long."""
    most_faulty: float
    """The share of an intersection's detectors that may be faulty."""
    back_after_minutes: int
    """Minutes of good data before its plan is computed again."""


@dataclass(frozen=True, slots=True)
class Values:
    """What delay costs, in won: ``time`` a vehicle-hour with its people, ``emissions`` a vehicle-hour of idling."""

    time: float
    emissions: float


@dataclass(frozen=True, slots=True)
class NetworkSource:
    """Where the network comes from when none was imported."""

    intersections: int
    detectors: int
    seed: int


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many days rows are kept."""

    minutes: int
    plans: int
    delays: int
    delays_in_full: int
    """Of measurements older than this the first of each hour stays."""
    priority: int
    """Answers to vehicles that asked to go first."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days count as Sundays: a country's public holidays (ISO 3166-1), and days of the city's own."""

    country: str
    also: frozenset[date]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference with its 95 % confidence interval."""

    value: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out no difference at all."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """What a roll-out did: seconds of delay a vehicle, corrected, and its yearly worth in won (negative is saved).

    ``naive`` is the bare difference, which demand and regression to the mean have a part in.
    """

    change: Estimate
    naive: float
    before: float
    won_a_year: Estimate
    intersections: int
    compared: int
    """Intersections of the comparison group."""
    hours_before: float
    hours_after: float


@dataclass(frozen=True, slots=True)
class PlansProposed(Event):
    """A run has proposed plans."""

    topic = "traffic_signals.plans_proposed"
    plan_set: UUID
    changed: int
    refused: int


@dataclass(frozen=True, slots=True)
class PlansPublished(Event):
    """Other plans are on the street; controllers take them up."""

    topic = "traffic_signals.plans_published"
    publication: UUID
    how: str
    by: str
    changed: int


@dataclass(frozen=True, slots=True)
class ChangesHeld(Event):
    """An engineer holds a place, or lets it go (``held`` False)."""

    topic = "traffic_signals.changes_held"
    scope: str
    name: str
    held: bool
    by: str


@dataclass(frozen=True, slots=True)
class RollOutLimitsSet(Event):
    """A person set inside what a machine may roll out plans."""

    topic = "traffic_signals.roll_out_limits_set"
    on: bool
    by: str


@dataclass(eq=False)
class PlanSetUnknown(NotFound):
    """No run has that number."""

    plan_set: str
    code = "traffic_signals.plan_set_unknown"
    message = "There is no run {plan_set}."


@dataclass(eq=False)
class PlaceUnknown(NotFound):
    """The network has no such intersection, corridor or area."""

    name: str
    code = "traffic_signals.place_unknown"
    message = "The network has no {name}."


@dataclass(eq=False)
class NotOpen(Conflict):
    """The proposal was decided about, or a newer one has taken its place."""

    plan_set: str
    state: str
    code = "traffic_signals.not_open"
    message = "This proposal can no longer be decided: it is {state}."


@dataclass(eq=False)
class NothingBefore(Conflict):
    """There is nothing to roll back to."""

    code = "traffic_signals.nothing_before"
    message = "There is nothing on the street to go back to before this."


@dataclass(eq=False)
class PlanNotSafe(Invalid):
    """A plan breaches a limit."""

    intersection: str
    clause: str
    what: str
    code = "traffic_signals.plan_not_safe"
    message = "The plan for {intersection} is refused by {clause}: {what}."


@dataclass(eq=False)
class OutOfBounds(Invalid):
    """A limit of automatic roll-out is wider than the city allows, or no number."""

    field: str
    least: str
    most: str
    code = "traffic_signals.out_of_bounds"
    message = "Give a number from {least} to {most}."


@dataclass(eq=False)
class ReasonNeeded(Invalid):
    """Who holds a place or overrules says why."""

    field: str = "reason"
    code = "traffic_signals.reason_needed"
    message = "Say why, in a sentence that a colleague understands."


@dataclass(eq=False)
class CountsWrong(Invalid):
    """A batch of counts cannot be read."""

    what: str
    code = "traffic_signals.counts_wrong"
    message = "These counts cannot be used: {what}."


@dataclass(eq=False)
class ProfileWrong(ValueError):
    """``signals.yaml`` cannot be used; ``where`` is file:line."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Plans:
    """Plans by intersection, of one publication and perhaps one area."""

    publication: PublicationId
    plans: Mapping[IntersectionId, TimingPlan]
