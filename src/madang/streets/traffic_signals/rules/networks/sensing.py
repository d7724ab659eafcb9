"""Where detectors lie in a made-up network: first on arterials, then on other streets, until there are enough."""

from collections.abc import Iterable, Mapping
from random import Random

from madang.streets.traffic_signals.contracts import (
    Detector,
    DetectorId,
    Intersection,
    Link,
    LinkId,
    Movement,
    Place,
    Turn,
)

ADVANCE, FAR = 40.0, 150.0
"""Metres before the stop line."""
Wanted = tuple[float, Detector]
"""How soon it is built (lower first), and what."""


def placed(
    intersections: Iterable[Intersection], links: Mapping[LinkId, Link], arterial: set[LinkId], number: int,
    chance: Random,
) -> dict[DetectorId, Detector]:
    """At most ``number`` detectors: on arterials one before the stop line and one at the left turn, then the others."""
    wanted: list[Wanted] = []
    for at in intersections:
        for entry in dict.fromkeys(one.entry for one in at.movements):
            turns = {one.turn: one for one in at.movements if one.entry == entry}
            choose = _on_arterial if entry in arterial else _on_street
            wanted += [(rank + chance.random(), one) for rank, one in choose(links[entry], turns)]
    wanted.sort(key=lambda one: (one[0], one[1].id))
    kept = sorted((one for _, one in wanted[:number]), key=lambda one: one.id)
    return {one.id: one for one in kept}


def _on_arterial(link: Link, turns: Mapping[Turn, Movement]) -> list[Wanted]:
    found = [(0.0, _detector(link, tuple(range(link.lanes)), Place.ADVANCE, ADVANCE))]
    if Turn.LEFT in turns:
        found.append((0.5, _detector(link, turns[Turn.LEFT].lanes, Place.STOP_LINE, 0.0)))
    if Turn.THROUGH in turns:
        found.append((1.2, _detector(link, turns[Turn.THROUGH].lanes, Place.STOP_LINE, 0.0)))
    return found


def _on_street(link: Link, turns: Mapping[Turn, Movement]) -> list[Wanted]:
    everything = tuple(range(link.lanes))
    far = max(0.0, min(FAR, link.length - 10.0))
    found = [(0.7, _detector(link, everything, Place.STOP_LINE, 0.0))]
    return [*found, (2.0, _detector(link, everything, Place.ENTRY, far))] if len(turns) > 1 else found


def _detector(link: Link, lanes: tuple[int, ...], place: Place, distance: float) -> Detector:
    name = DetectorId(f"{link.id}/{place.value}{min(lanes)}-{max(lanes)}")
    return Detector(name, link.id, lanes, place, distance)
