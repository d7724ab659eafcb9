"""At what rate a lane group is served in each stage: protected, filtering through gaps, or held by who cannot go.

Filter turns: capacity by gap acceptance after the opposing queue has gone, and the last ones as the green ends (HCM
6th edition, 2016, chapter 31). A lane that movements share serves the mean of their times; where one of them has red,
those before it still go, a geometric number of them.
"""

from dataclasses import dataclass

import numpy as np

from madang.streets.traffic_signals.contracts import Flags, Floats
from madang.streets.traffic_signals.rules.plans import method
from madang.streets.traffic_signals.rules.plans.cases import Cases
from madang.streets.traffic_signals.rules.plans.demand import Demand
from madang.streets.traffic_signals.rules.plans.layout import GREEN, RED, YIELDING, Integers, Layout


@dataclass(frozen=True, slots=True)
class Service:
    """All [K, X], a place in the order by lane group in a case.

    ``free`` and ``gap`` are seconds that a mean vehicle of the group needs for its protected and for its filtering
    part; ``held`` and ``filters`` the shares of vehicles that have red or give way; ``opposing`` the flow ratio of the
    queue that they wait for.
    """

    served: Flags
    carries_on: Flags
    """It was green in the stage before too, and is not stopped between."""
    goes_on: Flags
    """It is green in the next stage too."""
    after: Floats
    lanes: Floats
    free: Floats
    gap: Floats
    held: Floats
    filters: Floats
    opposing: Floats

    def picked(self, kept: Integers) -> "Service":
        """These lane groups only."""
        return Service(
            self.served[:, kept], self.carries_on[:, kept], self.goes_on[:, kept], self.after[:, kept],
            self.lanes[kept], self.free[:, kept], self.gap[:, kept], self.held[:, kept], self.filters[:, kept],
            self.opposing[:, kept])


@dataclass(frozen=True, slots=True)
class Rates:
    """``free``, ``gap``, ``held``, ``filters`` and ``opposing`` of ``Service`` by lane group and stage, [G, S]."""

    tables: tuple[Floats, Floats, Floats, Floats, Floats]


def services(layout: Layout, rates: Rates, cases: Cases, case: Integers, group: Integers) -> Service:
    """What each lane group gets in each place of each case's order."""
    order = cases.order[case].T
    used = order >= 0
    free, gap, held, filters, opposing = (table[group, order] for table in rates.tables)
    served = used & (held < 1 - method.NOBODY)
    column = np.arange(len(case))
    length = np.maximum(used.sum(axis=0), 1)
    several = length > 1
    place = np.arange(len(order))[:, None]
    before = served[np.where(place > 0, place - 1, length - 1), column]
    behind = served[np.where(place + 1 < length, place + 1, 0), column]
    return Service(served, served & before & several, served & behind & several,
                   np.where(used, cases.after[case].T, 0.0), layout.group_lanes[group], free, gap, held, filters,
                   opposing)


