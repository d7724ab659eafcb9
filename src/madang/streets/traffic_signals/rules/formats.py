"""Plans in the words of others: NTCIP-1202-style tables, and SPaT/MAP-like messages with SAE J2735's names.

Styles, not conformance: phases stand for stages, patterns for plans (NTCIP 1202 v03, 2019); signal groups for movements
and crossings, and times in tenths of a second (SAE J2735, 2020). A city's interface to its controllers begins here.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from madang.kernel import clock
from madang.streets.traffic_signals.contracts import Intersection, TimingPlan
from madang.streets.traffic_signals.rules.safety import Junction, Light

_STATES: Mapping[Light, str] = {
    Light.GREEN: "protected-Movement-Allowed", Light.YIELDING: "permissive-Movement-Allowed",
    Light.YELLOW: "protected-clearance", Light.RED: "stop-And-Remain",
}


def ntcip(at: Intersection, plan: TimingPlan, pattern: int = 1) -> dict[str, Any]:
    """The plan as phase, split, pattern and sequence tables. Seconds, but yellow and red clearance in tenths."""
    numbers = {stage.id: number for number, stage in enumerate(at.stages, 1)}
    order = [each.stage for each in plan.stages]
    gaps = {one: at.intergreens.get((one, other), 0.0) for one, other in zip(order, order[1:] + order[:1], strict=True)}
    return {
        "intersection": at.id,
        "phaseTable": [
            {"phaseNumber": numbers[each.stage], "phaseName": each.stage, "phaseYellowChange": round(10 * at.yellow),
             "phaseRedClear": max(0, round(10 * (gaps[each.stage] - at.yellow)))} for each in plan.stages
        ],
        "splitTable": [
            {"splitNumber": pattern, "splitPhase": numbers[each.stage],
             "splitTime": round(each.green + gaps[each.stage])} for each in plan.stages
        ],
        "patternTable": [
            {"patternNumber": pattern, "patternCycleTime": plan.cycle, "patternOffsetTime": plan.offset,
             "patternSplitNumber": pattern, "patternSequenceNumber": pattern},
        ],
        "sequenceTable": [
            {"sequenceNumber": pattern, "sequenceRingNumber": 1, "sequenceData": [numbers[each] for each in order]},
        ],
    }


def map_data(at: Intersection) -> dict[str, Any]:
    """The intersection as MAP says it: which signal group belongs to which way."""
    groups = signal_groups(at)
    return {
        "id": {"id": at.id}, "name": at.name,
        "refPoint": {"lat": round(at.y * 10_000_000), "long": round(at.x * 10_000_000)},
        "connections": [
            {"ingress": one.entry, "egress": one.exit, "maneuver": one.turn, "lanes": list(one.lanes),
             "signalGroup": groups[one.id]} for one in at.movements
        ],
        "crossings": [{"crossing": one.id, "signalGroup": groups[one.id]} for one in at.crossings],
    }


def spat(junction: Junction, plan: TimingPlan, now: datetime) -> dict[str, Any]:
    """What every signal group shows at ``now`` while ``plan`` runs, as SPaT says it."""
    local = clock.in_seoul(now)
    second = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
    stage, towards, elapsed, left = _moment(junction, plan, (second - plan.offset) % plan.cycle)
    lights = junction.lights(stage, towards, elapsed)
    ends = round(10 * ((second + left) % 3600))
    return {
        "id": {"id": plan.intersection}, "timeStamp": int(second % 60 * 1000),
        "moy": _minute_of_year(now.astimezone(UTC)),
        "states": [
            {"signalGroup": group, "state-time-speed": [
                {"eventState": _STATES[lights[user]], "timing": {"minEndTime": ends}}]}
            for user, group in signal_groups(junction.intersection).items()
        ],
    }


def signal_groups(at: Intersection) -> Mapping[str, int]:
    """A number from 1 for each movement and crossing."""
    users: Sequence[str] = [*(one.id for one in at.movements), *(one.id for one in at.crossings)]
    return {user: number for number, user in enumerate(users, 1)}


def _moment(junction: Junction, plan: TimingPlan, second: float) -> tuple[Any, Any, float, float]:
    """Stage, the one it changes to or None, seconds in that, and seconds until the next change."""
    order = list(plan.stages)
    for now, then in zip(order, order[1:] + order[:1], strict=True):
        if second < now.green:
            return now.stage, None, second, now.green - second
        second -= now.green
        gap = junction.change(now.stage, then.stage).seconds
        if second < gap:
            return now.stage, then.stage, second, gap - second
        second -= gap
    return order[0].stage, None, 0.0, float(order[0].green)


def _minute_of_year(utc: datetime) -> int:
    """J2735 counts in UTC, whatever a city's clocks say."""
    return (utc.timetuple().tm_yday - 1) * 1440 + utc.hour * 60 + utc.minute
