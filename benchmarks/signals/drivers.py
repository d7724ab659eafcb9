"""Who drives the signals: the networks' own plans, the peers, and ours in both modes."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from benchmarks.signals.actuator import LIMITS, Actuator
from benchmarks.signals.peers import OWN_EDGE, SIGHT, Peer
from benchmarks.signals.places import lanes
from benchmarks.signals.plans import PlanMode, followers
from benchmarks.signals.plans import webster as plans_by_webster
from benchmarks.signals.street import Scene, Street
from madang.streets.traffic_signals.contracts import Coordination, IntersectionId, StageId, TimingPlan

Drive = Callable[[Street], Iterator[None]]
_NOTES: dict[str, Any] = {}


def notes() -> dict[str, Any]:
    """What the last run had to say beside its delay."""
    return dict(_NOTES)


def fixed(_: Scene) -> Drive:
    """The programme in the network's file, shown by the simulator itself."""
    def drive(_: Street) -> Iterator[None]:
        while True:
            yield
    return drive


def peer(*, pressure: bool, far: bool = False) -> Callable[[Scene], Drive]:
    """Greedy or MaxPressure."""
    def make(scene: Scene) -> Drive:
        def drive(street: Street) -> Iterator[None]:
            seen = lanes(scene.text, street.network, SIGHT if far else OWN_EDGE)
            chooser = Peer(street.network, seen, street.sumo, pressure=pressure)
            yield from _shown(street, lambda second, _: chooser.wishes(second), guarded=False)
        return drive
    return make


def webster(scene: Scene) -> Drive:
    """Webster's cycle and splits, from volumes counted in another hour."""
    made: list[Mapping[IntersectionId, TimingPlan]] = []

    def drive(street: Street) -> Iterator[None]:
        following = followers(street.network, made[0])
        yield from _shown(
            street, lambda second, _: {id_: one.wish(second) for id_, one in following.items()}, guarded=False)

    def prepared(street: Street) -> Iterator[None]:
        return drive(street)

    prepared.before = lambda sumo: made.append(plans_by_webster(scene, sumo))  # type: ignore[attr-defined]
    return prepared


def plan(*, together: int = 1, gently: bool = False) -> Callable[[Scene], Drive]:
    """Ours in plan mode; up to so many signals ``together`` in step, taken up at once or ``gently``."""
    def make(scene: Scene) -> Drive:
        def drive(street: Street) -> Iterator[None]:
            mode = PlanMode(scene, street.network, Coordination(together=together), gently=gently)
            yield from _shown(street, lambda second, _: mode.wishes(second, street.seen()), guarded=True)
        return drive
    return make


def adaptive(_: Scene) -> Drive:
    """Ours, second by second, from its detectors."""
    from madang.streets.traffic_signals.rules.adaptive import Crew

    def drive(street: Street) -> Iterator[None]:
        crew = Crew(street.network, LIMITS)
        took: deque[float] = deque(maxlen=3600)

        def wishes(second: float, hands: Mapping[IntersectionId, Actuator]) -> Mapping[IntersectionId, StageId]:
            shown = {id_: (hand.shown.stage, hand.shown.towards) for id_, hand in hands.items()}
            seen, began = street.seen(), time.perf_counter()
            decisions = crew.step(second, seen, shown)
            took.append((time.perf_counter() - began) * 1000 / len(hands))
            _NOTES["milliseconds"] = round(sum(took) / len(took), 3)
            return {id_: decision.stage for id_, decision in decisions.items()}

        yield from _shown(street, wishes, guarded=True)
    return drive


Wishes = Callable[[float, Mapping[IntersectionId, Actuator]], Mapping[IntersectionId, StageId]]


def _shown(street: Street, wishes: Wishes, *, guarded: bool) -> Iterator[None]:
    hands = {id_: Actuator(one, guarded=guarded) for id_, one in street.network.intersections.items()}
    while True:
        second = float(street.sumo.simulation.getTime())
        wished = wishes(second, hands)
        for id_, hand in hands.items():
            street.sumo.trafficlight.setRedYellowGreenState(str(id_), hand.show(second, wished[id_]))
        _NOTES["refused"] = sum(hand.refused for hand in hands.values())
        yield


DRIVERS: Mapping[str, Callable[[Scene], Drive]] = {
    "fixed": fixed,
    "webster": webster,
    "maxpressure": peer(pressure=True),
    "greedy": peer(pressure=False),
    "maxpressure_far": peer(pressure=True, far=True),
    "greedy_far": peer(pressure=False, far=True),
    "plan": plan(),
    "plan_by_transition": plan(gently=True),
    "plan_in_step": plan(together=12, gently=True),
    "adaptive": adaptive,
}
