"""What stands in a SUMO network file. No document type is accepted, so that no entity can be declared."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from madang.streets.traffic_signals.contracts import NetworkFileWrong

_NO_LANE_FOR_VEHICLES = frozenset({"pedestrian"})
_ALL_VEHICLES = "passenger"


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of an edge; ``index`` counts from the kerb."""

    id: str
    index: int
    length: float
    speed: float
    vehicles: bool


@dataclass(slots=True)
class Edge:
    """A piece of one direction of a street; ``start`` and ``end`` are junctions."""

    id: str
    start: str
    end: str
    function: str
    crosses: frozenset[str]
    lanes: list[Lane] = field(default_factory=list)

    @property
    def drivable(self) -> list[Lane]:
        """The lanes that vehicles may use, from the kerb."""
        return [lane for lane in self.lanes if lane.vehicles]


@dataclass(frozen=True, slots=True)
class Connection:
    """From a lane to a lane; ``signal`` and ``head`` where a controller stands between."""

    entry: str
    entry_lane: int
    exit: str
    exit_lane: int
    via: str
    signal: str
    head: int
    direction: str


@dataclass(slots=True)
class Junction:
    """A node; ``foes[i]`` holds the request indices that conflict with request i."""

    id: str
    kind: str
    x: float
    y: float
    inner: tuple[str, ...]
    foes: dict[int, frozenset[int]] = field(default_factory=dict)


@dataclass(slots=True)
class Programme:
    """What a controller shows: (seconds, one letter a head), from ``offset`` after midnight on, repeated."""

    signal: str
    id: str
    offset: float
    phases: list[tuple[float, str]] = field(default_factory=list)


@dataclass(slots=True)
class SumoFile:
    """The parts of a network file that signals need."""

    name: str
    projection: str = "!"
    moved: tuple[float, float] = (0.0, 0.0)
    edges: dict[str, Edge] = field(default_factory=dict)
    connections: list[Connection] = field(default_factory=list)
    junctions: dict[str, Junction] = field(default_factory=dict)
    programmes: dict[str, list[Programme]] = field(default_factory=lambda: defaultdict(list))


def opened(text: bytes, name: str) -> SumoFile:
    """The file's content. Raises NetworkFileWrong saying what is wrong and on which line."""
    reading = _Reading(SumoFile(name))
    parser = expat.ParserCreate()
    parser.StartElementHandler = reading.start
    parser.StartDoctypeDeclHandler = reading.refuse_doctype
    try:
        parser.Parse(text, True)  # noqa: FBT003 -- expat's own signature: this is the whole file
    except expat.ExpatError as error:
        raise NetworkFileWrong(name=name, what=f"it is not well-formed XML: {error}") from error
    except KeyError as error:
        raise _at(name, parser, f"the attribute {error} is missing") from error
    except ValueError as error:
        raise _at(name, parser, str(error)) from error
    if not reading.is_network:
        raise NetworkFileWrong(name=name, what="it has no <net>: a SUMO network file is expected")
    return reading.file


def _at(name: str, parser: expat.XMLParserType, what: str) -> NetworkFileWrong:
    return NetworkFileWrong(name=name, what=f"line {parser.CurrentLineNumber}: {what}")


class _Reading:
    """Fills a SumoFile element by element; the element last opened takes its children."""

    def __init__(self, file: SumoFile) -> None:
        self.file = file
        self.is_network = False
        self._edge: Edge | None = None
        self._junction: Junction | None = None
        self._programme: Programme | None = None
        self._by_tag: Mapping[str, Callable[[dict[str, str]], None]] = {
            "net": self._net, "location": self._location, "edge": self._start_edge, "lane": self._lane,
            "connection": self._connection, "junction": self._start_junction, "request": self._request,
            "tlLogic": self._start_programme, "phase": self._phase,
        }

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        take = self._by_tag.get(tag)
        if take is not None:
            take(attributes)

    def refuse_doctype(self, *_: object) -> None:
        message = "it declares a document type; none is needed, and none is accepted"
        raise ValueError(message)

    def _net(self, _: dict[str, str]) -> None:
        self.is_network = True

    def _location(self, attributes: dict[str, str]) -> None:
        x, _, y = attributes.get("netOffset", "0,0").partition(",")
        self.file.moved = (float(x), float(y))
        self.file.projection = attributes.get("projParameter", "!")

    def _start_edge(self, attributes: dict[str, str]) -> None:
        crosses = frozenset(attributes.get("crossingEdges", "").split())
        start, end = attributes.get("from", ""), attributes.get("to", "")
        self._edge = Edge(attributes["id"], start, end, attributes.get("function", ""), crosses)
        self.file.edges[self._edge.id] = self._edge

    def _lane(self, attributes: dict[str, str]) -> None:
        if self._edge is None:
            message = "a lane stands outside an edge"
            raise ValueError(message)
        lane = Lane(
            attributes["id"], int(attributes["index"]), float(attributes["length"]), float(attributes["speed"]),
            _for_vehicles(attributes),
        )
        self._edge.lanes.append(lane)

    def _connection(self, attributes: dict[str, str]) -> None:
        self.file.connections.append(Connection(
            attributes["from"], int(attributes["fromLane"]), attributes["to"], int(attributes["toLane"]),
            attributes.get("via", ""), attributes.get("tl", ""), int(attributes.get("linkIndex", "-1")),
            attributes.get("dir", "s"),
        ))

    def _start_junction(self, attributes: dict[str, str]) -> None:
        self._junction = Junction(
            attributes["id"], attributes.get("type", ""), float(attributes["x"]), float(attributes["y"]),
            tuple(attributes.get("intLanes", "").split()),
        )
        self.file.junctions[self._junction.id] = self._junction

    def _request(self, attributes: dict[str, str]) -> None:
        if self._junction is not None:
            bits = reversed(attributes["foes"])
            self._junction.foes[int(attributes["index"])] = frozenset(i for i, bit in enumerate(bits) if bit == "1")

    def _start_programme(self, attributes: dict[str, str]) -> None:
        self._programme = Programme(attributes["id"], attributes.get("programID", "0"), float(attributes["offset"]))
        self.file.programmes[self._programme.signal].append(self._programme)

    def _phase(self, attributes: dict[str, str]) -> None:
        if self._programme is None:
            message = "a phase stands outside a programme"
            raise ValueError(message)
        self._programme.phases.append((float(attributes["duration"]), attributes["state"]))


def _for_vehicles(attributes: dict[str, str]) -> bool:
    if "allow" in attributes:
        return not set(attributes["allow"].split()) <= _NO_LANE_FOR_VEHICLES
    return attributes.get("disallow") != "all" and _ALL_VEHICLES not in attributes.get("disallow", "").split()
