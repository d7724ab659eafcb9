"""Which streets join two signals, and which signals belong together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from madang.streets.traffic_signals.contracts import Coordination, Flags, Floats, LinkId, Network
from madang.streets.traffic_signals.rules.plans.coordination import method
from madang.streets.traffic_signals.rules.plans.demand import Demand
from madang.streets.traffic_signals.rules.plans.layout import Integers, Layout


@dataclass(frozen=True, slots=True)
class Streets:
    """Links from one signal to another, [L], each with the rows of both, metres and seconds of undisturbed travel.

    ``of_share`` [P] is the link into which a share of a lane group leaves, ``of_group`` [G] the link on which a lane
    group stands; -1 where it joins no two signals.
    """

    up: Integers
    down: Integers
    metres: Floats
    seconds: Floats
    of_share: Integers
    of_group: Integers


def between_signals(layout: Layout, network: Network) -> Streets:
    """The streets of a network; a link whose ends are one intersection is none."""
    begins, ends = _ends(layout)
    known = [id_ for id_ in ends if id_ in begins and id_ in network.links and begins[id_] != ends[id_]]
    at = {id_: row for row, id_ in enumerate(known)}
    metres = np.array([network.links[id_].length for id_ in known], dtype=np.float64)
    speed = np.array([max(network.links[id_].speed, 1.0) for id_ in known], dtype=np.float64)
    leave = np.array([at.get(id_, -1) for id_ in layout.leave], dtype=np.int64)
    entry = np.array([at.get(id_, -1) for id_ in layout.entry], dtype=np.int64)
    of_group = np.full(len(layout.group_node), -1, dtype=np.int64)
    of_group[layout.share_group] = entry[layout.share_movement]
    return Streets(
        np.array([begins[id_] for id_ in known], dtype=np.int64),
        np.array([ends[id_] for id_ in known], dtype=np.int64), metres,
        metres / speed, leave[layout.share_movement], of_group)


def _ends(layout: Layout) -> tuple[Mapping[LinkId, int], Mapping[LinkId, int]]:
    """The intersection that each link leaves, and the one that it enters."""
    node = layout.movement_node.tolist()
    return dict(zip(layout.leave, node, strict=True)), dict(zip(layout.entry, node, strict=True))


def coupling(layout: Layout, streets: Streets, demand: Demand) -> Floats:
    """The coupling index of each link, [L]: thousands of vehicles an hour in both directions by miles squared.

    FHWA, Signal Timing on a Shoestring (FHWA-HOP-07-006, 2005), chapter on signal grouping.
    """
    there = streets.of_group >= 0
    count = len(streets.up)
    volume = np.bincount(streets.of_group[there], demand.flow[there] * 3600, count)
    pair = np.minimum(streets.up, streets.down) * len(layout.nodes) + np.maximum(streets.up, streets.down)
    _, which = np.unique(pair, return_inverse=True)
    both = np.bincount(which, volume)[which] if count else np.zeros(0)
    index: Floats = both / 1000 / np.maximum(streets.metres / method.MILE, 1e-3) ** 2
    return index


def groups(layout: Layout, streets: Streets, demand: Demand, rule: Coordination) -> Sequence[Sequence[int]]:
    """Rows of intersections that are coordinated together, each group from its busiest one outwards.

    Links as near or as strongly coupled as ``rule`` asks join their signals, the strongest first, until a group is as
    large as it may be. Signals alone are left out.
    """
    index = coupling(layout, streets, demand)
    joins = (streets.metres <= rule.near) | ((streets.metres <= rule.far) & (index >= rule.coupling))
    home = list(range(len(layout.nodes)))
    members = {row: [row] for row in home}
    for link in _strongest_first(index, streets.metres):
        one, other = home[int(streets.up[link])], home[int(streets.down[link])]
        if joins[link] and one != other and len(members[one]) + len(members[other]) <= rule.together:
            for row in members[other]:
                home[row] = one
            members[one] += members.pop(other)
    busy = np.bincount(layout.group_node, demand.flow, len(layout.nodes)).astype(np.float64)
    near = _neighbours(streets, joins)
    return [_outwards(each, near, busy) for each in members.values() if len(each) > 1]


def _strongest_first(index: Floats, metres: Floats) -> Sequence[int]:
    """By powers of two of the index, then by distance: counts that differ a little leave groups as they are."""
    power = np.round(np.log2(np.maximum(index, 1e-6)))
    order: Sequence[int] = np.lexsort((metres, -power)).tolist()
    return order


def _neighbours(streets: Streets, joins: Flags) -> Mapping[int, Sequence[int]]:
    near: dict[int, list[int]] = {}
    for one, other in zip(streets.up[joins].tolist(), streets.down[joins].tolist(), strict=True):
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    return near


def _outwards(members: Sequence[int], near: Mapping[int, Sequence[int]], busy: Floats) -> Sequence[int]:
    """Breadth first, so that each but the first has a neighbour before it."""
    mine = set(members)
    first = max(members, key=lambda row: (float(busy[row]), -row))
    found, at = [first], 0
    mine.discard(first)
    while at < len(found):
        for row in near.get(found[at], ()):
            if row in mine:
                mine.discard(row)
                found.append(row)
        at += 1
    return found
