"""Plan mode: what it proposes is safe, better than what it replaces, and agrees with the textbook."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.streets.traffic_signals.contracts import Turn
from madang.streets.traffic_signals.rules.plans import propose, webster
from madang.streets.traffic_signals.rules.plans.delay import incremental, queue
from madang.streets.traffic_signals.rules.plans.service import gap_capacity
from tests.streets.grid import AT, LIMITS, fixed, grid, traffic

CORNER = grid(1, 1)


@pytest.mark.parametrize(("flow", "capacity", "expected"), [(0.2, 0.25, 7.39), (0.25, 0.25, 30.0), (0.1, 0.25, 1.33)])
def test_incremental_delay_is_that_of_the_manual(flow, capacity, expected):
    # 900 T [(X - 1) + sqrt((X - 1)² + 8 k X / (c T))], T = 0.25 h, k = 0.5, worked by hand for c = 900 veh/h
    found = incremental(np.array([flow]), np.array([capacity]))[0]
    assert found == pytest.approx(expected, rel=0.005)


def test_uniform_delay_of_one_green_is_websters_first_term():
    cycle, green, flow, rate = 90.0, 36.0, 0.15, 0.5
    area, stopped = queue(*(np.array(x, dtype=float) for x in (
        [flow], [[cycle - green]], [[green]], [[rate]], [0.0])))
    webster_term = cycle * (1 - green / cycle) ** 2 / (2 * (1 - flow / rate))
    assert area[0] / (flow * cycle) == pytest.approx(webster_term, rel=1e-9)
    assert stopped[0] == pytest.approx((cycle - green) / (1 - flow / rate), rel=1e-9)


def test_uniform_delay_is_the_same_wherever_the_cycle_is_cut():
    whole = queue(np.array([0.15]), np.array([[54.0]]), np.array([[36.0]]), np.array([[0.5]]), np.array([0.0]))
    cut = queue(np.array([0.15]), np.array([[34.0]]), np.array([[36.0]]), np.array([[0.5]]), np.array([20.0]))
    assert whole[0][0] == pytest.approx(cut[0][0])


def test_filter_turns_go_as_if_alone_when_nothing_opposes_and_not_at_all_against_a_stream():
    free, against = gap_capacity(np.array([0.0, 1.5]))
    assert free == pytest.approx(1 / 2.5, rel=1e-3)
    assert against < 0.01
    assert gap_capacity(np.array([0.2]))[0] == pytest.approx(0.2 * math.exp(-0.9) / (1 - math.exp(-0.5)))


def test_webster_is_the_formula_of_1958():
    volumes = {Turn.THROUGH: 400.0, Turn.RIGHT: 50.0, Turn.LEFT: 180.0}
    plan = webster(CORNER, traffic(CORNER, volumes), LIMITS)["0.0"]
    critical = 2 * (450 / 1800) + 2 * (180 / 1800)
    assert plan.cycle == math.ceil((1.5 * 16 + 5) / (1 - critical))
    greens = [each.green for each in plan.stages]
    assert greens[0] / greens[1] == pytest.approx(2.5, rel=0.15)


def test_a_quiet_hour_gets_a_short_cycle_without_the_stages_that_nobody_needs():
    proposal = propose(CORNER, traffic(CORNER, 60.0), fixed(CORNER), LIMITS, AT)["0.0"]
    assert proposal.plan.cycle <= 30
    assert len(proposal.plan.stages) == 2
    assert proposal.effect.delay < 0.6 * proposal.effect.delay_now
    assert any("left out" in reason for reason in proposal.reasons)


def test_a_busy_left_turn_keeps_its_stage():
    movements = CORNER.intersections["0.0"].movements
    volumes = dict.fromkeys((each.id for each in movements), 60.0)
    volumes |= {each.id: 450.0 if each.turn is Turn.LEFT else 1100.0 for each in movements
                if each.entry in ("0.1>0.0", "0.-1>0.0") and each.turn is not Turn.RIGHT}
    proposal = propose(CORNER, traffic(CORNER, volumes), fixed(CORNER), LIMITS, AT)["0.0"]
    assert [each.stage for each in proposal.plan.stages] == ["north-south", "north-south-left", "east-west"]


def test_what_is_good_already_stays():
    first = propose(CORNER, traffic(CORNER, 200.0), fixed(CORNER), LIMITS, AT)["0.0"].plan
    again = propose(CORNER, traffic(CORNER, 203.0), {first.intersection: first}, LIMITS, AT)["0.0"]
    assert again.plan == first
    assert again.reasons[0].startswith("The running plan stays")


FLOWS = st.lists(st.floats(0, 4000, allow_nan=False), min_size=12, max_size=12)


@settings(max_examples=40, deadline=None)
@given(FLOWS, st.floats(0, 500))
def test_whatever_the_demand_greens_and_intergreens_fill_a_cycle_within_limits(flows, error):
    names = [each.id for each in CORNER.intersections["0.0"].movements]
    demand = traffic(CORNER, dict(zip(names, flows, strict=True)), error=error)
    proposal = propose(CORNER, demand, fixed(CORNER), LIMITS, AT)["0.0"]
    plan = proposal.plan
    assert LIMITS.min_cycle <= plan.cycle <= LIMITS.max_cycle
    assert 0 <= plan.offset < plan.cycle
    assert sum(each.green for each in plan.stages) + 4 * len(plan.stages) == plan.cycle
    assert min(each.green for each in plan.stages) >= LIMITS.min_green
    assert proposal.effect.delay <= proposal.effect.delay_now + 1e-6


def test_traffic_that_is_missing_or_no_number_still_gives_a_plan():
    empty = traffic(CORNER, float("nan"))
    assert propose(CORNER, empty, {}, LIMITS, AT)["0.0"].plan.cycle >= LIMITS.min_cycle
