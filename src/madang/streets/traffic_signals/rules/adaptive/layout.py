"""An intersection as adaptive mode sees it: lanes with their detectors, and what each stage lets a lane do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from madang.streets.traffic_signals.contracts import (
    Detector,
    DetectorId,
    Intersection,
    Limits,
    Link,
    LinkId,
    Movement,
    Network,
    Place,
    Stage,
)
from madang.streets.traffic_signals.rules.safety import Junction, green_needed

OPEN: Final = 0.5
"""Vehicles a second of green from a lane that is free to go: 1,800 an hour (HCM 2016, chapter 19)."""
PRIOR: Final = {"free": OPEN, "mixed": 0.4, "yielding": 0.25, "partly red": 0.2, "red": 0.0}
"""Before anything was counted: what a lane discharges by what its movements may do; counts correct it soon."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane at a stop line. ``ahead`` is its advance detector, whole links' where ``shared``."""

    link: Link
    index: int
    movements: Sequence[Movement]
    stop: DetectorId | None
    ahead: Detector | None
    shared: bool
    entry: Detector | None

    @property
    def name(self) -> str:
        """For an engineer: ``link lane 2``."""
        return f"{self.link.id} lane {self.index + 1}"

    def may(self, stage: Stage) -> str:
        """What its movements may do in a stage: one of ``PRIOR``'s keys."""
        free = sum(way.id in stage.green for way in self.movements)
        yielding = sum(way.id in stage.yielding for way in self.movements)
        if free == len(self.movements):
            return "free"
        if not free + yielding:
            return "red"
        if free + yielding < len(self.movements):
            return "partly red"
        return "mixed" if free else "yielding"


@dataclass(frozen=True, slots=True)
class Layout:
    """What does not change while a controller runs."""

    lanes: Sequence[Lane]
    stages: Sequence[Stage]
    may: Sequence[Sequence[str]]
    """By lane and stage."""
    change: Sequence[Sequence[float]]
    """Seconds from the end of one stage to the green of another."""
    green: Sequence[float]
    """The shortest green of each stage."""
    exits: Mapping[LinkId, Sequence[Detector]]
    """The detectors that say whether an exit link is full."""


def layout(network: Network, intersection: Intersection, limits: Limits) -> Layout:
    """Lanes in the order of their names; stages in the order of the intersection."""
    by_link: dict[LinkId, list[Detector]] = {}
    for detector in network.detectors.values():
        by_link.setdefault(detector.link, []).append(detector)
    ways: dict[tuple[LinkId, int], list[Movement]] = {}
    for way in intersection.movements:
        for index in way.lanes or (0,):
            ways.setdefault((way.entry, index), []).append(way)
    lanes = [
        _lane(network.links[link], index, ways[link, index], by_link.get(link, []))
        for link, index in sorted(ways)
    ]
    junction = Junction(intersection, limits)
    stages = intersection.stages
    return Layout(
        lanes, stages, [[lane.may(stage) for stage in stages] for lane in lanes],
        [[junction.change(a.id, b.id).seconds for b in stages] for a in stages],
        [green_needed(intersection, stage, limits) for stage in stages],
        {way.exit: _far(by_link.get(way.exit, [])) for way in intersection.movements},
    )


def _lane(link: Link, index: int, ways: Sequence[Movement], detectors: Sequence[Detector]) -> Lane:
    mine = [each for each in detectors if index in each.lanes]
    stop = next((each.id for each in mine if each.place is Place.STOP_LINE), None)
    ahead = min((each for each in mine if each.place is Place.ADVANCE), key=lambda each: len(each.lanes), default=None)
    entry = next((each for each in mine if each.place is Place.ENTRY), None)
    return Lane(link, index, ways, stop, ahead, ahead is not None and len(ahead.lanes) > 1, entry)


def _far(detectors: Sequence[Detector]) -> Sequence[Detector]:
    for place in (Place.ENTRY, Place.ADVANCE):
        found = [each for each in detectors if each.place is place]
        if found:
            return found
    return []
