"""Ways to run an intersection: a case is an intersection with an order of stages, whose greens are still open.

Many cases lie side by side as arrays: rows are cases (``R``), columns the places in their order (``K``).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from madang.streets.traffic_signals.contracts import Floats
from madang.streets.traffic_signals.rules.plans.layout import Integers, Layout

MOST_CASES = 12
"""Orders that are tried at one intersection."""


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases side by side; times in seconds.

    ``node`` [R]; ``order`` [R, K] is a stage's place or -1; ``after`` [R, K] the intergreen behind it, ``least`` [R, K]
    its least green; ``shortest`` and ``longest`` [R] bound the cycle.
    """

    node: Integers
    order: Integers
    after: Floats
    least: Floats
    shortest: Floats
    longest: Floats

    def lost(self) -> Floats:
        """Seconds of a cycle that are no stage's green, [R]."""
        lost: Floats = self.after.sum(axis=1)
        return lost

    def picked(self, rows: Integers) -> "Cases":
        """These rows only."""
        return Cases(self.node[rows], self.order[rows], self.after[rows], self.least[rows], self.shortest[rows],
                     self.longest[rows])


def joined(parts: Sequence[Cases]) -> Cases:
    """The cases of all parts, one after another."""
    if not parts:
        return Cases(*(np.zeros(0, dtype=np.int64), np.zeros((0, 1), dtype=np.int64), np.zeros((0, 1)),
                       np.zeros((0, 1)), np.zeros(0), np.zeros(0)))
    return Cases(
        np.concatenate([each.node for each in parts]), np.concatenate([each.order for each in parts]),
        np.concatenate([each.after for each in parts]), np.concatenate([each.least for each in parts]),
        np.concatenate([each.shortest for each in parts]), np.concatenate([each.longest for each in parts]))


def of(layout: Layout, orders: Iterable[tuple[int, Sequence[int]]], min_cycle: int) -> Cases:
    """Cases from (intersection's row, order of stages); an order that may not be run is left out."""
    kept = [(node, tuple(order)) for node, order in orders if order and _may_run(layout, node, order)]
    width = max((len(order) for _, order in kept), default=1)
    node = np.array([node for node, _ in kept], dtype=np.int64)
    order = np.array([order + (-1,) * (width - len(order)) for _, order in kept], dtype=np.int64).reshape(-1, width)
    used = order >= 0
    length = used.sum(axis=1)
    following = np.where(np.arange(width) + 1 < length[:, None], np.roll(order, -1, axis=1), order[:, :1])
    after = np.where(used, layout.intergreen[node[:, None], order, following], 0.0)
    least = np.where(used, layout.min_green[node[:, None], order], 0.0)
    shortest = np.maximum(least.sum(axis=1) + after.sum(axis=1), float(min_cycle))
    return Cases(node, order, after, least, shortest, layout.longest_cycle[node].astype(np.float64))


def _may_run(layout: Layout, node: int, order: Sequence[int]) -> bool:
    following = [*order[1:], order[0]]
    return not np.isnan(layout.intergreen[node, list(order), following]).any()


def usual(layout: Layout) -> list[tuple[int, tuple[int, ...]]]:
    """Each intersection's own order, every stage once."""
    return [(node, tuple(range(int(count)))) for node, count in enumerate(layout.stage_count)]


def possible(layout: Layout) -> list[tuple[int, tuple[int, ...]]]:
    """Each intersection's own order, and those in which stages are left out that nobody depends on."""
    return [(node, order) for node in range(len(layout.nodes)) for order in _orders(layout, node)]


def _orders(layout: Layout, node: int) -> Iterator[tuple[int, ...]]:
    """Fewer stages mean less lost time; each movement and crossing that has a green keeps one."""
    stages = layout.nodes[node].stages
    serves = [stage.green | stage.yielding | stage.walking for stage in stages]
    everything = frozenset[str]().union(*serves)
    found = 0
    for size in range(len(stages), 0, -1):
        for order in combinations(range(len(stages)), size):
            if found < MOST_CASES and frozenset[str]().union(*(serves[at] for at in order)) == everything:
                found += 1
                yield order
