"""The next plan for every intersection: what runs, what is expected, what is better, and why."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np

from madang.streets.traffic_signals.contracts import (
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
from madang.streets.traffic_signals.rules.plans.delay import Judged, Trial, trial
from madang.streets.traffic_signals.rules.plans.demand import Demand, expected
from madang.streets.traffic_signals.rules.plans.layout import Integers, Layout, lay_out
from madang.streets.traffic_signals.rules.plans.reasons import because

WORTH_IT = 0.03
"""The share of delay that a new plan must save, or the running one stays: each change costs a transition."""


class Planner:
    """Plan mode for one network, laid out once."""

    def __init__(self, network: Network, limits: Limits) -> None:
        self._limits = limits
        self.layout = lay_out(network, limits)
        self._possible = _whole(ways.of(self.layout, ways.possible(self.layout), limits.min_cycle))
        self._usual = _whole(ways.of(self.layout, ways.usual(self.layout), limits.min_cycle))

    def webster(self, traffic: Traffic) -> Mapping[IntersectionId, TimingPlan]:
        """Webster's cycle and split for the stages as they are, no offset: the peer that plan mode is held against."""
        ready = trial(self.layout, expected(self.layout, traffic), self._usual)
        ratios = timing.flow_ratios(ready)
        greens = timing.split(self._usual, ratios, timing.webster_cycle(self._usual, ratios))
        return {plan.intersection: plan for plan in (
            self._plan(self._usual, greens, row, 0) for row in range(len(self._usual.node)))}

    def propose(
        self, traffic: Traffic, running: Mapping[IntersectionId, TimingPlan], now: datetime,
    ) -> Mapping[IntersectionId, Proposal]:
        """A proposal for each intersection whose data suffice; see ``propose`` of the package."""
        del now
        demand = expected(self.layout, traffic)
        ready = trial(self.layout, demand, self._possible)
        ratios = timing.flow_ratios(ready)
        begin = timing.split(self._possible, ratios, timing.webster_cycle(self._possible, ratios))
        greens, judged = timing.search(ready, begin)
        best = _best_rows(self._possible.node, judged.waiting)
        today = self._today(demand, running)
        flow = np.bincount(self.layout.group_node, demand.flow, len(self.layout.nodes)).astype(np.float64)
        return {proposal.plan.intersection: proposal for proposal in (
            self._proposal(row, greens, judged, today, running, flow) for row in best)}

    def _today(self, demand: Demand, running: Mapping[IntersectionId, TimingPlan]) -> Mapping[int, tuple[float, float]]:
        """Vehicles waiting and saturation at each intersection under what runs now."""
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
        judged = trial(self.layout, demand, now).judge(greens)
        return {int(node): (float(waiting), float(full)) for node, waiting, full in zip(
            now.node, judged.waiting, judged.saturation, strict=True)}

    def _proposal(
        self, row: int, greens: Floats, judged: Judged, today: Mapping[int, tuple[float, float]],
        running: Mapping[IntersectionId, TimingPlan], flow: Floats,
    ) -> Proposal:
        node = int(self._possible.node[row])
        vehicles = max(float(flow[node]), 1e-6)
        waiting, saturation = float(judged.waiting[row]), float(judged.saturation[row])
        waits_now, full_now = today.get(node, (waiting, saturation))
        before = running.get(self.layout.nodes[node].id)
        plan = self._plan(self._possible, greens, row, before.offset if before else 0)
        if before is not None and node in today and waiting > (1 - WORTH_IT) * waits_now:
            plan, waiting, saturation = before, waits_now, full_now
        effect = Effect(waits_now / vehicles, waiting / vehicles, full_now, saturation)
        return Proposal(plan, effect, because(before, plan, effect))

    def _plan(self, chosen: Cases, greens: Floats, row: int, offset: int) -> TimingPlan:
        node = int(chosen.node[row])
        names = self.layout.stages[node]
        times = tuple(StageTime(names[stage], int(green)) for stage, green in zip(
            chosen.order[row], greens[row], strict=True) if stage >= 0)
        cycle = round(float(greens[row].sum() + chosen.after[row].sum()))
        return TimingPlan(self.layout.nodes[node].id, cycle, offset % cycle, times)


def propose(
    network: Network, traffic: Traffic, running: Mapping[IntersectionId, TimingPlan], limits: Limits, now: datetime,
) -> Mapping[IntersectionId, Proposal]:
    """The next five minutes' plan of each intersection; see ``Planner`` for many calls on one network."""
    return Planner(network, limits).propose(traffic, running, now)


def webster(network: Network, traffic: Traffic, limits: Limits) -> Mapping[IntersectionId, TimingPlan]:
    """Each intersection re-timed by Webster's formulas of 1958, its stages unchanged."""
    return Planner(network, limits).webster(traffic)


def _best_rows(node: Integers, waiting: Floats) -> list[int]:
    """The row with least waiting of each intersection; of equals the first, which has more stages."""
    order = np.lexsort((waiting.round(6), node))
    return [int(row) for row in order[np.unique(node[order], return_index=True)[1]]]


def _whole(cases: Cases) -> Cases:
    """Those whose intergreens add up to whole seconds and whose least cycle is not too long: others fit no plan."""
    lost = cases.lost()
    fits = np.isclose(lost, np.round(lost), rtol=0, atol=1e-6) & (cases.shortest <= cases.longest)
    return cases.picked(np.nonzero(fits)[0])


__all__ = ["Layout", "Planner", "Trial", "propose", "webster"]
