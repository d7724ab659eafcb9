"""The plain table format: a network as a folder of CSV files, strict, so that any city can write it by hand.

Every file has its header line in this order and no other column; lists are separated by blanks; what is empty is none.
docs/traffic-signals.md shows one. What is wrong is said with file and line.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final, NoReturn

from madang.streets.traffic_signals.contracts import (
    Corridor,
    Crossing,
    CrossingId,
    Detector,
    DetectorId,
    Intersection,
    IntersectionId,
    Link,
    LinkId,
    Movement,
    MovementId,
    Network,
    NetworkFileWrong,
    Place,
    Stage,
    StageId,
    Turn,
)

COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "intersections.csv": ("id", "name", "x", "y", "heads", "yellow", "area"),
    "links.csv": ("id", "start", "end", "length", "speed", "lanes", "side_by_side"),
    "movements.csv": ("intersection", "id", "entry", "exit", "turn", "lanes", "heads", "saturation_flow"),
    "crossings.csv": ("intersection", "id", "length", "heads", "crosses"),
    "stages.csv": ("intersection", "id", "green", "yielding", "walking"),
    "conflicts.csv": ("intersection", "one", "other"),
    "intergreens.csv": ("intersection", "from", "to", "seconds"),
    "detectors.csv": ("id", "link", "lanes", "place", "distance"),
    "corridors.csv": ("id", "name", "intersections"),
    "plans.csv": ("intersection", "cycle", "offset", "stages"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file, which knows where it stands."""

    network: str
    file: str
    number: int
    cells: Mapping[str, str]

    def refuse(self, what: str) -> NoReturn:
        """Raise the error that names this line."""
        raise NetworkFileWrong(self.network, f"{self.file}:{self.number}: {what}")

    def text(self, column: str) -> str:
        """A word, not empty."""
        if not self.cells[column]:
            self.refuse(f"{column} is empty")
        return self.cells[column]

    def number_of(self, column: str, least: float = 0.0) -> float:
        """A number from ``least``."""
        try:
            value = float(self.cells[column])
        except ValueError:
            value = float("nan")
        if not (isfinite(value) and value >= least):
            self.refuse(f"{column} is {self.cells[column]!r}: give a number from {least:g}")
        return value

    def whole(self, column: str, least: int = 0) -> int:
        """A whole number from ``least``."""
        if not self.cells[column].isdecimal() or int(self.cells[column]) < least:
            self.refuse(f"{column} is {self.cells[column]!r}: give a whole number from {least}")
        return int(self.cells[column])

    def wholes(self, column: str) -> tuple[int, ...]:
        """Whole numbers, separated by blanks."""
        words = self.cells[column].split()
        if not all(word.isdecimal() for word in words):
            self.refuse(f"{column} is {self.cells[column]!r}: give whole numbers separated by blanks")
        return tuple(map(int, words))

    def one_of(self, column: str, known: Any) -> str:
        """A word that is known."""
        word = self.text(column)
        if word not in known:
            self.refuse(f"{column} is {word!r}, which is not known here")
        return word

    def several_of(self, column: str, known: Any) -> frozenset[Any]:
        """Words that are known, separated by blanks."""
        words = self.cells[column].split()
        for word in words:
            if word not in known:
                self.refuse(f"{column} names {word!r}, which is not known here")
        return frozenset(words)


def read(name: str, files: Mapping[str, str]) -> Network:
    """The network in these files (name: text). Raises NetworkFileWrong for the first thing that is wrong."""
    for file in files:
        if file not in COLUMNS:
            raise NetworkFileWrong(name, f"{file}: no such file is known; known are {', '.join(COLUMNS)}")
    lines = {file: list(lines_of(name, file, files.get(file))) for file in COLUMNS}
    places = _by_id(lines["intersections.csv"], lambda line: line)
    links = _by_id(lines["links.csv"], lambda line: _link(line, places))
    parts = _Parts(places, links)
    for file, take in _TAKES.items():
        for line in lines[file]:
            take(parts, line)
    made = {IntersectionId(key): parts.intersection(key, line) for key, line in places.items()}
    detectors = _by_id(lines["detectors.csv"], lambda line: _detector(line, links))
    corridors = tuple(_corridor(line, places) for line in lines["corridors.csv"])
    return Network(name, made, {LinkId(key): one for key, one in links.items()},
                   {DetectorId(key): one for key, one in detectors.items()}, corridors)


