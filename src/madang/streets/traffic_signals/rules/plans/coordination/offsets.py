"""Offsets from tables of waiting by difference of offsets, one signal of every group at a time.

The tables are those of the combination method (Hillier and Rothery, Transportation Science 1, 1967); with them a signal
is moved at once to its best place among its neighbours (coordinate descent), so that nothing ever gets worse. On a
group without circles the first way outwards finds the best offsets that the tables know.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from madang.streets.traffic_signals.contracts import Floats
from madang.streets.traffic_signals.rules.plans.coordination import method
from madang.streets.traffic_signals.rules.plans.layout import Integers


@dataclass(frozen=True, slots=True)
class Turn:
    """The signals that are moved at once, one a group at most, with their links in and out and whose those are."""

    rows: Integers
    links_in: Integers
    of_in: Integers
    links_out: Integers
    of_out: Integers


@dataclass(frozen=True, slots=True)
class Order:
    """In which order signals are moved; ``up`` and ``down`` [L] are the rows of each link's ends."""

    up: Integers
    down: Integers
    turns: Sequence[Turn]


def order(groups: Sequence[Sequence[int]], up: Integers, down: Integers) -> Order:
    """Every group's signals in the group's order; groups are of rows."""
    longest = max((len(group) for group in groups), default=0)
    return Order(up, down, [
        _turn(np.array([group[at] for group in groups if at < len(group)], dtype=np.int64), up, down)
        for at in range(longest)
    ])


def _turn(rows: Integers, up: Integers, down: Integers) -> Turn:
    largest = int(max(rows.max(initial=-1), up.max(initial=-1), down.max(initial=-1))) + 1
    place = np.full(largest, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    links_in, links_out = np.nonzero(place[down] >= 0)[0], np.nonzero(place[up] >= 0)[0]
    return Turn(rows, links_in, place[down[links_in]], links_out, place[up[links_out]])


def outwards(order: Order, tables: Floats, signals: int) -> Integers:
    """Offsets in steps, [R]: each signal's best beside those of its group that have theirs already."""
    offsets, placed = np.zeros(signals, dtype=np.int64), np.zeros(signals)
    for turn in order.turns:
        cost = _costs(order, turn, tables, offsets, placed)
        offsets[turn.rows] = cost.argmin(axis=1)
        placed[turn.rows] = 1.0
    return offsets


def descended(order: Order, tables: Floats, start: Integers) -> Integers:
    """From ``start``, each signal moved to its best offset until nothing betters any more, or often enough."""
    offsets, everywhere = start.copy(), np.ones(len(start))
    for _ in range(method.SWEEPS):
        moved = False
        for turn in order.turns:
            cost = _costs(order, turn, tables, offsets, everywhere)
            best, here = cost.argmin(axis=1), np.arange(len(turn.rows))
            better = cost[here, best] < cost[here, offsets[turn.rows]] - method.ENOUGH
            offsets[turn.rows[better]] = best[better]
            moved = moved or bool(better.any())
        if not moved:
            break
    return offsets


def summed(order: Order, tables: Floats, offsets: Integers) -> Floats:
    """What the tables say of each link with these offsets, [L]."""
    late = (offsets[order.up] - offsets[order.down]) % tables.shape[1]
    found: Floats = tables[np.arange(len(tables)), late]
    return found


def _costs(order: Order, turn: Turn, tables: Floats, offsets: Integers, counts: Floats) -> Floats:
    """What every offset of the turn's signals costs on their links to signals that count, [rows, B]."""
    steps = tables.shape[1]
    cost, every = np.zeros((len(turn.rows), steps)), np.arange(steps)
    for links, of, far, sign in (
        (turn.links_in, turn.of_in, order.up, -1), (turn.links_out, turn.of_out, order.down, 1)):
        other = offsets[far[links]][:, None]
        found = np.take_along_axis(tables[links], (sign * (every - other)) % steps, axis=1)
        np.add.at(cost, of, found * counts[far[links]][:, None])
    return cost
