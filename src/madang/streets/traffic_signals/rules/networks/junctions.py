"""An intersection made from its legs: movements, conflicts by geometry, Korean stages, crossings.

Directions are numbers, clockwise: 0 north, 1 east, 2 south, 3 west. Traffic keeps to the right.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations

from madang.streets.traffic_signals.contracts import (
    Crossing,
    CrossingId,
    Intersection,
    IntersectionId,
    LinkId,
    Movement,
    MovementId,
    Stage,
    StageId,
    Turn,
)

NORTH = 0
CROSS = 4
LANE_WIDTH = 3.25
PER_LANE = {Turn.THROUGH: 1_900.0, Turn.LEFT: 1_800.0, Turn.RIGHT: 1_600.0, Turn.U_TURN: 1_500.0}
"""Vehicles an hour of green a lane: base 1,900 (Highway Capacity Manual, 6th ed., 2016, ch. 19) and its usual factors
for turns."""
YELLOW, ALL_RED = 3.0, 2.0


@dataclass(frozen=True, slots=True)
class Leg:
    """A street at an intersection: the link that comes in, the one that goes out, lanes of each."""

    entry: LinkId
    exit: LinkId
    lanes: int


Way = tuple[int, int]
"""From which leg to which leg."""


def opposite(way: int) -> int:
    """The direction over the intersection."""
    return (way + 2) % CROSS


def turn(way: Way) -> Turn:
    """What a driver does who comes from one leg and leaves by the other."""
    return {1: Turn.LEFT, 2: Turn.THROUGH, 3: Turn.RIGHT, 0: Turn.U_TURN}[(way[1] - way[0]) % CROSS]


def junction(
    name: IntersectionId, legs: Mapping[int, Leg], place: tuple[float, float], area: str, *, split: bool
) -> Intersection:
    """The intersection of ``legs``; ``split``: each approach has a stage of its own where there are four."""
    ways = [(one, other) for one, other in permutations(sorted(legs), 2)]
    movements = {way: _movement(name, legs, way, head) for head, way in enumerate(ways)}
    crossings = {leg: _crossing(name, legs, leg, movements) for leg in sorted(legs)}
    stages = [
        Stage(
            StageId(chr(ord("A") + number)), frozenset(movements[way].id for way in green),
            frozenset(movements[way].id for way in _filters(green, ways)), frozenset(crossings[leg].id for leg in walk),
        )
        for number, (green, walk) in enumerate(_stages(tuple(sorted(legs)), split=split))
    ]
    between = {(one.id, other.id): YELLOW + ALL_RED for one, other in permutations(stages, 2)}
    return Intersection(
        name, str(name), *place, tuple(movements.values()), tuple(stages), len(movements) + len(crossings),
        tuple(crossings.values()), _conflicts(movements, crossings.values()), between, YELLOW, area,
    )


def _movement(name: IntersectionId, legs: Mapping[int, Leg], way: Way, head: int) -> Movement:
    entry, goes = legs[way[0]], turn(way)
    others = {turn((way[0], leg)) for leg in legs if leg != way[0]}
    lanes = _lanes(goes, entry.lanes, others)
    shared = 0.9 if goes is Turn.THROUGH and entry.lanes == 1 else 1.0
    return Movement(
        MovementId(f"{name}/{entry.entry}>{legs[way[1]].exit}"), entry.entry, legs[way[1]].exit, goes, lanes, (head,),
        PER_LANE[goes] * len(lanes) * shared,
    )


def _lanes(goes: Turn, lanes: int, others: set[Turn]) -> tuple[int, ...]:
    """Right from the kerb's lane, left from the inner one (a half of all where nothing goes through)."""
    if lanes == 1 or goes is Turn.RIGHT:
        return (0,)
    if goes is Turn.LEFT:
        return (lanes - 1,) if Turn.THROUGH in others else tuple(range(lanes // 2, lanes))
    return tuple(range(lanes - 1)) if Turn.LEFT in others else tuple(range(lanes))


def _crossing(name: IntersectionId, legs: Mapping[int, Leg], leg: int, movements: Mapping[Way, Movement]) -> Crossing:
    crossed = frozenset(movement.id for way, movement in movements.items() if leg in way)
    head = len(movements) + sorted(legs).index(leg)
    return Crossing(CrossingId(f"{name}/x{leg}"), 2 * legs[leg].lanes * LANE_WIDTH, (head,), crossed)


def _filters(green: Iterable[Way], ways: Iterable[Way]) -> set[Way]:
    """Right turns beside an approach's green, giving way to people who walk."""
    open_legs = {one for one, _ in green}
    return {way for way in ways if way[0] in open_legs and turn(way) is Turn.RIGHT}


Phase = tuple[list[Way], list[int]]
"""Movements with green, and the legs over which people walk meanwhile."""


def _stages(legs: tuple[int, ...], *, split: bool) -> list[Phase]:
    if len(legs) == CROSS:
        return _of_four(split=split)
    if len(legs) == CROSS - 1:
        [missing] = set(range(CROSS)) - set(legs)
        return _of_three(opposite(missing))
    ways = [(one, other) for one, other in permutations(legs, 2)]
    return [(ways, []), ([], list(legs))] if len(legs) > 1 else [([], list(legs))]


def _of_four(*, split: bool) -> list[Phase]:
    if split:
        return [([(leg, opposite(leg)), (leg, (leg + 1) % CROSS)], [(leg + 3) % CROSS]) for leg in (0, 2, 1, 3)]
    stages: list[Phase] = []
    for leg in (0, 1):
        pair = (leg, opposite(leg))
        stages.append(([(one, (one + 1) % CROSS) for one in pair], []))
        stages.append(([(one, opposite(one)) for one in pair], [(leg + 1) % CROSS, (leg + 3) % CROSS]))
    return stages


def _of_three(stem: int) -> list[Phase]:
    """Main street through; its protected left into the stem; the stem."""
    left, right = (stem + 1) % CROSS, (stem + 3) % CROSS
    return [
        ([(left, right), (right, left)], [stem]),
        ([(right, stem)], [left]),
        ([(stem, left)], [right]),
    ]


def _conflicts(movements: Mapping[Way, Movement], crossings: Iterable[Crossing]) -> frozenset[frozenset[str]]:
    pairs: set[frozenset[str]] = {
        frozenset((movements[one].id, movements[other].id))
        for one, other in combinations(movements, 2) if _meet(one, other)
    }
    return frozenset(pairs | {frozenset((one.id, movement)) for one in crossings for movement in one.crosses})


def _meet(one: Way, other: Way) -> bool:
    """Whether two paths merge or cross: chords of a circle on which each leg has its way in, then its way out."""
    if one[0] == other[0]:
        return False
    if one[1] == other[1]:
        return True
    low, high = sorted((2 * one[0], 2 * one[1] + 1))
    return (low < 2 * other[0] < high) != (low < 2 * other[1] + 1 < high)
