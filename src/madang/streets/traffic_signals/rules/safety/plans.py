"""Whether a plan, or the way from one plan to the next, may go to the street.

Every comparison asks that the good holds, so that a number that is none (NaN) is refused too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from madang.streets.traffic_signals.contracts import Breach, Intersection, Limits, StageId, TimingPlan
from madang.streets.traffic_signals.rules.safety.junction import EPSILON, Junction

_ROUNDS = 3
"""A cycle repeated so often holds every red and green of it whole, wherever it begins."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stage's green and the change after it."""

    stage: StageId
    green: float
    gap: float


def breaches(intersection: Intersection, plan: TimingPlan, limits: Limits) -> list[Breach]:
    """Everything for which ``plan`` may not go to the street; nothing when it may."""
    return breaches_in(Junction(intersection, limits), plan)


def breaches_in(junction: Junction, plan: TimingPlan) -> list[Breach]:
    """As ``breaches``, for an intersection that was made ready once."""
    return _checked(junction, [plan] * _ROUNDS, [plan])


def transition_breaches(intersection: Intersection, cycles: Sequence[TimingPlan], limits: Limits) -> list[Breach]:
    """As ``breaches``, for the way from the plan that runs to a new one.

    ``cycles``: the running plan first, then each plan that runs for one cycle, then the new one, which stays. An
    offset is checked of the new one only: in between it has no meaning.
    """
    return transition_breaches_in(Junction(intersection, limits), cycles)


def transition_breaches_in(junction: Junction, cycles: Sequence[TimingPlan]) -> list[Breach]:
    """As ``transition_breaches``, for an intersection that was made ready once."""
    if not cycles:
        return []
    around = [cycles[0]] * (_ROUNDS - 1) + list(cycles) + [cycles[-1]] * (_ROUNDS - 1)
    return _checked(junction, around, cycles)


def _checked(junction: Junction, around: Sequence[TimingPlan], plans: Sequence[TimingPlan]) -> list[Breach]:
    wrong = [*junction.wrong, *(breach for plan in plans for breach in _unreadable(junction, plan))]
    if wrong:
        return _once(wrong)
    wrong += _wrong_offset(junction, plans[-1])
    pieces = _laid_out(junction, around)
    wrong += (breach for plan in plans for breach in _wrong_cycle(junction, plan))
    order = [piece.stage for piece in pieces]
    for pair in dict.fromkeys(zip(order, [*order[1:], around[-1].stages[0].stage], strict=True)):
        wrong += junction.change(*pair).wrong
    told: dict[frozenset[StageId], _Told] = {}  # who has green in the same stages has it for the same time
    for user in junction.users:
        serving = junction.serving[user]
        if serving not in told:
            told[serving] = _told(serving, pieces)
        wrong += _wrong_for(junction, user, told[serving])
    return _once(wrong)


def _unreadable(junction: Junction, plan: TimingPlan) -> Iterator[Breach]:
    if plan.intersection != junction.intersection.id:
        yield junction.breach("plan", f"the plan is for {plan.intersection}")
    if not plan.stages:
        yield junction.breach("plan", "the plan has no stages")
    for each in plan.stages:
        if each.stage not in junction.stages:
            yield junction.breach("unknown_stage", f"there is no stage {each.stage}")
        elif not (each.green >= 1 and each.green == int(each.green)):
            yield junction.breach("min_green", f"stage {each.stage} has {each.green} s of green: whole seconds from 1")


def _wrong_offset(junction: Junction, plan: TimingPlan) -> Iterator[Breach]:
    if not 0 <= plan.offset < plan.cycle:
        yield junction.breach("offset", f"the offset is {plan.offset} s, outside of 0 to {plan.cycle} s")


def _laid_out(junction: Junction, plans: Sequence[TimingPlan]) -> list[_Piece]:
    times = [each for plan in plans for each in plan.stages]
    back = plans[-1].stages[0]
    following = [*times[1:], back]
    return [
        _Piece(each.stage, each.green, junction.change(each.stage, then.stage).seconds)
        for each, then in zip(times, following, strict=True)
    ]


def _wrong_cycle(junction: Junction, plan: TimingPlan) -> Iterator[Breach]:
    limits = junction.limits
    length = sum(piece.green + piece.gap for piece in _laid_out(junction, [plan]))
    if not abs(length - plan.cycle) <= EPSILON:
        what = f"greens and intergreens add up to {length:g} s, the cycle is {plan.cycle} s"
        yield junction.breach("sum", what)
    if not limits.min_cycle <= plan.cycle <= limits.max_cycle:
        what = f"the cycle is {plan.cycle} s, outside of {limits.min_cycle} to {limits.max_cycle} s"
        yield junction.breach("cycle", what)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a sequence of stages gives somebody: the shortest green that is whole, and the longest red."""

    green: float | None
    red: float
    is_served: bool


def _wrong_for(junction: Junction, user: str, told: _Told) -> Iterator[Breach]:
    need, longest = junction.needs[user], junction.limits.max_red
    if told.green is not None and not told.green >= need - EPSILON:
        clause = "pedestrian_clearance" if user in junction.walks else "min_green"
        yield junction.breach(clause, f"{user} has {told.green:g} s of green, at least {need:.3g} are needed", user)
    if not told.is_served:
        yield junction.breach("max_red", f"{user} never gets green", user)
    if not told.red <= longest + EPSILON:
        yield junction.breach("max_red", f"{user} waits {told.red:g} s at red, at most {longest:g} are allowed", user)


def _told(serving: frozenset[StageId], pieces: Sequence[_Piece]) -> _Told:
    runs = list(_runs(serving, pieces))
    return _Told(
        min((run.seconds for run in runs if run.served and run.whole), default=None),
        max((run.seconds for run in runs if not run.served), default=0.0), any(run.served for run in runs),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """How long somebody has green, or has not, without a break. ``whole`` is False at the window's edges."""

    served: bool
    seconds: float
    whole: bool


def _runs(serving: frozenset[StageId], pieces: Sequence[_Piece]) -> Iterator[_Run]:
    served, seconds, whole, gap = pieces[0].stage in serving, 0.0, False, 0.0
    for piece in pieces:
        is_served = piece.stage in serving
        if is_served == served:
            seconds += gap + piece.green
        else:
            # what lies between belongs to the red, on either side of it
            yield _Run(served, seconds + (0.0 if served else gap), whole)
            served, seconds, whole = is_served, piece.green + (0.0 if is_served else gap), True
        gap = piece.gap
    yield _Run(served, seconds, whole=False)


def _once(wrong: Sequence[Breach]) -> list[Breach]:
    return list(dict.fromkeys(wrong))
