"""Delay of a plan: the queue over a cycle, and what chance and too much demand add to it.

The uniform part is the area under the queue polygon of a cycle, with any number of greens and rates; for a single
green it is Webster's and HCM's first term. The second term is HCM's incremental delay (6th edition, 2016, equation
19-26; the same as Akçelik's time-dependent formula of 1980 with m = 8k). Both are taken per lane group.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from madang.streets.traffic_signals.contracts import Floats
from madang.streets.traffic_signals.rules.plans import method
from madang.streets.traffic_signals.rules.plans.cases import Cases
from madang.streets.traffic_signals.rules.plans.demand import Demand
from madang.streets.traffic_signals.rules.plans.layout import Integers, Layout
from madang.streets.traffic_signals.rules.plans.service import Rates, Service, serve, services


def incremental(flow: Floats, capacity: Floats, hours: float = method.PERIOD) -> Floats:
    """HCM's incremental delay in s/veh; ``flow`` and ``capacity`` in veh/s, ``hours`` that the demand lasts."""
    over = flow / capacity - 1
    return 900 * hours * (over + np.sqrt(over**2 + 8 * method.FIXED_TIME * (over + 1) / (capacity * 3600 * hours)))


@dataclass(frozen=True, slots=True)
class Judged:
    """What plans do.

    Per case [R]: ``waiting``, vehicles that stand at any moment (delay per second), and the largest ``saturation``.
    Per lane group in a case [X]: ``group_waiting`` and ``group_saturation``.
    """

    waiting: Floats
    saturation: Floats
    group_waiting: Floats
    group_saturation: Floats

    @classmethod
    def joined(cls, parts: Sequence["Judged"]) -> "Judged":
        """Of all parts, one after another."""
        return cls(*(np.concatenate([np.zeros(0), *(getattr(each, name) for each in parts)]) for name in (
            "waiting", "saturation", "group_waiting", "group_saturation")))


@dataclass(frozen=True, slots=True)
class Trial:
    """Cases together with their demand, made ready to judge many greens."""

    cases: Cases
    case: Integers
    """Of each lane group in a case, [X]."""
    first: Integers
    """Where each case's lane groups begin, [R]."""
    group: Integers
    flow: Floats
    error: Floats
    room: Floats
    """Vehicles that the lanes hold, [X]."""
    service: Service

    def judge(self, greens: Floats) -> Judged:
        """What ``greens`` [R, K] (seconds) do."""
        waiting, saturation = self._by_group(greens)
        return Judged(np.add.reduceat(waiting, self.first), np.maximum.reduceat(saturation, self.first), waiting,
                      saturation)

    def waiting(self, greens: Floats) -> Floats:
        """``judge``'s first figure, for a search."""
        waiting: Floats = np.add.reduceat(self._by_group(greens)[0], self.first)
        return waiting

    def picked(self, rows: Integers) -> "Trial":
        """These cases only, as they are."""
        ends = np.append(self.first[1:], len(self.case))
        count = (ends - self.first)[rows]
        case = np.repeat(np.arange(len(rows)), count)
        first = np.cumsum(count) - count
        kept = np.repeat(self.first[rows] - first, count) + np.arange(len(case))
        return Trial(self.cases.picked(rows), case, first, self.group[kept], self.flow[kept], self.error[kept],
                     self.room[kept], self.service.picked(kept))

    def _by_group(self, greens: Floats) -> tuple[Floats, Floats]:
        cycle = (greens.sum(axis=1) + self.cases.lost())[self.case]
        red, green, rate, tail = serve(self.service, greens[self.case].T, cycle)
        capacity = np.maximum((green * rate).sum(axis=0) / cycle, 1e-5)
        standing, stopped = queue(np.minimum(self.flow, 0.999 * capacity), red, green, rate, tail)
        chance = self.chance(capacity)
        longest = self.flow * np.minimum(stopped, cycle) + chance
        spilt = method.SPILL * np.maximum(0.0, longest + np.sqrt(longest) - self.room)
        stops = self.flow * method.STOP_LOSS * np.minimum(1.0, stopped / cycle)
        return standing / cycle + chance + stops + spilt, self.flow / capacity

    def chance(self, capacity: Floats) -> Floats:
        """Vehicles that stand because of chance and too much demand, [X], where ``capacity`` (veh/s) may leave."""
        found: Floats = sum((flow * incremental(flow, capacity) for flow in self._likely()),
                            start=np.zeros_like(capacity)) / 2
        return found

    def _likely(self) -> tuple[Floats, Floats]:
        """Two flows, a standard error below and above: their mean is the expectation to the third moment."""
        return np.maximum(self.flow - self.error, 0.1 * self.flow), self.flow + self.error


def queue(flow: Floats, red: Floats, green: Floats, rate: Floats, tail: Floats) -> tuple[Floats, Floats]:
    """Vehicle-seconds of standing in a cycle, and seconds of it in which an arriving vehicle has to stop, [X].

    ``red``, ``green`` [K, X] are seconds of no service and then of service at ``rate`` (veh/s); ``tail`` [X] is red at
    the end. ``flow`` (veh/s) is not above capacity. The first round finds the queue with which a cycle begins.
    """
    left = np.zeros_like(flow)
    for at in range(len(red)):
        left = np.maximum(0.0, left + flow * red[at] - (rate[at] - flow) * green[at])
    left = left + flow * tail
    area, stopped = flow * tail * tail / 2 + (left - flow * tail) * tail, tail.copy()
    for at in range(len(red)):
        area += red[at] * (left + flow * red[at] / 2)
        full = left + flow * red[at]
        falling = rate[at] - flow
        clears = np.where(falling * green[at] > full, full / np.maximum(falling, 1e-12), green[at])
        area += clears * (full - falling * clears / 2)
        stopped += red[at] + np.where(full > 0, clears, 0.0)
        left = np.maximum(0.0, full - falling * clears)
    return area, stopped


def trial(layout: Layout, demand: Demand, rates: Rates, cases: Cases) -> Trial:
    """``cases`` with the demand at their lane groups."""
    count = layout.group_first[cases.node + 1] - layout.group_first[cases.node]
    case = np.repeat(np.arange(len(cases.node)), count)
    start = np.repeat(layout.group_first[cases.node] - np.cumsum(count) + count, count)
    group = start + np.arange(len(case))
    return Trial(cases, case, np.cumsum(count) - count, group,
                 demand.flow[group], demand.error[group], layout.group_room[group],
                 services(layout, rates, cases, case, group))
