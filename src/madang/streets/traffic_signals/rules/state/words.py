"""What others say of links: vehicles that send their position, and neighbouring areas of streets that cross over."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from madang.streets.traffic_signals.contracts import Floats, ProbeTravel
from madang.streets.traffic_signals.rules.networks.columns import Columns
from madang.streets.traffic_signals.rules.state.flows import Counted
from madang.streets.traffic_signals.rules.state.memory import Memory

ENOUGH = 50.0
"""Vehicles with a position on counted links before their share of all traffic is used."""
REMEMBERED = 50_000.0
UNEVEN = 0.4
"""Relative standard deviation, between links, of the share of vehicles that send their position."""
FASTEST = 60.0


@dataclass(frozen=True, slots=True)
class Words:
    """One row a link: a flow with its variance (infinite: none), speed and number of vehicles that were heard."""

    flow: tuple[Floats, Floats]
    travel: tuple[Floats, Floats]


def words(
    net: Columns, index: Mapping[str, int], memory: Memory,
    said: tuple[ProbeTravel | None, Mapping[str, tuple[float, float]]], seconds: float,
) -> Words:
    """Lay out what was said; what is unknown or senseless is left out."""
    size = len(net.links)
    speed, vehicles = _travel(index, said[0], size)
    value, variance = np.zeros(size), np.full(size, np.inf)
    share = memory.penetration[0] / max(memory.penetration[1], 1.0)
    if memory.penetration[0] >= ENOUGH and share > 0:
        heard = vehicles > 0
        value = np.where(heard, vehicles / share * 3_600 / seconds, value)
        variance = np.where(heard, value**2 * (1 / np.maximum(vehicles, 1.0) + UNEVEN**2), variance)
    for link, (flow, error) in said[1].items():
        at = index.get(link, -1)
        if at >= 0 and 0 <= flow < np.inf and 0 <= error < np.inf:
            value[at], variance[at] = flow, max(error**2, 100.0) + (0.08 * flow) ** 2
    return Words((value, variance), (speed, vehicles))


def learn_penetration(memory: Memory, told: Words, counts: Counted, seconds: float) -> None:
    """Take in how many of the counted vehicles sent their position."""
    both = ~np.isnan(counts.links) & (told.travel[1] > 0)
    if both.any():
        new = np.array([told.travel[1][both].sum(), (counts.links[both] * seconds / 3_600).sum()])
        keep = min(1.0, REMEMBERED / max(float(memory.penetration[1] + new[1]), 1.0))
        memory.penetration = (memory.penetration + new) * keep


def _travel(index: Mapping[str, int], probes: ProbeTravel | None, size: int) -> tuple[Floats, Floats]:
    speed, vehicles = np.zeros(size), np.zeros(size)
    if probes is None:
        return speed, vehicles
    where = np.fromiter((index.get(link, -1) for link in probes.links), np.int64, len(probes.links))
    said, number = (np.asarray(values, np.float64).ravel()[:len(where)] for values in (probes.speed, probes.vehicles))
    where = where[:min(len(said), len(number))]
    said, number = said[:len(where)], number[:len(where)]
    good = (where >= 0) & (said >= 0) & (said <= FASTEST) & (number > 0) & np.isfinite(number)
    speed[where[good]], vehicles[where[good]] = said[good], np.minimum(number[good], 1e4)
    return speed, vehicles
