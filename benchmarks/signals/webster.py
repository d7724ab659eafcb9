"""The peer Webster: cycle and splits as a traffic engineer would work them out from an hour's turning counts.

Lane groups, saturation flows with turn factors (0.95 left, 0.85 right; 1,800 a lane) and permitted left turns by gap
acceptance after HCM 2016, chapters 19 and 31; two vehicles a cycle that turn as the opposing green ends; lost time a
stage: 2 s of start-up and the whole intergreen. Optimum cycle of Webster (Road Research Paper 39, 1958) within
``SHORTEST`` and ``LONGEST``; greens in proportion to the critical flow ratios. The stages and their order stay.
"""

from collections.abc import Mapping
from math import ceil, exp
from typing import Final

from benchmarks.signals.actuator import LIMITS
from madang.streets.traffic_signals.contracts import (
    Intersection,
    LinkId,
    Movement,
    MovementId,
    Stage,
    StageTime,
    TimingPlan,
)

STARTING: Final = 2.0
SHORTEST: Final = 40
LONGEST: Final = 120
CRITICAL_GAP: Final = 4.5
FOLLOW_UP: Final = 2.5
SNEAKERS: Final = 2.0
FULLEST: Final = 0.9
"""Above it the formula runs away; it gives the longest cycle anyhow."""
Group = frozenset[MovementId]
Volumes = Mapping[MovementId, float]


def retimed(one: Intersection, running: TimingPlan, volumes: Volumes) -> TimingPlan:
    """The plan of one intersection; ``volumes`` in veh/h, ``running`` gives the order of stages and the offset."""
    order = [next(stage for stage in one.stages if stage.id == each.stage) for each in running.stages]
    following = [*order[1:], order[0]]
    gaps = [one.intergreens.get((a.id, b.id), 0.0) for a, b in zip(order, following, strict=True)]
    lost = sum(gaps) + STARTING * len(order)
    ratios = _critical(one, order, volumes, float(running.cycle))
    cycle = _cycle(lost, sum(ratios))
    ratios = _critical(one, order, volumes, cycle)
    cycle = _cycle(lost, sum(ratios))
    greens = _split([max(1e-3, each) for each in ratios], round(cycle - sum(gaps)))
    times = tuple(StageTime(stage.id, green) for stage, green in zip(order, greens, strict=True))
    whole = sum(greens) + round(sum(gaps))
    return TimingPlan(one.id, whole, running.offset % whole, times)


def _cycle(lost: float, total: float) -> float:
    return float(min(LONGEST, max(SHORTEST, ceil((1.5 * lost + 5) / (1 - min(total, FULLEST))))))


def _split(ratios: list[float], seconds: int) -> list[int]:
    """Whole greens, each start-up time and a share by flow ratio, none below the least."""
    least = ceil(LIMITS.min_green)
    spare = seconds - STARTING * len(ratios)
    greens = [max(least, round(STARTING + spare * each / sum(ratios))) for each in ratios]
    while sum(greens) != seconds and (sum(greens) < seconds or max(greens) > least):
        greens[greens.index(max(greens))] += 1 if sum(greens) < seconds else -1
    return greens


def _critical(one: Intersection, order: list[Stage], volumes: Volumes, cycle: float) -> list[float]:
    """The critical flow ratio of each stage: groups of one stage first, then what the others still lack, shared out."""
    ratios = [0.0] * len(order)
    needs = []
    for group, ratio in _groups(one, volumes).items():
        open_in = [i for i, stage in enumerate(order) if group <= stage.green]
        filters = [i for i, stage in enumerate(order) if i not in open_in and group <= stage.green | stage.yielding]
        served = 0.0
        if open_in and filters:
            served = _permitted(one, group, volumes, cycle)
        needs.append((open_in or filters or list(range(len(order))), max(0.0, ratio - served)))
    for places, ratio in sorted(needs, key=lambda need: len(need[0])):
        short = ratio - sum(ratios[i] for i in places)
        for i in places:
            ratios[i] += max(0.0, short) / len(places)
    return ratios


def _groups(one: Intersection, volumes: Volumes) -> dict[Group, float]:
    """Lanes that the same movements use, with their flow ratio; each movement spreads evenly on its lanes."""
    lanes: dict[tuple[LinkId, int], list[Movement]] = {}
    for way in one.movements:
        for lane in way.lanes or (0,):
            lanes.setdefault((way.entry, lane), []).append(way)
    loads: dict[Group, float] = {}
    for ways in lanes.values():
        load = sum(volumes.get(way.id, 0.0) / max(1.0, way.saturation_flow) for way in ways)
        key = frozenset(way.id for way in ways)
        loads[key] = max(loads.get(key, 0.0), load)
    return loads


def _permitted(one: Intersection, group: Group, volumes: Volumes, cycle: float) -> float:
    """Flow ratio that a filter turn serves: gaps in what opposes it for half of the cycle, and who turns at its end."""
    foes = {foe for pair in one.conflicts for foe in pair if pair & group} - group
    yields_to = [foe for foe in foes for stage in one.stages if group & stage.yielding and foe in stage.green]
    against = max(1.0, sum(volumes.get(MovementId(foe), 0.0) for foe in set(yields_to))) / 3600
    busy = min(1.0, 2 * against)
    gaps = against * exp(-against * CRITICAL_GAP) / (1 - exp(-against * FOLLOW_UP)) * 0.5 * (1 - busy)
    return (gaps + SNEAKERS / cycle) / 0.5
