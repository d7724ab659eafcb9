"""Drawings as numbers: the template writes them as SVG, so that colours and dark mode stay in the style sheet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians

from madang.streets.traffic_signals.contracts import Intersection, IntersectionId, Network, StageId, TimingPlan
from madang.streets.traffic_signals.contracts.corridor import Band, Diagram

WIDTH = 1000.0
MARGIN = 14.0
MOST_DOTS = 2_000
"""More would make a page of megabytes; then the map shows areas."""
TRACK = 26.0
LEFT = 150.0
HEIGHT = 500.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A place on the map."""

    x: str
    y: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line on a drawing."""

    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True, slots=True)
class Map:
    """Dots and the streets between them, in a box of WIDTH by ``height``."""

    height: str
    streets: Sequence[Stroke]
    dots: Sequence[Dot]


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a cycle on a track."""

    x: str
    width: str
    y: str
    kind: str
    text: str = ""


def network_map(network: Network, kinds: Mapping[IntersectionId, str], places: Iterable[IntersectionId]) -> Map:
    """The map of these intersections; ``kinds`` says what is special about some."""
    shown = [network.intersections[one] for one in places]
    if not shown:
        return Map("0", (), ())
    frame = _Frame(shown)
    at = {one.id: frame.place(one) for one in shown}
    streets = {tuple(sorted((link.start, link.end))) for link in network.links.values()
               if link.start in at and link.end in at}
    return Map(
        f"{frame.height:.0f}", [] if len(shown) > MOST_DOTS else [
            Stroke(*(f"{value:.0f}" for value in (*at[one], *at[other]))) for one, other in sorted(streets)],
        [Dot(f"{at[one.id][0]:.0f}", f"{at[one.id][1]:.0f}", kinds.get(one.id, "usual"), one.name)
         for one in shown[:: max(1, len(shown) // MOST_DOTS)]],
    )


class _Frame:
    """Fits places into the map; degrees are stretched as they lie at that latitude."""

    def __init__(self, shown: Sequence[Intersection]) -> None:
        self._west, self._north = min(one.x for one in shown), max(one.y for one in shown)
        width, height = max(one.x for one in shown) - self._west, self._north - min(one.y for one in shown)
        is_degrees = max(abs(one.x) for one in shown) <= 180 and max(abs(one.y) for one in shown) <= 90  # noqa: PLR2004 -- the earth
        self._shrink = cos(radians(self._north)) if is_degrees else 1.0
        self._scale = (WIDTH - 2 * MARGIN) / max(width * self._shrink, height, 1e-9)
        self.height = height * self._scale + 2 * MARGIN

    def place(self, one: Intersection) -> tuple[float, float]:
        """Right and down."""
        right = (one.x - self._west) * self._shrink * self._scale
        return right + MARGIN, (self._north - one.y) * self._scale + MARGIN


def cycle_bars(at: Intersection, plan: TimingPlan, row: int = 0) -> list[Bar]:
    """A plan's cycle as bars on one track: greens by stage, and what lies between."""
    bars, moment, scale = [], 0.0, WIDTH / max(plan.cycle, 1)
    for now, then in pairwise([*plan.stages, plan.stages[0]]):
        gap = at.intergreens.get((now.stage, then.stage), 0.0)
        bars += [_bar(moment, now.green, scale, row, "green", f"{now.stage} · {now.green} s"),
                 _bar(moment + now.green, gap, scale, row, "between")]
        moment += now.green + gap
    return bars


def head_tracks(at: Intersection, plan: TimingPlan) -> list[tuple[str, list[Bar]]]:
    """One track for every movement and crossing: when it has green, when it gives way, when people walk."""
    stages, scale = {stage.id: stage for stage in at.stages}, (WIDTH - LEFT) / max(plan.cycle, 1)
    users = [*(one.id for one in at.movements), *(one.id for one in at.crossings)]
    tracks: dict[str, list[Bar]] = {str(user): [] for user in users}
    moment, order = 0.0, list(plan.stages)
    for now, then in pairwise([*order, order[0]]):
        gap, stage = at.intergreens.get((now.stage, then.stage), 0.0), stages[StageId(now.stage)]
        for row, user in enumerate(tracks):
            kind = "walk" if user in stage.walking else "yielding" if user in stage.yielding else (
                "green" if user in stage.green else "")
            if kind:
                bar = _bar(moment, now.green, scale, row, kind)
                tracks[user].append(Bar(f"{float(bar.x) + LEFT:.1f}", bar.width, bar.y, kind))
        moment += now.green + gap
    return list(tracks.items())


@dataclass(frozen=True, slots=True)
class TimeSpace:
    """Greens as bars, bands as polygons, and how far down each stop lies."""

    levels: Sequence[str]
    bars: Sequence[Bar]
    bands: Sequence[tuple[str, str]]


def time_space(diagram: Diagram) -> TimeSpace:
    """The time–space diagram: time to the right, the corridor's first stop below."""
    length = max(diagram.stops[-1].metres, 1.0)
    scale = (WIDTH - LEFT) / diagram.seconds
    levels = [HEIGHT - 30 - stop.metres / length * (HEIGHT - 60) for stop in diagram.stops]
    bars = [
        Bar(f"{LEFT + begin * scale:.1f}", f"{(end - begin) * scale:.1f}", f"{level + shift:.1f}", kind)
        for stop, level in zip(diagram.stops, levels, strict=True)
        for kind, spans, shift in (("onward", stop.onward, -7), ("back", stop.back, 1)) for begin, end in spans
    ]
    bands = [("onward", _polygon(band, levels, scale)) for band in diagram.onward]
    bands += [("back", _polygon(band, levels[::-1], scale)) for band in diagram.back]
    return TimeSpace([f"{level:.1f}" for level in levels], bars, bands)


def _polygon(band: Band, levels: Sequence[float], scale: float) -> str:
    first = [(band.begin + later, level) for later, level in zip(band.arrivals, levels, strict=True)]
    last = [(band.end + later, level) for later, level in zip(band.arrivals, levels, strict=True)]
    return " ".join(f"{LEFT + moment * scale:.1f},{level:.1f}" for moment, level in [*first, *reversed(last)])


def _bar(begin: float, seconds: float, scale: float, row: int, kind: str, text: str = "") -> Bar:
    return Bar(f"{begin * scale:.1f}", f"{max(seconds * scale, 0):.1f}", f"{row * TRACK:.0f}", kind, text)
