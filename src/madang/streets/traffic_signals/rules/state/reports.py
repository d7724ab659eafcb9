"""One interval's counts in the network's own order, whatever came in: repeated, unknown, out of range, too late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from itertools import repeat
from math import isfinite

import numpy as np

from madang.streets.traffic_signals.contracts import DetectorCounts, DetectorId, Flags, Floats
from madang.streets.traffic_signals.rules.networks.columns import Indices, numbers

SHORTEST, LONGEST = 1.0, 3_600.0
"""Seconds that an interval of counts may have."""


@dataclass(frozen=True, slots=True)
class Reports:
    """One row a detector: what it said (NaN where nothing), how often it is in the batch."""

    vehicles: Floats
    occupancy: Floats
    times: Indices
    senseless: Flags
    """Detectors that said what cannot be: less than nothing, infinite, an occupancy outside 0–1."""


def interval(counts: DetectorCounts) -> tuple[float, float] | None:
    """Begin (seconds since 1970) and length of the counts' interval, or None where it makes no sense."""
    begin, seconds = counts.begin, _number(counts.seconds)
    if begin.tzinfo is None or not SHORTEST <= seconds <= LONGEST:
        return None
    try:
        return begin.astimezone(UTC).timestamp(), seconds
    except (OverflowError, ValueError):
        return None


def read(counts: DetectorCounts, index: Mapping[DetectorId, int]) -> Reports:
    """Sort a batch into the network's order; of several reports of one detector the last one counts."""
    size = len(index)
    where = np.fromiter(map(index.get, counts.detectors, repeat(-1)), np.int64)
    vehicles, occupancy = (_column(values, len(where)) for values in (counts.vehicles, counts.occupancy))
    known = where >= 0
    rows = where[known]
    said, covered = np.full(size, np.nan), np.full(size, np.nan)
    said[rows], covered[rows] = vehicles[known], occupancy[known]
    wrong = np.isinf(said) | (said < 0) | np.isinf(covered) | (covered < 0) | (covered > 1)
    said[wrong] = np.nan
    covered[wrong] = np.nan
    return Reports(said, covered, numbers(rows, size), wrong)


def _column(values: object, size: int) -> Floats:
    """As many numbers as there are detectors in the batch; what is missing is NaN."""
    given = np.asarray(values, np.float64).ravel()[:size]
    return given if len(given) == size else np.concatenate([given, np.full(size - len(given), np.nan)])


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float | np.floating) and isfinite(value) else -1.0
