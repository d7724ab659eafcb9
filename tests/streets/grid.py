"""Streets made up for plan mode's tests: crossroads in a row, or in a grid, with filter turns."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from madang.streets.traffic_signals.contracts import (
    Intersection,
    IntersectionId,
    Limits,
    Link,
    LinkId,
    Movement,
    MovementId,
    Network,
    Stage,
    StageId,
    StageTime,
    TimingPlan,
    Traffic,
    Turn,
)

AT = datetime(2026, 11, 2, 8, 0, tzinfo=ZoneInfo("Asia/Seoul"))
LIMITS = Limits(min_green=5, max_red=150, min_cycle=20, max_cycle=180, min_yellow=3, min_all_red=0, walking_speed=0.8,
                walk_start=7)
SIDES = ((0, 1), (1, 0), (0, -1), (-1, 0))
"""North, east, south, west."""


def grid(columns: int, rows: int, *, length: float = 300.0, intergreen: float = 4.0) -> Network:
    """A grid of crossroads whose four arms have a shared lane for through and right and a lane for left."""
    places = {(x, y) for x in range(columns) for y in range(rows)}
    links = {}
    for x, y in places:
        for dx, dy in SIDES:
            here, there = _name(x, y), (x + dx, y + dy)
            other = _name(*there) if there in places else None
            out = LinkId(f"{x}.{y}>{there[0]}.{there[1]}")
            links[out] = Link(out, here, other, length, 13.9, 2)
            if other is None:
                back = LinkId(f"{there[0]}.{there[1]}>{x}.{y}")
                links[back] = Link(back, None, here, length, 13.9, 2)
    nodes = {_name(x, y): _crossroads(x, y, intergreen) for x, y in sorted(places)}
    return Network("grid", nodes, links, {})


def traffic(network: Network, volumes: Mapping[str, float] | float, *, error: float = 0.0) -> Traffic:
    """Traffic in which each movement has the same volume, or that of its turn, or its own by id."""
    movements = [each for node in network.intersections.values() for each in node.movements]
    volume = np.array([_volume(each, volumes) for each in movements])
    nothing = np.zeros(len(movements))
    return Traffic(AT, [each.id for each in movements], volume, nothing, nothing, nothing + error,
                   np.ones(len(movements), dtype=np.bool_), volume, volume, nothing + error, nothing + error)


def fixed(network: Network, *, through: int = 29, left: int = 6, offset: int = 0) -> dict[IntersectionId, TimingPlan]:
    """A plan as one finds it: the same everywhere, whatever the traffic."""
    plans = {}
    for node in network.intersections.values():
        times = tuple(StageTime(stage.id, left if "left" in stage.id else through) for stage in node.stages)
        lost = sum(node.intergreens[one.id, two.id] for one, two in zip(
            node.stages, [*node.stages[1:], node.stages[0]], strict=True))
        plans[node.id] = TimingPlan(node.id, round(sum(each.green for each in times) + lost), offset, times)
    return plans


def _volume(movement: Movement, volumes: Mapping[str, float] | float) -> float:
    if isinstance(volumes, Mapping):
        return volumes.get(movement.id, volumes.get(movement.turn, 0.0))
    return volumes


def _name(x: int, y: int) -> IntersectionId:
    return IntersectionId(f"{x}.{y}")


def _crossroads(x: int, y: int, intergreen: float) -> Intersection:
    movements = [each for side in range(4) for each in _arm(x, y, side)]
    found = {(side, turn): movements[3 * side + at].id for side in range(4)
             for at, turn in enumerate((Turn.LEFT, Turn.THROUGH, Turn.RIGHT))}
    stages = []
    for name, one, two in (("north-south", 0, 2), ("east-west", 1, 3)):
        straight = frozenset(found[side, turn] for side in (one, two) for turn in (Turn.THROUGH, Turn.RIGHT))
        lefts = frozenset(found[side, Turn.LEFT] for side in (one, two))
        stages += [Stage(StageId(name), straight | lefts, lefts), Stage(StageId(f"{name}-left"), lefts)]
    between = {(a.id, b.id): intergreen for a in stages for b in stages if a != b}
    return Intersection(_name(x, y), f"crossing {x} {y}", x * 300.0, y * 300.0, movements, stages, 12,
                        conflicts=_conflicts(found), intergreens=between)


def _arm(x: int, y: int, side: int) -> list[Movement]:
    """Who comes from ``side``: left, through, right; in SIDES' order left is the next arm, right the one before."""
    arms = {at: (x + dx, y + dy) for at, (dx, dy) in enumerate(SIDES)}
    entry = LinkId(f"{arms[side][0]}.{arms[side][1]}>{x}.{y}")
    made = []
    for turn, to, lanes in ((Turn.LEFT, 1, (1,)), (Turn.THROUGH, 2, (0,)), (Turn.RIGHT, 3, (0,))):
        other = arms[(side + to) % 4]
        leave = LinkId(f"{x}.{y}>{other[0]}.{other[1]}")
        name = MovementId(f"{_name(x, y)}/{entry}>{leave}")
        made.append(Movement(name, entry, leave, turn, lanes, (3 * side,), 1800))
    return made


def _conflicts(found: Mapping[tuple[int, Turn], MovementId]) -> frozenset[frozenset[str]]:
    pairs: set[frozenset[str]] = set()
    for side in range(4):
        across, facing = ((side + 1) % 4, (side + 3) % 4), (side + 2) % 4
        for turn in (Turn.LEFT, Turn.THROUGH):
            pairs |= {frozenset((found[side, turn], found[other, each])) for other in across
                      for each in (Turn.LEFT, Turn.THROUGH)}
        pairs |= {frozenset((found[side, Turn.LEFT], found[facing, each])) for each in (Turn.THROUGH, Turn.RIGHT)}
    return frozenset(pairs)
