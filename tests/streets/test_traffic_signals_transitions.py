"""From plan to plan, and priority: in step again after few cycles, every second of it safe."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.streets.traffic_signals.contracts import StageTime, TimingPlan, Turn
from madang.streets.traffic_signals.rules.plans import propose
from madang.streets.traffic_signals.rules.plans.priority import (
    Allowance,
    Request,
    Vehicle,
    cleared,
    prioritised,
    serves,
)
from madang.streets.traffic_signals.rules.plans.transitions import next_beginning, transition
from madang.streets.traffic_signals.rules.safety import breaches, transition_breaches
from tests.streets.grid import AT, LIMITS, fixed, grid, traffic

CORNER = grid(1, 1)
HERE = CORNER.intersections["0.0"]
RUNNING = fixed(CORNER)["0.0"]
BUS = Allowance(late=60, seconds=10, inserts=False, lead=0, tail=2)
TRAM = Allowance(late=0, seconds=15, inserts=True, lead=2, tail=4)
FIRE = Allowance(late=0, seconds=60, inserts=True, lead=8, tail=5)


def of(cycle: int, offset: int = 0) -> TimingPlan:
    spare = cycle - 16 - 10
    times = (spare // 2, 5, spare - spare // 2, 5)
    return TimingPlan(HERE.id, cycle, offset, tuple(
        StageTime(stage.id, green) for stage, green in zip(HERE.stages, times, strict=True)))


plans = st.builds(lambda cycle, offset: of(cycle, offset % cycle), st.integers(40, 150), st.integers(0, 200))


@settings(max_examples=60, deadline=None)
@given(plans, plans, st.integers(0, 86_000))
def test_every_way_is_safe_and_ends_in_step(running, coming, second):
    at = AT.replace(hour=0) + timedelta(seconds=second)
    cycles = transition(HERE, running, coming, LIMITS, at)
    assert cycles is not None
    assert not transition_breaches(HERE, [running, *cycles, coming], LIMITS)
    begins = next_beginning(running, at) + sum(cycle.cycle for cycle in cycles)
    assert begins % coming.cycle == coming.offset
    assert next_beginning(running, at) - second in range(running.cycle)


def test_the_gentler_of_longer_and_shorter_is_taken():
    later = transition(HERE, of(90), of(90, 9), LIMITS, AT.replace(hour=0))
    assert [cycle.cycle for cycle in later] == [93, 93, 93]
    sooner = transition(HERE, of(90), of(90, 81), LIMITS, AT.replace(hour=0))
    assert [cycle.cycle for cycle in sooner] == [87, 87, 87]
    assert transition(HERE, of(90), of(90), LIMITS, AT.replace(hour=0)) == ()


def _through(side: str) -> str:
    return next(each.id for each in HERE.movements if each.turn is Turn.THROUGH and each.entry == side)


NORTH, EAST = _through("0.1>0.0"), _through("1.0>0.0")


def test_a_late_bus_that_comes_just_after_green_still_passes_and_the_plan_is_in_step_again():
    request = Request(Vehicle.BUS, NORTH, arrives=32, late=90)
    cycles = prioritised(HERE, RUNNING, request, BUS, LIMITS)
    assert cycles[0].stages[0].green > RUNNING.stages[0].green
    assert sum(cycle.cycle for cycle in cycles) % RUNNING.cycle == 0


def test_a_bus_on_time_gets_nothing_and_one_in_green_needs_nothing():
    assert not prioritised(HERE, RUNNING, Request(Vehicle.BUS, NORTH, 32, late=10), BUS, LIMITS)
    assert not prioritised(HERE, RUNNING, Request(Vehicle.BUS, NORTH, 5, late=90), BUS, LIMITS)


def test_a_bus_before_its_green_gets_it_sooner():
    begins = RUNNING.stages[0].green + 4 + RUNNING.stages[1].green + 4
    cycles = prioritised(HERE, RUNNING, Request(Vehicle.BUS, EAST, begins - 6, late=90), BUS, LIMITS)
    assert cycles
    assert serves(HERE, cycles, EAST, (begins - 6, begins - 4))


@settings(max_examples=80, deadline=None)
@given(st.sampled_from([each.id for each in HERE.movements]), st.floats(0, 200), st.sampled_from(
    [(Vehicle.TRAM, TRAM), (Vehicle.EMERGENCY, FIRE), (Vehicle.BUS, BUS)]), plans)
def test_whoever_asks_the_answer_is_safe_and_ends_in_step(movement, arrives, who, running):
    cycles = prioritised(HERE, running, Request(who[0], movement, arrives, late=100), who[1], LIMITS)
    assert not transition_breaches(HERE, [running, *cycles, running], LIMITS)
    assert sum(cycle.cycle for cycle in cycles) % running.cycle == 0


def test_a_fire_engine_finds_green_at_most_places_of_its_way():
    found = 0
    for arrives in range(0, RUNNING.cycle, 3):
        request = Request(Vehicle.EMERGENCY, EAST, arrives)
        cycles = cleared({HERE.id: HERE}, {HERE.id: RUNNING}, {HERE.id: request}, FIRE, LIMITS)[HERE.id]
        found += serves(HERE, cycles or [RUNNING, RUNNING], EAST, (max(0, arrives - 8), arrives + 5))
    assert found >= 0.6 * len(range(0, RUNNING.cycle, 3))


FLOWS = st.lists(st.floats(0, 3000), min_size=12, max_size=12)


@settings(max_examples=40, deadline=None)
@given(FLOWS)
def test_whatever_the_demand_a_proposal_is_safe(flows):
    names = [each.id for each in HERE.movements]
    found = propose(CORNER, traffic(CORNER, dict(zip(names, flows, strict=True))), fixed(CORNER), LIMITS, AT)
    assert breaches(HERE, found["0.0"].plan, LIMITS) == []


@pytest.mark.parametrize("intergreen", [0.0, 2.0])
def test_an_intergreen_that_safety_refuses_is_not_proposed(intergreen):
    short = grid(1, 1, intergreen=intergreen)
    found = propose(short, traffic(short, 200.0), {}, LIMITS, AT)
    assert all(not breaches(HERE, each.plan, LIMITS) for each in found.values())
