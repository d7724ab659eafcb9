"""A network laid out as arrays, once, so that a whole city is worked on without a loop over its objects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from madang.streets.traffic_signals.contracts import (
    Corridor,
    Detector,
    DetectorId,
    Flags,
    Floats,
    Intersection,
    IntersectionId,
    Link,
    LinkId,
    Movement,
    MovementId,
    Network,
    Place,
    Turn,
)

Indices: TypeAlias = NDArray[np.int64]

USUAL_SHARE = {Turn.LEFT: 0.15, Turn.THROUGH: 0.68, Turn.RIGHT: 0.15, Turn.U_TURN: 0.02}
"""How an approach's traffic divides where nothing has been counted yet, before normalising to its movements: the usual
order of urban turning counts (Highway Capacity Manual, 6th ed., 2016, ch. 31 defaults); counts replace it within
minutes."""

def totals(at: Indices, values: Floats | Flags, size: int) -> Floats:
    """The sum of ``values`` for each of ``size`` places."""
    return np.asarray(np.bincount(at, values, size), np.float64)


def numbers(at: Indices, size: int) -> Indices:
    """How often each of ``size`` places is named."""
    return np.asarray(np.bincount(at, minlength=size), np.int64)


NEAR_STOP_LINE = 80.0
"""Metres: vehicles so near the stop line are in the lane from which they will go."""


@dataclass(frozen=True, slots=True)
class Entries:
    """A sparse matrix by its entries: row i of ``rows`` counts ``share[i]`` of movement ``movements[i]``."""

    rows: Indices
    movements: Indices
    share: Floats

    def times(self, flows: Floats, height: int) -> Floats:
        """The matrix times ``flows``: one value a row."""
        return totals(self.rows, self.share * flows[self.movements], height)

    def transposed_times(self, values: Floats, width: int) -> Floats:
        """The transposed matrix times ``values``: one value a movement."""
        return totals(self.movements, self.share * values[self.rows], width)


@dataclass(frozen=True, slots=True)
class Columns:
    """A network's arrays. Indices are places in the sequences of ids; -1 is none."""

    intersections: Sequence[IntersectionId]
    links: Sequence[LinkId]
    movements: Sequence[MovementId]
    detectors: Sequence[DetectorId]
    entry: Indices
    exit: Indices
    junction: Indices
    """The intersection of each movement."""
    saturation: Floats
    usual_share: Floats
    """Each movement's part of its entry link's traffic where nothing is counted; sums to 1 an entry link."""
    movement_lanes: Floats
    lanes: Floats
    storage: Floats
    speed: Floats
    length: Floats
    approach: NDArray[np.bool_]
    """Links at whose end movements begin."""
    fed: NDArray[np.bool_]
    """Links into which movements of this network lead: their traffic is known from upstream too."""
    detector_link: Indices
    detector_lanes: Floats
    detector_place: NDArray[np.int8]
    """0 stop line, 1 advance, 2 entry."""
    detector_distance: Floats
    seen: Entries
    """What each detector counts of each movement."""
    group: Indices
    """Detectors that together cover all lanes of a link at one place have one group; -1: not a whole."""
    groups: int


def columns(network: Network) -> Columns:
    """Lay ``network`` out. Detectors on unknown links and movements between unknown links are left out."""
    link_at = {link: index for index, link in enumerate(network.links)}
    places = {place: index for index, place in enumerate(network.intersections)}
    pairs = [
        (places[at.id], movement) for at in network.intersections.values() for movement in at.movements
        if movement.entry in link_at and movement.exit in link_at
    ]
    movements = [movement for _, movement in pairs]
    links, entry = list(network.links.values()), _indices(link_at[movement.entry] for movement in movements)
    detectors = [one for one in network.detectors.values() if one.link in link_at]
    exits = _indices(link_at[movement.exit] for movement in movements)
    detector_link = _indices(link_at[one.link] for one in detectors)
    group, groups = _groups(detectors, links, detector_link)
    return Columns(
        tuple(network.intersections), tuple(network.links), tuple(one.id for one in movements),
        tuple(one.id for one in detectors), entry, exits, _indices(place for place, _ in pairs),
        _floats(max(1.0, one.saturation_flow) for one in movements), _usual_share(movements, entry, len(links)),
        _floats(max(1, len(one.lanes)) for one in movements),
        _floats(max(1, one.lanes) for one in links), _floats(one.storage() for one in links),
        _floats(max(1.0, one.speed) for one in links), _floats(max(1.0, one.length) for one in links),
        _marked(entry, len(links)), _marked(exits, len(links)),
        detector_link, _floats(_width(one, links[at]) for one, at in zip(detectors, detector_link, strict=True)),
        np.fromiter((tuple(Place).index(one.place) for one in detectors), np.int8, len(detectors)),
        _floats(max(0.0, one.distance) for one in detectors),
        _seen(detectors, movements, (entry, exits), links, detector_link), group, groups,
    )


