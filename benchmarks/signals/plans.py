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
    Coordination,
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
from madang.streets.traffic_signals.rules.plans.transitions import next_beginning, transition
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


class Controller:
    """A controller at the roadside: it takes a plan up at once, or ``gently`` by the cycles that lead to it."""

    def __init__(self, intersection: Intersection, plan: TimingPlan, *, gently: bool) -> None:
        self._intersection, self.plan, self._gently = intersection, plan, gently
        self._begins: list[tuple[int, Follower]] = [(0, Follower(intersection, plan))]

    def take_up(self, coming: TimingPlan, second: float) -> TimingPlan:
        """What runs from now on: ``coming``, or what ran where no safe way leads to it or one is not at its end yet."""
        if not self._gently:
            # signals by themselves need no offset: each keeps its own
            self.plan = replace(coming, offset=self.plan.offset % coming.cycle)
            self._begins = [(0, Follower(self._intersection, self.plan))]
            return self.plan
        if coming == self.plan or second < self._begins[-1][0]:
            return self.plan
        at = MIDNIGHT + timedelta(seconds=second)
        ways = transition(self._intersection, self.plan, coming, LIMITS, at)
        if ways is None:
            return self.plan
        begins, following = next_beginning(self.plan, at), [self._begins[-1]]
        for cycle in ways:
            following.append((begins, Follower(self._intersection, replace(cycle, offset=begins))))
            begins += cycle.cycle
        self.plan, self._begins = coming, [*following, (begins, Follower(self._intersection, coming))]
        return coming

    def wish(self, second: float) -> StageId:
        """The stage that is shown, or changed to."""
        return next(one for begins, one in reversed(self._begins) if begins <= second).wish(second)


class PlanMode:
    """Ours in plan mode: an estimate every minute, plans every five. ``rule`` says which signals are put in step.

    ``gently``: controllers follow ``transition``, as those of a street do.
    """

    def __init__(
        self, scene: Scene, network: Network, rule: Coordination | None = None, *, gently: bool = False,
    ) -> None:
        self._running = dict(programmes(scene.text))
        self._controllers = {
            id_: Controller(network.intersections[id_], plan, gently=gently) for id_, plan in self._running.items()}
        self._estimator = Estimator(network)
        self._planner = Planner(network, LIMITS, rule)
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
                self._running |= {
                    id_: self._controllers[id_].take_up(proposal.plan, second) for id_, proposal in proposals.items()}
        return {id_: one.wish(second) for id_, one in self._controllers.items()}
