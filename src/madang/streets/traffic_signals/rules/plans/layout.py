"""A network as arrays: what is worked out once, and holds until a street is rebuilt.

Rows are movements (``M``), lane groups (``G``: the lanes of an approach that the same movements use) and shares
(``P``: a movement in a lane group). Stages are padded to the largest number at one intersection (``S``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.streets.traffic_signals.contracts import (
    Floats,
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
)
from madang.streets.traffic_signals.rules.plans import bounds, method
from madang.streets.traffic_signals.rules.safety import Junction

Integers = NDArray[np.int64]

RED, GREEN, YIELDING = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything about a network that does not change with traffic; see the module for the letters.

    ``service`` [M, S] is RED, GREEN or YIELDING; ``min_green`` [I, S] and ``intergreen`` [I, S, S] are seconds (NaN:
    the two stages may not follow one another); ``yields`` [Y, 3] are movement, stage and, for each of
    ``opposes`` [E, 2], the row of ``yields`` and the movement that has right of way.
    """

    nodes: tuple[Intersection, ...]
    row_of: Mapping[IntersectionId, int]
    stages: Sequence[tuple[StageId, ...]]
    stage_count: Integers
    min_green: Floats
    intergreen: Floats
    longest_cycle: Integers
    movements: tuple[MovementId, ...]
    movement_node: Integers
    entry: tuple[LinkId, ...]
    leave: tuple[LinkId, ...]
    saturation: Floats
    """Of one lane of the movement, veh/h of green, [M]."""
    service: Integers
    walked: Floats
    """What people crossing leave of a movement's flow in a stage, [M, S]."""
    group_node: Integers
    group_first: Integers
    """Where an intersection's lane groups begin, [I + 1]."""
    group_lanes: Floats
    group_room: Floats
    """Vehicles that the group's lanes hold before the queue reaches the intersection behind, [G]."""
    share_movement: Integers
    share_group: Integers
    yields: Integers
    opposes: Integers


def lay_out(network: Network, limits: Limits) -> Layout:
    """The network as arrays. Intersections without a stage or a movement are left out: there is nothing to time."""
    nodes = tuple(node for node in network.intersections.values() if node.stages and node.movements)
    movements = [movement for node in nodes for movement in node.movements]
    first = np.cumsum([0] + [len(node.movements) for node in nodes])
    most = max((len(node.stages) for node in nodes), default=1)
    groups = [group for row, node in enumerate(nodes) for group in _groups(node, row, int(first[row]), network.links)]
    service, walked = _service(nodes, len(movements), most)
    yields, opposes = _yields(nodes, service)
    return Layout(
        nodes=nodes, row_of={node.id: row for row, node in enumerate(nodes)},
        stages=tuple(tuple(stage.id for stage in node.stages) for node in nodes),
        stage_count=np.array([len(node.stages) for node in nodes], dtype=np.int64),
        min_green=_padded([[bounds.least_green(node, stage, limits) for stage in node.stages] for node in nodes], most),
        intergreen=_intergreens(nodes, limits, most),
        longest_cycle=np.array([bounds.longest_cycle(node, limits) for node in nodes], dtype=np.int64),
        movements=tuple(movement.id for movement in movements),
        movement_node=np.repeat(np.arange(len(nodes)), np.diff(first)),
        entry=tuple(movement.entry for movement in movements), leave=tuple(movement.exit for movement in movements),
        saturation=np.array([movement.saturation_flow / max(1, len(movement.lanes)) for movement in movements]),
        service=service, walked=walked,
        group_node=np.array([group.node for group in groups], dtype=np.int64),
        group_first=np.searchsorted([group.node for group in groups], np.arange(len(nodes) + 1)),
        group_lanes=np.array([float(group.lanes) for group in groups]),
        group_room=np.array([group.room for group in groups]),
        share_movement=np.array([row for group in groups for row in group.movements], dtype=np.int64),
        share_group=np.array([at for at, group in enumerate(groups) for _ in group.movements], dtype=np.int64),
        yields=yields, opposes=opposes,
    )


