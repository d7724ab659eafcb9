"""A network in a city's shape, made up from a seed: for tests, the simulation and benchmarks. No street in it is real.

Arterials of six to eight lanes every few blocks, streets of two to four between them with some missing, a river that
only arterials cross, Korean stages (split approaches, or protected lefts before the through traffic), crossings on
every leg.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, dist, hypot, sqrt
from random import Random

from madang.streets.traffic_signals.contracts import Corridor, Intersection, IntersectionId, Link, LinkId, Network
from madang.streets.traffic_signals.rules.networks.junctions import NORTH, Leg, junction, opposite
from madang.streets.traffic_signals.rules.networks.sensing import placed

EAST_OF, NORTH_OF = 126.99, 37.55
DEGREE_NORTH, DEGREE_EAST = 111_000.0, 88_000.0
"""Metres a degree at Seoul's latitude."""
BLOCK = 217.0
"""Metres between intersections: 605 km2 and 12,800 of them."""
ARTERIAL_EVERY = 5
BRIDGE_EVERY = 10
CORRIDOR = 12
"""Intersections in a corridor, at most."""
FAST, SLOW = 50 / 3.6, 30 / 3.6
"""Speed limits of arterials and of other streets in Korean cities (안전속도 5030, Road Traffic Act enforcement rule
art. 19, 2021), m/s."""

Spot = tuple[int, int]
District = tuple[str, float, float]
"""Name, degrees east, degrees north."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where intersections stand and which are joined: column and row of each, both ways of every street."""

    columns: int
    rows: int
    spots: Sequence[Spot]
    joined: frozenset[tuple[Spot, Spot]]

    def arterial(self, one: Spot, way: int) -> bool:
        """Whether the street through ``one`` along ``way`` (0 and 2 north–south) is an arterial."""
        return one[0 if way % 2 == 0 else 1] % ARTERIAL_EVERY == ARTERIAL_EVERY // 2


def city(
    intersections: int = 12_800, detectors: int = 42_000, *, seed: int = 1, districts: Sequence[District] = ()
) -> Network:
    """A network of so many intersections and (at most) so many detectors; the same for the same arguments.

    ``districts`` are laid over it in their own shape: each intersection belongs to the nearest one.
    """
    chance = Random(seed)  # noqa: S311 -- streets that nobody guesses for gain
    grid = _grid(intersections, chance)
    places = {spot: _place(grid, spot, chance) for spot in grid.spots}
    areas = _areas(places, districts)
    names = {spot: IntersectionId(f"i{number:06}") for number, spot in enumerate(grid.spots)}
    made: dict[IntersectionId, Intersection] = {}
    links: dict[LinkId, Link] = {}
    for spot in grid.spots:
        legs = _legs(grid, spot, names)
        made[names[spot]] = junction(names[spot], legs, places[spot], areas[spot], split=chance.random() < 0.4)  # noqa: PLR2004 -- a share
        links |= {link.id: link for link in _links_at(grid, spot, legs, (names, places))}
    arterial = {link.id for link in links.values() if link.speed == FAST}
    return Network(
        f"generated-{intersections}-{seed}", made, links, placed(made.values(), links, arterial, detectors, chance),
        list(_corridors(grid, names)),
    )


