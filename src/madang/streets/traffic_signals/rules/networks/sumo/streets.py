"""Edges of a SUMO file joined into links: one direction of a street from one decision to the next.

A SUMO edge ends wherever a lane begins or a limit changes, often a few metres before a stop line. Here edges are joined
where each is the other's main continuation and no signal stands between.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from madang.streets.traffic_signals.contracts import IntersectionId, Link, LinkId
from madang.streets.traffic_signals.rules.networks.sumo.file import Edge, SumoFile


@dataclass(frozen=True, slots=True)
class Street:
    """A link and the edges that it was made of, in driving order. Its id is its last edge's."""

    edges: Sequence[Edge]

    @property
    def id(self) -> LinkId:
        """The last edge's."""
        return LinkId(self.edges[-1].id)

    def link(self, controllers: Mapping[str, str]) -> Link:
        """What the room says of it; ``controllers`` names the controller of each signalled junction."""
        length = sum(_length(edge) for edge in self.edges)
        seconds = sum(_length(edge) / max(edge.lanes[0].speed, 0.1) for edge in self.edges)
        start, end = (controllers.get(id_) for id_ in (self.edges[0].start, self.edges[-1].end))
        return Link(
            self.id, None if start is None else IntersectionId(start), None if end is None else IntersectionId(end),
            round(length, 2),
            round(length / seconds, 2) if seconds else 0.1, len(self.edges[-1].drivable), self._side_by_side(),
        )

    def _side_by_side(self) -> float:
        lanes, metres = len(self.edges[-1].drivable), 0.0
        for edge in reversed(self.edges):
            if len(edge.drivable) != lanes:
                break
            metres += _length(edge)
        return round(metres, 2)


def streets(file: SumoFile) -> Mapping[str, Street]:
    """The street of every edge that vehicles use, by edge id."""
    following = _joined(file)
    led_to = set(following.values())
    found = [_chain(edge, following, file) for edge in _usable(file) if edge.id not in led_to]
    by_edge = {edge.id: street for street in found for edge in street.edges}
    rings = (edge for edge in _usable(file) if edge.id not in by_edge)
    return by_edge | {edge.id: Street([edge]) for edge in rings}


def _length(edge: Edge) -> float:
    return max((lane.length for lane in edge.lanes), default=0.0)


def _usable(file: SumoFile) -> list[Edge]:
    return [edge for edge in file.edges.values() if not edge.function and edge.drivable]


def _chain(first: Edge, following: Mapping[str, str], file: SumoFile) -> Street:
    edges = [first]
    while edges[-1].id in following:
        edges.append(file.edges[following[edges[-1].id]])
    return Street(edges)


def _joined(file: SumoFile) -> Mapping[str, str]:
    usable = {edge.id for edge in _usable(file)}
    after: dict[str, Counter[str]] = defaultdict(Counter)
    before: dict[str, Counter[str]] = defaultdict(Counter)
    for connection in file.connections:
        onward = connection.entry in usable and connection.exit in usable and connection.direction != "t"
        if onward and not _signalled(file, connection.entry):
            weight = 100 if connection.direction == "s" else 1
            after[connection.entry][connection.exit] += weight
            before[connection.exit][connection.entry] += weight
    main = {entry: counts.most_common(1)[0][0] for entry, counts in after.items()}
    back = {exit_: counts.most_common(1)[0][0] for exit_, counts in before.items()}
    return {entry: exit_ for entry, exit_ in main.items() if back[exit_] == entry and exit_ != entry}


def _signalled(file: SumoFile, edge: str) -> bool:
    junction = file.junctions.get(file.edges[edge].end)
    return junction is not None and junction.kind.startswith("traffic_light")
