"""Which signals run in step from now on: each group by itself, beside what runs and beside each signal alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from madang.streets.traffic_signals.contracts import Coordination, Flags, Floats, IntersectionId, Network, TimingPlan
from madang.streets.traffic_signals.rules.plans.cases import Cases
from madang.streets.traffic_signals.rules.plans.coordination import method
from madang.streets.traffic_signals.rules.plans.coordination.model import Signals, signals, timed
from madang.streets.traffic_signals.rules.plans.coordination.search import (
    Common,
    Groups,
    groups_of,
    hopeful,
    judged,
    search,
)
from madang.streets.traffic_signals.rules.plans.coordination.streets import Streets, between_signals, groups
from madang.streets.traffic_signals.rules.plans.delay import Trial, trial
from madang.streets.traffic_signals.rules.plans.demand import Demand
from madang.streets.traffic_signals.rules.plans.layout import Integers, Layout
from madang.streets.traffic_signals.rules.plans.service import Rates
from madang.streets.traffic_signals.rules.plans.transitions import next_beginning

PORTION = 200
"""Signals that are worked out together, so that their arrays stay in the processor's cache; groups are kept whole."""


@dataclass(frozen=True, slots=True)
class Alone:
    """What was found for each signal by itself: cases [R], greens [R, K], vehicles waiting [R]."""

    cases: Cases
    greens: Floats
    waiting: Floats


@dataclass(frozen=True, slots=True)
class InStep:
    """A signal's part in a group: greens by place, offset in seconds and the common cycle; ``waiting`` vehicles.

    ``kept``: what runs is in step already and stays. ``waits_now`` counts platoons where what runs is in step.
    """

    greens: Floats
    offset: int
    cycle: int
    together: int
    waiting: float
    saturation: float
    kept: bool
    waits_now: float | None


@dataclass(frozen=True, slots=True)
class Worth:
    """The share of delay that being in step must save, and that leaving or changing it must save, for a group."""

    begin: float
    change: float


class Coordinator:
    """Coordination of one network, laid out once."""

    def __init__(self, layout: Layout, network: Network, rule: Coordination, worth: Worth) -> None:
        self._layout, self._rule, self._worth = layout, rule, worth
        self._streets: Streets = between_signals(layout, network)

    def together(self, demand: Demand) -> Sequence[Sequence[int]]:
        """The groups for this demand, as rows of intersections."""
        return groups(self._layout, self._streets, demand, self._rule)

    def chosen(
        self, groups: Sequence[Sequence[int]], known: tuple[Demand, Rates], alone: Alone,
        runs: tuple[Alone, Mapping[IntersectionId, TimingPlan], datetime],
    ) -> Mapping[int, InStep]:
        """Of each intersection (its row) that runs in step from now on, how; the others are left as they are alone.

        ``groups`` of ``together``; ``runs`` is what runs today, as judged alone and as plans, and the moment.
        """
        today, running, now = runs
        row = {node: at for at, node in enumerate(alone.cases.node.tolist())}
        members = [[node for node in group if node in row] for group in groups]
        found: dict[int, InStep] = {}
        for portion in _portions([group for group in members if len(group) > 1]):
            whole = _Portion(self._layout, self._streets, known, self._rule, portion)
            hope = whole.hopeful(_of(alone, portion), _of(today, portion), running, self._worth)
            if hope:
                part = _Portion(self._layout, self._streets, known, self._rule, hope)
                found |= part.chosen(_of(alone, hope), _of(today, hope), (running, now), self._worth)
        return found


def _portions(members: Sequence[Sequence[int]]) -> Sequence[Sequence[Sequence[int]]]:
    made: list[list[Sequence[int]]] = []
    size = PORTION
    for group in members:
        if size >= PORTION:
            made.append([])
            size = 0
        made[-1].append(group)
        size += len(group)
    return made


def _of(alone: Alone, portion: Sequence[Sequence[int]]) -> Alone:
    """What is known of the portion's intersections."""
    wanted = np.zeros(int(alone.cases.node.max(initial=-1)) + 1, dtype=np.bool_)
    nodes = np.array([node for group in portion for node in group], dtype=np.int64)
    wanted[nodes[nodes < len(wanted)]] = True
    rows = np.nonzero(wanted[alone.cases.node])[0]
    return Alone(alone.cases.picked(rows), alone.greens[rows], alone.waiting[rows])


