"""A city's run: counts go to the areas that they are of, areas work side by side, what they find is put together.

Flows over the areas' borders go along: each area says what leaves it, and is told with the next run what comes in. An
area never waits for another, so the result does not depend on where or in which order areas are worked on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import partial
from itertools import compress

import numpy as np

from madang.streets.traffic_signals.contracts import (
    DetectorCounts,
    DetectorHealth,
    DetectorId,
    IntersectionId,
    Limits,
    Network,
    ProbeTravel,
    Proposal,
    TimingPlan,
    Traffic,
)
from madang.streets.traffic_signals.rules.city import wire
from madang.streets.traffic_signals.rules.city.area import Area, Boundary, Done, Step
from madang.streets.traffic_signals.rules.city.areas import cut
from madang.streets.traffic_signals.rules.networks.columns import intersections_within
from madang.streets.traffic_signals.rules.state.limits import StateLimits

Worker = Callable[[Step], Done]
Spread = Callable[[Sequence[Callable[[], Worker]]], Callable[[Sequence[Step]], Sequence[Done]]]
"""Takes one maker an area, has the areas made somewhere, and gives what passes one step to each."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run gives: the state, a proposal an intersection, faulty detectors; ``memory``, one an area, if kept."""

    traffic: Traffic | None
    proposals: Mapping[IntersectionId, Proposal]
    health: Sequence[DetectorHealth]
    memory: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What is of one area: its intersections and its detectors (those at its border are of two)."""

    intersections: frozenset[IntersectionId]
    detectors: frozenset[DetectorId]
    links: frozenset[str]


def here(makers: Sequence[Callable[[], Worker]]) -> Callable[[Sequence[Step]], Sequence[Done]]:
    """All areas in this process, one after the other."""
    workers = [make() for make in makers]
    return lambda steps: [worker(step) for worker, step in zip(workers, steps, strict=True)]


class City:
    """A network in areas, ready for runs. Not for two threads at once.

    ``holidays`` count as Sundays. ``spread`` says where areas live: ``here``, or what ``commons.work`` gives for
    several processes or machines.
    """

    def __init__(
        self, network: Network, limits: Limits, state: StateLimits | None = None, *,
        holidays: frozenset[date] = frozenset(), parts: int | None = None, spread: Spread = here,
    ) -> None:
        networks = [intersections_within(network, chosen) for chosen in cut(network, parts)]
        self._shares = [
            Share(frozenset(one.intersections), frozenset(one.detectors), frozenset(map(str, one.links)))
            for one in networks
        ]
        self._movements = tuple(
            movement.id for one in networks for at in one.intersections.values() for movement in at.movements
            if movement.entry in one.links and movement.exit in one.links
        )
        self._boundary: list[Boundary] = [{} for _ in networks]
        self._ask = spread([partial(Area, one, limits, state or StateLimits(), holidays) for one in networks])

    @property
    def parts(self) -> int:
        """How many areas there are."""
        return len(self._shares)

    def run(
        self, counts: Sequence[DetectorCounts], running: Mapping[IntersectionId, TimingPlan], now: datetime | None,
        probes: ProbeTravel | None = None, *, keep: bool = False,
    ) -> Planned:
        """Take the intervals in and, with ``now``, propose plans for all. ``keep``: give the memory along."""
        parts = zip(*(self._divided(one) for one in counts), strict=True) if counts else [()] * self.parts
        steps = [
            Step(mine, probes, wire.packed(running[name] for name in share.intersections if name in running), told,
                 now, keep=keep)
            for share, told, mine in zip(self._shares, self._boundary, parts, strict=True)
        ]
        return self._together(self._ask(steps))

    def restore(self, memory: Sequence[bytes]) -> None:
        """Go on from a run's memory. Raises SnapshotUnfitError when it is of other areas."""
        steps = [Step(restore=one) for one in memory[:self.parts]]
        self._exchange(self._ask(steps + [Step()] * (self.parts - len(steps))))

    def _divided(self, counts: DetectorCounts) -> list[DetectorCounts]:
        """Each area's part of the counts; what no area knows goes to none."""
        vehicles, occupancy = np.asarray(counts.vehicles), np.asarray(counts.occupancy)
        if self.parts == 1 or len(vehicles) != len(counts.detectors) or len(occupancy) != len(counts.detectors):
            return [counts] * self.parts
        found = []
        for share in self._shares:
            mine = np.fromiter(map(share.detectors.__contains__, counts.detectors), np.bool_, len(counts.detectors))
            names = list(compress(counts.detectors, mine))
            found.append(DetectorCounts(counts.begin, counts.seconds, names, vehicles[mine], occupancy[mine]))
        return found

    def _together(self, done: Sequence[Done]) -> Planned:
        self._exchange(done)
        kept = tuple(one.snapshot for one in done if one.snapshot is not None)
        return Planned(
            self._traffic([one.traffic for one in done if one.traffic is not None]),
            {each.plan.intersection: each for one in done for each in wire.proposals(one.proposals)},
            _each_once([fault for one in done for fault in one.health]), kept,
        )

    def _exchange(self, done: Sequence[Done]) -> None:
        """Each area is told with its next step what the others said leaves them into its links."""
        leaving = {link: flow for one in done for link, flow in one.leaving.items()}
        self._boundary = [
            {link: flow for link, flow in leaving.items() if link in share.links and link not in one.leaving}
            for share, one in zip(self._shares, done, strict=True)
        ]

    def _traffic(self, parts: Sequence[Traffic]) -> Traffic | None:
        if len(parts) < self.parts:
            return None
        columns = [field.name for field in fields(Traffic)][2:]
        return Traffic(
            max(one.at for one in parts), self._movements,
            *(np.concatenate([getattr(one, name) for one in parts]) for name in columns),
        )


def plan_city(
    city: City, counts: Sequence[DetectorCounts], running: Mapping[IntersectionId, TimingPlan], now: datetime,
    probes: ProbeTravel | None = None,
) -> Planned:
    """One run of the five minutes: the state at the end of the last interval, a proposal an intersection, faults."""
    return city.run(counts, running, now, probes)


def _each_once(faults: Sequence[DetectorHealth]) -> list[DetectorHealth]:
    """Detectors at a border are watched from both sides: one word on each."""
    return list({one.detector: one for one in reversed(faults)}.values())[::-1]
