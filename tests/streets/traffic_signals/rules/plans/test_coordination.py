"""Signals in step: platoons lose no vehicle, offsets fit travel times, and nobody is put in step to their harm."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.streets.traffic_signals.contracts import Coordination, Turn
from madang.streets.traffic_signals.rules.plans import NOT_IN_STEP, Planner, cases
from madang.streets.traffic_signals.rules.plans.coordination import offsets, profiles
from madang.streets.traffic_signals.rules.plans.coordination.model import signals, timed
from madang.streets.traffic_signals.rules.plans.coordination.streets import between_signals, coupling, groups
from madang.streets.traffic_signals.rules.plans.delay import trial
from madang.streets.traffic_signals.rules.plans.demand import expected
from madang.streets.traffic_signals.rules.plans.layout import lay_out
from madang.streets.traffic_signals.rules.plans.service import rates_of
from madang.streets.traffic_signals.rules.safety import breaches
from tests.streets.grid import AT, LIMITS, fixed, grid, traffic

STEPS = 40
SPEED = 13.9
TWELVE = Coordination(together=12)
PROFILES = st.lists(st.floats(0, 3), min_size=STEPS, max_size=STEPS)


def along(network, there, back=20.0, across=120.0):
    """An arterial from west to east with so many vehicles an hour each way; few turn."""
    volumes = {}
    for movement in (each for node in network.intersections.values() for each in node.movements):
        (x, y), (to, row) = (end.split(".") for end in movement.entry.split(">"))
        main = (there if int(to) > int(x) else back) if y == row else across
        volumes[movement.id] = main if movement.turn is Turn.THROUGH else 10.0
    return traffic(network, volumes)


@cache
def street(signals, length):
    return grid(signals, 1, length=length)


@settings(deadline=None)
@given(PROFILES, st.floats(0, 300), st.floats(0.5, 5))
def test_a_street_loses_and_makes_no_vehicle(profile, seconds, step):
    given_ = np.array([profile])
    spectrum = profiles.dispersion(STEPS, np.array([seconds]), np.array([step]), alpha=0.35, beta=0.8)
    found = profiles.through(given_, spectrum)
    assert found.sum() == pytest.approx(given_.sum(), abs=1e-6)
    assert found.max() <= given_.max() + 1e-6


def test_dispersion_is_robertsons_recurrence():
    profile = np.zeros(STEPS)
    profile[3:9] = 1.0
    steps_late, around = 8, np.zeros(STEPS)
    factor = 1 / (1 + 0.35 * steps_late)
    for at in range(STEPS * 40):
        around[at % STEPS] = factor * profile[(at - steps_late) % STEPS] + (1 - factor) * around[(at - 1) % STEPS]
    spectrum = profiles.dispersion(STEPS, np.array([20.0]), np.array([2.0]), alpha=0.35, beta=0.8)
    assert profiles.through(profile[None], spectrum)[0] == pytest.approx(around, abs=1e-9)


@settings(deadline=None)
@given(PROFILES, PROFILES)
def test_what_arrives_leaves_and_every_delay_of_the_arrivals_is_as_if_shifted_by_hand(arriving, service):
    come, may = np.array([arriving]), np.array([service])
    come *= min(1.0, may.sum() * 0.99 / max(come.sum(), 1e-9))
    assert profiles.departures(come, may).sum() == pytest.approx(come.sum(), abs=1e-6)
    every = profiles.queued_shifted(come, may)
    for late in (0, 1, 17, STEPS - 1):
        by_hand = profiles.queued(np.roll(come, late, axis=1), may)
        assert every.mean[0, late] == pytest.approx(by_hand.mean[0], abs=1e-9)
        assert every.stopped[0, late] == pytest.approx(by_hand.stopped[0], abs=1e-9)
        assert every.reach[0, late] == pytest.approx(by_hand.reach[0], abs=1e-9)


@settings(deadline=None)
@given(st.integers(2, 6), st.data())
def test_moving_signals_never_makes_it_worse_than_where_it_began(signals, data):
    up = np.array(data.draw(st.lists(st.integers(0, signals - 1), min_size=1, max_size=8)))
    onward = data.draw(st.lists(st.integers(1, signals - 1), min_size=len(up), max_size=len(up)))
    down = (up + np.array(onward)) % signals
    tables = np.random.default_rng(data.draw(st.integers(0, 99))).random((len(up), STEPS))
    start = np.array(data.draw(st.lists(st.integers(0, STEPS - 1), min_size=signals, max_size=signals)))
    order = offsets.order([list(range(signals))], up, down)
    found = offsets.descended(order, tables, start)
    assert offsets.summed(order, tables, found).sum() <= offsets.summed(order, tables, start).sum() + 1e-9
    assert ((found >= 0) & (found < STEPS)).all()


def test_on_a_row_the_way_outwards_finds_the_best_of_all():
    tables = np.random.default_rng(4).random((4, 12))
    up, down = np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1])
    order = offsets.order([[0, 1, 2]], up, down)
    found = offsets.summed(order, tables, offsets.outwards(order, tables, 3)).sum()
    every = (offsets.summed(order, tables, np.array([0, one, two])).sum() for one in range(12) for two in range(12))
    assert found == pytest.approx(min(every))


def test_one_way_each_green_begins_a_travel_time_after_the_one_before():
    length = 250.0
    network = street(4, length)
    found = Planner(network, LIMITS, TWELVE).propose(along(network, 900.0), fixed(network), AT)
    plans = [found[f"{x}.0"].plan for x in range(4)]
    assert len({plan.cycle for plan in plans}) == 1
    for one, other in pairwise(plans):
        late = (other.offset - one.offset) % one.cycle
        # the first vehicles are as fast as 0.8 of the mean, and those who wait already go before the platoon comes
        assert 0.5 * length / SPEED <= late <= 1.2 * length / SPEED


def test_both_ways_half_a_cycle_apart_the_greens_take_turns():
    network = street(2, 300.0)  # 21.6 s: half of the cycles that this demand asks for
    found = Planner(network, LIMITS, TWELVE).propose(along(network, 700.0, 700.0), fixed(network), AT)
    one, other = (found[f"{x}.0"].plan for x in range(2))
    assert abs((other.offset - one.offset) % one.cycle - one.cycle / 2) <= 0.15 * one.cycle


def test_in_step_is_expected_to_wait_less_than_alone_and_says_so():
    network = street(6, 300.0)
    demand = along(network, 700.0, 700.0)
    in_step, alone = (Planner(network, LIMITS, rule).propose(demand, fixed(network), AT)
                      for rule in (TWELVE, NOT_IN_STEP))
    together, apart = (sum(each.effect.delay for each in found.values()) for found in (in_step, alone))
    assert together < 0.97 * apart
    assert all(any("In step with 5 neighbours" in why for why in each.reasons) for each in in_step.values())
    assert not any("In step" in why for each in alone.values() for why in each.reasons)


def test_a_group_in_step_stays_when_little_changes():
    network = street(4, 300.0)
    planner = Planner(network, LIMITS, TWELVE)
    first = planner.propose(along(network, 700.0, 600.0), fixed(network), AT)
    running = {id_: each.plan for id_, each in first.items()}
    again = planner.propose(along(network, 690.0, 610.0), running, AT)
    assert {id_: each.plan for id_, each in again.items()} == running


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0, 1500), min_size=3, max_size=3), st.sampled_from([90.0, 250.0, 600.0]))
def test_whatever_the_demand_every_plan_in_step_is_safe_and_of_a_common_cycle_or_its_half(flows, length):
    network = street(3, length)
    found = Planner(network, LIMITS, TWELVE).propose(along(network, *flows), fixed(network), AT)
    for id_, each in found.items():
        assert breaches(network.intersections[id_], each.plan, LIMITS) == []
        assert 0 <= each.plan.offset < each.plan.cycle
    in_step = [each.plan.cycle for each in found.values() if any("In step" in why for why in each.reasons)]
    assert all(max(in_step) in (cycle, 2 * cycle) for cycle in in_step)


def test_groups_are_as_large_as_allowed_hold_nobody_twice_and_leave_out_who_is_far():
    network = grid(6, 6)
    layout = lay_out(network, LIMITS)
    demand = expected(layout, traffic(network, 300.0))
    streets = between_signals(layout, network)
    found = groups(layout, streets, demand, TWELVE)
    rows = [row for group in found for row in group]
    assert len(rows) == len(set(rows))
    assert max(map(len, found)) <= 12
    far = replace(TWELVE, near=200.0, far=1524.0, coupling=1e9)
    assert groups(layout, streets, demand, far) == []
    assert groups(layout, streets, demand, NOT_IN_STEP) == []


def test_coupling_is_thousands_of_vehicles_both_ways_by_square_miles():
    network = grid(2, 1, length=804.672)
    layout = lay_out(network, LIMITS)
    demand = expected(layout, along(network, 480.0, 480.0))
    # 500 veh/h each way with those who turn, half a mile
    assert coupling(layout, between_signals(layout, network), demand) == pytest.approx(1.0 / 0.25, rel=0.01)


@pytest.mark.parametrize("late", [0, 7, 23])
def test_the_tables_say_what_the_whole_model_says(late):
    network = street(2, 300.0)
    layout = lay_out(network, LIMITS)
    demand = expected(layout, along(network, 900.0, 300.0))
    usual = cases.of(layout, cases.usual(layout), LIMITS.min_cycle)
    ready = trial(layout, demand, rates_of(layout, demand), usual)
    model = signals(layout, between_signals(layout, network), demand, ready, np.zeros(2, dtype=np.int64), TWELVE)
    now = timed(model, np.array([[20.0, 5.0, 34.0, 5.0]] * 2), np.array([80.0, 80.0]))
    steps = np.array([late, 0])
    tables = now.tables(now.arrivals(steps.astype(float)))
    order = offsets.order([[0, 1]], model.up, model.down)
    by_tables = offsets.summed(order, tables, steps) - now.spread_out()
    whole = np.bincount(model.stands[model.stands >= 0], now.total(steps.astype(float))[model.stands >= 0], 2)
    assert whole == pytest.approx(by_tables, abs=0.02)
    assert np.abs(whole).max() > 0.2
