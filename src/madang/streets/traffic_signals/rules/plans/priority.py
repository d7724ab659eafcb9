"""Who may go first: buses and trams that are late, and emergency vehicles always.

Each answer is a few cycles to be run once instead of the plan, after which the plan goes on in step with its offset:
what one approach gains is given back to the others. Every answer has passed safety; when none passes, nothing changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from madang.streets.traffic_signals.contracts import (
    Intersection,
    IntersectionId,
    Limits,
    MovementId,
    StageId,
    StageTime,
    TimingPlan,
)
from madang.streets.traffic_signals.contracts.priority import Allowance, Vehicle
from madang.streets.traffic_signals.rules.plans.stretching import least_greens, shared, stretched
from madang.streets.traffic_signals.rules.safety import transition_breaches

__all__ = ["Allowance", "Request", "Vehicle", "cleared", "prioritised", "serves", "window_of"]
GIVEN_BACK_WITHIN = 4
"""Cycles in which seconds that were added are taken out again."""


@dataclass(frozen=True, slots=True)
class Request:
    """A vehicle that will be at the stop line of ``movement`` in ``arrives`` seconds after the cycle's begin."""

    vehicle: Vehicle
    movement: MovementId
    arrives: float
    late: float = 0.0


def prioritised(
    intersection: Intersection, plan: TimingPlan, request: Request, allowance: Allowance, limits: Limits,
) -> Sequence[TimingPlan]:
    """The cycles to run once from the next beginning of ``plan``, so that the vehicle finds green; empty: as planned.

    Their seconds add up to whole cycles of the plan. Empty too for one that is not late enough, or when nothing safe
    helps.
    """
    if request.late < allowance.late and request.vehicle is not Vehicle.EMERGENCY:
        return ()
    window = window_of(request, allowance, plan)
    if serves(intersection, [plan, plan], request.movement, window):
        return ()
    for first in _changed(intersection, plan, (request.movement, window), allowance, limits):
        for cycles in _given_back(intersection, plan, first, limits):
            helps = serves(intersection, cycles, request.movement, window)
            if helps and not transition_breaches(intersection, [plan, *cycles, plan], limits):
                return cycles
    return ()


def cleared(
    intersections: Mapping[IntersectionId, Intersection], plans: Mapping[IntersectionId, TimingPlan],
    route: Mapping[IntersectionId, Request], allowance: Allowance, limits: Limits,
) -> Mapping[IntersectionId, Sequence[TimingPlan]]:
    """A way for an emergency vehicle: at each intersection of its route the cycles that let it through."""
    return {place: prioritised(intersections[place], plans[place], request, allowance, limits)
            for place, request in route.items() if place in intersections and place in plans}


def serves(
    intersection: Intersection, cycles: Sequence[TimingPlan], movement: MovementId, window: tuple[int, int],
) -> bool:
    """Whether ``movement`` has green, without a break, for the whole ``window`` of seconds from the first begin on."""
    reached = float(window[0])
    for begins, ends in sorted(_greens(intersection, cycles, movement)):
        if begins <= reached < ends:
            reached = ends
    return reached >= window[1]


def window_of(request: Request, allowance: Allowance, plan: TimingPlan) -> tuple[int, int]:
    """From when to when, in seconds of the cycle in which it arrives, the vehicle needs green."""
    arrives = int(request.arrives) % plan.cycle
    begin = max(0, arrives - allowance.lead)
    return begin, max(begin + 1, arrives + allowance.tail)


def _greens(
    intersection: Intersection, cycles: Sequence[TimingPlan], movement: MovementId,
) -> Iterator[tuple[float, float]]:
    """From when to when the movement may go; through an intergreen too, between two stages that both serve it."""
    stages = {stage.id: stage.green | stage.yielding for stage in intersection.stages}
    times = [each for cycle in cycles for each in cycle.stages]
    second = 0.0
    for each, then in zip(times, [*times[1:], times[0]], strict=True):
        gap = _gap(intersection, each.stage, then.stage)
        if movement in stages[each.stage]:
            yield second, second + each.green + (gap if movement in stages[then.stage] else 0.0)
        second += each.green + gap


def _gap(intersection: Intersection, before: StageId, after: StageId) -> float:
    return intersection.intergreens.get((before, after), 0.0)


