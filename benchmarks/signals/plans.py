"""Signals that follow plans: Webster's, made after a counted hour, and ours, made anew every five minutes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from benchmarks.signals.actuator import LIMITS
from benchmarks.signals.street import Scene, Seen, Street, simulate
from benchmarks.signals.webster import retimed
from madang.streets.traffic_signals.contracts import (
    DetectorCounts,
    DetectorId,
    Intersection,
    IntersectionId,
    Network,
    StageId,
    TimingPlan,
)
from madang.streets.traffic_signals.rules.networks.sumo import programmes
from madang.streets.traffic_signals.rules.plans import Planner
from madang.streets.traffic_signals.rules.state.estimator import Estimator

MIDNIGHT: Final = datetime(2026, 3, 2, tzinfo=UTC) - timedelta(hours=9)
"""A Monday in Seoul: the simulator's second 0."""
MINUTE: Final = 60
FIVE_MINUTES: Final = 300
COUNTED_SEED: Final = 90_001
"""The hour in which Webster's volumes are counted is another than those measured."""


class Counting:
    """Seconds of detectors added up to intervals."""

    def __init__(self, begin: float) -> None:
        self.begin = begin
        self.last = begin
        self._vehicles: dict[DetectorId, float] = {}
        self._covered: dict[DetectorId, float] = {}

    def add(self, second: float, seen: Seen) -> None:
        """One more second."""
        self.last = second
        for id_, (vehicles, covered) in seen.items():
            self._vehicles[id_] = self._vehicles.get(id_, 0.0) + vehicles
            self._covered[id_] = self._covered.get(id_, 0.0) + covered

    def counts(self) -> DetectorCounts:
        """What was counted since the beginning; silent detectors are missing."""
        ids, seconds = sorted(self._vehicles), max(1.0, self.last - self.begin)
        return DetectorCounts(
            MIDNIGHT + timedelta(seconds=self.begin), seconds, ids, np.array([self._vehicles[id_] for id_ in ids]),
            np.array([self._covered[id_] / seconds for id_ in ids]),
        )


class Follower:
    """Where a plan stands at a second of the day."""

    def __init__(self, intersection: Intersection, plan: TimingPlan) -> None:
        self._plan = plan
        self._wishes: list[StageId] = []
        following = [*plan.stages[1:], plan.stages[0]]
        for now, then in zip(plan.stages, following, strict=True):
            change = round(intersection.intergreens.get((now.stage, then.stage), 0.0))
            self._wishes += [now.stage] * now.green + [then.stage] * change

    def wish(self, second: float) -> StageId:
        """The stage that the plan shows, or is changing to."""
        return self._wishes[int(second - self._plan.offset) % len(self._wishes)]


def followers(network: Network, plans: Mapping[IntersectionId, TimingPlan]) -> dict[IntersectionId, Follower]:
    """A follower for each intersection that has a plan."""
    return {id_: Follower(network.intersections[id_], plan) for id_, plan in plans.items()}


def webster(scene: Scene, sumo: object) -> Mapping[IntersectionId, TimingPlan]:
    """The network's stages re-timed by Webster after one counted hour under its own plan, all detectors well."""
    counting = Counting(float(scene.hours[0]))

    def drive(street: Street) -> Iterator[None]:
        while True:
            yield
            counting.add(float(street.sumo.simulation.getTime()), street.seen())

    simulate(sumo, replace(scene, dead=0.0), COUNTED_SEED, drive)
    network, running = scene.network, programmes(scene.text)
    traffic = Estimator(network).update(counting.counts(), greens=running)
    volumes = dict(zip(traffic.movements, traffic.volume.tolist(), strict=True))
    return {id_: retimed(network.intersections[id_], plan, volumes) for id_, plan in running.items()}


class PlanMode:
    """Ours in plan mode: an estimate every minute, plans every five."""

    def __init__(self, scene: Scene, network: Network) -> None:
        self._network = network
        self._running = dict(programmes(scene.text))
        self._followers = followers(network, self._running)
        self._estimator = Estimator(network)
        self._planner = Planner(network, LIMITS)
        self._begin = float(scene.hours[0])
        self._counting = Counting(self._begin)

    def wishes(self, second: float, seen: Seen) -> Mapping[IntersectionId, StageId]:
        """What each plan shows at a second."""
        self._counting.add(second, seen)
        if second - self._counting.begin >= MINUTE:
            traffic = self._estimator.update(self._counting.counts(), greens=self._running)
            self._counting = Counting(second)
            if (second - self._begin) % FIVE_MINUTES < 1:
                now = MIDNIGHT + timedelta(seconds=second)
                proposals = self._planner.propose(traffic, self._running, now)
                self._running.update({id_: proposal.plan for id_, proposal in proposals.items()})
                self._followers = followers(self._network, self._running)
        return {id_: one.wish(second) for id_, one in self._followers.items()}