def intersections_within(network: Network, chosen: Sequence[IntersectionId]) -> Network:
    """The part of ``network`` around the ``chosen`` intersections.

    Their links, those links' detectors, and each corridor's stretches of two and more that lie inside.
    """
    inside = set(chosen)
    places = {place: network.intersections[place] for place in chosen}
    touched = {link for at in places.values() for one in at.movements for link in (one.entry, one.exit)}
    return Network(
        network.name, places, {name: link for name, link in network.links.items() if name in touched},
        {name: one for name, one in network.detectors.items() if one.link in touched},
        [part for one in network.corridors for part in _inside(one, inside)],
    )


def _inside(corridor: Corridor, inside: set[IntersectionId]) -> list[Corridor]:
    runs = [list(run) for kept, run in groupby(corridor.intersections, inside.__contains__) if kept]
    return [
        Corridor(corridor.id if len(runs) == 1 else f"{corridor.id}.{number}", corridor.name, tuple(run))
        for number, run in enumerate(runs) if len(run) > 1
    ]


def stage_movements(at: Intersection, index: dict[MovementId, int]) -> list[tuple[str, Indices]]:
    """The movements that may go in each stage, protected or giving way."""
    return [
        (stage.id, _indices(index[one] for one in sorted(stage.green | stage.yielding) if one in index))
        for stage in at.stages
    ]


def _indices(values: Iterable[int]) -> Indices:
    return np.fromiter(values, np.int64)


def _floats(values: Iterable[float]) -> Floats:
    return np.fromiter(values, np.float64)


def _marked(at: Indices, size: int) -> NDArray[np.bool_]:
    marked = np.zeros(size, np.bool_)
    marked[at] = True
    return marked


def _usual_share(movements: Sequence[Movement], entry: Indices, links: int) -> Floats:
    share = _floats(USUAL_SHARE[one.turn] for one in movements)
    total = totals(entry, share, links)
    return share / total[entry] if len(share) else share


def _width(one: Detector, link: Link) -> float:
    return float(max(1, len(set(one.lanes)) or link.lanes))


def _groups(detectors: Sequence[Detector], links: Sequence[Link], at: Indices) -> tuple[Indices, int]:
    found: dict[tuple[int, Place, int], list[int]] = {}
    for index, one in enumerate(detectors):
        found.setdefault((int(at[index]), one.place, round(one.distance / 10)), []).append(index)
    group, number = np.full(len(detectors), -1, np.int64), 0
    for (link, _, _), members in found.items():
        lanes = [lane for index in members for lane in (detectors[index].lanes or range(links[link].lanes))]
        if len(lanes) == len(set(lanes)) >= links[link].lanes:
            group[members] = number
            number += 1
    return group, number


def _seen(
    detectors: Sequence[Detector], movements: Sequence[Movement], ends: tuple[Indices, Indices],
    links: Sequence[Link], at: Indices,
) -> Entries:
    """Which share of each movement passes each detector: by lanes near the stop line, evenly over lanes elsewhere."""
    from_link, into_link = (_by_link(end, len(links)) for end in ends)
    rows: list[tuple[int, int, float]] = []
    for index, one in enumerate(detectors):
        link = int(at[index])
        upstream = into_link[link] and (one.place is Place.ENTRY or not from_link[link])
        near = one.place is not Place.ENTRY and one.distance <= NEAR_STOP_LINE
        lanes = frozenset(one.lanes) or frozenset(range(links[link].lanes))
        even = min(1.0, len(lanes) / max(1, links[link].lanes))
        for movement in into_link[link] if upstream else from_link[link]:
            share = even if upstream or not near else _share_of(lanes, movements[movement])
            if share > 0:
                rows.append((index, movement, share))
    table = np.array(rows, np.float64).reshape(-1, 3)
    return Entries(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])


def _by_link(end: Indices, links: int) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(links)]
    for movement, link in enumerate(end.tolist()):
        found[link].append(movement)
    return found


def _share_of(lanes: frozenset[int], movement: Movement) -> float:
    return len(lanes.intersection(movement.lanes)) / len(movement.lanes) if movement.lanes else 1.0
