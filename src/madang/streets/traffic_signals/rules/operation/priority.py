"""What a vehicle that asks to go first is told at an intersection that runs a plan.

Controllers take changed cycles up before they begin, so the cycle in which the vehicle arrives is changed as long as it
lies ahead; what runs already is never changed (decision 0056). The search and its safety are ``rules.plans.priority``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from madang.kernel.clock import in_seoul
from madang.streets.traffic_signals.contracts import Intersection, Limits, TimingPlan
from madang.streets.traffic_signals.contracts.priority import Approach, PriorityAnswer, PriorityRules, Vehicle
from madang.streets.traffic_signals.rules.plans.priority import Request, prioritised, serves, window_of

TAKEN_UP: Final = timedelta(seconds=5)
"""Time for a controller to fetch changed cycles before they begin."""
NOT_LATE: Final = "It is {late} s behind its timetable; priority is given from {least} s on."
GREEN_ANYWAY: Final = "It finds green in the plan that runs."
TOO_SOON: Final = "It arrives in a cycle that runs already or begins at once; that is not changed."
TAKEN: Final = "Another vehicle has priority here in that time."
HELD: Final = "An engineer holds this intersection: only emergency vehicles have priority here."
NOTHING_SAFE: Final = "No change that is safe would give it green in time."
LONGER: Final = "Stage {stage} has green for {seconds} s longer."
SHORTER: Final = "Stage {stage} has green for {seconds} s less."
ONCE_MORE: Final = "Stage {stage} comes once more in the cycle."
IN_STEP: Final = "After {cycles} changed cycles the plan goes on in step."


@dataclass(frozen=True, slots=True)
class Place:
    """An intersection as it stands: its plan, whether an engineer holds it, until when another's priority runs."""

    intersection: Intersection
    plan: TimingPlan
    held: bool = False
    busy: Sequence[tuple[datetime, datetime]] = ()
    """From when to when others' changed cycles run."""


def answered(place: Place, approach: Approach, rules: PriorityRules, limits: Limits, now: datetime) -> PriorityAnswer:
    """What the vehicle is given, and why; every cycle of it has passed safety. ``now`` is aware."""
    begins = begin_of_cycle(place.plan, approach.arrives)
    cycles, reasons = _cycles(place, approach, rules, (limits, begins, now))
    length = sum(each.cycle for each in cycles)
    ends = begins + timedelta(seconds=length)
    if any(begins < other_ends and other_begins < ends for other_begins, other_ends in place.busy) and cycles:
        return PriorityAnswer(approach, (), begins, begins, (TAKEN,))
    return PriorityAnswer(approach, tuple(cycles), begins, ends, tuple(reasons))


def begin_of_cycle(plan: TimingPlan, moment: datetime) -> datetime:
    """When the cycle began, or will, in which ``moment`` lies: counted from midnight in Seoul."""
    local = in_seoul(moment)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return local - timedelta(seconds=((local - midnight).total_seconds() - plan.offset) % plan.cycle)


def _cycles(
    place: Place, approach: Approach, rules: PriorityRules, when: tuple[Limits, datetime, datetime],
) -> tuple[Sequence[TimingPlan], Sequence[str]]:
    (limits, begins, now), allowance = when, rules.allowances[approach.vehicle]
    emergency = approach.vehicle is Vehicle.EMERGENCY
    if approach.late < allowance.late and not emergency:
        return (), [NOT_LATE.format(late=f"{approach.late:g}", least=f"{allowance.late:g}")]
    request = Request(
        approach.vehicle, approach.movement, (approach.arrives - begins).total_seconds(), approach.late)
    window = window_of(request, allowance, place.plan)
    if serves(place.intersection, [place.plan, place.plan], approach.movement, window):
        return (), [GREEN_ANYWAY]
    if place.held and not emergency:
        return (), [HELD]
    if begins < now + TAKEN_UP:
        return (), [TOO_SOON]
    found = prioritised(place.intersection, place.plan, request, allowance, limits)
    return found, _why(place.plan, found) if found else [NOTHING_SAFE]


def _why(plan: TimingPlan, cycles: Sequence[TimingPlan]) -> list[str]:
    """What changes in the first cycle, and when the plan is in step again."""
    said, first = [], cycles[0]
    for stage in dict.fromkeys(each.stage for each in first.stages):
        before = [each.green for each in plan.stages if each.stage == stage]
        after = [each.green for each in first.stages if each.stage == stage]
        if len(after) > len(before):
            said.append(ONCE_MORE.format(stage=stage))
        elif sum(after) != sum(before):
            template = LONGER if sum(after) > sum(before) else SHORTER
            said.append(template.format(stage=stage, seconds=ceil(abs(sum(after) - sum(before)))))
    return [*said, IN_STEP.format(cycles=len(cycles))]
