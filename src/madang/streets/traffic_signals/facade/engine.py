"""One process's picture of the network: laid out once, brought up to what the last run anywhere in the city knew."""

import gc
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import groupby

import numpy as np
import structlog

from madang.records.places import facade as places
from madang.streets.traffic_signals.contracts import (
    Detector,
    DetectorCounts,
    DetectorHealth,
    DetectorId,
    DetectorMinute,
    Floats,
    IntersectionId,
    Network,
    TimingPlan,
    Traffic,
)
from madang.streets.traffic_signals.rules.operation.coverage import Watch, detectors_of
from madang.streets.traffic_signals.rules.operation.fixed import fixed_plans
from madang.streets.traffic_signals.rules.plans import Planner
from madang.streets.traffic_signals.rules.profile import SignalProfile
from madang.streets.traffic_signals.rules.safety import Junction, breaches_in
from madang.streets.traffic_signals.rules.state.estimator import Estimator
from madang.streets.traffic_signals.rules.state.memory import SnapshotUnfitError
from madang.streets.traffic_signals.store import blobs, memory, runs
from madang.streets.traffic_signals.store import profile as store

log = structlog.get_logger(__name__)

_ESTIMATOR, _WATCH, _HEALTH, _HEARD = "estimator", "watch", "health", "heard"
Heard = Mapping[DetectorId, datetime]
NONE: Mapping[IntersectionId, TimingPlan] = {}

_LOOK_BACK = timedelta(minutes=15)
"""Counts may be sent, or kept, so much later than the run before."""
_SETTLE = timedelta(seconds=5)
"""Time for every area to send an interval before it is taken in, for it is taken in once."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What one run leaves to the next about data, and to pages: who failed, and until when counts came."""

    failed: dict[IntersectionId, str]
    good_since: dict[IntersectionId, datetime]
    last: datetime | None

    @property
    def watch(self) -> Watch:
        """The part that the rules decide by."""
        return Watch(self.failed, self.good_since)


class Engine:
    """A network ready for runs. Not for two threads at once.

    ``own``: the plans that came with it, which are its fixed plans as far as they are safe.
    """

    def __init__(
        self, network: Network, profile: SignalProfile, own: Mapping[IntersectionId, TimingPlan] = NONE,
    ) -> None:
        self.network, self.profile = network, profile
        self.areas: Mapping[IntersectionId, str] = {name: at.area for name, at in network.intersections.items()}
        self._junctions: dict[IntersectionId, Junction] = {}
        self.fixed: Mapping[IntersectionId, TimingPlan] = {
            **fixed_plans(network, profile.limits),
            **{place: plan for place, plan in own.items() if not breaches_in(self.junction(place), plan)},
        }
        self.detectors: Mapping[IntersectionId, Sequence[Detector]] = detectors_of(network)
        self._at: datetime | None = None
        self._marks: Mapping[str, bytes] = {}
        self._places = {name: row for row, name in enumerate(network.intersections)}
        self._rows: tuple[Sequence[str], np.ndarray] | None = None

    @cached_property
    def planner(self) -> Planner:
        """Laid out when a run is made here: processes that only show pages do without."""
        return Planner(self.network, self.profile.limits, self.profile.coordination)

    @cached_property
    def _estimator(self) -> Estimator:
        return Estimator(self.network, self.profile.state)

    def junction(self, place: IntersectionId) -> Junction:
        """An intersection ready for the safety check."""
        if place not in self._junctions:
            self._junctions[place] = Junction(self.network.intersections[place], self.profile.limits)
        return self._junctions[place]

    def take_in(self, running: Mapping[IntersectionId, TimingPlan], now: datetime) -> "Taken":
        """Take in everything that came since the last run. Nothing is kept until ``leave``."""
        self._estimator.holidays = store.holidays_around(now.year)
        kept = memory.remembered_at(_ESTIMATOR)
        if kept is not None and kept != self._at:
            self._restore()
        since = kept or now
        last = remembered().last or since - _LOOK_BACK
        batches = [
            one for one in runs.counts_after(since - _LOOK_BACK)
            if last < one.begin + timedelta(seconds=one.seconds) <= now - _SETTLE or one.begin > now
        ]
        traffic = None
        for counts in _joined(batches):
            traffic = self._estimator.update(counts, greens=running)
        return Taken(traffic, self._estimator.health(), _heard(batches, now))

    def leave(
        self, known: Remembered, heard: Heard, health: Sequence[DetectorHealth], now: datetime,
    ) -> None:
        """Keep what the next run, in whichever process, must know; of the estimate what this run changed."""
        pieces = self._estimator.pieces()
        marks = {name: _mark(each) for name, each in pieces.items()}
        changed = {name: pieces[name] for name, mark in marks.items() if self._marks.get(name) != mark}
        memory.remember_pieces(_ESTIMATOR, changed, marks, now)
        memory.remember(_WATCH, blobs.packed(known), now)
        memory.remember(_HEARD, blobs.packed(_by_moment(heard)), now)
        memory.remember(_HEALTH, blobs.packed(health), now)
        self._at, self._marks = now, marks

    def measured(self, traffic: Traffic) -> Floats:
        """Vehicles an hour and vehicles waiting, a row an intersection in the network's order."""
        rows, size = self._intersections_of(traffic), len(self._places)
        return np.stack([np.bincount(rows, values, size) for values in (traffic.volume, traffic.queue)], 1)

    def _intersections_of(self, traffic: Traffic) -> np.ndarray:
        if self._rows is None or self._rows[0] is not traffic.movements:
            owner = {
                movement.id: self._places[name]
                for name, at in self.network.intersections.items() for movement in at.movements
            }
            self._rows = traffic.movements, np.array([owner[each] for each in traffic.movements], np.int64)
        return self._rows[1]

    def _restore(self) -> None:
        try:
            pieces = memory.remembered_pieces(_ESTIMATOR)
            self._estimator.join(pieces)
            self._marks = {name: _mark(each) for name, each in pieces.items()}
        except SnapshotUnfitError as unfit:
            self._marks = {}
            log.warning("signals.estimator_starts_afresh", why=str(unfit))