class _Portion:
    """Some groups at work."""

    def __init__(
        self, layout: Layout, streets: Streets, known: tuple[Demand, Rates], rule: Coordination,
        groups: Sequence[Sequence[int]],
    ) -> None:
        self._layout, self._streets, self._known, self._rule, self._groups = layout, streets, known, rule, groups
        self._group = np.full(len(layout.nodes), -1, dtype=np.int64)
        for at, group in enumerate(groups):
            self._group[list(group)] = at

    def hopeful(
        self, alone: Alone, today: Alone, running: Mapping[IntersectionId, TimingPlan], worth: Worth,
    ) -> Sequence[Sequence[int]]:
        """The groups that are in step now, or could be better off so."""
        model, groups = self._made(alone)
        cycle = self._running(today, running, groups.count).cycle
        single = groups.total(_apart(alone, today))
        found = hopeful(model, alone.greens, groups, (1 - worth.begin) * single) | (cycle > 0)
        return [group for group, one in zip(self._groups, found, strict=True) if one]

    def chosen(
        self, alone: Alone, today: Alone, what: tuple[Mapping[IntersectionId, TimingPlan], datetime], worth: Worth,
    ) -> Mapping[int, InStep]:
        """See ``Coordinator.chosen``."""
        model, groups = self._made(alone)
        runs = self._running(today, what[0], groups.count)
        begin = self._begin(alone, runs, what[0])
        found = search(model, alone.greens, groups, begin)
        total, single = groups.total(found.waiting), groups.total(_apart(alone, today))
        is_kept = runs.total <= np.minimum(total, single) / (1 - worth.change)
        in_step = ~is_kept & (total < (1 - worth.begin) * single)
        own = found.greens.sum(axis=1) + model.trial.cases.lost()
        offsets = _seconds(found, own, groups, _beginnings(self._layout, alone, what), in_step)
        waits_now = _by_node(alone, today, runs.waiting, np.nan)
        full = model.trial.judge(found.greens).saturation
        sizes = np.bincount(groups.of, minlength=groups.count)
        return {
            int(node): InStep(
                found.greens[row], int(offsets[row]), int(found.cycle[row]), int(sizes[at]),
                float(waits_now[row] if is_kept[at] else found.waiting[row]), float(full[row]),
                bool(is_kept[at]),
                None if np.isnan(waits_now[row]) else float(waits_now[row]))
            for row, (node, at) in enumerate(zip(alone.cases.node, groups.of, strict=True))
            if is_kept[at] or in_step[at]
        }

    def _made(self, alone: Alone) -> tuple[Signals, Groups]:
        ready = self._trial(alone.cases)
        model = signals(self._layout, self._streets, self._known[0], ready, self._group, self._rule)
        row = {node: at for at, node in enumerate(alone.cases.node.tolist())}
        return model, groups_of([[row[node] for node in group] for group in self._groups], model)

    def _trial(self, cases: Cases) -> Trial:
        return trial(self._layout, self._known[0], self._known[1], cases)

    def _running(self, today: Alone, running: Mapping[IntersectionId, TimingPlan], count: int) -> "_Runs":
        """What runs: where a whole group has a common cycle, with its platoons."""
        plans = [running[self._layout.nodes[node].id] for node in today.cases.node.tolist()]
        own = np.array([plan.cycle for plan in plans], dtype=np.float64)
        at = self._group[today.cases.node]
        longest = np.zeros(count)
        np.maximum.at(longest, at, own)
        fits = np.isclose(own, longest[at]) | np.isclose(2 * own, longest[at])
        whole = np.bincount(at, fits, count) == np.array([len(group) for group in self._groups])
        cycle = np.where(whole[at], longest[at], own)
        offsets = np.array([plan.offset for plan in plans], dtype=np.float64) * method.STEPS / np.maximum(cycle, 1.0)
        model = signals(self._layout, self._streets, self._known[0], self._trial(today.cases),
                        np.where(np.isin(self._group, np.nonzero(whole)[0]), self._group, -1), self._rule)
        waiting = judged(model, timed(model, today.greens, cycle), today.greens, offsets) if plans else own
        total = np.where(whole, np.bincount(at, waiting, count), np.inf)
        return _Runs(waiting, np.where(whole, longest, 0.0), total)

    def _begin(self, alone: Alone, runs: "_Runs", running: Mapping[IntersectionId, TimingPlan]) -> Common:
        """The common cycles that run, with their offsets, for the search to begin with."""
        cycle = runs.cycle[self._group[alone.cases.node]]
        plans = [running.get(self._layout.nodes[node].id) for node in alone.cases.node.tolist()]
        seconds = np.array([plan.offset if plan else 0 for plan in plans], dtype=np.float64)
        steps = np.round(seconds * method.STEPS / np.where(cycle > 0, cycle, 1.0)).astype(np.int64) % method.STEPS
        return Common(alone.greens, cycle, steps, alone.waiting)


@dataclass(frozen=True, slots=True)
class _Runs:
    """What runs today: ``waiting`` at each of today's rows; by group the common ``cycle`` (0: none) and the ``total``.

    The total is endless where the group is not in step.
    """

    waiting: Floats
    cycle: Floats
    total: Floats


def _apart(alone: Alone, today: Alone) -> Floats:
    """Vehicles that wait at each signal alone under what was found or what runs, whichever is better."""
    return np.minimum(alone.waiting, _by_node(alone, today, today.waiting, np.inf))


def _by_node(alone: Alone, today: Alone, column: Floats, missing: float) -> Floats:
    """``column`` of today's rows at the rows of ``alone``."""
    at = {node: float(one) for node, one in zip(today.cases.node.tolist(), column, strict=True)}
    return np.array([at.get(node, missing) for node in alone.cases.node.tolist()])


def _beginnings(
    layout: Layout, alone: Alone, what: tuple[Mapping[IntersectionId, TimingPlan], datetime],
) -> Floats:
    """When each running plan next begins, in seconds of the day; NaN where none runs."""
    running, now = what
    plans = [running.get(layout.nodes[node].id) for node in alone.cases.node.tolist()]
    return np.array([next_beginning(plan, now) if plan else np.nan for plan in plans])


def _seconds(found: Common, own: Floats, groups: Groups, begins: Floats, wanted: Flags) -> Integers:
    """Offsets in whole seconds, for ``own`` cycles; a group's all moved alike so that few signals have far to go."""
    second = np.round(found.offsets * found.cycle / method.STEPS)
    for at in np.nonzero(wanted)[0]:
        rows = np.nonzero(groups.of == at)[0]
        known = rows[~np.isnan(begins[rows])]
        shift = np.arange(int(found.cycle[rows[0]]))
        jump = (second[known, None] + shift - begins[known, None]) % own[known, None]
        far = np.minimum(jump, own[known, None] - jump).sum(axis=0)
        second[rows] += int(far.argmin()) if len(known) else 0
    whole: Integers = second.astype(np.int64)
    return whole

