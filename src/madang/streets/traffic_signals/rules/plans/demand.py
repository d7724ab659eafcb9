"""What is expected at each lane group until the next plan, and how sure that is."""

from dataclasses import dataclass

import numpy as np

from madang.streets.traffic_signals.contracts import Floats, Traffic
from madang.streets.traffic_signals.rules.plans import method
from madang.streets.traffic_signals.rules.plans.layout import GREEN, YIELDING, Integers, Layout

FILTER_WEIGHT = 2.5
"""Through vehicles that a filter turn counts for when drivers choose a lane: HCM 2000, exhibit C16-3, middle flows."""

SHARING_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Demand:
    """What comes.

    Per movement [M]: ``volume`` and ``saturation`` of one lane, veh/h. Per share [P]: ``share_flow``, veh/s. Per group
    [G]: ``flow`` and its standard ``error``, veh/s, and ``queue``, vehicles now.
    """

    volume: Floats
    saturation: Floats
    share_flow: Floats
    flow: Floats
    error: Floats
    queue: Floats


def expected(layout: Layout, traffic: Traffic) -> Demand:
    """The next five minutes' demand with its error; where there is no forecast, the last volume."""
    rows = _rows(layout, traffic)
    volume = np.maximum(_taken(_first_finite(traffic.volume_soon, traffic.volume), rows), method.LEAST_FLOW)
    volume = volume + _taken(traffic.queue, rows) * 3600 / method.CLEARED_WITHIN
    given = _taken(_first_finite(traffic.error_soon, traffic.uncertainty), rows)
    error = np.maximum(given, np.sqrt(method.COUNT_NOISE * volume + (method.UNFORESEEN * volume) ** 2))
    measured = _taken(traffic.saturation_flow, rows)
    width = np.bincount(layout.share_movement, layout.group_lanes[layout.share_group], len(layout.movements))
    saturation = np.maximum(np.where(measured > 0, measured / np.maximum(1.0, width), layout.saturation), 60.0)
    share = _shares(layout, volume, saturation)
    part = share * volume[layout.share_movement] / 3600
    spread = share * error[layout.share_movement] / 3600
    return Demand(
        volume=volume, saturation=saturation, share_flow=part, flow=_by_group(layout, part),
        error=np.sqrt(_by_group(layout, spread**2)),
        queue=_by_group(layout, share * _taken(traffic.queue, rows)[layout.share_movement]),
    )


def _rows(layout: Layout, traffic: Traffic) -> Integers:
    """Where each movement stands in ``traffic``; -1 where it does not."""
    at = {movement: row for row, movement in enumerate(traffic.movements)}
    return np.array([at.get(movement, -1) for movement in layout.movements], dtype=np.int64)


def _taken(column: Floats, rows: Integers) -> Floats:
    """``column`` in the layout's order; nothing, NaN and what is below nothing become 0."""
    if not len(column):
        return np.zeros(len(rows))
    picked = np.where(rows >= 0, np.asarray(column, dtype=np.float64)[rows], 0.0)
    taken: Floats = np.maximum(np.nan_to_num(picked, nan=0.0, posinf=0.0, neginf=0.0), 0.0)
    return taken


def _first_finite(column: Floats, other: Floats) -> Floats:
    found: Floats = np.where(np.isfinite(column), column, other)
    return found


def _shares(layout: Layout, volume: Floats, saturation: Floats) -> Floats:
    """How each movement's drivers spread over their lane groups [P]: to the emptier one, until all are as full."""
    filters = np.where((layout.service == YIELDING).any(axis=1), FILTER_WEIGHT, 1.0)
    both = (layout.service == GREEN).any(axis=1) & (filters > 1)
    work = volume * np.where(both, (1 + FILTER_WEIGHT) / 2, filters) / saturation
    lanes = layout.group_lanes[layout.share_group]
    share = _even(layout, lanes)
    for _ in range(SHARING_ROUNDS):
        load = _by_group(layout, share * work[layout.share_movement]) / layout.group_lanes
        share = _even(layout, share / np.maximum(load[layout.share_group], 1e-9) ** 0.7)
    return share


def _even(layout: Layout, weight: Floats) -> Floats:
    """``weight`` [P] so that each movement's shares add up to 1."""
    total = np.bincount(layout.share_movement, weight, len(layout.movements))
    share: Floats = weight / np.maximum(total[layout.share_movement], 1e-12)
    return share


def _by_group(layout: Layout, column: Floats) -> Floats:
    """The sum of ``column`` [P] in each lane group [G]."""
    return np.bincount(layout.share_group, column, len(layout.group_node)).astype(np.float64)
