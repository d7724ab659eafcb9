"""The next plan for every intersection: what runs, what is expected, what is better, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from madang.streets.traffic_signals.contracts import (
    Coordination,
    Effect,
    Floats,
    IntersectionId,
    Limits,
    Network,
    Proposal,
    StageTime,
    TimingPlan,
    Traffic,
)
from madang.streets.traffic_signals.rules.plans import cases as ways
from madang.streets.traffic_signals.rules.plans import greens as timing
from madang.streets.traffic_signals.rules.plans.cases import Cases
from madang.streets.traffic_signals.rules.plans.coordination import Alone, Coordinator, InStep, Worth
from madang.streets.traffic_signals.rules.plans.delay import Judged, trial
from madang.streets.traffic_signals.rules.plans.demand import Demand, expected
from madang.streets.traffic_signals.rules.plans.layout import Integers, lay_out
from madang.streets.traffic_signals.rules.plans.protection import leaves_out, needed
from madang.streets.traffic_signals.rules.plans.reasons import Step, because
from madang.streets.traffic_signals.rules.plans.service import Rates, rates_of
from madang.streets.traffic_signals.rules.plans.transitions import next_beginning

PORTION = 200
"""Intersections that are worked out together, so that their arrays stay in the processor's cache."""

SEARCHED = 4
"""Orders of stages of one intersection whose greens are searched; the others were worse before."""

SHORT = 1.3
"""A cycle to begin the search with beside Webster's: the shortest and a little."""

WORTH_IT = 0.03
"""The share of delay that a new plan must save, or the running one stays: each change costs a transition."""

CHANGE_IN_STEP = 0.1
"""The same of a group that is in step already, as a whole: while it changes, its platoons meet red."""

NOT_IN_STEP = Coordination(together=1)
"""Every signal by itself."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What every proposal of a run goes by.

    What runs, the moment, and by intersection's row: vehicles a second, today's waiting and saturation, who runs in
    step.
    """

    running: Mapping[IntersectionId, TimingPlan]
    now: datetime
    flow: Floats
    today: Mapping[int, tuple[float, float]]
    in_step: Mapping[int, InStep]
    together: Mapping[int, int]
    """Signals in the group of each that has one."""