def written(network: Network) -> dict[str, str]:
    """The files of a network; ``read`` makes the same network of them."""
    return {file: _table(columns, _ROWS[file](network)) for file, columns in COLUMNS.items() if file in _ROWS}


def lines_of(network: str, file: str, text: str | None) -> Iterator[Line]:
    """The lines of one file under its header. Raises NetworkFileWrong."""
    columns = COLUMNS[file]
    if text is None:
        if file in {"intersections.csv", "links.csv", "movements.csv", "stages.csv"}:
            raise NetworkFileWrong(network, f"{file}: is missing")
        return
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        if next(rows, None) != list(columns):
            raise NetworkFileWrong(network, f"{file}:1: the header must be {','.join(columns)}")
        for row in rows:
            if len(row) != len(columns):
                raise NetworkFileWrong(network, f"{file}:{rows.line_num}: {len(row)} cells, {len(columns)} are needed")
            yield Line(network, file, rows.line_num, dict(zip(columns, map(str.strip, row), strict=True)))
    except csv.Error as wrong:
        raise NetworkFileWrong(network, f"{file}:{rows.line_num}: {wrong}") from wrong


def _by_id(lines: Sequence[Line], make: Callable[[Line], Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in lines:
        if line.text("id") in found:
            line.refuse(f"{line.text('id')} stands here twice")
        found[line.text("id")] = make(line)
    return found


def _link(line: Line, places: Mapping[str, Line]) -> Link:
    start, end = (line.one_of(side, places) if line.cells[side] else None for side in ("start", "end"))
    return Link(
        LinkId(line.text("id")), start and IntersectionId(start), end and IntersectionId(end),  # type: ignore[arg-type]
        line.number_of("length"), line.number_of("speed"), line.whole("lanes", 1),
        line.number_of("side_by_side") if line.cells["side_by_side"] else None,
    )


def _detector(line: Line, links: Mapping[str, Link]) -> Detector:
    return Detector(
        DetectorId(line.text("id")), LinkId(line.one_of("link", links)), line.wholes("lanes"),
        Place(line.one_of("place", set(Place))), line.number_of("distance"),
    )


def _corridor(line: Line, places: Mapping[str, Line]) -> Corridor:
    line.several_of("intersections", places)
    return Corridor(line.text("id"), line.text("name"), tuple(map(IntersectionId, line.cells["intersections"].split())))


@dataclass(slots=True)
class _Parts:
    """What belongs to intersections, gathered file by file."""

    places: Mapping[str, Line]
    links: Mapping[str, Link]
    movements: dict[str, list[Movement]] = field(default_factory=lambda: defaultdict(list))
    crossings: dict[str, list[Crossing]] = field(default_factory=lambda: defaultdict(list))
    stages: dict[str, list[Stage]] = field(default_factory=lambda: defaultdict(list))
    conflicts: dict[str, set[frozenset[str]]] = field(default_factory=lambda: defaultdict(set))
    intergreens: dict[str, dict[tuple[StageId, StageId], float]] = field(default_factory=lambda: defaultdict(dict))
    users: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def place(self, line: Line) -> str:
        """The intersection that a line names."""
        return line.one_of("intersection", self.places)

    def own(self, line: Line) -> str:
        """The id of a movement or crossing, new at its intersection."""
        place, name = self.place(line), line.text("id")
        if name in self.users[place]:
            line.refuse(f"{name} stands here twice")
        self.users[place].add(name)
        return name

    def intersection(self, key: str, line: Line) -> Intersection:
        """The intersection with all that was gathered."""
        return Intersection(
            IntersectionId(key), line.text("name"), line.number_of("x", -1e9), line.number_of("y", -1e9),
            tuple(self.movements[key]), tuple(self.stages[key]), line.whole("heads"), tuple(self.crossings[key]),
            frozenset(self.conflicts[key]), dict(self.intergreens[key]), line.number_of("yellow"), line.cells["area"],
        )


def _take_movement(parts: _Parts, line: Line) -> None:
    parts.movements[parts.place(line)].append(Movement(
        MovementId(parts.own(line)), LinkId(line.one_of("entry", parts.links)),
        LinkId(line.one_of("exit", parts.links)), Turn(line.one_of("turn", set(Turn))), line.wholes("lanes"),
        line.wholes("heads"), line.number_of("saturation_flow"),
    ))


def _take_crossing(parts: _Parts, line: Line) -> None:
    place = parts.place(line)
    known = {movement.id for movement in parts.movements[place]}
    parts.crossings[place].append(Crossing(
        CrossingId(parts.own(line)), line.number_of("length"), line.wholes("heads"), line.several_of("crosses", known),
    ))


def _take_stage(parts: _Parts, line: Line) -> None:
    place, name = parts.place(line), StageId(line.text("id"))
    if name in {stage.id for stage in parts.stages[place]}:
        line.refuse(f"stage {name} stands here twice")
    movements = {movement.id for movement in parts.movements[place]}
    crossings = {crossing.id for crossing in parts.crossings[place]}
    parts.stages[place].append(Stage(
        name, line.several_of("green", movements), line.several_of("yielding", movements),
        line.several_of("walking", crossings),
    ))


def _take_conflict(parts: _Parts, line: Line) -> None:
    place = parts.place(line)
    users = parts.users[place]
    parts.conflicts[place].add(frozenset((line.one_of("one", users), line.one_of("other", users))))


def _take_intergreen(parts: _Parts, line: Line) -> None:
    place = parts.place(line)
    known = {stage.id for stage in parts.stages[place]}
    pair = (StageId(line.one_of("from", known)), StageId(line.one_of("to", known)))
    parts.intergreens[place][pair] = line.number_of("seconds")


_TAKES: Final[Mapping[str, Callable[[_Parts, Line], None]]] = {
    "movements.csv": _take_movement, "crossings.csv": _take_crossing, "stages.csv": _take_stage,
    "conflicts.csv": _take_conflict, "intergreens.csv": _take_intergreen,
}


def _table(columns: Sequence[str], rows: Iterator[Sequence[object]]) -> str:
    with io.StringIO(newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        return file.getvalue()


def _words(words: Any) -> str:
    return " ".join(map(str, sorted(words) if isinstance(words, frozenset) else words))


def _of_each(
    network: Network, rows: Callable[[Intersection], Iterator[Sequence[object]]],
) -> Iterator[Sequence[object]]:
    for one in network.intersections.values():
        for row in rows(one):
            yield (one.id, *row)


_ROWS: Final[Mapping[str, Callable[[Network], Iterator[Sequence[object]]]]] = {
    "intersections.csv": lambda network: (
        (one.id, one.name, one.x, one.y, one.heads, one.yellow, one.area) for one in network.intersections.values()),
    "links.csv": lambda network: (
        (one.id, one.start or "", one.end or "", one.length, one.speed, one.lanes,
         "" if one.side_by_side is None else one.side_by_side) for one in network.links.values()),
    "movements.csv": lambda network: _of_each(network, lambda at: (
        (one.id, one.entry, one.exit, one.turn, _words(one.lanes), _words(one.heads), one.saturation_flow)
        for one in at.movements)),
    "crossings.csv": lambda network: _of_each(network, lambda at: (
        (one.id, one.length, _words(one.heads), _words(one.crosses)) for one in at.crossings)),
    "stages.csv": lambda network: _of_each(network, lambda at: (
        (one.id, _words(one.green), _words(one.yielding), _words(one.walking)) for one in at.stages)),
    "conflicts.csv": lambda network: _of_each(network, lambda at: (
        tuple(sorted(pair)) for pair in sorted(at.conflicts, key=sorted) if len(pair) > 1)),
    "intergreens.csv": lambda network: _of_each(network, lambda at: (
        (*pair, seconds) for pair, seconds in at.intergreens.items())),
    "detectors.csv": lambda network: (
        (one.id, one.link, _words(one.lanes), one.place, one.distance) for one in network.detectors.values()),
    "corridors.csv": lambda network: ((one.id, one.name, _words(one.intersections)) for one in network.corridors),
}
