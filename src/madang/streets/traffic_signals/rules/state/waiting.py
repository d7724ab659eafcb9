"""Queues and saturation flows of one interval, from all that was seen in it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from madang.streets.traffic_signals.contracts import Floats, IntersectionId, TimingPlan
from madang.streets.traffic_signals.rules.networks.columns import Columns, numbers, totals
from madang.streets.traffic_signals.rules.state import queues
from madang.streets.traffic_signals.rules.state.flows import Counted, Flowing, Layout
from madang.streets.traffic_signals.rules.state.greens import Greens, Windows
from madang.streets.traffic_signals.rules.state.history import seconds_of_day
from madang.streets.traffic_signals.rules.state.limits import StateLimits
from madang.streets.traffic_signals.rules.state.memory import Memory

STOP_LINE = 0
UNDER_QUEUE = 4.0
"""Vehicles a lane that must wait before and after an interval for its green to count as under queue."""
SHORTEST_GREEN = 10.0
"""Seconds of green in an interval from which it says something about saturation flow."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one interval brought: counts, flows, vehicles' travel, the plans that ran; and where detectors lie."""

    counts: Counted
    flows: Flowing
    travel: tuple[Floats, Floats]
    greens: Mapping[IntersectionId, TimingPlan]
    places: Layout


def queued(
    net: Columns, memory: Memory, greens: Greens, when: tuple[float, float], evidence: Evidence, limits: StateLimits
) -> Floats:
    """The vehicles that wait for each movement at the end of the interval ``when`` (begin, seconds)."""
    windows = greens.windows(evidence.greens)
    known = windows.share(len(net.movements))
    share = np.where(np.isnan(known), greens.usual_share * (1 - limits.lost), known)
    saturation = net.saturation * memory.discharge.factor
    volume = evidence.flows.movements
    before = memory.queue
    left = queues.next_queue(net, before, volume, saturation * share, _passing(net, evidence, when[1]))
    usable = ~np.isnan(evidence.counts.detectors)
    left = queues.corrected(net, left, evidence.counts.occupancy, usable, limits)
    memory.queue = queues.with_probes(net, left, volume, evidence.travel)
    _learn_discharge(net, memory, windows, when, (evidence, before, limits))
    total = memory.queue + queues.through_red(volume, saturation, share, limits.cycle)
    room = totals(net.entry, total, len(net.links))
    fits = np.minimum(1.0, net.storage / np.maximum(room, 1e-9))
    return np.asarray(total * fits[net.entry])


def _passing(net: Columns, evidence: Evidence, seconds: float) -> queues.Passing:
    """Counted arrivals and departures of each link, from whole groups before and at the stop line."""
    stop = evidence.places.place == STOP_LINE
    groups = evidence.counts.groups
    arriving, leaving = np.full(len(net.links), np.nan), np.full(len(net.links), np.nan)
    for flow, chosen in ((arriving, ~stop), (leaving, stop)):
        there = chosen & ~np.isnan(groups)
        flow[evidence.places.link[there]] = groups[there]
    return queues.Passing(seconds, arriving, leaving)


def _learn_discharge(
    net: Columns, memory: Memory, windows: Windows, when: tuple[float, float],
    evidence: tuple[Evidence, Floats, StateLimits],
) -> None:
    """Learn from stop lines at which a queue stood before and after, and whose movements had green together."""
    (seen, before, limits), size = evidence, len(net.detectors)
    if not len(windows.movement):
        return
    begin = seconds_of_day(when[0])
    green = windows.seconds(begin, begin + when[1], len(net.movements))
    rows, movements = net.seen.rows, net.seen.movements
    longest, shortest = np.zeros(size), np.full(size, np.inf)
    np.maximum.at(longest, rows, green[movements])
    np.minimum.at(shortest, rows, green[movements])
    waits = np.minimum(before, memory.queue) / net.movement_lanes
    least = np.full(size, np.inf)
    np.minimum.at(least, rows, waits[movements])
    good = (net.detector_place == STOP_LINE) & (longest - shortest < 1) & (shortest >= SHORTEST_GREEN)
    good &= (np.nan_to_num(seen.counts.occupancy) >= queues.COVERED) & (least >= UNDER_QUEUE)
    good &= ~np.isnan(seen.counts.detectors)
    number = np.maximum(numbers(rows, size), 1)
    a_lane = totals(rows, (net.saturation / net.movement_lanes)[movements], size) / number
    hours = np.where(good, shortest, 0.0) / 3_600
    possible = a_lane * net.detector_lanes * hours
    vehicles = np.nan_to_num(seen.counts.detectors) * when[1] / 3_600
    factor = np.divide(vehicles, possible, out=np.ones(size), where=possible > 0)
    told = np.zeros(len(net.movements))
    told[movements[good[rows]]] = factor[rows[good[rows]]]
    shown = np.where(told > 0, green / 3_600, 0.0)
    memory.discharge.learn(told * net.saturation * shown, shown, net.saturation, limits)