class Planner:
    """Plan mode for one network, laid out once."""

    def __init__(self, network: Network, limits: Limits, rule: Coordination | None = None) -> None:
        self._limits = limits
        self.layout = lay_out(network, limits)
        self._possible = _whole(ways.of(self.layout, ways.possible(self.layout), limits.min_cycle))
        self._portions = _portions(self._possible)
        self._usual = _whole(ways.of(self.layout, ways.usual(self.layout), limits.min_cycle))
        self._coordinator = Coordinator(self.layout, network, rule or NOT_IN_STEP, Worth(WORTH_IT, CHANGE_IN_STEP))

    def webster(self, traffic: Traffic) -> Mapping[IntersectionId, TimingPlan]:
        """Webster's cycle and split for the stages as they are, no offset: the peer that plan mode is held against."""
        demand = expected(self.layout, traffic)
        ready = trial(self.layout, demand, rates_of(self.layout, demand), self._usual)
        ratios = timing.flow_ratios(ready)
        greens = timing.split(self._usual, ratios, timing.webster_cycle(self._usual, ratios))
        return {plan.intersection: plan for plan in (
            self._plan(self._usual, greens[row], row, 0) for row in range(len(self._usual.node)))}

    def propose(
        self, traffic: Traffic, running: Mapping[IntersectionId, TimingPlan], now: datetime,
    ) -> Mapping[IntersectionId, Proposal]:
        """A proposal for each intersection whose data suffice; see ``propose`` of the package."""
        demand = expected(self.layout, traffic)
        rates = rates_of(self.layout, demand)
        chosen, greens, judged = self._best(demand, rates)
        runs, saturation = self._today(demand, rates, running)
        flow = np.bincount(self.layout.group_node, demand.flow, len(self.layout.nodes)).astype(np.float64)
        groups = self._coordinator.together(demand)
        in_step = self._coordinator.chosen(
            groups, (demand, rates), Alone(chosen, greens, judged.waiting), (runs, running, now))
        today = {int(node): (float(waits), float(full)) for node, waits, full in zip(
            runs.cases.node, runs.waiting, saturation, strict=True)}
        known = _Known(running, now, flow, today, in_step, {row: len(group) for group in groups for row in group})
        return {proposal.plan.intersection: proposal for proposal in (
            self._proposal(chosen, row, (greens, judged), known) for row in range(len(chosen.node)))}

    def _best(self, demand: Demand, rates: Rates) -> tuple[Cases, Floats, Judged]:
        """The best order of stages and greens of each intersection; some hundred at a time, which fit a cache."""
        own = leaves_out(self.layout, self._possible, needed(self.layout, demand))
        found = [self._best_of(demand, rates, self._possible.picked(rows[~own[rows]])) for rows in self._portions]
        chosen = ways.joined([cases for cases, _, _ in found])
        greens = np.concatenate([np.zeros((0, chosen.order.shape[1])), *(greens for _, greens, _ in found)])
        return chosen, greens, Judged.joined([each for _, _, each in found])

    def _best_of(self, demand: Demand, rates: Rates, cases: Cases) -> tuple[Cases, Floats, Judged]:
        ready = trial(self.layout, demand, rates, cases)
        ratios = timing.flow_ratios(ready)
        begin = timing.split(cases, ratios, timing.webster_cycle(cases, ratios))
        short = timing.split(cases, ratios, np.minimum(cases.shortest * SHORT, cases.longest))
        cost, brief = ready.waiting(begin), ready.waiting(short)
        begin = np.where((brief < cost)[:, None], short, begin)
        likely = _least_rows(cases.node, np.minimum(cost, brief), SEARCHED)
        ready, begin = ready.picked(likely), begin[likely]
        greens = timing.search(ready, begin)
        best = _least_rows(ready.cases.node, ready.waiting(greens), 1)
        ready = ready.picked(best)
        greens = timing.search(ready, greens[best], keep_cycle=True)
        return ready.cases, greens, ready.judge(greens)

    def _today(
        self, demand: Demand, rates: Rates, running: Mapping[IntersectionId, TimingPlan],
    ) -> tuple[Alone, Floats]:
        """What runs now, with vehicles waiting when each signal is taken alone, and the saturation of each."""
        orders, lasts = [], []
        for row, node in enumerate(self.layout.nodes):
            plan = running.get(node.id)
            if plan is not None and {each.stage for each in plan.stages} <= set(self.layout.stages[row]):
                orders.append((row, [self.layout.stages[row].index(each.stage) for each in plan.stages]))
                lasts.append([each.green for each in plan.stages])
        now = ways.of(self.layout, orders, self._limits.min_cycle)
        kept = {(node, tuple(order)): last for (node, order), last in zip(orders, lasts, strict=True)}
        greens = np.zeros(now.order.shape)
        for at, (node, order) in enumerate(zip(now.node.tolist(), now.order.tolist(), strict=True)):
            last = kept[node, tuple(stage for stage in order if stage >= 0)]
            greens[at, : len(last)] = last
        judged = trial(self.layout, demand, rates, now).judge(greens)
        barred = leaves_out(self.layout, now, needed(self.layout, demand))
        return Alone(now, greens, np.where(barred, judged.waiting * 10, judged.waiting)), judged.saturation

    def _proposal(self, chosen: Cases, row: int, found: tuple[Floats, Judged], known: _Known) -> Proposal:
        node = int(chosen.node[row])
        before, step = known.running.get(self.layout.nodes[node].id), known.in_step.get(node)
        greens, judged = found
        waiting, saturation = float(judged.waiting[row]), float(judged.saturation[row])
        waits_now, full_now = known.today.get(node, (waiting, saturation))
        if step is None:
            plan = self._plan(chosen, greens[row], row, next_beginning(before, known.now) if before else 0)
            if before is not None and node in known.today and waiting > (1 - WORTH_IT) * waits_now:
                plan, waiting, saturation = before, waits_now, full_now
        else:
            waits_now = waits_now if step.waits_now is None else step.waits_now
            waiting, saturation = step.waiting, full_now if step.kept else step.saturation
            plan = before if step.kept and before else self._plan(chosen, step.greens, row, step.offset)
        vehicles = max(float(known.flow[node]), 1e-6)
        effect = Effect(waits_now / vehicles, waiting / vehicles, full_now, saturation)
        size = known.together.get(node, 1)
        along = Step(step.cycle, step.together) if step else Step(0, size) if size > 1 else None
        return Proposal(plan, effect, because(before, plan, effect, along))

    def _plan(self, chosen: Cases, greens: Floats, row: int, offset: int) -> TimingPlan:
        """The plan of a row of ``chosen`` with ``greens`` [K]."""
        node = int(chosen.node[row])
        names = self.layout.stages[node]
        times = tuple(StageTime(names[stage], int(green)) for stage, green in zip(
            chosen.order[row], greens, strict=True) if stage >= 0)
        cycle = round(float(greens.sum() + chosen.after[row].sum()))
        return TimingPlan(self.layout.nodes[node].id, cycle, offset % cycle, times)


def propose(
    network: Network, traffic: Traffic, running: Mapping[IntersectionId, TimingPlan], limits: Limits, now: datetime,
    rule: Coordination | None = None,
) -> Mapping[IntersectionId, Proposal]:
    """The next five minutes' plan of each intersection; see ``Planner`` for many calls on one network."""
    return Planner(network, limits, rule).propose(traffic, running, now)


def webster(network: Network, traffic: Traffic, limits: Limits) -> Mapping[IntersectionId, TimingPlan]:
    """Each intersection re-timed by Webster's formulas of 1958, its stages unchanged."""
    return Planner(network, limits).webster(traffic)


def _least_rows(node: Integers, waiting: Floats, count: int) -> Integers:
    """The ``count`` rows with least waiting of each intersection; of equals the first, which has more stages."""
    order = np.lexsort((waiting.round(6), node))
    begins = np.unique(node[order], return_index=True)[1]
    rank = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    return np.sort(order[rank < count])


def _portions(cases: Cases) -> list[Integers]:
    """Rows of ``cases``, all of an intersection together, some hundred intersections each."""
    portion = cases.node // PORTION
    return [np.nonzero(portion == each)[0] for each in np.unique(portion)]


def _whole(cases: Cases) -> Cases:
    """Those whose intergreens add up to whole seconds and whose least cycle is not too long: others fit no plan."""
    lost = cases.lost()
    fits = np.isclose(lost, np.round(lost), rtol=0, atol=1e-6) & (cases.shortest <= cases.longest)
    return cases.picked(np.nonzero(fits)[0])
