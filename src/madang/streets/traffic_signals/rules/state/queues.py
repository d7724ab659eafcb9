"""How many vehicles wait, and how fast a queue leaves at green.

A queue is what came less what left (cumulative counts), plus what an even stream waits through red, set right by
detectors that the queue reaches or does not reach, and by the travel of vehicles on the link (Little's law, 1961);
never below nothing or above what the link can hold.
"""

from dataclasses import dataclass

import numpy as np

from madang.streets.traffic_signals.contracts import Flags, Floats
from madang.streets.traffic_signals.rules.networks.columns import Columns, totals
from madang.streets.traffic_signals.rules.state.limits import StateLimits

COVERED, CLEAR = 0.6, 0.25
"""Occupancy from which a queue stands on a detector, and below which it does not reach it."""
LEAK = 900.0
"""Seconds over which the difference of two counts is forgotten, so that their errors do not add up for ever."""
PRIOR_HOURS = 0.05
"""Hours of green under queue after which what was learned weighs as much as the network's own figure."""
LONGEST_MEMORY = 1.0
PROBE_WEIGHT = 3.0
"""Vehicles seen on a link after which their travel weighs as much as the counted queue."""


@dataclass(frozen=True, slots=True)
class Passing:
    """What is known of one interval, one row a link: flows in veh/h, NaN where not counted."""

    seconds: float
    arriving: Floats
    leaving: Floats


def next_queue(net: Columns, before: Floats, volume: Floats, capacity: Floats, passing: Passing) -> Floats:
    """The queue that is left over from cycle to cycle, one row a movement; ``capacity`` and ``volume`` in veh/h."""
    hours, link = passing.seconds / 3_600, net.entry
    total = totals(link, volume, len(net.links))
    part = np.divide(volume, total[link], out=np.zeros_like(volume), where=total[link] > 0)
    arriving = np.where(np.isnan(passing.arriving[link]), volume, passing.arriving[link] * part)
    counted = passing.leaving[link] * part
    modelled = np.minimum(capacity, arriving + before / max(hours, 1e-9))
    both = ~np.isnan(passing.arriving[link]) & ~np.isnan(counted)
    leaving = np.where(both, counted, modelled)
    forget = np.where(both, np.exp(-passing.seconds / LEAK), 1.0)
    return np.maximum(before * forget + (arriving - leaving) * hours, 0.0)


def through_red(volume: Floats, saturation: Floats, green: Floats, cycle: float) -> Floats:
    """Vehicles that an even stream keeps waiting on average over a cycle (Webster, 1958): v C (1 - g)^2 / 2 (1 - y)."""
    load = np.minimum(volume / saturation, 0.95 * np.maximum(green, 0.05))
    return np.asarray(volume / 3_600 * cycle * (1 - green) ** 2 / (2 * (1 - load)))


def corrected(net: Columns, queue: Floats, occupancy: Floats, usable: Flags, limits: StateLimits) -> Floats:
    """Bound the queues of each link by the detectors that they reach, and by the link's room."""
    size, link = len(net.links), net.detector_link
    total = totals(net.entry, queue, size)
    reach = net.detector_distance / limits.vehicle_space * net.lanes[link]
    seen = usable & ~np.isnan(occupancy)
    least, most = np.zeros(size), net.storage.copy()
    stands, free = seen & (occupancy >= COVERED), seen & (occupancy < CLEAR) & (net.detector_distance > 0)
    np.maximum.at(least, link[stands], np.minimum(reach + net.detector_lanes, net.storage[link])[stands])
    np.minimum.at(most, link[free], reach[free] + 1)
    least = np.minimum(least, most)
    wanted = np.clip(total, least, most)
    volume_less = total <= 0
    factor = np.divide(wanted, total, out=np.ones(size), where=~volume_less)
    lanes = totals(net.entry, net.movement_lanes, size)
    spread = np.where(volume_less, wanted / np.maximum(lanes, 1.0), 0.0)
    return queue * factor[net.entry] + spread[net.entry] * net.movement_lanes


def with_probes(net: Columns, queue: Floats, volume: Floats, probes: tuple[Floats, Floats]) -> Floats:
    """Blend in what vehicles on the link tell: flow times their extra travel time. ``probes``: m/s and vehicles."""
    speed, vehicles = probes
    heard = (vehicles > 0) & (speed > 0)
    late = net.length / np.maximum(speed, 0.3) - net.length / net.speed
    told = np.minimum(totals(net.entry, volume, len(net.links)) / 3_600 * np.maximum(late, 0.0), net.storage)
    total = totals(net.entry, queue, len(net.links))
    weight = np.where(heard, vehicles / (vehicles + PROBE_WEIGHT), 0.0)
    mixed = total + weight * (told - total)
    share = np.divide(volume, totals(net.entry, volume, len(net.links))[net.entry], out=np.zeros_like(volume),
                      where=volume > 0)
    return np.where(heard[net.entry], mixed[net.entry] * share, queue)


@dataclass(slots=True)
class Discharge:
    """Saturation flows as learned: relative to the network's, and the hours of green under queue behind each."""

    factor: Floats
    hours: Floats

    def learn(self, passed: Floats, green_hours: Floats, usual: Floats, limits: StateLimits) -> None:
        """Take in ``passed`` vehicles in so many hours of green under queue (0: none); far-off ones weigh less.

        Under queue the mean headway at the stop line is green divided by vehicles, and its inverse the saturation
        flow (HCM, 6th ed., 2016, ch. 31).
        """
        seen = np.divide(passed, green_hours * usual, out=np.ones_like(passed), where=green_hours > 0)
        bounded = np.clip(seen, self.factor - 0.25, self.factor + 0.25)
        gain = green_hours / (self.hours + green_hours + PRIOR_HOURS)
        moved = self.factor + gain * (bounded - self.factor)
        self.factor = np.clip(moved, limits.saturation_low, limits.saturation_high)
        self.hours = np.minimum(self.hours + green_hours, LONGEST_MEMORY)
