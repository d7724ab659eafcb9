"""The fixed plan of an intersection that came without one: every stage long enough for walkers, the rest by lanes."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil, isclose

from madang.streets.traffic_signals.contracts import (
    Intersection,
    IntersectionId,
    Limits,
    Network,
    StageTime,
    TimingPlan,
)
from madang.streets.traffic_signals.rules.safety import breaches, green_needed

CYCLES = range(90, 181, 10)
"""Seconds tried, the shortest first that serves walkers: what fixed plans of Korean cities have."""


def fixed_plans(network: Network, limits: Limits) -> Mapping[IntersectionId, TimingPlan]:
    """A safe fixed plan for every intersection that can have one; the others are not steered."""
    made = {name: fixed_plan(one, limits) for name, one in network.intersections.items()}
    return {name: plan for name, plan in made.items() if plan is not None}


def fixed_plan(at: Intersection, limits: Limits) -> TimingPlan | None:
    """The plan, or None where no cycle of the usual stages is safe."""
    if not at.stages:
        return None
    order = [stage.id for stage in at.stages]
    pairs = list(pairwise([*order, order[0]])) if len(order) > 1 else []
    gaps = sum(at.intergreens.get(pair, 0.0) for pair in pairs)
    least = [max(1, ceil(green_needed(at, stage, limits) - 1e-9)) for stage in at.stages]
    for cycle in (*CYCLES, limits.max_cycle, limits.min_cycle):
        spare = cycle - gaps - sum(least)
        if spare >= 0 and isclose(spare, round(spare), abs_tol=1e-6):
            greens = _shared(least, _weights(at), round(spare))
            plan = TimingPlan(at.id, cycle, 0, tuple(map(StageTime, order, greens)))
            if not breaches(at, plan, limits):
                return plan
    return None


def _weights(at: Intersection) -> list[float]:
    lanes = {movement.id: len(movement.lanes) for movement in at.movements}
    return [max(1.0, sum(lanes.get(movement, 0) for movement in stage.green)) for stage in at.stages]


def _shared(least: Sequence[int], weights: Sequence[float], spare: int) -> list[int]:
    """Whole seconds by weight; what rounding leaves goes to the first."""
    more = [int(spare * weight / sum(weights)) for weight in weights]
    more[0] += spare - sum(more)
    return [base + extra for base, extra in zip(least, more, strict=True)]
