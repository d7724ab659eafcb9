"""Some signals with their streets as one model: what a common cycle, greens and offsets make of platoons.

Letters as in ``layout`` and ``cases``: rows of cases ``R`` (one a signal here), lane groups ``X``, links ``L``, steps
of the common cycle ``B``; ``E`` are shares of lane groups that leave into a link.
"""

from dataclasses import dataclass

import numpy as np

from madang.streets.traffic_signals.contracts import Coordination, Floats
from madang.streets.traffic_signals.rules.plans.coordination import method, profiles
from madang.streets.traffic_signals.rules.plans.coordination.streets import Streets
from madang.streets.traffic_signals.rules.plans.delay import Trial
from madang.streets.traffic_signals.rules.plans.demand import Demand
from madang.streets.traffic_signals.rules.plans.layout import RED, Integers, Layout
from madang.streets.traffic_signals.rules.plans.service import serve


@dataclass(frozen=True, slots=True)
class Signals:
    """Signals of whole groups with the streets between those of one group.

    ``up`` and ``down`` [L] are rows of ``trial.cases``; ``stands`` [X] is the link on which a lane group stands, or -1;
    ``from_group`` and ``into`` [E] say which lane group leaves into which link, ``part`` its share of that lane group's
    vehicles, ``lights`` [E, S] its service by stage; ``platooned`` [L] the share of a link's vehicles that come so.
    """

    trial: Trial
    up: Integers
    down: Integers
    seconds: Floats
    stands: Integers
    from_group: Integers
    into: Integers
    part: Floats
    lights: Integers
    platooned: Floats
    rule: Coordination


def signals(
    layout: Layout, streets: Streets, demand: Demand, trial: Trial, group: Integers, rule: Coordination,
) -> Signals:
    """The model of ``trial``'s cases; ``group`` [I] says which intersections are coordinated together (-1: none)."""
    row = np.full(len(layout.nodes), -1, dtype=np.int64)
    row[trial.cases.node] = np.arange(len(trial.cases.node))
    inside = (row[streets.up] >= 0) & (row[streets.down] >= 0) & (group[streets.up] == group[streets.down]) & (
        group[streets.up] >= 0)
    link = np.full(len(streets.up) + 1, -1, dtype=np.int64)
    link[:-1][inside] = np.arange(inside.sum())
    local = np.full(len(layout.group_node), -1, dtype=np.int64)
    local[trial.group] = np.arange(len(trial.group))
    share = np.nonzero((link[streets.of_share] >= 0) & (local[layout.share_group] >= 0))[0]
    into, leaves = link[streets.of_share[share]], layout.share_group[share]
    stands = link[streets.of_group[trial.group]]
    fed = np.bincount(into, demand.share_flow[share], int(inside.sum()))
    on = np.bincount(stands[stands >= 0], trial.flow[stands >= 0], int(inside.sum()))
    return Signals(
        trial, row[streets.up[inside]], row[streets.down[inside]], streets.seconds[inside], stands, local[leaves], into,
        demand.share_flow[share] / np.maximum(demand.flow[leaves], 1e-12), layout.service[layout.share_movement[share]],
        np.minimum(1.0, fed / np.maximum(on, 1e-12)), rule)


