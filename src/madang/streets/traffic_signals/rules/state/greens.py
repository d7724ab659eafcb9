"""How long each movement has green, by the running plans."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from madang.streets.traffic_signals.contracts import Floats, IntersectionId, MovementId, Network, TimingPlan
from madang.streets.traffic_signals.rules.networks.columns import Indices, numbers, stage_movements, totals


@dataclass(frozen=True, slots=True)
class Windows:
    """Each stage of each running plan as a window of its cycle, once for each movement that goes in it."""

    movement: Indices
    start: Floats
    green: Floats
    cycle: Floats

    def share(self, movements: int) -> Floats:
        """The green share of each movement; NaN where no plan is known."""
        share = totals(self.movement, self.green / self.cycle, movements)
        return np.where(numbers(self.movement, movements) > 0, np.minimum(share, 1.0), np.nan)

    def seconds(self, begin: float, end: float, movements: int) -> Floats:
        """Green seconds of each movement between two times, in seconds from Seoul's midnight."""
        shown = self._until(end) - self._until(begin)
        return totals(self.movement, np.maximum(shown, 0.0), movements)

    def _until(self, moment: float) -> Floats:
        cycles, into = np.divmod(moment - self.start, self.cycle)
        return cycles * self.green + np.minimum(into, self.green)


class Greens:
    """Which movements each stage lets go, laid out once; and the windows that plans make of it."""

    def __init__(self, network: Network, movements: Iterable[MovementId]) -> None:
        index = {movement: at for at, movement in enumerate(movements)}
        self._movements = len(index)
        self._stages: dict[IntersectionId, dict[str, tuple[Indices, dict[str, float]]]] = {
            at.id: {
                name: (going, {then: seconds for (first, then), seconds in at.intergreens.items() if first == name})
                for name, going in stage_movements(at, index)
            }
            for at in network.intersections.values()
        }
        self.usual_share = self._even()

    def _even(self) -> Floats:
        share = np.zeros(self._movements)
        for stages in self._stages.values():
            for going, _ in stages.values():
                share[going] += 1.0 / len(stages)
        return np.clip(share, 0.05, 1.0)

    def windows(self, plans: Mapping[IntersectionId, TimingPlan]) -> Windows:
        """The windows of those plans that fit this network's stages; the others are as good as unknown."""
        movement: list[Indices] = [np.zeros(0, np.int64)]
        timing: list[tuple[float, float, float]] = []
        for name, plan in plans.items():
            stages, second = self._stages.get(name, {}), float(plan.offset)
            if plan.cycle <= 0 or not all(one.stage in stages for one in plan.stages):
                continue
            for one, then in zip(plan.stages, (*plan.stages[1:], *plan.stages[:1]), strict=True):
                going, after = stages[one.stage]
                movement.append(going)
                timing += [(second, float(min(max(one.green, 0), plan.cycle)), float(plan.cycle))] * len(going)
                second += one.green + after.get(then.stage, 0.0)
        table = np.array(timing, np.float64).reshape(-1, 3)
        return Windows(np.concatenate(movement), table[:, 0], table[:, 1], table[:, 2])
