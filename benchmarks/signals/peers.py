"""The peers as the RESCO benchmark describes them (Ault & Sharon, NeurIPS 2021): they see the simulator's lanes.

There they see the lanes of the edge before the stop line, however short; ``far`` peers see on behind it.

Every ten seconds each takes the stage whose lanes hold most: vehicles within 200 m (greedy), or those that have
stopped less those on the lanes that the stage feeds (MaxPressure, Varaiya 2013).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from madang.streets.traffic_signals.contracts import (
    Intersection,
    IntersectionId,
    LinkId,
    Movement,
    Network,
    StageId,
    Turn,
)

STEP: Final = 10
"""Seconds between decisions."""
SIGHT: Final = 200.0
"""Metres before the stop line."""
OWN_EDGE: Final = 0.01
"""Metres behind the stop line at which an edge must begin to be seen: the last one only."""


Sight = Mapping[tuple[LinkId, int], Sequence[tuple[str, float]]]


class Peer:
    """Greedy or MaxPressure over a whole network."""

    def __init__(self, network: Network, lanes: Sight, sumo: Any, *, pressure: bool) -> None:
        self._network = network
        self._sumo = sumo
        self._pressure = pressure
        self._waited: dict[str, set[str]] = defaultdict(set)
        self._wish: dict[IntersectionId, StageId] = {
            id_: one.stages[0].id for id_, one in network.intersections.items()
        }
        approaches = {(way.entry, lane) for one in network.intersections.values() for way in one.movements
                      for lane in way.lanes}
        self._approach = {place: tuple(lane for lane, _ in lanes[place]) for place in sorted(approaches)}
        self._metres = {lane: metres for place in sorted(approaches) for lane, metres in lanes[place]}

    def wishes(self, second: float) -> Mapping[IntersectionId, StageId]:
        """The stage that each intersection should show."""
        if int(second) % STEP == 0:
            held, stopped = self._look()
            for id_, one in self._network.intersections.items():
                self._wish[id_] = self._best(one, held, stopped)
        return self._wish

    def _look(self) -> tuple[dict[str, int], dict[str, int]]:
        held, stopped = {}, {}
        for lane in self._metres:
            seen = [each for each in self._sumo.lane.getLastStepVehicleIDs(lane) if self._near(each, lane)]
            waiting = {each for each in seen if self._sumo.vehicle.getWaitingTime(each) > 0}
            self._waited[lane] = (self._waited[lane] | waiting) & set(seen)
            held[lane], stopped[lane] = len(seen), len(self._waited[lane])
        return held, stopped

    def _near(self, vehicle: str, lane: str) -> bool:
        rest = self._sumo.lane.getLength(lane) - self._sumo.vehicle.getLanePosition(vehicle)
        return bool(rest + self._metres[lane] <= SIGHT)

    def _best(self, one: Intersection, held: Mapping[str, int], stopped: Mapping[str, int]) -> StageId:
        scores = {}
        for stage in one.stages:
            meant = [way for way in one.movements if way.id in stage.green]
            meant = [way for way in meant if way.turn is not Turn.RIGHT] or meant
            into = {lane for way in meant for index in way.lanes for lane in self._approach[way.entry, index]}
            scores[stage.id] = sum((stopped if self._pressure else held)[lane] for lane in into)
            if self._pressure:
                scores[stage.id] -= sum(stopped[lane] for lane in self._after(meant))
        return max(scores, key=lambda stage: scores[stage])

    def _after(self, meant: list[Movement]) -> set[str]:
        fed = {way.exit for way in meant}
        return {lane for (link, _), behind in self._approach.items() if link in fed for lane in behind}
