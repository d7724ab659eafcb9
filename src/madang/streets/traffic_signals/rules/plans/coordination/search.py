"""A common cycle, greens and offsets for groups of signals, by expected delay with platoons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from madang.streets.traffic_signals.contracts import Flags, Floats
from madang.streets.traffic_signals.rules.plans import greens as timing
from madang.streets.traffic_signals.rules.plans import method as shared
from madang.streets.traffic_signals.rules.plans.cases import Cases
from madang.streets.traffic_signals.rules.plans.coordination import offsets as moving
from madang.streets.traffic_signals.rules.plans.coordination import profiles
from madang.streets.traffic_signals.rules.plans.coordination.model import Signals, Timed, timed
from madang.streets.traffic_signals.rules.plans.layout import Integers

BETWEEN = (0.0, 1.0, 2.0)
"""Common cycles tried: 0 the mean of those that the signals would have alone, 1 the longest, 2 as much more."""


@dataclass(frozen=True, slots=True)
class Common:
    """Plans in step: ``greens`` [R, K], a common ``cycle`` and ``offsets`` in steps, who is ``waiting``, [R]."""

    greens: Floats
    cycle: Floats
    offsets: Integers
    waiting: Floats

    def better(self, other: "Common", groups: "Groups") -> "Common":
        """Of each group whichever has fewer waiting; of equals this one."""
        take = (groups.total(other.waiting) < groups.total(self.waiting))[groups.of]
        return Common(
            np.where(take[:, None], other.greens, self.greens), np.where(take, other.cycle, self.cycle),
            np.where(take, other.offsets, self.offsets), np.where(take, other.waiting, self.waiting))


@dataclass(frozen=True, slots=True)
class Groups:
    """``of`` [R] is each row's group; ``count`` how many there are; ``order`` in which their rows are moved."""

    of: Integers
    count: int
    order: moving.Order

    def total(self, column: Floats) -> Floats:
        """The sum of ``column`` [R] in each group."""
        return np.bincount(self.of, column, self.count).astype(np.float64)

    def largest(self, column: Floats) -> Floats:
        """The largest of ``column`` [R] in each group."""
        most = np.full(self.count, -np.inf)
        np.maximum.at(most, self.of, column)
        return most


def groups_of(rows: Sequence[Sequence[int]], model: Signals) -> Groups:
    """Groups of rows of the model's cases; every row is in one."""
    of = np.zeros(len(model.trial.cases.node), dtype=np.int64)
    for at, group in enumerate(rows):
        of[list(group)] = at
    return Groups(of, len(rows), moving.order(rows, model.up, model.down))


def hopeful(model: Signals, own: Floats, groups: Groups, bar: Floats) -> Flags:
    """Groups that could come below ``bar`` vehicles waiting if nobody on the streets between them had to wait."""
    found = np.zeros(groups.count, dtype=np.bool_)
    linked = model.stands >= 0
    for cycle in _cycles(model.trial.cases, own, groups):
        greens, common = _in_cycle(model, own, cycle)
        now = timed(model, greens, common)
        queue = profiles.queued(now.even[linked], now.service[linked])
        rows = model.trial.case[linked]
        saved = queue.mean + shared.STOP_LOSS * queue.stopped / common[rows]
        least = model.trial.waiting(greens) - np.bincount(rows, saved, len(common))
        found |= (groups.total(least) < bar) & (groups.largest(cycle) > 0)
    return found


def search(model: Signals, own: Floats, groups: Groups, running: Common) -> Common:
    """The best common plans of each group; a group that has no common cycle waits without end.

    ``own`` [R, K] are the greens that each signal would have alone; ``running`` gives cycles and offsets to begin with
    too (0 s where none is common).
    """
    tried = [_tried(model, own, cycle, groups, None) for cycle in _cycles(model.trial.cases, own, groups)]
    if (running.cycle > 0).any():
        tried.insert(0, _tried(model, own, running.cycle, groups, running.offsets))
    found = tried[0]
    for each in tried[1:]:
        found = found.better(each, groups)
    return _finer(model, found, groups)


def judged(model: Signals, now: Timed, greens: Floats, offsets: Floats) -> Floats:
    """Vehicles waiting at each signal with platoons, [R]."""
    alone = model.trial.waiting(greens)
    return alone + np.bincount(model.trial.case, now.total(offsets), len(alone))


def _cycles(cases: Cases, own: Floats, groups: Groups) -> Iterator[Floats]:
    """Even common cycles [R] within what every signal of the group may have; 0 where there is none."""
    alone = own.sum(axis=1) + cases.lost()
    least, most = groups.largest(cases.shortest), -groups.largest(-cases.longest)
    mean, longest = groups.total(alone) / groups.total(np.ones(len(alone))), groups.largest(alone)
    for part in BETWEEN:
        cycle = 2 * np.round(np.clip(mean + part * (longest - mean), least, most) / 2)
        cycle = np.where(cycle < least, cycle + 2, np.where(cycle > most, cycle - 2, cycle))
        yield np.where((cycle >= least) & (cycle <= most), cycle, 0.0)[groups.of]


def _tried(model: Signals, own: Floats, cycle: Floats, groups: Groups, start: Integers | None) -> Common:
    """Offsets in ``cycle`` [R], as good as the tables say; waiting without end where it is 0."""
    greens, common = _in_cycle(model, own, cycle)
    now = timed(model, greens, common)
    tables = now.tables(now.even)
    begin = moving.outwards(groups.order, tables, len(common)) if start is None else start
    offsets = moving.descended(groups.order, tables, begin)
    platoons = moving.summed(groups.order, tables, offsets) - now.spread_out()
    waiting = model.trial.waiting(greens) + np.bincount(model.down, platoons, len(common))
    return Common(greens, common, offsets, np.where(cycle > 0, waiting, np.inf))


def _in_cycle(model: Signals, own: Floats, cycle: Floats) -> tuple[Floats, Floats]:
    """``own`` greens stretched to ``cycle``, or to its half where that makes fewer wait; and what stands for 0 s."""
    cases = model.trial.cases
    common = np.where(cycle > 0, cycle, cases.shortest)
    whole = timing.split(cases, own, common)
    half = np.where((common % 2 == 0) & (common / 2 >= cases.shortest), common / 2, common)
    if (half == common).all():
        return whole, common
    twice = timing.split(cases, own, half)
    shorter: Flags = model.trial.waiting(twice) < model.trial.waiting(whole)
    return np.where(shorter[:, None], twice, whole), common


def _finer(model: Signals, found: Common, groups: Groups) -> Common:
    """Greens exchanged within the cycle, and offsets once more with the platoons that come of it."""
    endless = ~np.isfinite(found.waiting)
    now = timed(model, found.greens, found.cycle)
    first = Common(found.greens, found.cycle, found.offsets, _waits(model, now, found, endless))
    greens = timing.search(model.trial, found.greens, keep_cycle=True)
    now = timed(model, greens, found.cycle)
    tables = now.tables(now.arrivals(found.offsets.astype(np.float64)))
    again = Common(greens, found.cycle, moving.descended(groups.order, tables, found.offsets), found.waiting)
    return first.better(Common(greens, again.cycle, again.offsets, _waits(model, now, again, endless)), groups)


def _waits(model: Signals, now: Timed, plans: Common, endless: Flags) -> Floats:
    waiting = judged(model, now, plans.greens, plans.offsets.astype(np.float64))
    return np.where(endless, np.inf, waiting)