@dataclass(frozen=True, slots=True)
class Timed:
    """Signals with greens in a common ``cycle`` [R] (seconds; a signal may run its own twice in it).

    ``service`` and ``even`` [X, B]: what may leave in each step, and what arrives when nothing bunches it, counted from
    the beginning of the own cycle. ``open`` [E, B] says whether a share has green.
    """

    signals: Signals
    cycle: Floats
    service: Floats
    even: Floats
    open: Floats
    spectrum: profiles.Spectrum
    chance: Floats

    def total(self, offsets: Floats) -> Floats:
        """Vehicles waiting at each lane group beyond what evenly spread arrivals would make wait, [X].

        ``offsets`` [R] in steps.
        """
        return self._cost(self.arrivals(offsets)) - self._cost(self.even)

    def arrivals(self, offsets: Floats) -> Floats:
        """What arrives at each lane group, in its own signal's time, [X, B]."""
        arriving = self.even
        for _ in range(method.PASSES):
            arriving = self._from(self.platoons(arriving), offsets)
        return arriving

    def platoons(self, arriving: Floats) -> Floats:
        """What comes to the end of each link, in the time of the signal where it begins, [L, B]; each adds up to 1."""
        signals = self.signals
        leaving = profiles.departures(arriving, self.service)[signals.from_group] * self.open
        wanted = signals.part * self.even[signals.from_group].sum(axis=1)
        leaving *= (wanted / np.maximum(leaving.sum(axis=1), 1e-12))[:, None]
        on = np.zeros((len(signals.up), self.service.shape[1]))
        np.add.at(on, signals.into, leaving)
        shape = profiles.through(on / np.maximum(on.sum(axis=1), 1e-12)[:, None], self.spectrum)
        even = (1 - signals.platooned) / self.service.shape[1]
        found: Floats = shape * signals.platooned[:, None] + even[:, None]
        whole: Floats = found / np.maximum(found.sum(axis=1), 1e-12)[:, None]
        return whole

    def tables(self, arriving: Floats) -> Floats:
        """What waits on each link by how many steps the signal before it begins later than its own, [L, B]."""
        signals = self.signals
        here = np.nonzero(signals.stands >= 0)[0]
        volume = self.even[here].sum(axis=1)
        shape = self.platoons(arriving)[signals.stands[here]] * volume[:, None]
        queue = profiles.queued_shifted(shape, self.service[here])
        cost = profiles.waiting(queue, *(each[here][:, None] for each in (
            self.cycle[signals.trial.case], self.chance, signals.trial.room)))
        table = np.zeros((len(signals.up), self.service.shape[1]))
        np.add.at(table, signals.stands[here], cost)
        return table

    def spread_out(self) -> Floats:
        """What waits on each link when arrivals are spread out evenly, [L]."""
        linked = self.signals.stands >= 0
        cost = self._cost(self.even)[linked]
        return np.bincount(self.signals.stands[linked], cost, len(self.signals.up)).astype(np.float64)

    def _from(self, platoons: Floats, offsets: Floats) -> Floats:
        signals = self.signals
        late = profiles.delayed(self.service.shape[1], offsets[signals.up] - offsets[signals.down])
        come = profiles.through(platoons, late)
        volume = self.even.sum(axis=1)
        there = signals.stands >= 0
        arriving = self.even.copy()
        arriving[there] = come[signals.stands[there]] * volume[there][:, None]
        return arriving

    def _cost(self, arriving: Floats) -> Floats:
        trial = self.signals.trial
        return profiles.waiting(
            profiles.queued(arriving, self.service), self.cycle[trial.case], self.chance, trial.room)


def timed(model: Signals, greens: Floats, cycle: Floats, steps: int = method.STEPS) -> Timed:
    """``model`` with greens [R, K] in a common cycle [R]; greens fill it once or twice."""
    trial = model.trial
    own = greens.sum(axis=1) + trial.cases.lost()
    service = _service(trial, greens, own, cycle, steps)
    capacity = np.maximum(service.sum(axis=1) / cycle[trial.case], 1e-5)
    flow = np.minimum(trial.flow, 0.999 * capacity)
    even = np.repeat((flow * cycle[trial.case] / steps)[:, None], steps, axis=1)
    step = cycle[model.up] / steps
    street = profiles.dispersion(steps, model.seconds, step, alpha=model.rule.dispersion, beta=model.rule.travel)
    return Timed(model, cycle, service, even, _open(model, greens, own, cycle, steps), street,
                 trial.chance(capacity))


def _service(trial: Trial, greens: Floats, own: Floats, cycle: Floats, steps: int) -> Floats:
    """Vehicles that may leave in each step, [X, B]."""
    red, green, rate, _ = serve(trial.service, greens[trial.case].T, own[trial.case])
    begins = np.cumsum(red + green, axis=0) - green
    edges = (cycle[:, None] * np.arange(steps + 1) / steps)[trial.case]
    round_, within = np.divmod(edges, own[trial.case][:, None])
    gone = round_ * (rate * green).sum(axis=0)[:, None]
    for at in range(len(green)):
        gone += rate[at][:, None] * np.clip(within - begins[at][:, None], 0.0, green[at][:, None])
    found: Floats = np.maximum(np.diff(gone, axis=1), 0.0)
    return found


def _open(model: Signals, greens: Floats, own: Floats, cycle: Floats, steps: int) -> Floats:
    """Whether a share has green in each step, [E, B]."""
    cases = model.trial.cases
    lasts = greens + cases.after
    begins = np.cumsum(lasts, axis=1) - lasts
    within = (cycle[:, None] * (np.arange(steps) + 0.5) / steps) % own[:, None]
    place = np.maximum((within[:, :, None] >= begins[:, None, :]).sum(axis=2) - 1, 0)
    used = np.minimum(place, np.maximum((cases.order >= 0).sum(axis=1) - 1, 0)[:, None])
    stage = np.take_along_axis(cases.order, used, axis=1)
    row = model.trial.case[model.from_group]
    found: Floats = (np.take_along_axis(model.lights, stage[row], axis=1) != RED).astype(np.float64)
    return found