def _starts(intersection: Intersection, plan: TimingPlan) -> list[float]:
    starts, second = [], 0.0
    for at, each in enumerate(plan.stages):
        starts.append(second)
        second += each.green + _gap(intersection, each.stage, plan.stages[(at + 1) % len(plan.stages)].stage)
    return starts


Wanted = tuple[MovementId, tuple[int, int]]


def _changed(
    intersection: Intersection, plan: TimingPlan, wanted: Wanted, allowance: Allowance, limits: Limits,
) -> Iterator[TimingPlan]:
    """Cycles in which the movement has green in time: the green lasts longer, comes sooner, or comes once more."""
    serving = {stage.id for stage in intersection.stages if wanted[0] in stage.green | stage.yielding}
    least = least_greens(intersection, limits)
    places = [at for at, each in enumerate(plan.stages) if each.stage in serving]
    for at in places:
        yield from _extended(intersection, plan, at, wanted[1], allowance)
    for at in places:
        yield from _sooner(intersection, plan, at, wanted[1], (allowance, least))
    if allowance.inserts:
        for stage in sorted(serving):
            yield from _inserted(intersection, plan, stage, wanted[1], least)


def _extended(
    intersection: Intersection, plan: TimingPlan, at: int, window: tuple[int, int], allowance: Allowance,
) -> Iterator[TimingPlan]:
    ends = _starts(intersection, plan)[at] + plan.stages[at].green
    more = round(window[1] - ends + 0.5)
    if 0 < more <= allowance.seconds:
        yield _with(plan, {at: more})


def _sooner(
    intersection: Intersection, plan: TimingPlan, at: int, window: tuple[int, int],
    bounds: tuple[Allowance, Mapping[StageId, int]],
) -> Iterator[TimingPlan]:
    allowance, least = bounds
    begins = _starts(intersection, plan)[at]
    fewer = round(begins - window[0] + 0.5)
    spare = [max(0, each.green - least[each.stage]) for each in plan.stages[:at]]
    if 0 < fewer <= min(allowance.seconds, sum(spare)):
        longer = max(0, round(window[1] - (begins - fewer + plan.stages[at].green)))
        yield _with(plan, {before: -part for before, part in enumerate(shared(fewer, spare))} | {at: longer})


def _inserted(
    intersection: Intersection, plan: TimingPlan, stage: StageId, window: tuple[int, int],
    least: Mapping[StageId, int],
) -> Iterator[TimingPlan]:
    """Once more behind each place from which it can come in time, that place's own green cut short if need be."""
    for at, begins in enumerate(_starts(intersection, plan)):
        here, then = plan.stages[at], plan.stages[(at + 1) % len(plan.stages)]
        green = int(window[0] - begins - _gap(intersection, here.stage, stage))
        if stage in {here.stage, then.stage} or not least[here.stage] <= green:
            continue
        times = list(plan.stages)
        times[at] = StageTime(here.stage, min(here.green, green))
        reached = begins + times[at].green + _gap(intersection, here.stage, stage)
        times.insert(at + 1, StageTime(stage, max(least[stage], int(window[1] - reached + 0.5))))
        yield _closed(intersection, replace(plan, stages=tuple(times)))


def _with(plan: TimingPlan, more: Mapping[int, int]) -> TimingPlan:
    times = tuple(StageTime(each.stage, each.green + more.get(at, 0)) for at, each in enumerate(plan.stages))
    return replace(plan, cycle=plan.cycle + sum(more.values()), stages=times)


def _closed(intersection: Intersection, plan: TimingPlan) -> TimingPlan:
    following = [*plan.stages[1:], plan.stages[0]]
    gaps = sum(_gap(intersection, each.stage, then.stage) for each, then in zip(plan.stages, following, strict=True))
    return replace(plan, cycle=round(sum(each.green for each in plan.stages) + gaps))


def _given_back(
    intersection: Intersection, plan: TimingPlan, first: TimingPlan, limits: Limits,
) -> Iterator[Sequence[TimingPlan]]:
    """``first`` and the cycles behind it that bring the plan back into step."""
    least = least_greens(intersection, limits)
    over = first.cycle - plan.cycle
    if over == 0:
        yield [first]
    for total in dict.fromkeys((-over, -over % plan.cycle)):
        for count in range(1, GIVEN_BACK_WITHIN + 1):
            parts = [total // count + (at < total % count) for at in range(count)]
            cycles = [stretched(plan, part, least) for part in parts]
            made = [cycle for cycle in cycles if cycle is not None]
            if total and len(made) == count:
                yield [first, *made]