@dataclass(frozen=True, slots=True)
class _Group:
    node: int
    lanes: int
    room: float
    movements: tuple[int, ...]


def _groups(node: Intersection, row: int, first: int, links: Mapping[LinkId, Link]) -> Iterator[_Group]:
    """Lanes of one approach that the same movements use, together. Movements without lanes get one of their own."""
    users: dict[tuple[LinkId, int], list[int]] = {}
    for at, movement in enumerate(node.movements):
        for lane in movement.lanes or (-1 - at,):
            users.setdefault((movement.entry, lane), []).append(first + at)
    lanes: dict[tuple[LinkId, tuple[int, ...]], int] = {}
    for (entry, _), rows in users.items():
        key = entry, tuple(rows)
        lanes[key] = lanes.get(key, 0) + 1
    for (entry, together), count in lanes.items():
        link = links.get(entry)
        reach = min(link.length, link.side_by_side or link.length) if link else 1e6
        room = max(1.0, reach / method.VEHICLE_SPACE) * count
        yield _Group(row, count, room, together)


def _service(nodes: Sequence[Intersection], movements: int, most: int) -> tuple[Integers, Floats]:
    service = np.zeros((movements, most), dtype=np.int64)
    walked = np.ones((movements, most))
    row = 0
    for node in nodes:
        crossed = {crossing.id: crossing.crosses for crossing in node.crossings}
        over = [frozenset[MovementId]().union(*(crossed.get(each, frozenset()) for each in stage.walking))
                for stage in node.stages]
        for movement in node.movements:
            for at, stage in enumerate(node.stages):
                service[row, at] = serves(stage, movement)
                if movement.id in over[at]:
                    walked[row, at] = method.WALKERS_SHARE
            row += 1
    return service, walked


def serves(stage: Stage, movement: Movement) -> int:
    """RED, GREEN or YIELDING; one that is named as both gives way."""
    if movement.id in stage.yielding:
        return YIELDING
    return GREEN if movement.id in stage.green else RED


def _yields(nodes: Sequence[Intersection], service: Integers) -> tuple[Integers, Integers]:
    """Each (movement, stage) that gives way, and the movements with right of way over it in that stage."""
    first = np.cumsum([0] + [len(node.movements) for node in nodes])
    rows, stages = np.nonzero(service == YIELDING)
    foes = [list(_foes(node, int(first[at]))) for at, node in enumerate(nodes)]
    beside = [foe for each in foes for foe in each]
    opposes = [(at, foe) for at, (row, stage) in enumerate(zip(rows, stages, strict=True))
               for foe in beside[row] if service[foe, stage] == GREEN]
    return np.stack([rows, stages], axis=1), np.array(opposes, dtype=np.int64).reshape(-1, 2)


def _foes(node: Intersection, first: int) -> Iterator[list[int]]:
    """For each movement the rows of those that it conflicts with."""
    at = {movement.id: first + place for place, movement in enumerate(node.movements)}
    foes: dict[str, list[int]] = {movement: [] for movement in at}
    for pair in node.conflicts:
        one, *others = pair
        for other in others:
            if one in foes and other in foes:
                foes[one].append(at[MovementId(other)])
                foes[other].append(at[MovementId(one)])
    return (foes[movement.id] for movement in node.movements)


def _intergreens(nodes: Sequence[Intersection], limits: Limits, most: int) -> Floats:
    times = np.full((len(nodes), most, most), np.nan)
    for row, node in enumerate(nodes):
        junction = Junction(node, limits)
        for one, before in enumerate(node.stages):
            for two, after in enumerate(node.stages):
                between = bounds.intergreen(junction, before.id, after.id)
                if between is not None:
                    times[row, one, two] = between
    return times


def _padded(rows: Iterable[Sequence[float]], width: int) -> Floats:
    rows = list(rows)
    padded = np.zeros((len(rows), width))
    for at, row in enumerate(rows):
        padded[at, : len(row)] = row
    return padded
