"""A street without a simulator: four approaches, each a queue that grows by a list of arrivals and shrinks on green."""

import random
from collections import deque
from collections.abc import Mapping, Sequence

from madang.streets.traffic_signals.contracts import DetectorId, IntersectionId, Limits, LinkId, Network, StageId
from madang.streets.traffic_signals.rules.adaptive import Controller, Guard
from madang.streets.traffic_signals.rules.networks import sumo
from madang.streets.traffic_signals.rules.networks.detectors import with_detectors
from madang.streets.traffic_signals.rules.safety import Shown
from tests.streets.traffic_signals.rules.networks.nets import crossroads, phase

MID = IntersectionId("mid")
LIMITS = Limits(
    min_green=5.0, max_red=120.0, min_cycle=30, max_cycle=180, min_yellow=3.0, min_all_red=0.0, walking_speed=1.0,
    walk_start=4.0,
)
APPROACHES = ("north_in", "east_in", "south_in", "west_in")
TRAVEL = 5
"""Seconds from the advance detector to the stop line."""
HEADWAY = 2
"""Seconds between vehicles that leave a queue."""
FOUR_STAGES = "".join(
    phase(20, "r" * (3 * i) + "GGG" + "r" * (9 - 3 * i)) + phase(4, "r" * (3 * i) + "yyy" + "r" * (9 - 3 * i))
    for i in range(4)
)


def network(phases: str = FOUR_STAGES) -> Network:
    return with_detectors(sumo.read(crossroads(phases), "toy"))


class Toy:
    """Vehicles arrive by chance with the given rates a second, from a seed."""

    def __init__(self, rates: Sequence[float], seed: int) -> None:
        self._chance = random.Random(seed)
        self._rates = dict(zip(APPROACHES, rates, strict=True))
        self._coming: dict[str, deque[int]] = {link: deque() for link in APPROACHES}
        self.queue = dict.fromkeys(APPROACHES, 0)
        self._next = dict.fromkeys(APPROACHES, 0)
        self.waited = 0

    def second(self, at: int, open_links: frozenset[LinkId]) -> Mapping[DetectorId, tuple[float, float]]:
        """One second on; what the detectors say of it."""
        said: dict[DetectorId, tuple[float, float]] = {}
        for link in APPROACHES:
            arrived = self._chance.random() < self._rates[link]
            if arrived:
                self._coming[link].append(at + TRAVEL)
            while self._coming[link] and self._coming[link][0] <= at:
                self._coming[link].popleft()
                self.queue[link] += 1
            left = bool(self.queue[link] and link in open_links and self._next[link] <= at)
            if left:
                self.queue[link] -= 1
                self._next[link] = at + HEADWAY
            if link not in open_links:
                self._next[link] = at + HEADWAY
            said[DetectorId(f"{link}/stop/0")] = (float(left), 1.0 if self.queue[link] else 0.3 * left)
            said[DetectorId(f"{link}/advance/0")] = (float(arrived), 0.3 * arrived)
            self.waited += self.queue[link]
        return said


def served(net: Network, shown: Shown) -> frozenset[LinkId]:
    """The approaches that have green."""
    if shown.towards is not None:
        return frozenset()
    one = net.intersections[MID]
    stage = next(each for each in one.stages if each.id == shown.stage)
    return frozenset(way.entry for way in one.movements if way.id in stage.green | stage.yielding)


def adaptive(net: Network, toy: Toy, seconds: int) -> list[Shown]:
    """What the street showed, second by second, under adaptive mode."""
    controller, guard, shown = Controller(net, MID, LIMITS), Guard(net.intersections[MID], LIMITS), []
    said: Mapping[DetectorId, tuple[float, float]] = {}
    for at in range(seconds):
        now = guard.shown
        shown.append(guard.show(at, controller.step(at, said, (now.stage, now.towards)).stage))
        said = toy.second(at, served(net, shown[-1]))
    return shown


def fixed(net: Network, toy: Toy, seconds: int, green: int, change: int) -> None:
    """The same street under a fixed plan of equal greens."""
    stages: list[StageId] = [stage.id for stage in net.intersections[MID].stages]
    for at in range(seconds):
        stage, rest = divmod(at % ((green + change) * len(stages)), green + change)
        shown = Shown(stages[stage], stages[(stage + 1) % len(stages)] if rest >= green else None)
        toy.second(at, served(net, shown))
