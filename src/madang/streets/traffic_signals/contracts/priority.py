"""Who may go first at a signal, late buses and trams and every emergency vehicle; what they ask and are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from madang.kernel.errors import Invalid, NotFound
from madang.kernel.events import Event
from madang.streets.traffic_signals.contracts.network import IntersectionId, MovementId
from madang.streets.traffic_signals.contracts.plan import TimingPlan

PriorityId = NewType("PriorityId", UUID)


class Vehicle(StrEnum):
    """Who asks."""

    BUS = "bus"
    TRAM = "tram"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a kind of vehicle may have: from ``late`` seconds behind its timetable on, up to ``seconds`` of change.

    ``inserts``: whether its stage may come once more in a cycle. ``lead`` and ``tail`` are seconds of green before and
    after its arrival, for the queue before it and for its own doubt. ``counts_as``: in adaptive mode, how many vehicles
    it weighs as much as; an emergency vehicle calls its stage whatever waits elsewhere.
    """

    late: float
    seconds: int
    inserts: bool
    lead: int
    tail: int
    counts_as: float = 1.0


@dataclass(frozen=True, slots=True)
class PriorityRules:
    """The city's word about priority. ``ahead``: seconds before its arrival from which a vehicle may ask."""

    ahead: int
    allowances: Mapping[Vehicle, Allowance]


@dataclass(frozen=True, slots=True)
class Approach:
    """A vehicle on its way to the stop line of ``movement``: there at ``arrives`` (aware), ``late`` s behind time.

    ``id`` is the sender's own number for it, a new one for each vehicle and intersection; sent again, it is answered
    as before. It names no vehicle and nobody in it.
    """

    id: UUID
    vehicle: Vehicle
    intersection: IntersectionId
    movement: MovementId
    arrives: datetime
    late: float = 0.0


@dataclass(frozen=True, slots=True)
class PriorityAnswer:
    """What a vehicle is given: ``cycles`` to be run once from ``begins`` on in place of the plan; none: as planned.

    After them, at ``ends``, the plan goes on in step. ``reasons`` are English sentences from a fixed list with figures.
    """

    approach: Approach
    cycles: Sequence[TimingPlan]
    begins: datetime
    ends: datetime
    reasons: Sequence[str]

    @property
    def is_given(self) -> bool:
        """Whether anything is changed for it."""
        return bool(self.cycles)


@dataclass(frozen=True, slots=True)
class PriorityRecord:
    """An answer as it is kept: when it was asked for and by which system."""

    id: PriorityId
    at: datetime
    by: str
    answer: PriorityAnswer


@dataclass(frozen=True, slots=True)
class PriorityAnswered(Event):
    """A vehicle asked to go first, and was answered."""

    topic = "traffic_signals.priority_answered"
    priority: UUID
    intersection: str
    vehicle: str
    given: bool


@dataclass(eq=False)
class MovementUnknown(NotFound):
    """The intersection has no such movement."""

    intersection: str
    movement: str
    code = "traffic_signals.movement_unknown"
    message = "{intersection} has no movement {movement}."


@dataclass(eq=False)
class ApproachWrong(Invalid):
    """A vehicle asks too early or too late, or its time has no zone."""

    what: str
    code = "traffic_signals.approach_wrong"
    message = "Priority cannot be asked for so: {what}."
