"""True traffic for a made-up network, and what detectors make of it: for tests, the simulation and benchmarks.

Flows keep to conservation: what enters a link leaves it at its end but for a share that parks, for which about as many
trips start midblock. A working day has two peaks and a tide (towards the centre in the morning, away in the evening);
every day and street deviates by itself, slowly; vehicles come as a Poisson process.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from madang.kernel import clock
from madang.streets.traffic_signals.contracts import DetectorCounts, Flags, Floats, Network
from madang.streets.traffic_signals.rules.networks.columns import Columns, columns, totals

PARKED = 0.10
PER_LANE = 330.0
"""Vehicles an hour a lane in the morning peak, on average over links."""
DAY_SPREAD, STREET_SPREAD, STREET_MEMORY = 0.08, 0.12, 2_400.0
"""Standard deviation of a day's level and of a street's deviation (relative), and the seconds that the latter lasts."""
COUNT_ERROR = 0.02
LENGTH_SEEN = 6.5
"""Metres of a vehicle and its detector."""
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Minutes:
    """One interval as it was: vehicles of each movement, the mean that they were drawn from, and what was counted."""

    begin: datetime
    passed: Floats
    mean: Floats
    counts: DetectorCounts


@dataclass(slots=True)
class Demand:
    """The traffic of one network."""

    network: Network
    seed: int = 1
    net: Columns = field(init=False)
    _flows: tuple[Floats, Floats] = field(init=False)

    def __post_init__(self) -> None:
        self.net = columns(self.network)
        chance = np.random.default_rng(self.seed)
        ratio = self.net.usual_share * chance.lognormal(0, 0.5, len(self.net.movements))
        ratio /= totals(self.net.entry, ratio, len(self.net.links))[self.net.entry]
        begins = chance.lognormal(-0.12, 0.5, len(self.net.links))
        inwards = _inwards(self.network, self.net)
        morning, evening = (self._assigned(ratio, begins * np.where(way, 1.25, 0.75)) for way in (inwards, ~inwards))
        scale = PER_LANE * self.net.lanes[self.net.entry].sum() / max(float(morning.sum()), 1.0) / 1.8
        self._flows = morning * scale, evening * scale

    def mean(self, at: datetime) -> Floats:
        """The mean flow of each movement at a time, veh/h."""
        morning, evening, both = _day(at)
        return self._flows[0] * (morning + both) + self._flows[1] * (evening + both)

    def run(self, begin: datetime, seconds: float, intervals: int, *, seed: int) -> Iterator[Minutes]:
        """So many intervals from ``begin`` on, each with its counts. The same seed gives the same day."""
        chance = np.random.default_rng((self.seed, seed))
        day = chance.lognormal(0, DAY_SPREAD)
        keep, size = np.exp(-seconds / STREET_MEMORY), len(self.net.links)
        street = chance.normal(0, STREET_SPREAD, size)
        for number in range(intervals):
            start = begin + timedelta(seconds=seconds * number)
            street = keep * street + chance.normal(0, STREET_SPREAD * np.sqrt(1 - keep**2), size)
            mean = self.mean(start + timedelta(seconds=seconds / 2)) * day * np.exp(street)[self.net.entry]
            passed = chance.poisson(mean * seconds / 3_600).astype(np.float64)
            yield Minutes(start, passed * 3_600 / seconds, mean, self._counted(start, seconds, passed, chance))

    def _counted(
        self, begin: datetime, seconds: float, passed: Floats, chance: np.random.Generator
    ) -> DetectorCounts:
        through = self.net.seen.times(passed, len(self.net.detectors))
        vehicles = np.maximum(np.round(through * (1 + chance.normal(0, COUNT_ERROR, len(through)))), 0)
        speed = self.net.speed[self.net.detector_link]
        covered = vehicles * LENGTH_SEEN / speed / seconds / self.net.detector_lanes
        occupancy = np.clip(covered * chance.uniform(0.9, 1.3, len(through)), 0, 1)
        return DetectorCounts(begin, seconds, self.net.detectors, vehicles, np.round(occupancy, 4))

    def _assigned(self, ratio: Floats, begins: Floats) -> Floats:
        """Movements' flows when ``begins`` vehicles start on a link for each that parks; they divide by ``ratio``.

        Streets that come from outside carry ``begins`` times their lanes' traffic.
        """
        outside = np.where(self.net.fed, 0.0, begins * self.net.lanes**1.5)
        flow = self.net.lanes**1.5
        for _ in range(200):
            into = totals(self.net.exit, flow[self.net.entry] * ratio, len(flow))
            flow = outside + into * (1 - PARKED + PARKED * begins)
        return np.asarray(flow[self.net.entry] * ratio)


def broken(counts: DetectorCounts, kinds: Mapping[int, str], frozen: Mapping[int, float]) -> DetectorCounts:
    """The counts with detectors (by their place) that are silent, stuck at a ``frozen`` value, absurd or duplicated."""
    vehicles, occupancy = counts.vehicles.copy(), counts.occupancy.copy()
    names = list(counts.detectors)
    again: list[int] = []
    for at, kind in kinds.items():
        if kind == "silent":
            vehicles[at] = occupancy[at] = np.nan
        elif kind == "stuck":
            vehicles[at], occupancy[at] = frozen.get(at, 0.0), 0.1
        elif kind == "absurd":
            vehicles[at] = 40.0 * counts.seconds
        elif kind == "duplicated":
            again.append(at)
    return DetectorCounts(
        counts.begin, counts.seconds, [*names, *(names[at] for at in again)],
        np.concatenate([vehicles, vehicles[again]]), np.concatenate([occupancy, occupancy[again]]),
    )


def _inwards(network: Network, net: Columns) -> Flags:
    """Links that lead towards the middle of the network."""
    places = {name: (one.x, one.y) for name, one in network.intersections.items()}
    middle = np.mean(list(places.values()), axis=0) if places else np.zeros(2)
    found = np.zeros(len(net.links), np.bool_)
    for at, name in enumerate(net.links):
        link = network.links[name]
        ends = [places.get(end) if end else None for end in (link.start, link.end)]
        first, last = (float(np.abs(np.subtract(end, middle)).sum()) if end else np.inf for end in ends)
        found[at] = last < first
    return found


def _day(at: datetime) -> tuple[float, float, float]:
    """How much morning tide, evening tide and plain traffic there is at a time."""
    seoul = clock.in_seoul(at)
    hour = seoul.hour + seoul.minute / 60 + seoul.second / 3_600
    plain = 0.06 + 0.34 * float(np.exp(-(((hour - 14.0) / 5.5) ** 4)))
    if seoul.weekday() >= SATURDAY:
        return 0.0, 0.0, plain
    morning = 0.55 * float(np.exp(-(((hour - 8.2) / 1.3) ** 2)))
    evening = 0.50 * float(np.exp(-(((hour - 18.5) / 1.7) ** 2)))
    return morning, evening, plain
