"""A turn through gaps keeps a stage of its own where it is too many for gaps; below that it may be left out."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.streets.traffic_signals.contracts import Turn
from madang.streets.traffic_signals.rules.plans import Planner, cases, method
from madang.streets.traffic_signals.rules.plans.demand import expected
from madang.streets.traffic_signals.rules.plans.layout import GREEN, lay_out
from madang.streets.traffic_signals.rules.plans.protection import leaves_out, needed
from madang.streets.traffic_signals.rules.safety import breaches
from tests.streets.grid import AT, LIMITS, fixed, grid, traffic


@cache
def crossroads():
    return grid(1, 1)


def protected(plan, turn):
    """Whether each movement of a turn has a stage of its own in the plan."""
    node = crossroads().intersections[plan.intersection]
    stages = {stage.id: stage for stage in node.stages}
    return {each.id: any(
        each.id in stages[time.stage].green - stages[time.stage].yielding for time in plan.stages)
            for each in node.movements if each.turn is turn}


@settings(max_examples=40, deadline=None)
@given(st.floats(5, 400), st.floats(5, 1200), st.floats(0, 200))
def test_whoever_is_above_the_warrant_keeps_a_stage_and_every_plan_stays_safe(left, through, right):
    network = crossroads()
    seen = traffic(network, {Turn.LEFT: left, Turn.THROUGH: through, Turn.RIGHT: right})
    planner = Planner(network, LIMITS)
    plan = planner.propose(seen, fixed(network), AT)["0.0"].plan
    need = needed(planner.layout, expected(planner.layout, seen))
    own = protected(plan, Turn.LEFT)
    assert all(own[id_] for id_ in (planner.layout.movements[row] for row in np.nonzero(need)[0]) if id_ in own)
    assert breaches(network.intersections["0.0"], plan, LIMITS) == []


@pytest.mark.parametrize(("left", "kept"), [(20.0, False), (260.0, True)])
def test_few_turns_go_without_a_stage_and_many_do_not(left, kept):
    network = crossroads()
    found = Planner(network, LIMITS).propose(
        traffic(network, {Turn.LEFT: left, Turn.THROUGH: 500.0, Turn.RIGHT: 0.0}), fixed(network), AT)
    assert set(protected(found["0.0"].plan, Turn.LEFT).values()) == {kept}


def test_a_running_plan_without_the_stage_that_is_needed_does_not_stay():
    network = crossroads()
    planner = Planner(network, LIMITS)
    quiet = traffic(network, {Turn.LEFT: 20.0, Turn.THROUGH: 500.0, Turn.RIGHT: 0.0})
    running = {id_: each.plan for id_, each in planner.propose(quiet, fixed(network), AT).items()}
    busy = traffic(network, {Turn.LEFT: 260.0, Turn.THROUGH: 500.0, Turn.RIGHT: 0.0})
    after = planner.propose(busy, running, AT)["0.0"].plan
    assert not any(protected(running["0.0"], Turn.LEFT).values())
    assert all(protected(after, Turn.LEFT).values())


def test_the_product_is_of_the_turn_and_one_lane_against_it():
    network = crossroads()
    layout = lay_out(network, LIMITS)
    for left, need in ((0.9, False), (1.1, True)):
        demand = expected(layout, traffic(network, {
            Turn.LEFT: left * method.CROSS_PRODUCT / 500.0, Turn.THROUGH: 500.0, Turn.RIGHT: 0.0}))
        lefts = needed(layout, demand)[layout.service.max(axis=1) > GREEN]
        assert set(lefts.tolist()) == {need}


def test_the_own_order_of_all_stages_leaves_nobody_out():
    layout = lay_out(grid(2, 2), LIMITS)
    whole = cases.of(layout, cases.usual(layout), LIMITS.min_cycle)
    everyone = (layout.service == GREEN).any(axis=1)
    assert not leaves_out(layout, whole, everyone).any()
    some = cases.of(layout, cases.possible(layout), LIMITS.min_cycle)
    assert leaves_out(layout, some, everyone).any()
    assert not leaves_out(layout, some, np.zeros_like(everyone)).any()
