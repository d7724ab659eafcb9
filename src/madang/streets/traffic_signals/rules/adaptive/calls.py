"""Vehicles that asked to go first, in adaptive mode: a bus weighs more than one vehicle, an emergency vehicle calls."""

from collections.abc import Sequence
from dataclasses import dataclass

from madang.streets.traffic_signals.contracts import MovementId, Stage
from madang.streets.traffic_signals.contracts.priority import Allowance, Vehicle


@dataclass(frozen=True, slots=True)
class Call:
    """``arrives``: the controller's second in which the vehicle is at the stop line; ``late``: behind its timetable."""

    vehicle: Vehicle
    movement: MovementId
    arrives: float
    allowance: Allowance
    late: float = 0.0

    @property
    def until(self) -> float:
        """The second after which it is taken to have passed."""
        return self.arrives + self.allowance.tail

    @property
    def counts_as(self) -> float:
        """Vehicles by which it weighs more than the one that detectors see; nothing where it is not late enough."""
        is_due = self.vehicle is not Vehicle.EMERGENCY and self.late >= self.allowance.late
        return max(0.0, self.allowance.counts_as - 1) if is_due else 0.0

    def stage(self, stages: Sequence[Stage]) -> Stage | None:
        """Where it has green: protected if there is such a stage."""
        protected = next((one for one in stages if self.movement in one.green), None)
        return protected or next((one for one in stages if self.movement in one.yielding), None)

    def serves(self, stage: Stage, stages: Sequence[Stage]) -> bool:
        """Whether it need not wait for another stage."""
        best = self.stage(stages)
        return self.movement in stage.green or (best is not None and best.id == stage.id)


def urgent(calls: Sequence[Call], second: float) -> Call | None:
    """The emergency vehicle that comes next, if one does."""
    coming = [one for one in calls if one.vehicle is Vehicle.EMERGENCY and one.until >= second]
    return min(coming, key=lambda one: one.arrives, default=None)
