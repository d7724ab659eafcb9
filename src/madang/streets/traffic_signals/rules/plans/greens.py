"""Greens in whole seconds: Webster's split to begin with, and the search for the least expected delay from there."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from madang.streets.traffic_signals.contracts import Floats
from madang.streets.traffic_signals.rules.plans.cases import Cases
from madang.streets.traffic_signals.rules.plans.delay import Trial

STEPS = (8, 3, 1)
"""Seconds by which greens are changed, from coarse to fine."""

ROUNDS = 2
"""How often a step is tried before a finer one."""

ENOUGH = 1e-6
"""Vehicles waiting by which a change must better a plan."""

UNHINDERED = 0.01
"""The share of vehicles that may be held for a lane group to count as protected."""

FULLEST = 0.9
"""The largest sum of flow ratios that Webster's cycle is taken for; above it the formula runs away."""


def flow_ratios(trial: Trial) -> Floats:
    """The critical flow ratio of each place in each case, [R, K] (Webster 1958).

    A lane group with green in several places counts where it is protected, and there only for what the others leave.
    """
    service = trial.service
    ratio = np.minimum(trial.flow * (service.free + service.gap) / service.lanes, 0.9)
    whole = service.served & (service.filters + service.held < UNHINDERED)
    place = np.where(whole.any(axis=0), whole, service.served)
    often = place.sum(axis=0)
    critical = np.zeros(trial.cases.order.shape)
    for at in range(len(place)):
        once = place[at] & (often == 1)
        np.maximum.at(critical[:, at], trial.case[once], ratio[at][once])
    share = np.where(place, critical[trial.case].T, 0.0).sum(axis=0)
    short = np.maximum(0.0, ratio.max(axis=0) - share) / np.maximum(1, often)
    more = np.zeros_like(critical)
    for at in range(len(place)):
        np.maximum.at(more[:, at], trial.case, np.where(place[at] & (often > 1), short, 0.0))
    ratios: Floats = critical + more
    return ratios


def webster_cycle(cases: Cases, ratios: Floats) -> Floats:
    """Webster's optimum cycle (Road Research Technical Paper 39, 1958) in whole seconds within bounds, [R]."""
    total = np.minimum(ratios.sum(axis=1), FULLEST)
    cycle: Floats = np.clip(np.ceil((1.5 * cases.lost() + 5) / (1 - total)), cases.shortest, cases.longest)
    return cycle


def split(cases: Cases, ratios: Floats, cycle: Floats) -> Floats:
    """Whole greens [R, K] that fill ``cycle`` [R], by flow ratio, none below its least."""
    spare = cycle - cases.lost()
    used = cases.order >= 0
    weight = np.where(used, np.maximum(ratios, 1e-4), 0.0)
    low, high = np.zeros(len(spare)), spare / np.maximum(weight.max(axis=1, initial=1e-4), 1e-4)
    for _ in range(40):
        middle = (low + high) / 2
        enough = np.maximum(cases.least, middle[:, None] * weight).sum(axis=1) >= spare
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return whole(np.maximum(cases.least, high[:, None] * weight), spare, cases.least)


def whole(greens: Floats, spare: Floats, least: Floats) -> Floats:
    """``greens`` rounded so that each row adds up to ``spare``; what rounding leaves goes to the longest greens."""
    floor = np.maximum(np.floor(greens + 1e-9), least)
    rank = np.argsort(np.argsort(-(greens - floor), axis=1), axis=1)
    used = np.maximum(1, (least > 0).sum(axis=1))
    left = np.round(spare - floor.sum(axis=1))
    each, over = np.divmod(left, used)
    more = np.where(least > 0, each[:, None] + (rank < over[:, None]), 0.0)
    rounded: Floats = np.maximum(least, floor + np.where(left[:, None] > 0, more, 0.0))
    return rounded


def search(trial: Trial, start: Floats, *, keep_cycle: bool = False) -> Floats:
    """Greens of least expected delay, from ``start`` by ever smaller steps; with ``keep_cycle`` by exchange only.

    Cases that a round of one step does not better rest until the next step.
    """
    greens, cost = start.copy(), trial.waiting(start)
    moves = list(_moves(start.shape[1], keep_cycle=keep_cycle))
    for step in STEPS:
        rows = np.arange(len(greens))
        for _ in range(ROUNDS):
            part = trial if len(rows) == len(greens) else trial.picked(rows)
            better, greens[rows], cost[rows] = _round(part, greens[rows], cost[rows], [step * move for move in moves])
            rows = rows[better]
            if not len(rows):
                break
    return greens


def _round(
    trial: Trial, greens: Floats, cost: Floats, moves: Sequence[Floats],
) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """Each move once, kept where it betters; which cases it bettered, their greens and costs."""
    better = np.zeros(len(greens), dtype=np.bool_)
    for move in moves:
        tried = greens + move
        allowed = _allowed(trial.cases, tried)
        if not allowed.any():
            continue
        found = trial.waiting(np.where(allowed[:, None], tried, greens))
        gained = allowed & (found < cost - ENOUGH)
        greens, cost = np.where(gained[:, None], tried, greens), np.where(gained, found, cost)
        better |= gained
    return better, greens, cost


def _moves(places: int, *, keep_cycle: bool) -> Iterator[Floats]:
    unit = np.eye(places)
    if keep_cycle:
        yield from (unit[one] - unit[two] for one in range(places) for two in range(places) if two != one)
    else:
        yield from (sign * each for each in unit for sign in (-1, 1))


def _allowed(cases: Cases, greens: Floats) -> NDArray[np.bool_]:
    cycle = greens.sum(axis=1) + cases.lost()
    inside = (cycle >= cases.shortest - 1e-9) & (cycle <= cases.longest + 1e-9)
    allowed: NDArray[np.bool_] = inside & (greens >= cases.least - 1e-9).all(axis=1) & (
        (greens == 0) | (cases.order >= 0)).all(axis=1)
    return allowed
