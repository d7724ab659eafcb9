"""The peer Webster, worked out by hand, so that ours is held against the book and not against a straw man."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.signals.actuator import LIMITS
from benchmarks.signals.webster import FULLEST, LONGEST, SHORTEST, retimed
from madang.streets.traffic_signals.contracts import LinkId, Movement, MovementId, Stage, StageId, Turn
from tests.streets.signals import crossroads, plan

HERE, RUNNING = crossroads(), plan(36, 36, offset=7)


def volumes(north=0.0, south=0.0, east=0.0, west=0.0):
    return {MovementId(f"X/{side}"): volume for side, volume in zip("nsew", (north, south, east, west), strict=True)}


def greens(found):
    return [each.green for each in found.stages]


def test_cycle_and_greens_are_those_of_the_formula():
    # lost: 2 x 4 s of intergreen, 2 x 2 s of start-up; flow ratios 600/1800 and 450/1800;
    # (1.5 x 12 + 5) / (1 - 0.583) = 55.2
    found = retimed(HERE, RUNNING, volumes(north=600, south=300, east=450))
    assert found.cycle == 56
    assert greens(found) == [27, 21]
    assert found.offset == 7


def test_little_traffic_gets_the_shortest_cycle_and_too_much_the_longest():
    assert retimed(HERE, RUNNING, volumes(north=20, east=20)).cycle == SHORTEST
    assert retimed(HERE, RUNNING, volumes(north=1700, east=1700)).cycle == LONGEST
    assert FULLEST < 1


def test_the_busier_lane_of_a_stage_decides_and_not_the_sum():
    one, both = (retimed(HERE, RUNNING, volumes(north=600, south=south, east=450)) for south in (0, 600))
    assert greens(one) == greens(both)


def with_left(opposing: bool):
    """A left turn from the north on a lane of its own: it filters in stage A, and has stage C to itself."""
    left = Movement(MovementId("X/l"), LinkId("X/n-in"), LinkId("X/e-out"), Turn.LEFT, (1,), (6,), 1710.0)
    first, second = HERE.stages
    stages = (
        replace(first, yielding=frozenset({left.id})), Stage(StageId("C"), frozenset({left.id})), second,
    )
    names = [stage.id for stage in stages]
    conflicts = HERE.conflicts | ({frozenset({left.id, MovementId("X/s")})} if opposing else frozenset())
    return replace(
        HERE, movements=(*HERE.movements, left), stages=stages, conflicts=conflicts,
        intergreens={(a, b): 4.0 for a in names for b in names if a != b},
    )


def test_what_filters_through_gaps_needs_no_green_of_its_own():
    running = plan(36, 10, 36, order="ACB")
    counted = volumes(north=400, south=300, east=400) | {MovementId("X/l"): 150.0}
    busy = counted | {MovementId("X/s"): 1500.0}
    quiet, blocked = (greens(retimed(with_left(opposing=True), running, each)) for each in (counted, busy))
    assert quiet[1] <= blocked[1]
    assert quiet[1] == LIMITS.min_green


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 4000), min_size=4, max_size=4))
def test_whatever_was_counted_greens_fill_the_cycle_and_none_is_below_the_least(counted):
    found = retimed(HERE, RUNNING, volumes(*counted))
    assert found.cycle == sum(greens(found)) + 8
    assert min(greens(found)) >= LIMITS.min_green
    assert SHORTEST <= found.cycle <= LONGEST
    assert [each.stage for each in found.stages] == ["A", "B"]
    assert 0 <= found.offset < found.cycle


def test_a_volume_that_nobody_counted_is_none():
    assert retimed(HERE, RUNNING, {}).cycle == SHORTEST
    with pytest.raises(StopIteration):
        retimed(HERE, plan(30, 30, order="AZ"), {})