def _grid(number: int, chance: Random) -> Grid:
    columns = max(1, ceil(sqrt(number * 1.25)))
    rows = ceil(number / columns)
    spots = [(place % columns, place // columns) for place in range(number)]
    grid = Grid(columns, rows, spots, frozenset())
    here, river = set(spots), rows // 2 if rows > ARTERIAL_EVERY * 2 else -1
    joined: set[tuple[Spot, Spot]] = set()
    degree = dict.fromkeys(spots, 0)
    wanted = [
        (one, other, way) for one in spots
        for way, other in ((1, (one[0] + 1, one[1])), (0, (one[0], one[1] + 1))) if other in here
    ]
    for one, other, way in wanted:
        over_river = way == 0 and one[1] == river
        keep = one[0] % BRIDGE_EVERY == ARTERIAL_EVERY // 2 if over_river else (
            grid.arterial(one, way) or chance.random() > 0.15 or min(degree[one], degree[other]) < 1)  # noqa: PLR2004 -- a share
        if keep:
            joined |= {(one, other), (other, one)}
            degree[one] += 1
            degree[other] += 1
    return Grid(columns, rows, spots, frozenset(joined))


def _place(grid: Grid, spot: Spot, chance: Random) -> tuple[float, float]:
    """Degrees east and north, a little off the grid."""
    east = (spot[0] - grid.columns / 2 + chance.uniform(-0.2, 0.2)) * BLOCK
    north = (grid.rows / 2 - spot[1] + chance.uniform(-0.2, 0.2)) * BLOCK
    return EAST_OF + east / DEGREE_EAST, NORTH_OF + north / DEGREE_NORTH


def _areas(places: dict[Spot, tuple[float, float]], districts: Sequence[District]) -> dict[Spot, str]:
    """The nearest district's name, the districts' frame being stretched over the network's."""
    if not districts or not places:
        return dict.fromkeys(places, "")
    scaled = list(zip(*(_unit(axis) for axis in zip(*((x, y) for _, x, y in districts), strict=True)), strict=True))
    frame = list(zip(*(_unit(axis) for axis in zip(*places.values(), strict=True)), strict=True))
    nearest = (min(zip(scaled, districts, strict=True), key=lambda one: dist(one[0], here))[1] for here in frame)
    return {spot: district[0] for spot, district in zip(places, nearest, strict=True)}


def _unit(values: Sequence[float]) -> list[float]:
    low, high = min(values), max(values)
    return [(value - low) / ((high - low) or 1.0) for value in values]


def _neighbour(spot: Spot, way: int) -> Spot:
    east, south = ((0, -1), (1, 0), (0, 1), (-1, 0))[way]
    return spot[0] + east, spot[1] + south


def _legs(grid: Grid, spot: Spot, names: dict[Spot, IntersectionId]) -> dict[int, Leg]:
    """The streets at an intersection by direction; arterials go on over the city's edge, and no one is left alone."""
    ways = [way for way in range(NORTH, 4) if (spot, _neighbour(spot, way)) in grid.joined]
    outside = [way for way in range(NORTH, 4) if _neighbour(spot, way) not in names]
    few = len(ways) < 2  # noqa: PLR2004 -- a dead end has no signal
    out = [way for way in outside if grid.arterial(spot, way) or few] or ([(ways[0] + 2) % 4] if len(ways) == 1 else [])
    here = names[spot]
    return {
        way: Leg(
            LinkId(f"{names.get(_neighbour(spot, way), 'edge') if way in ways else 'edge'}.{here}.{way}"),
            LinkId(f"{here}.{names[_neighbour(spot, way)]}.{opposite(way)}" if way in ways else f"{here}.edge.{way}"),
            _lanes(grid, spot, way),
        )
        for way in sorted({*ways, *out})
    }


def _lanes(grid: Grid, spot: Spot, way: int) -> int:
    line = spot[0 if way % 2 == 0 else 1]
    return 3 + line // ARTERIAL_EVERY % 2 if grid.arterial(spot, way) else 1 + line % 2


def _links_at(
    grid: Grid, spot: Spot, legs: dict[int, Leg],
    known: tuple[dict[Spot, IntersectionId], dict[Spot, tuple[float, float]]],
) -> list[Link]:
    """The links that end here, and those over the edge that begin here."""
    names, places = known
    made = []
    for way, leg in legs.items():
        other = _neighbour(spot, way)
        inner = (spot, other) in grid.joined
        length = _metres(places[spot], places[other]) if inner else BLOCK
        if inner and way % 2 == 0 and grid.rows // 2 == min(spot[1], other[1]) and grid.rows > ARTERIAL_EVERY * 2:
            length += 900.0
        speed = FAST if grid.arterial(spot, way) else SLOW
        made.append(Link(leg.entry, names[other] if inner else None, names[spot], length, speed, leg.lanes))
        if not inner:
            made.append(Link(leg.exit, names[spot], None, length, speed, leg.lanes))
    return made


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    return hypot((one[0] - other[0]) * DEGREE_EAST, (one[1] - other[1]) * DEGREE_NORTH)


def _corridors(grid: Grid, names: dict[Spot, IntersectionId]) -> list[Corridor]:
    found = []
    for way, lines, steps in ((0, grid.columns, grid.rows), (1, grid.rows, grid.columns)):
        for line in range(ARTERIAL_EVERY // 2, lines, ARTERIAL_EVERY):
            spots = [(line, step) if way == 0 else (step, line) for step in range(steps)]
            for number, stretch in enumerate(_stretches(grid, [spot for spot in spots if spot in names])):
                name = f"{'NS' if way == 0 else 'EW'}-{line}-{number}"
                found.append(Corridor(name, name, tuple(names[spot] for spot in stretch)))
    return found


def _stretches(grid: Grid, spots: Sequence[Spot]) -> list[list[Spot]]:
    """Runs of joined intersections, none longer than a corridor is, each of two at least."""
    runs: list[list[Spot]] = []
    for spot in spots:
        if runs and (runs[-1][-1], spot) in grid.joined and len(runs[-1]) < CORRIDOR:
            runs[-1].append(spot)
        else:
            runs.append([spot])
    return [run for run in runs if len(run) > 1]
