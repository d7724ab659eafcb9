"""Movements and crossings of one controller, and which of them meet."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from madang.streets.traffic_signals.contracts import Crossing, CrossingId, Movement, MovementId, Turn
from madang.streets.traffic_signals.rules.networks.sumo.file import Connection, Junction, SumoFile
from madang.streets.traffic_signals.rules.networks.sumo.streets import Street

_TURNS = {
    "s": Turn.THROUGH, "l": Turn.LEFT, "L": Turn.LEFT, "r": Turn.RIGHT, "R": Turn.RIGHT, "t": Turn.U_TURN,
}
_LANE_FLOW = {Turn.THROUGH: 1800.0, Turn.LEFT: 1710.0, Turn.RIGHT: 1530.0, Turn.U_TURN: 1440.0}
"""Vehicles an hour of green and lane: 1,800 with HCM 2016's turn factors 0.95 and 0.85, U-turns 0.80."""


@dataclass(frozen=True, slots=True)
class Signalled:
    """One controller's connections in the file, and the streets of the file's edges."""

    file: SumoFile
    id: str
    streets: Mapping[str, Street]
    connections: Sequence[Connection]

    @property
    def heads_walked(self) -> frozenset[int]:
        """The heads that people on foot see."""
        return frozenset(one.head for one in self.connections if self._is_crossing(one))

    def _is_crossing(self, one: Connection) -> bool:
        exit_ = self.file.edges.get(one.exit)
        return exit_ is not None and exit_.function == "crossing"

    def movements(self, columns: Mapping[int, str]) -> dict[Movement, tuple[Connection, ...]]:
        """Connections from one street to another with the same letters throughout (``columns``) are one movement."""
        groups: dict[tuple[str, str, str], list[Connection]] = defaultdict(list)
        seen: dict[tuple[str, str], int] = defaultdict(int)
        for one in self.connections:
            if one.entry in self.streets and one.exit in self.streets:
                key = (one.entry, self.streets[one.exit].id, columns.get(one.head, ""))
                groups[key].append(one)
        made: dict[Movement, tuple[Connection, ...]] = {}
        for (entry, exit_, _), members in groups.items():
            seen[entry, exit_] += 1
            made[self._movement(members, seen[entry, exit_])] = tuple(members)
        return made

    def _movement(self, members: Sequence[Connection], number: int) -> Movement:
        entry, exit_ = self.streets[members[0].entry], self.streets[members[0].exit]
        index = {lane.index: place for place, lane in enumerate(self.file.edges[members[0].entry].drivable)}
        lanes = tuple(sorted({index[one.entry_lane] for one in members if one.entry_lane in index}))
        turn = _TURNS.get(members[0].direction, Turn.THROUGH)
        again = f"~{number}" if number > 1 else ""
        return Movement(
            MovementId(f"{self.id}/{entry.id}>{exit_.id}{again}"), entry.id, exit_.id, turn, lanes,
            tuple(sorted({one.head for one in members})), _LANE_FLOW[turn] * max(1, len(lanes)),
        )

    def crossings(self, movements: Mapping[Movement, tuple[Connection, ...]]) -> list[Crossing]:
        """Where people walk, and what they walk across."""
        return [self._crossing(one, movements) for one in self.connections if self._is_crossing(one)]

    def _crossing(self, one: Connection, movements: Mapping[Movement, tuple[Connection, ...]]) -> Crossing:
        edge = self.file.edges[one.exit]
        crossed = frozenset(
            movement.id for movement, members in movements.items()
            if any({member.entry, member.exit} & edge.crosses for member in members)
        )
        length = max((lane.length for lane in edge.lanes), default=0.0)
        return Crossing(CrossingId(f"{self.id}/{edge.id}"), length, (one.head,), crossed)


def conflicts(
    signalled: Signalled, movements: Mapping[Movement, tuple[Connection, ...]], crossings: Iterable[Crossing],
    states: Iterable[str],
) -> frozenset[frozenset[str]]:
    """Pairs that meet by the junctions' own matrices, except where the programme itself gives both protected green.

    Where a junction has no matrix, those that the programme never lets go together.
    """
    known = list(states)
    places = _requests(signalled)
    pairs = [
        frozenset((str(a.id), str(b.id))) for a, b in combinations(movements, 2)
        if _meet(signalled, places, (movements[a], movements[b]), known)
        and not _both_protected(a.heads, b.heads, known)
    ]
    walked = [
        frozenset((str(crossing.id), str(movement.id))) for crossing in crossings for movement in movements
        if movement.id in crossing.crosses and not _both_protected(crossing.heads, movement.heads, known)
    ]
    return frozenset([*pairs, *walked])


def _meet(
    signalled: Signalled, places: Mapping[int, tuple[str, int]], two: tuple[Sequence[Connection], Sequence[Connection]],
    states: Sequence[str],
) -> bool:
    for one in two[0]:
        for other in two[1]:
            here, there = places.get(id(one)), places.get(id(other))
            if here is None or there is None:
                if not any(_goes(state, one.head) and _goes(state, other.head) for state in states):
                    return True
            elif here[0] == there[0] and there[1] in signalled.file.junctions[here[0]].foes.get(here[1], frozenset()):
                return True
    return False


def _goes(state: str, head: int) -> bool:
    return 0 <= head < len(state) and state[head] in "Gg"


def _both_protected(heads: Sequence[int], others: Sequence[int], states: Iterable[str]) -> bool:
    return any(
        all(0 <= head < len(state) and state[head] == "G" for head in (*heads, *others)) for state in states
    )


def _requests(signalled: Signalled) -> Mapping[int, tuple[str, int]]:
    """Each connection's junction and place in its matrix, by the connection's identity; missing where there is none."""
    file = signalled.file
    onward = _inner(file)
    found: dict[int, tuple[str, int]] = {}
    for one in signalled.connections:
        junction = file.junctions.get(file.edges[one.entry].end) if one.entry in file.edges else None
        if junction is not None and junction.foes:
            place = next((junction.inner.index(lane) for lane in _way(one, onward) if lane in junction.inner), None)
            if place is not None:
                found[id(one)] = (junction.id, place)
    return found


def _inner(file: SumoFile) -> Mapping[str, str]:
    inside = (one for one in file.connections if one.entry.startswith(":") and one.via)
    return {f"{one.entry}_{one.entry_lane}": one.via for one in inside}


def _way(one: Connection, onward: Mapping[str, str]) -> Iterator[str]:
    """The inner lanes that a connection runs over, in order."""
    lane, steps = one.via, 0
    while lane and steps < len(onward) + 1:
        yield lane
        lane, steps = onward.get(lane, ""), steps + 1


def place(junctions: Iterable[Junction]) -> tuple[float, float]:
    """The middle of a controller's junctions, as the file counts metres."""
    known = list(junctions)
    return sum(one.x for one in known) / len(known), sum(one.y for one in known) / len(known)
