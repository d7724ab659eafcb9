"""The choice of the next second at one intersection."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np

from madang.streets.traffic_signals.contracts import (
    DetectorId,
    Floats,
    IntersectionId,
    Limits,
    LinkId,
    Network,
    Stage,
    StageId,
)
from madang.streets.traffic_signals.contracts.priority import Vehicle
from madang.streets.traffic_signals.rules.adaptive import horizon
from madang.streets.traffic_signals.rules.adaptive.calls import Call, urgent
from madang.streets.traffic_signals.rules.adaptive.lanes import COVERED, JAM, LaneState, Seen
from madang.streets.traffic_signals.rules.adaptive.layout import OPEN, PRIOR, Lane, Layout, layout

LINGERS: Final = 60
"""Seconds after its time at which a bus that was not seen to pass is forgotten."""
Detections = Mapping[DetectorId, tuple[float, float]]
"""Vehicles that passed in the last second and the share of it covered, by detector; silent ones are missing."""
LEARNING: Final = 1 / 40
"""Weight of one more second of discharge in a lane's own pace."""
STARTED: Final = 3
"""Seconds of green after which a queue moves at its pace."""
STUCK: Final = 4
"""Seconds of standing on green after which the first vehicle is taken to want what it is not given."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The stage to show or to go on to, and why, in English for the engineer."""

    stage: StageId
    why: str


