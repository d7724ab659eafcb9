"""What a roll-out did: delay before and after, held against intersections whose plans did not change.

Comparison group (Hauer, Observational Before–After Studies in Road Safety, 1997, chapter 9): the delay after is held
against what it would be had it grown as at the places whose plan did not change, so demand that rose everywhere is
taken out. Regression to the mean, from choosing the places that were worst in the days before, is taken out by drawing
each place's period before towards its own longer past, weighted by how far days spread (empirical Bayes; Hauer,
chapter 11; Morris, 1983). The interval is a bootstrap over intersections (Efron and Tibshirani, 1993), because plans
are changed by intersection.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from madang.streets.traffic_signals.contracts import Floats, IntersectionId
from madang.streets.traffic_signals.contracts.operation import BeforeAfter, Estimate, Values

DRAWS: Final = 2_000
SEED: Final = 1
LEAST_PLACES: Final = 5
"""Intersections in each group below which nothing is said."""
DAY: Final = 24
"""Rows of the past in a day: it is read by the hour."""
LEAST_DAYS: Final = 3
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
    treated = [place for place in common if place in changed]
    others = [place for place in common if place not in changed]
    if min(len(treated), len(others)) < LEAST_PLACES:
        return None
    moved = _drift(periods, common)
    own, compared = _changes(periods, treated, moved), _changes(periods, others, moved)
    change = _estimate(own, compared)
    flow = sum(float(np.mean(periods.after[place][:, 0])) for place in treated)
    won = flow * HOURS_A_YEAR / SECONDS_AN_HOUR * (values.time + values.emissions)
    naive = float(np.average(own.after - own.observed, weights=own.weight))
    return BeforeAfter(
        change, naive, float(np.average(own.before, weights=own.weight)),
        Estimate(change.value * won, change.low * won, change.high * won), len(treated), len(others), *periods.hours,
    )


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


def _drift(periods: Periods, places: list[IntersectionId]) -> float:
    """How far all places together have moved from their past: that is demand, not chance."""
    known = [one for one in places if _known(periods.past, one)]
    moved = _delays(periods.before, known) - _delays(periods.past, known)
    return float(np.median(moved)) if len(moved) else 0.0


def _changes(periods: Periods, places: list[IntersectionId], moved: float) -> _Group:
    observed, after = _delays(periods.before, places), _delays(periods.after, places)
    spread = np.array([_variance(periods, one) for one in places])
    past = np.full(len(places), np.nan)
    known = np.array([_known(periods.past, one) for one in places])
    past[known] = _delays(periods.past, [one for one in places if _known(periods.past, one)]) + moved
    weight = np.array([max(1e-9, float(periods.before[one][:, 0].mean())) for one in places])
    return _Group(observed, _shrunk(observed, past, spread), after, weight)


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


def _delays(series: Series, places: Sequence[IntersectionId]) -> Floats:
    """Seconds of delay a vehicle over a whole period."""
    sums = np.array([series[one].sum(0, np.float64) for one in places]).reshape(-1, 2)
    return _delay(sums[:, 0], sums[:, 1])


def _delay(volume: Floats, queue: Floats) -> Floats:
    return np.asarray(queue / np.maximum(volume, 1e-9) * SECONDS_AN_HOUR, np.float64)


def _variance(periods: Periods, place: IntersectionId) -> float:
    """Of the delay of a period such as the one before: from day to day in the past, at least that of its own runs."""
    series = periods.before[place]
    own = float(_delay(series[:, 0], series[:, 1]).var()) / max(1, len(series))
    past = periods.past.get(place, series[:0])
    days = past[:len(past) // DAY * DAY].reshape(-1, DAY, 2).sum(1)
    return max(own, float(_delay(days[:, 0], days[:, 1]).var(ddof=1)) if len(days) >= LEAST_DAYS else 0.0)


def _known(past: Series, place: IntersectionId) -> bool:
    return place in past and len(past[place]) > 0
