"""What a roll-out did: delay before and after, held against intersections whose plans did not change.

Comparison group (Hauer, Observational Before–After Studies in Road Safety, 1997, chapter 9): the delay after is held
against what it would be had it grown as at the places whose plan did not change, so demand that rose everywhere is
taken out. Regression to the mean, from choosing the places that were worst in the days before, is taken out by drawing
each place's period before towards its own longer past, weighted by how far days spread (empirical Bayes; Hauer,
chapter 11; Morris, 1983). The interval is a bootstrap over intersections (Efron and Tibshirani, 1993), because plans
are changed by intersection.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from madang.streets.traffic_signals.contracts import Floats, IntersectionId
from madang.streets.traffic_signals.contracts.operation import BeforeAfter, Estimate, Values

DRAWS: Final = 1_000
"""Enough for the percentiles of an interval (Efron and Tibshirani, 1993, chapter 13)."""
SEED: Final = 1
LEAST_PLACES: Final = 5
"""Intersections in each group below which nothing is said."""
DAY: Final = 24
"""Rows of the past in a day: it is read by the hour."""
LEAST_DAYS: Final = 3
_AT_ONCE: Final = 512
"""Places summed together, so that what is at hand stays in the processor's cache."""
HOURS_A_YEAR: Final = 8_760
SECONDS_AN_HOUR: Final = 3_600.0

Series = Mapping[IntersectionId, Floats]
"""For each intersection one row a run: vehicles an hour, vehicles waiting."""


@dataclass(frozen=True, slots=True)
class Periods:
    """What was measured long before, before and after a roll-out; ``hours`` are the lengths of the last two."""

    past: Series
    before: Series
    after: Series
    hours: tuple[float, float]


def compare(periods: Periods, changed: frozenset[IntersectionId], values: Values) -> BeforeAfter | None:
    """The effect on the places of ``changed``; None when there is too little to say anything.

    Delay a vehicle is vehicles waiting over vehicles arriving (Little, 1961).
    """
    common = [place for place in periods.before if place in periods.after]
    treated = np.array([place in changed for place in common], bool)
    if min(int(treated.sum()), int((~treated).sum())) < LEAST_PLACES:
        return None
    whole = _group(periods, common)
    own, compared = whole.corrected(treated), whole.corrected(~treated)
    change = _estimate(own, compared)
    flow = float(np.sum(whole.volume_after[treated]))
    won = flow * HOURS_A_YEAR / SECONDS_AN_HOUR * (values.time + values.emissions)
    naive = float(np.average(own.after - own.observed, weights=own.weight))
    return BeforeAfter(
        change, naive, float(np.average(own.before, weights=own.weight)),
        Estimate(change.value * won, change.low * won, change.high * won), len(own.after), len(compared.after),
        *periods.hours,
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """All places in one order: delay before and after, what the past lets expect (NaN without one), its spread."""

    before: Floats
    after: Floats
    expected: Floats
    spread: Floats
    weight: Floats
    volume_after: Floats

    def corrected(self, chosen: NDArray[np.bool_]) -> "_Group":
        """Some of the places, their period before drawn towards what was to be expected."""
        observed = self.before[chosen]
        before = _shrunk(observed, self.expected[chosen], self.spread[chosen])
        return _Group(observed, before, self.after[chosen], self.weight[chosen])


@dataclass(frozen=True, slots=True)
class _Group:
    """Seconds of delay a vehicle at each place: as observed before, corrected, and after; and its traffic."""

    observed: Floats
    before: Floats
    after: Floats
    weight: Floats

    def sums(self) -> Floats:
        """Weighted delay before and after, and the weight, a row a place: what a draw adds up."""
        return np.stack([self.before * self.weight, self.after * self.weight, self.weight], 1)


def _group(periods: Periods, places: Sequence[IntersectionId]) -> _Places:
    before, after = _totals(periods.before, places), _totals(periods.after, places)
    past = _totals({one: rows for one, rows in periods.past.items() if len(rows)}, places)
    observed, long_before = _delay(before.volume, before.queue), _delay(past.volume, past.queue)
    moved = observed - long_before
    known = np.isfinite(moved)
    drift = float(np.median(moved[known])) if known.any() else 0.0  # all places together: that is demand, not chance
    spread = np.fmax(before.variance / np.maximum(1, before.rows), past.variance_of_days)
    weight = np.maximum(1e-9, before.volume / np.maximum(1, before.rows))
    return _Places(
        observed, _delay(after.volume, after.queue), long_before + drift, spread, weight,
        after.volume / np.maximum(1, after.rows),
    )


@dataclass(frozen=True, slots=True)
class _Totals:
    """A period, one figure a place: sums of its rows, how many, variance of delay from row to row and day to day."""

    volume: Floats
    queue: Floats
    rows: Floats
    variance: Floats
    variance_of_days: Floats


def _totals(series: Series, places: Sequence[IntersectionId]) -> _Totals:
    """Places with as many rows are worked on together; NaN for a place without any."""
    lengths: dict[int, list[int]] = defaultdict(list)
    for row, place in enumerate(places):
        if place in series:
            lengths[len(series[place])].append(row)
    found = np.full((5, len(places)), np.nan)
    for length, rows in lengths.items():
        for at in range(0, len(rows), _AT_ONCE):
            some = rows[at:at + _AT_ONCE]
            volume, queue = np.moveaxis(np.stack([series[places[row]] for row in some]), 2, 0).astype(np.float64)
            found[:, some] = (volume.sum(1), queue.sum(1), np.full(len(some), length),
                              _delay(volume, queue).var(1) if length else np.nan, _of_days(volume, queue))
    return _Totals(*found)


def _of_days(volume: Floats, queue: Floats) -> Floats:
    days = volume.shape[1] // DAY
    if days < LEAST_DAYS:
        return np.full(len(volume), np.nan)
    flow, held = (one[:, :days * DAY].reshape(len(one), days, DAY).sum(2) for one in (volume, queue))
    return np.asarray(_delay(flow, held).var(1, ddof=1))


def _shrunk(observed: Floats, expected: Floats, spread: Floats) -> Floats:
    """The period before, drawn towards what each place's past lets expect; without a past towards the group's mean."""
    expected = np.where(np.isfinite(expected), expected, observed.mean())
    between = max(0.0, float(np.var(observed - expected)) - float(np.mean(spread)))
    trust = between / (between + spread + 1e-12)
    drawn: Floats = expected + trust * (observed - expected)
    return drawn


def _estimate(own: _Group, compared: _Group) -> Estimate:
    chance = np.random.default_rng(SEED)
    sums = own.sums(), compared.sums()
    drawn = np.sort([
        _change(*(np.bincount(chance.integers(0, len(one), len(one)), minlength=len(one)) @ one for one in sums))
        for _ in range(DRAWS)
    ])
    value = _change(*(one.sum(0) for one in sums))
    return Estimate(value, float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975)))


def _change(own: Floats, compared: Floats) -> float:
    """Delay after, less what it would be had it grown as at the places that were compared with."""
    (before, after, weight), (there, then, others) = own, compared
    growth = then / max(there, 1e-9 * others)
    return float((after - before * growth) / weight)


def _delay(volume: Floats, queue: Floats) -> Floats:
    return np.asarray(queue / np.maximum(volume, 1e-9) * SECONDS_AN_HOUR, np.float64)