class Controller:
    """One intersection in adaptive mode. Call ``step`` once a second; it remembers, and touches nothing outside."""

    def __init__(self, network: Network, intersection: IntersectionId, limits: Limits) -> None:
        one = network.intersections[intersection]
        self._layout: Layout = layout(network, one, limits)
        self.states = [LaneState(lane) for lane in self._layout.lanes]
        self._stages: Sequence[Stage] = one.stages
        self._place = {stage.id: place for place, stage in enumerate(one.stages)}
        self._pace = np.array([[PRIOR[may] for may in row] for row in self._layout.may])
        self._shown: tuple[StageId, StageId | None] | None = None
        self._since = 0.0
        self._share: dict[LinkId, Floats] = {}
        self._full: dict[DetectorId, int] = {}
        self._why = "nothing has been seen yet"
        self._greens = tuple(ceil(seconds / horizon.STEP) for seconds in self._layout.green)
        self._changes = tuple(
            tuple(ceil((seconds + 1) / horizon.STEP) if seconds else 0 for seconds in row)
            for row in self._layout.change
        )
        self._counts = np.full(len(self.states), 0.05)
        self._calls: list[Call] = []

    def call(self, vehicle: Call) -> None:
        """A vehicle asks to go first; it is forgotten once it must have passed. What is shown stays the guard's."""
        self._calls.append(vehicle)

    def step(
        self, second: float, detections: Detections, shown: tuple[StageId, StageId | None]
    ) -> Decision:
        """The stage for the next second. ``shown``: the stage on the street, and the one it is changing to, if any."""
        if shown != self._shown:
            self._shown, self._since = shown, second
        stage, towards = shown
        now = self._place[stage]
        green = towards is None
        self._count(second, detections, now, started=green and second - self._since >= STARTED, green=green)
        if towards is not None:
            return Decision(towards, self._why)
        self._calls = [each for each in self._calls if not self._is_gone(each, second, now)]
        rest = ceil(max(0.0, self._layout.green[now] - (second - self._since)) / horizon.STEP)
        if len(self._stages) == 1 or rest > 0:
            return Decision(stage, self._why)
        return self._called(second, now) or self._choice(second, now)

    def _called(self, second: float, now: int) -> Decision | None:
        """The stage of an emergency vehicle, as early as the change to it takes; from then on until it has passed."""
        coming = urgent(self._calls, second)
        stage = coming.stage(self._stages) if coming else None
        if coming is None or stage is None:
            return None
        if coming.serves(self._stages[now], self._stages):
            stage = self._stages[now]
        latest = coming.arrives - coming.allowance.lead - self._layout.change[now][self._place[stage.id]]
        if second < latest - self._detour(now, self._place[stage.id]):
            return None
        rest = coming.arrives - second
        if second < latest:
            stage = self._stages[now]
        self._why = f"stage {stage.id} is shown for an emergency vehicle that arrives in {rest:.0f} s"
        return Decision(stage.id, self._why)

    def _lanes_of(self, call: Call) -> list[int]:
        return [i for i, one in enumerate(self.states) if call.movement in {way.id for way in one.lane.movements}]

    def _is_gone(self, call: Call, second: float, now: int) -> bool:
        """An emergency vehicle after its time; others when their lane has emptied after it, or after a minute."""
        if second <= call.until:
            return False
        empty = all(self.states[i].waiting < 1 for i in self._lanes_of(call))
        open_ = call.movement in self._stages[now].green | self._stages[now].yielding
        return call.vehicle is Vehicle.EMERGENCY or (open_ and empty) or second > call.until + LINGERS

    def _heavy(self, second: float) -> Iterator[horizon.Heavy]:
        for each in self._calls:
            step, lanes = max(0, int((each.arrives - second) / horizon.STEP)), self._lanes_of(each)
            if step < horizon.STEPS and each.counts_as:
                yield from ((step, lane, each.counts_as / len(lanes)) for lane in lanes)

    def _detour(self, now: int, then: int) -> float:
        """Seconds by which the longest way over another stage is later than the direct one."""
        change, green = self._layout.change, self._layout.green
        others = (change[now][x] + green[x] + 1 + change[x][then] for x in range(len(green)) if x not in {now, then})
        return max(others, default=0.0) - change[now][then]

    def _count(self, second: float, seen: Detections, now: int, *, started: bool, green: bool) -> None:
        for place, state in enumerate(self.states):
            lane = state.lane
            left, standing = seen.get(lane.stop, (None, None)) if lane.stop is not None else (None, None)
            arrived, reached = (None, None)
            if lane.ahead is not None and lane.ahead.id in seen:
                arrived, reached = seen[lane.ahead.id]
                if lane.shared:
                    arrived = arrived * self._share_of(place)
            if left is not None:
                self._counts[place] += (left - self._counts[place]) / 600
            pace = self._pace[place, now] if green else 0.0
            if started and left is not None and state.queue > 1 and self._layout.may[place][now] != "red":
                self._pace[place, now] += LEARNING * (left - pace)
            state.tick(second, Seen(left, standing, arrived, reached), pace)
        for detectors in self._layout.exits.values():
            for each in detectors:
                covered = each.id in seen and seen[each.id][1] >= COVERED
                self._full[each.id] = self._full.get(each.id, 0) + 1 if covered else 0

    def _share_of(self, place: int) -> float:
        link = self.states[place].lane.link.id
        mates = [i for i, state in enumerate(self.states) if state.lane.link.id == link]
        total = sum(self._counts[i] for i in mates)
        return float(self._counts[place] / total) if total else 1 / len(mates)

    def _choice(self, second: float, now: int) -> Decision:
        table, first = horizon.orders(now, 0, self._greens, self._changes)
        queue = np.array([state.waiting for state in self.states])
        cost = horizon.costs(queue, self._arrivals(second), self._rates(now), table, list(self._heavy(second)))
        best = int(np.argmin(cost))
        chosen = int(first[best])
        if chosen == now:
            self._why = f"stage {self._stages[now].id} goes on: {cost[best]:.0f} vehicle-seconds in the next minute"
        else:
            stay = float(np.min(cost[first == now]))
            self._why = (
                f"stage {self._stages[chosen].id} now: {cost[best]:.0f} vehicle-seconds in the next minute, "
                f"{stay:.0f} if stage {self._stages[now].id} goes on"
            )
        return Decision(self._stages[chosen].id, self._why)

    def _arrivals(self, second: float) -> Floats:
        found = np.zeros((horizon.STEPS, len(self.states)))
        for place, state in enumerate(self.states):
            known = ceil(state.lead / horizon.STEP)
            found[known:, place] = state.rate * horizon.STEP * horizon.UNSEEN
            for when, number in state.coming:
                found[min(horizon.STEPS - 1, max(0, int((when - second) / horizon.STEP))), place] += number
        return found

    def _rates(self, now: int) -> Floats:
        pace = self._pace.T.copy()
        for place, state in enumerate(self.states):
            if self._blocked(state.lane):
                pace[:, place] *= 0.1
            elif state.stood >= STUCK and self._layout.may[place][now] not in {"red", "free"}:
                pace[now, place] = min(pace[now, place], 0.05)
                for stage in range(len(self._stages)):
                    if self._layout.may[place][stage] == "free":
                        pace[stage, place] = OPEN
                    elif stage != now and self._gains(state.lane, now, stage):
                        pace[stage, place] = max(pace[stage, place], OPEN / 2)
        pairs = np.minimum(pace[:, None], pace[None])
        return np.asarray(pairs.reshape(-1, len(self.states)) * horizon.STEP)

    def _gains(self, lane: Lane, now: int, then: int) -> bool:
        """Whether a movement of the lane is protected then and is not now."""
        held, given = self._stages[now].green, self._stages[then].green
        return any(way.id in given and way.id not in held for way in lane.movements)

    def _blocked(self, lane: Lane) -> bool:
        return all(
            any(self._full.get(each.id, 0) >= JAM for each in self._layout.exits[way.exit]) for way in lane.movements
        )