def serve(service: Service, greens: Floats, cycle: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Red, green (seconds) and rate (veh/s) in each place, [K, X], and the red at the cycle's end, [X]."""
    after = np.where(service.goes_on, service.after, np.minimum(service.after, method.END_GAIN))
    lost = np.where(service.carries_on, 0.0, method.START_LOST)
    green = np.where(service.served, np.maximum(0.0, greens - lost + after), 0.0)
    red = np.where(service.served, np.minimum(greens, lost), greens + service.after)
    tail = np.where(service.served, service.after - after, 0.0)
    red[1:] += tail[:-1]
    rate = _vehicles(service, green, cycle) / np.maximum(green, 1e-9)
    return red, green, rate, tail[-1]


def _vehicles(service: Service, green: Floats, cycle: Floats) -> Floats:
    """How many can go in each place's green, [K, X]."""
    lanes = service.lanes
    blocked = np.minimum(green, service.opposing * np.maximum(0.0, cycle - green) / (1 - service.opposing))
    blocked = np.where(service.filters > 0, blocked, 0.0)
    stuck = service.held + service.filters
    first = np.minimum(_rate(1 - stuck, service.free) * blocked, _before(stuck)) * lanes
    gone = np.minimum(_rate(1 - service.held, service.free + service.gap) * (green - blocked),
                      _before(service.held)) * lanes
    last = np.where((service.filters > 0) & (green > 0), method.SNEAKERS * lanes, 0.0)
    return first + gone + last


def _rate(share: Floats, seconds: Floats) -> Floats:
    """Vehicles a second, when ``share`` of them can go and a mean one of all needs ``seconds``."""
    return np.where(share > method.NOBODY, share / np.maximum(seconds, 1e-3), 0.0)


def _before(stuck: Floats) -> Floats:
    """Vehicles that go before the first one that cannot: the mean of a geometric distribution."""
    return (1 - stuck) / np.maximum(stuck, 1e-6)


def rates_of(layout: Layout, demand: Demand) -> Rates:
    """What each lane group could get in each stage; worked out once for a network and its demand."""
    part = demand.share_flow / np.maximum(demand.flow[layout.share_group], 1e-12)
    service = layout.service[layout.share_movement]
    headway = (3600 / (demand.saturation[:, None] * layout.walked))[layout.share_movement]
    gap, opposing = _gaps(layout, demand)
    filters = service == YIELDING
    return Rates((
        _summed(layout, part[:, None] * headway * (service == GREEN)),
        _summed(layout, part[:, None] * np.maximum(gap[layout.share_movement], headway) * filters),
        _summed(layout, part[:, None] * (service == RED)), _summed(layout, part[:, None] * filters),
        _largest(layout, np.where(filters, opposing[layout.share_movement], 0.0)),
    ))


def _gaps(layout: Layout, demand: Demand) -> tuple[Floats, Floats]:
    """Seconds a filtering vehicle needs when no queue opposes it, and the opposing queue's flow ratio, [M, S]."""
    entry, foe = layout.opposes.T
    count = len(layout.yields)
    against = np.bincount(entry, demand.volume[foe] / 3600, count).astype(np.float64)
    load = _movement_load(layout, demand)
    ratio = np.zeros(count)
    np.maximum.at(ratio, entry, load[foe])
    capacity = gap_capacity(against)
    shape = layout.service.shape
    gap, opposing = np.zeros(shape), np.zeros(shape)
    gap[layout.yields[:, 0], layout.yields[:, 1]] = 1 / np.maximum(capacity, 1e-3)
    opposing[layout.yields[:, 0], layout.yields[:, 1]] = np.minimum(ratio, 0.95)
    return gap, opposing


def gap_capacity(against: Floats) -> Floats:
    """Vehicles a second that one lane filters through ``against`` vehicles a second (HCM 2016, equation 31-100)."""
    flow = np.maximum(against, 1e-9)
    return flow * np.exp(-flow * method.CRITICAL_GAP) / -np.expm1(-flow * method.FOLLOW_UP)


def _movement_load(layout: Layout, demand: Demand) -> Floats:
    """The largest flow ratio among the lane groups that a movement uses, [M]."""
    work = demand.share_flow * 3600 / demand.saturation[layout.share_movement]
    load = np.bincount(layout.share_group, work, len(layout.group_node)) / layout.group_lanes
    largest = np.zeros(len(layout.movements))
    np.maximum.at(largest, layout.share_movement, load[layout.share_group])
    return largest


def _summed(layout: Layout, table: Floats) -> Floats:
    """[P, S] to [G, S]: shares are ordered by group."""
    total = np.zeros((len(layout.group_node), table.shape[1]))
    np.add.at(total, layout.share_group, table)
    return total


def _largest(layout: Layout, table: Floats) -> Floats:
    most = np.zeros((len(layout.group_node), table.shape[1]))
    np.maximum.at(most, layout.share_group, table)
    return most
