"""From the plan that runs to the next one: in step with its offset after a few cycles, none of them a jolt.

Controllers know two ways (FHWA Signal Timing Manual, 2nd edition, 2015, 7.5): cycles a little longer (add) or a little
shorter (subtract) until the offset is met. Here the gentler of both is taken that is safe.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from madang.streets.traffic_signals.contracts import Intersection, Limits, TimingPlan
from madang.streets.traffic_signals.rules.plans.stretching import least_greens, stretched
from madang.streets.traffic_signals.rules.safety import transition_breaches

SEOUL = ZoneInfo("Asia/Seoul")

SOON = 3
"""Cycles within which the new plan should be in step, if that can be done safely."""

AT_LAST = 12
"""Cycles after which a way counts as none."""


def transition(
    intersection: Intersection, running: TimingPlan, coming: TimingPlan, limits: Limits, at: datetime,
) -> Sequence[TimingPlan] | None:
    """The cycles to run once each, between the end of the cycle that runs ``at`` and the first one of ``coming``.

    Each has the stages of ``coming``; their offsets mean nothing. Empty when it can begin at once; None when no way
    within ``AT_LAST`` cycles is safe, and the running plan has to stay.
    """
    begins = next_beginning(running, at)
    late = round(coming.offset - begins) % coming.cycle
    for cycles in _ways(intersection, coming, limits, late):
        if not transition_breaches(intersection, [running, *cycles, coming], limits):
            return cycles
    return None


def next_beginning(plan: TimingPlan, at: datetime) -> int:
    """When the cycle that runs ``at`` ends, in whole seconds after midnight in Seoul of that day."""
    local = at.astimezone(SEOUL)
    second = local.hour * 3600 + local.minute * 60 + local.second
    return second + (plan.offset - second) % plan.cycle


def _ways(intersection: Intersection, coming: TimingPlan, limits: Limits, late: int) -> Iterator[Sequence[TimingPlan]]:
    """Ways to lose ``late`` seconds, the gentlest within few cycles first, then longer ones."""
    if late == 0:
        yield ()
    choices = [(abs(total) / count, count, total) for count in range(1, AT_LAST + 1)
               for total in (late, late - coming.cycle) if total]
    soon = sorted(choice for choice in choices if choice[1] <= SOON)
    for _, count, total in [*soon, *(choice for choice in choices if choice[1] > SOON)]:
        way = _way(intersection, coming, limits, count, total)
        if way is not None:
            yield way


def _way(
    intersection: Intersection, coming: TimingPlan, limits: Limits, count: int, total: int,
) -> Sequence[TimingPlan] | None:
    least = least_greens(intersection, limits)
    parts = [total // count + (at < total % count) for at in range(count)]
    cycles = [stretched(coming, part, least) for part in parts]
    made = [cycle for cycle in cycles if cycle is not None and limits.min_cycle <= cycle.cycle <= limits.max_cycle]
    return made if len(made) == count else None
