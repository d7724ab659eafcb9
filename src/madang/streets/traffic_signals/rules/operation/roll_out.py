"""What a machine may put on the street by itself: only what lies inside the limits that a person set."""

from collections.abc import Iterator
from datetime import datetime, time
from math import isfinite

from madang.kernel import clock
from madang.streets.traffic_signals.contracts import Effect, TimingPlan
from madang.streets.traffic_signals.contracts.operation import OutOfBounds, RollOutLimits


def is_open(limits: RollOutLimits, now: datetime) -> bool:
    """Whether plans may be rolled out by themselves at this moment at all."""
    return limits.on and _between(clock.in_seoul(now).time(), limits.begin, limits.end)


def is_within(limits: RollOutLimits, area: str, before: TimingPlan | None, after: TimingPlan, effect: Effect) -> bool:
    """Whether this one change lies inside the limits; a change of the order of stages never does."""
    if before is None or area not in limits.areas:
        return False
    greens = {each.stage: each.green for each in before.stages}
    if [each.stage for each in before.stages] != [each.stage for each in after.stages]:
        return False
    return (
        abs(after.cycle - before.cycle) <= limits.max_cycle_change
        and all(abs(each.green - greens[each.stage]) <= limits.max_green_change for each in after.stages)
        and _share(effect) <= limits.max_effect
    )


def checked(wanted: RollOutLimits, widest: RollOutLimits) -> RollOutLimits:
    """The limits that a person wants. Raises OutOfBounds for the first that is wider than the city allows."""
    for wrong in _wrong(wanted, widest):
        raise wrong
    return wanted


def _wrong(wanted: RollOutLimits, widest: RollOutLimits) -> Iterator[OutOfBounds]:
    for name in ("max_cycle_change", "max_green_change", "max_effect"):
        value, most = getattr(wanted, name), getattr(widest, name)
        if not 0 <= value <= most:
            yield OutOfBounds(name, "0", f"{most:g}")


def _share(effect: Effect) -> float:
    share = abs(effect.delay - effect.delay_now) / max(effect.delay_now, 1e-6)
    return share if isfinite(share) else float("inf")


def _between(moment: time, begin: time, end: time) -> bool:
    return begin <= moment < end if begin <= end else moment >= begin or moment < end
