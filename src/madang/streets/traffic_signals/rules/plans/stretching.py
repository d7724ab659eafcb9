"""Longer and shorter cycles of the same stages: what every way from one timing to another is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from madang.streets.traffic_signals.contracts import Intersection, Limits, StageId, StageTime, TimingPlan
from madang.streets.traffic_signals.rules.plans import bounds


def stretched(plan: TimingPlan, seconds: int, least: Mapping[StageId, int]) -> TimingPlan | None:
    """``plan`` with ``seconds`` more in its cycle (fewer when negative), shared out by green or by what may go.

    None when the greens cannot give so many seconds.
    """
    greens = [each.green for each in plan.stages]
    if seconds >= 0:
        more = shared(seconds, greens)
    else:
        spare = [max(0, each.green - least[each.stage]) for each in plan.stages]
        if sum(spare) < -seconds:
            return None
        more = [-part for part in shared(-seconds, spare)]
    times = tuple(StageTime(each.stage, each.green + part) for each, part in zip(plan.stages, more, strict=True))
    return replace(plan, cycle=plan.cycle + seconds, stages=times)


def shared(seconds: int, weights: Sequence[int]) -> list[int]:
    """Whole ``seconds`` in proportion to ``weights``; no part is above its weight as long as all fit."""
    parts, left, rest = [], seconds, sum(weights)
    for weight in weights:
        part = round(left * weight / rest) if rest else 0
        parts.append(part)
        left, rest = left - part, rest - weight
    if left and parts:
        parts[0] += left
    return parts


def least_greens(intersection: Intersection, limits: Limits) -> Mapping[StageId, int]:
    """The least whole green of each stage."""
    return {stage.id: bounds.least_green(intersection, stage, limits) for stage in intersection.stages}