@dataclass(frozen=True, slots=True)
class Taken:
    """What came in for one run. ``traffic`` is None when nothing did."""

    traffic: Traffic | None
    health: Sequence[DetectorHealth]
    heard: Mapping[DetectorId, datetime]


def current() -> Engine:
    """This process's engine for the network that the city has now."""
    return _engine(network())


def network() -> Network:
    """The city's network."""
    return store.network(tuple((one.code, one.centroid.longitude, one.centroid.latitude) for one in places.districts()))


def remembered() -> Remembered:
    """What the last run knew about data."""
    kept = memory.remembered(_WATCH)
    return blobs.unpacked(kept[0], Remembered) if kept else Remembered({}, {}, None)


def heard_before() -> dict[DetectorId, datetime]:
    """When each detector was last heard."""
    kept = memory.remembered(_HEARD)
    found = blobs.unpacked(kept[0], dict[datetime, list[DetectorId]]) if kept else {}
    return {name: at for at, names in found.items() for name in names}


def health() -> tuple[list[DetectorHealth], datetime | None]:
    """The faulty detectors as the last run saw them, and when that was."""
    kept = memory.remembered(_HEALTH)
    return (blobs.unpacked(kept[0], list[DetectorHealth]), kept[1]) if kept else ([], None)


def _mark(array: np.ndarray) -> bytes:
    """Tells whether a piece is as it was when it was kept."""
    return blake2b(np.ascontiguousarray(array).data, digest_size=16, person=str(array.shape).encode()[:16]).digest()


def _by_moment(heard: Heard) -> dict[datetime, list[DetectorId]]:
    """Most detectors were last heard at one moment, so it is written once."""
    found: dict[datetime, list[DetectorId]] = defaultdict(list)
    for name, at in heard.items():
        found[at].append(name)
    return found


class _ByIdentity:
    """A network as a key: two are the same when they are one object."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def __hash__(self) -> int:
        return id(self.network)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.network is self.network


def _engine(found: Network) -> Engine:
    return _made(_ByIdentity(found))


@lru_cache(maxsize=1)
def _made(key: _ByIdentity) -> Engine:
    engine = Engine(key.network, store.profile(), store.programmes(key.network))
    gc.collect()
    gc.freeze()  # millions of objects that stay: to look through them again and again stops a page for a second
    return engine


def _joined(batches: Sequence[DetectorMinute]) -> Iterator[DetectorCounts]:
    """All areas' batches of one interval as one."""
    ordered = sorted(batches, key=lambda each: (each.begin, each.seconds))
    for (begin, seconds), same in groupby(ordered, key=lambda each: (each.begin, each.seconds)):
        parts = list(same)
        vehicles = np.array([value for each in parts for value in each.vehicles], np.float64)
        occupancy = np.array([value for each in parts for value in each.occupancy], np.float64)
        silent = vehicles == -1
        vehicles[silent], occupancy[occupancy == -1] = np.nan, np.nan
        names = [DetectorId(name) for each in parts for name in each.detectors]
        yield DetectorCounts(begin, seconds, names, vehicles, occupancy)


def _heard(batches: Sequence[DetectorMinute], now: datetime) -> Mapping[DetectorId, datetime]:
    heard: dict[DetectorId, datetime] = {}
    for each in sorted(batches, key=lambda one: one.begin):
        end = each.begin + timedelta(seconds=each.seconds)
        for name, vehicles in zip(each.detectors, each.vehicles, strict=True):
            if vehicles != -1 and end <= now:
                heard[DetectorId(name)] = end
    return heard
