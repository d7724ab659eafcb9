"""The flows that fit counts, conservation along links and what was expected, each as far as it can be trusted.

Least squares with a prior: the smallest sum of (misfit / standard error)^2 over counts, links and expectations. With
an expectation whose variance is proportional to the flow this is the quadratic form of entropy maximising and of
iterated proportional fitting (Van Zuylen and Willumsen, Transportation Research B 14, 1980; Cascetta, B 18, 1984), and
over intervals it follows turning ratios as recursive estimators do (Cremer and Keller, Transportation Research B 21,
1987). Solved by conjugate gradients: each step is linear in the number of movements.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from madang.streets.traffic_signals.contracts import Floats
from madang.streets.traffic_signals.rules.networks.columns import Columns, Entries, Indices, totals

STEPS = 40
GOOD_ENOUGH = 1e-3
OUTLIER = 3.0
"""Standard errors from which a count's weight falls (Huber, 1964)."""


@dataclass(frozen=True, slots=True)
class System:
    """The rows of the least squares: detectors, whole approaches, links, and what approaches were expected to carry."""

    rows: Entries
    detectors: int
    groups: int
    links: Indices
    """The links that are rows: fed from upstream and left at their end by movements of this network."""
    approaches: Indices
    """The links at whose end movements begin: one row each for their expected total."""

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self.first_approach + len(self.approaches)

    @property
    def first_link(self) -> int:
        """The first of the links' rows."""
        return self.detectors + self.groups

    @property
    def first_approach(self) -> int:
        """The first row of expected totals."""
        return self.first_link + len(self.links)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of each row in this interval: its value and variance (veh/h); weight 0 where nothing is known."""

    value: Floats
    variance: Floats
    known: Floats


def system(net: Columns) -> System:
    """The rows that a network's detectors and links make."""
    size, links = len(net.detectors), np.flatnonzero(net.approach & net.fed)
    row_of_link = np.full(len(net.links), -1, np.int64)
    row_of_link[links] = np.arange(len(links)) + size + net.groups
    whole = _whole_rows(net)
    approaches = np.flatnonzero(net.approach)
    total = np.full(len(net.links), -1, np.int64)
    total[approaches] = np.arange(len(approaches)) + size + net.groups + len(links)
    into, out = row_of_link[net.exit], row_of_link[net.entry]
    parts = [
        (net.seen.rows, net.seen.movements, net.seen.share), whole,
        (into[into >= 0], np.flatnonzero(into >= 0), np.ones(int((into >= 0).sum()))),
        (out[out >= 0], np.flatnonzero(out >= 0), -np.ones(int((out >= 0).sum()))),
        (total[net.entry], np.arange(len(net.entry)), np.ones(len(net.entry))),
    ]
    rows, movements, share = (np.concatenate([part[axis] for part in parts]) for axis in range(3))
    entries = Entries(rows.astype(np.int64), movements.astype(np.int64), share)
    return System(entries, size, net.groups, links, approaches)


def _whole_rows(net: Columns) -> tuple[Indices, Indices, Floats]:
    """Each group of detectors that covers all lanes sees every movement of its link whole."""
    group = net.group[net.seen.rows]
    inside = group >= 0
    pairs = np.unique(np.stack([group[inside], net.seen.movements[inside]], 1), axis=0)
    return pairs[:, 0] + len(net.detectors), pairs[:, 1], np.ones(len(pairs))


def balanced(rows: System, seen: Seen, expected: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """The flows that fit best, none below zero, and each row's weight after outliers have been damped."""
    weight = seen.known / np.maximum(seen.variance, 1.0)
    root = np.sqrt(variance)
    misfit = seen.value - rows.rows.times(expected, rows.height)
    step = _solved(rows, weight, root, misfit)
    left = misfit - rows.rows.times(root * step, rows.height)
    sure = np.sqrt(np.maximum(seen.variance, 1.0))
    damped = weight * np.minimum(1.0, OUTLIER * sure / np.maximum(np.abs(left), 1e-9))
    damped[rows.first_approach:] = weight[rows.first_approach:]
    if np.any(damped < weight):
        step = _solved(rows, damped, root, misfit, step)
    return np.maximum(expected + root * step, 0.0), damped


def _solved(rows: System, weight: Floats, root: Floats, misfit: Floats, start: Floats | None = None) -> Floats:
    """Solve (1 + R A'W A R) z = R A'W misfit for the scaled step z."""
    width, entries = len(root), rows.rows

    def applied(z: Floats) -> Floats:
        return z + root * entries.transposed_times(weight * entries.times(root * z, rows.height), width)

    scale = 1.0 + root**2 * totals(entries.movements, entries.share**2 * weight[entries.rows], width)
    wanted = root * entries.transposed_times(weight * misfit, width)
    return _conjugate_gradients(applied, wanted, scale, np.zeros(width) if start is None else start)


def _conjugate_gradients(applied: Callable[[Floats], Floats], wanted: Floats, scale: Floats, start: Floats) -> Floats:
    """Preconditioned by ``scale``; stops after STEPS or when what is left is a thousandth (Hestenes, Stiefel 1952)."""
    z = start.copy()
    left = wanted - applied(z)
    ahead = left / scale
    way, size = ahead.copy(), _dot(left, ahead)
    enough = GOOD_ENOUGH**2 * _dot(wanted, wanted / scale)
    for _ in range(STEPS):
        if size <= enough or size == 0.0:
            break
        turned = applied(way)
        length = size / _dot(way, turned)
        z += length * way
        left -= length * turned
        ahead = left / scale
        size, before = _dot(left, ahead), size
        way = ahead + size / before * way
    return z


def _dot(one: Floats, other: Floats) -> float:
    """Summed by numpy itself: BLAS adds in another order with another number of threads, and areas would differ."""
    return float((one * other).sum())
