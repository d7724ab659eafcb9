"""Faults are told apart, with what was seen; what a broken detector would have said is filled in."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from madang.kernel.clock import SEOUL
from madang.streets.traffic_signals.contracts import DetectorCounts
from madang.streets.traffic_signals.rules.networks.demand import Demand, broken
from madang.streets.traffic_signals.rules.networks.generated import city
from madang.streets.traffic_signals.rules.state.estimator import Estimator

MORNING = datetime(2026, 3, 2, 7, tzinfo=SEOUL)
NETWORK = city(16, 64, seed=4)
DEMAND = Demand(NETWORK, 7)


@pytest.fixture(scope="module")
def minutes():
    return list(DEMAND.run(MORNING, 60, 60, seed=2))


def busiest():
    flow = DEMAND.net.seen.times(DEMAND.mean(MORNING), len(DEMAND.net.detectors))
    return int(np.argmax(flow))


def faults_of(minutes, change):
    estimator = Estimator(NETWORK)
    for one in minutes:
        estimator.update(change(one.counts))
    return {one.detector: one for one in estimator.health()}


@pytest.mark.parametrize(("kind", "said"), [
    ("silent", "no report for 60 min"), ("stuck", "7 vehicles and the same occupancy in every interval for 60 min"),
    ("absurd", "more than can pass"), ("duplicated", "more than once in an interval"),
])
def test_each_fault_is_told_with_what_was_seen(minutes, kind, said):
    at = busiest()
    found = faults_of(minutes, lambda counts: broken(counts, {at: kind}, {at: 7.0}))
    assert [*found] == [DEMAND.net.detectors[at]]
    [one] = found.values()
    assert one.fault == kind
    assert said in one.evidence
    assert MORNING - timedelta(minutes=1) <= one.since <= MORNING + timedelta(hours=1)


def test_no_vehicle_where_history_and_neighbours_expect_many_is_stuck(minutes):
    at = busiest()
    estimator = Estimator(NETWORK)
    for one in minutes[:20]:
        estimator.update(one.counts)
    for one in minutes[20:]:
        estimator.update(broken(one.counts, {at: "stuck"}, {at: 0.0}))
    [found] = estimator.health()
    assert found.fault == "stuck"
    assert "no vehicle" in found.evidence


def test_a_sound_day_and_a_quiet_night_raise_no_alarm():
    estimator = Estimator(NETWORK)
    for one in DEMAND.run(MORNING - timedelta(hours=7), 60, 12 * 60, seed=3):
        estimator.update(one.counts)
        assert estimator.health() == [], one.begin


def test_a_fault_that_is_over_is_no_longer_told(minutes):
    at = busiest()
    estimator = Estimator(NETWORK)
    for number, one in enumerate(minutes):
        estimator.update(broken(one.counts, {at: "absurd"} if number < 10 else {}, {}))
        assert bool(estimator.health()) == (number < 19)


@pytest.mark.long
def test_a_clock_that_is_off_is_found_by_the_detectors_own_history():
    at, estimator = busiest(), Estimator(NETWORK)
    for day in range(3):
        for one in DEMAND.run(MORNING - timedelta(hours=7) + timedelta(days=day), 300, 288, seed=day):
            estimator.update(one.counts)
    assert estimator.health() == []
    late = list(DEMAND.run(MORNING - timedelta(hours=10) + timedelta(days=3), 300, 288, seed=9))
    for before, one in zip(late, late[36:], strict=False):
        vehicles, occupancy = one.counts.vehicles.copy(), one.counts.occupancy.copy()
        vehicles[at], occupancy[at] = before.counts.vehicles[at], before.counts.occupancy[at]
        estimator.update(DetectorCounts(one.begin, 300, one.counts.detectors, vehicles, occupancy))
        if one.begin.hour >= 14:
            break
    [found] = estimator.health()
    assert (found.detector, found.fault) == (DEMAND.net.detectors[at], "clock")
    assert found.evidence == "its counts fit its own history 180 min earlier"


@pytest.mark.parametrize("dead", [0.1, 0.3])
def test_dead_detectors_cost_little_on_a_network_of_seven(dead):
    network = city(7, 40, seed=8)
    demand = Demand(network, 5)
    chance = np.random.default_rng(1)
    size = len(network.detectors)
    gone = {int(at): "silent" for at in chance.choice(size, round(size * dead), replace=False)}
    whole, hurt = Estimator(network), Estimator(network)
    errors = []
    for number, one in enumerate(demand.run(MORNING, 60, 60, seed=1)):
        full = whole.update(one.counts)
        # they die after a quarter of an hour: links and the last level must carry on
        part = hurt.update(broken(one.counts, gone if number > 15 else {}, {}))
        errors.append([np.abs(traffic.volume - one.mean).sum() / one.mean.sum() for traffic in (full, part)])
    full_error, hurt_error = np.mean(errors[20:], axis=0)
    assert hurt_error < full_error + 0.06
    lost = full.measured & ~part.measured
    assert lost.any()
    assert (part.uncertainty / part.volume)[lost].mean() > (full.uncertainty / full.volume)[lost].mean()


def test_what_is_filled_in_grows_less_sure_with_time():
    estimator = Estimator(NETWORK)
    run = list(DEMAND.run(MORNING, 60, 60, seed=2))
    for one in run[:20]:
        before = estimator.update(one.counts)
    silent = np.full(len(NETWORK.detectors), np.nan)
    widths = []
    for one in run[20:]:
        traffic = estimator.update(DetectorCounts(one.begin, 60, one.counts.detectors, silent, silent))
        widths.append(float(traffic.uncertainty.sum() / traffic.volume.sum()))
    assert not traffic.measured.any()
    assert before.measured.any()
    assert widths[::10] == sorted(widths[::10])
    assert widths[-1] > 1.1 * float(before.uncertainty.sum() / before.volume.sum())
