"""The street as the signals see it: links, movements, stages, crossings, detectors.

Lengths in metres, speeds in metres a second, times in seconds, flows in vehicles an hour unless a name says otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from madang.kernel.errors import CityError

IntersectionId = NewType("IntersectionId", str)
LinkId = NewType("LinkId", str)
MovementId = NewType("MovementId", str)
"""Unique in the network: ``intersection/from>to``."""
CrossingId = NewType("CrossingId", str)
DetectorId = NewType("DetectorId", str)
StageId = NewType("StageId", str)
"""Unique in its intersection."""


class Turn(StrEnum):
    """Where a movement goes, seen from its approach."""

    LEFT = "left"
    THROUGH = "through"
    RIGHT = "right"
    U_TURN = "u_turn"


class Place(StrEnum):
    """Where on its link a detector lies."""

    STOP_LINE = "stop_line"
    ADVANCE = "advance"
    """Some tens of metres before the stop line: who arrives, before they queue."""
    ENTRY = "entry"
    """At the link's upstream end: whether it is full."""


@dataclass(frozen=True, slots=True)
class Link:
    """One direction of a street between two junctions. ``start``/``end`` are None where the network ends."""

    id: LinkId
    start: IntersectionId | None
    end: IntersectionId | None
    length: float
    speed: float
    lanes: int
    side_by_side: float | None = None
    """Metres before the stop line over which all its lanes run, fewer farther back. None: the whole length."""

    def storage(self, vehicle_space: float = 7.0) -> float:
        """How many vehicles fit, standing; ``vehicle_space`` is metres a vehicle in a queue."""
        return max(1.0, self.length / vehicle_space) * self.lanes


@dataclass(frozen=True, slots=True)
class Movement:
    """Traffic from one link to another through an intersection.

    ``lanes`` are the approach's lanes (0 is the kerb's) from which it goes, shared with other movements or not;
    ``heads`` are its places in the controller's list of signal heads. ``saturation_flow`` is for all its lanes
    together, vehicles an hour of green.
    """

    id: MovementId
    entry: LinkId
    exit: LinkId
    turn: Turn
    lanes: tuple[int, ...]
    heads: tuple[int, ...]
    saturation_flow: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where people walk over a link. ``crosses`` are the movements that must have red or give way meanwhile."""

    id: CrossingId
    length: float
    heads: tuple[int, ...]
    crosses: frozenset[MovementId]


@dataclass(frozen=True, slots=True)
class Stage:
    """Movements and crossings that have green together. ``yielding`` ones go, but give way (a filter turn)."""

    id: StageId
    green: frozenset[MovementId]
    yielding: frozenset[MovementId] = frozenset()
    walking: frozenset[CrossingId] = frozenset()


@dataclass(frozen=True, slots=True)
class Intersection:
    """A signalled intersection. ``stages`` are in the order of its usual cycle.

    ``conflicts`` holds unordered pairs that may never both have protected green; what the network's source does not
    say is derived from geometry or from its own programmes. ``intergreens`` maps (stage, next stage) to the seconds
    from the end of green to the next green (yellow and all-red); ``yellow`` is its part that is shown as yellow.
    """

    id: IntersectionId
    name: str
    x: float
    y: float
    """Place: degrees east and north (WGS 84) for a city's network, metres for a network without a projection."""
    movements: Sequence[Movement]
    stages: Sequence[Stage]
    heads: int
    """How many signal heads the controller drives."""
    crossings: Sequence[Crossing] = ()
    conflicts: frozenset[frozenset[str]] = frozenset()
    """Pairs of movement or crossing ids."""
    intergreens: Mapping[tuple[StageId, StageId], float] = field(default_factory=dict)
    yellow: float = 3.0
    area: str = ""
    """The district, for pages and for sharing work."""


@dataclass(frozen=True, slots=True)
class Detector:
    """Something that counts vehicles on lanes of a link, ``distance`` metres before the stop line."""

    id: DetectorId
    link: LinkId
    lanes: tuple[int, ...]
    place: Place
    distance: float


@dataclass(frozen=True, slots=True)
class Corridor:
    """Intersections along a street, in order, whose plans are coordinated, and the movements that run through."""

    id: str
    name: str
    intersections: Sequence[IntersectionId]


@dataclass(frozen=True, slots=True)
class Network:
    """A whole network of streets. Raises nothing: ``rules.networks.problems`` says what is wrong with one."""

    name: str
    intersections: Mapping[IntersectionId, Intersection]
    links: Mapping[LinkId, Link]
    detectors: Mapping[DetectorId, Detector]
    corridors: Sequence[Corridor] = ()


@dataclass(eq=False)
class NetworkFileWrong(CityError):
    """A network file cannot be read; ``what`` says what is wrong and where, in English."""

    code = "traffic_signals.network_file_wrong"
    message = "The network file {name} cannot be used: {what}"
    name: str
    what: str
