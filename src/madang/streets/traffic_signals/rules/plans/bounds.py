"""Between which seconds plan mode looks for a plan, so that what it finds passes safety the first time.

Safety decides apart from this (``rules.safety``) and may refuse; here only the search is kept inside what it allows.
"""

from math import ceil, floor

from madang.streets.traffic_signals.contracts import Intersection, Limits, Stage, StageId
from madang.streets.traffic_signals.rules.safety import Junction


def least_green(node: Intersection, stage: Stage, limits: Limits) -> int:
    """Whole seconds that ``stage`` must last: the least green, and time for slow walkers to start and to cross."""
    longest = max((crossing.length for crossing in node.crossings if crossing.id in stage.walking), default=None)
    walk = 0.0 if longest is None else limits.walk_start + longest / limits.walking_speed
    return ceil(max(limits.min_green, walk, 1.0) - 1e-9)


def longest_cycle(node: Intersection, limits: Limits) -> int:
    """The longest cycle in which nobody who has one green of the least length waits longer than ``max_red``."""
    least = min(least_green(node, stage, limits) for stage in node.stages)
    return floor(min(limits.max_cycle, limits.max_red + least) + 1e-9)


def intergreen(junction: Junction, before: StageId, after: StageId) -> float | None:
    """Seconds from the end of ``before`` to the green of ``after``; None when it may not safely follow."""
    node = junction.intersection
    if before == after:
        return node.intergreens.get((before, after), 0.0)
    given = node.intergreens.get((before, after))
    return None if given is None or junction.change(before, after).wrong else given
