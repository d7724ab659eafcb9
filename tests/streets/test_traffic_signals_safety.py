"""No input produces an unsafe plan that passes: an oracle of its own plays every head, half second by half second."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from madang.streets.traffic_signals.contracts import (
    Crossing,
    CrossingId,
    Intersection,
    IntersectionId,
    Limits,
    MovementId,
    Stage,
    StageId,
    StageTime,
    TimingPlan,
)
from madang.streets.traffic_signals.rules.safety import Monitor, Shown, breaches, transition_breaches
from tests.streets.signals import LIMITS, crossroads, movement, plan

CROSSROADS = crossroads()
TICK = 0.5


def clauses(found):
    return {breach.clause for breach in found}


def test_a_sound_plan_passes():
    assert breaches(CROSSROADS, plan(30, 40), LIMITS) == []


@pytest.mark.parametrize(
    ("wrong", "clause"),
    [
        (plan(30, 40, cycle=80), "sum"),
        (plan(30, 40, offset=78), "offset"),
        (plan(30, 40, offset=-1), "offset"),
        (plan(30, 4), "min_green"),
        (plan(30, 20), "pedestrian_clearance"),
        (plan(30, 170), "cycle"),
        (plan(24, 160), "max_red"),
        (plan(60, order="A", cycle=60), "max_red"),
        (plan(30, 30, order="AC"), "unknown_stage"),
        (plan(30, 0), "min_green"),
        (plan(order=""), "plan"),
        (plan(30, 40, name="Y"), "plan"),
    ],
)
def test_a_refused_plan_says_the_clause(wrong, clause):
    assert clause in clauses(breaches(CROSSROADS, wrong, LIMITS))


def test_a_breach_says_figures_and_whom_it_concerns():
    [first, *_] = breaches(CROSSROADS, plan(30, 20), LIMITS)
    assert first.what == "X/over-n has 20 s of green, at least 24 are needed"
    assert first.movement == "X/over-n"


@pytest.mark.parametrize(
    ("changed", "clause"),
    [
        ({"yellow": 2.0}, "min_yellow"),
        ({"intergreens": {}}, "intergreen"),
        ({"intergreens": {(StageId("A"), StageId("B")): 3.0, (StageId("B"), StageId("A")): 5.0}}, "intergreen"),
        ({"stages": (Stage(StageId("A"), frozenset({MovementId("X/n"), MovementId("X/e")})),)}, "conflict"),
        ({"crossings": (replace(CROSSROADS.crossings[0], length=float("nan")), CROSSROADS.crossings[1])},
         "pedestrian_clearance"),
        ({"movements": CROSSROADS.movements[1:]}, "network"),
    ],
)
def test_what_is_wrong_with_an_intersection_is_wrong_with_every_plan_for_it(changed, clause):
    assert clause in clauses(breaches(crossroads(**changed), plan(30, 40), LIMITS))


def test_people_walk_only_while_who_crosses_them_stands_or_gives_way():
    stages = (replace(CROSSROADS.stages[0], walking=frozenset({CrossingId("X/over-n")})), CROSSROADS.stages[1])
    assert "conflict" in clauses(breaches(crossroads(stages=stages), plan(30, 40), LIMITS))


def test_a_way_between_plans_is_checked_where_they_meet():
    early, late = plan(24, 120), plan(120, 24, order="BA")
    assert breaches(CROSSROADS, early, LIMITS) == breaches(CROSSROADS, late, LIMITS) == []
    assert clauses(transition_breaches(CROSSROADS, [early, late], LIMITS)) == {"max_red"}
    assert transition_breaches(CROSSROADS, [early, plan(60, 60), plan(30, 40)], LIMITS) == []


# the oracle: heads over time, played from the plan's own words, then judged


def play(at: Intersection, plans: Sequence[TimingPlan], limits: Limits) -> list[dict[str, str]]:
    """What each user sees at every tick: ``G`` protected, ``g`` yielding, ``r`` anything else."""
    times = [each for one in plans for each in one.stages]
    stages = {stage.id: stage for stage in at.stages}
    ticks = []
    for now, then in pairwise([*times, plans[-1].stages[0]]):
        here, there = seen(at, stages[now.stage]), seen(at, stages[then.stage])
        between = {user: worse(here[user], there[user]) for user in here}
        gap = at.intergreens.get((now.stage, then.stage), 0.0)
        ticks += [here] * round(now.green / TICK) + [between] * round(gap / TICK)
    return ticks


def seen(at: Intersection, stage: Stage) -> dict[str, str]:
    users = [*(one.id for one in at.movements), *(one.id for one in at.crossings)]
    return {
        user: "g" if user in stage.yielding else "G" if user in stage.green | stage.walking else "r"  # type: ignore[operator]
        for user in users
    }


def worse(now: str, then: str) -> str:
    return "r" if "r" in (now, then) else "g" if "g" in (now, then) else "G"


def runs(ticks, user, is_on):
    """Lengths in seconds, with whether each lies whole in the window."""
    out, begin = [], 0
    for index in range(1, len(ticks) + 1):
        if index == len(ticks) or is_on(ticks[index][user]) != is_on(ticks[begin][user]):
            if is_on(ticks[begin][user]):
                out.append(((index - begin) * TICK, begin > 0 and index < len(ticks)))
            begin = index
    return out


def dangers(at: Intersection, ticks: list[dict[str, str]], limits: Limits) -> list[str]:
    found = []
    lengths = {str(one.id): one.length for one in at.crossings}
    for user in ticks[0]:
        need = limits.walk_start + lengths[user] / limits.walking_speed if user in lengths else limits.min_green
        greens = [length for length, whole in runs(ticks, user, lambda s: s != "r") if whole]
        found += [f"{user} short" for length in greens if length < need - 1e-6]
        found += [f"{user} red" for length, _ in runs(ticks, user, lambda s: s == "r") if length > limits.max_red]
    pairs = {tuple(sorted(pair)) for pair in at.conflicts if len(pair) == 2}
    pairs |= {tuple(sorted((str(one.id), str(other)))) for one in at.crossings for other in one.crosses}
    known = set(ticks[0])
    for first, second in pairs:
        if {first, second} <= known:
            found += between(ticks, first, second, limits, set(lengths))
    return found


def between(ticks, first, second, limits, walks):
    found, last = [], {first: None, second: None}
    for index, tick in enumerate(ticks):
        for one, other in ((first, second), (second, first)):
            if tick[one] != "G":
                continue
            if tick[other] == "G":
                found.append(f"{one} and {other} together")
            least = limits.min_all_red + (0 if other in walks else limits.min_yellow)
            if last[other] is not None and (index - last[other] - 1) * TICK < least - 1e-6:
                found.append(f"{one} too soon after {other}")
        for one in (first, second):
            if tick[one] == "G":
                last[one] = index
    return found


NAMES = [f"m{number}" for number in range(4)]
WALKS = ["c0", "c1"]


@st.composite
def intersections(draw) -> Intersection:
    users, stages = [*NAMES, *WALKS], []
    for letter in "ABC"[: draw(st.integers(1, 3))]:
        green = draw(st.frozensets(st.sampled_from(NAMES), max_size=3))
        yielding = draw(st.frozensets(st.sampled_from(NAMES), max_size=1)) - green
        stages.append(Stage(StageId(letter), green, yielding, draw(st.frozensets(st.sampled_from(WALKS), max_size=1))))
    pairs = draw(st.frozensets(st.frozensets(st.sampled_from(users), min_size=2, max_size=2), max_size=2))
    length = st.sampled_from([2.0, 4.0, 8.0])
    gap = st.sampled_from([4.0, 4.0, 4.0, 5.0, 4.5, 3.0, 0.0])
    intergreens = {
        (one.id, two.id): draw(gap) for one in stages for two in stages if one.id != two.id and draw(st.integers(0, 19))
    }
    served = {user for stage in stages for user in stage.green | stage.yielding | stage.walking}
    return Intersection(
        IntersectionId("X"), "X", 0, 0, tuple(movement(name) for name in NAMES if name in served), tuple(stages), 4,
        tuple(
            Crossing(CrossingId(name), draw(length), (), draw(st.frozensets(st.sampled_from(NAMES), max_size=1)))
            for name in WALKS if name in served
        ),
        pairs, intergreens, draw(st.sampled_from([3.0, 3.0, 3.0, 2.0])),
    )


@st.composite
def timings(draw, at: Intersection) -> TimingPlan:
    ids = [stage.id for stage in at.stages]
    order = draw(st.one_of(st.just(ids), st.lists(st.sampled_from(ids), min_size=1, max_size=4)))
    stages = [StageTime(stage, draw(st.integers(4, 40))) for stage in order]
    gaps = sum(at.intergreens.get(pair, 0.0) for pair in pairwise([*order, order[0]]))
    length = sum(each.green for each in stages) + gaps
    off = draw(st.sampled_from([0, 0, 0, 0, 1]))
    return TimingPlan(at.id, int(length) + off, draw(st.integers(0, 30)), tuple(stages))


SMALL = replace(LIMITS, min_green=5, max_red=60, min_cycle=10, max_cycle=100, walk_start=3)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_input_produces_an_unsafe_plan_that_passes(data):
    at = data.draw(intersections())
    made = data.draw(timings(at))
    if not breaches(at, made, SMALL):
        ticks = play(at, [made] * 3, SMALL)
        assert dangers(at, ticks, SMALL) == []
        assert all(any(tick[user] != "r" for tick in ticks) for user in ticks[0])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_way_between_plans_passes_that_is_unsafe(data):
    at = data.draw(intersections())
    way = data.draw(st.lists(timings(at), min_size=1, max_size=3))
    if not transition_breaches(at, way, SMALL):
        assert dangers(at, play(at, [way[0], way[0], *way, way[-1], way[-1]], SMALL), SMALL) == []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(24, 70), min_size=2, max_size=2), st.integers(0, 30))
def test_no_safe_plan_is_refused(greens, offset):
    made = plan(*greens, offset=offset)
    sound = sum(greens) + 8 <= LIMITS.max_cycle
    assert (breaches(CROSSROADS, made, LIMITS) == []) == sound
    assert (dangers(CROSSROADS, play(CROSSROADS, [made] * 3, LIMITS), LIMITS) == []) or not sound


# adaptive mode: whatever is asked, what the monitor lets through and the plain round keep the street safe


def drive(at: Intersection, asked: Sequence[Shown], limits: Limits) -> list[dict[str, str]]:
    monitor, ticks = Monitor(at, limits), []
    stages = {stage.id: stage for stage in at.stages}
    for second, wanted in enumerate(asked):
        if monitor.next(second, wanted.stage, wanted.towards) is not None:
            wanted = monitor.plain(second)  # noqa: PLW2901
            assert monitor.next(second, wanted.stage, wanted.towards) is None or second == 0
        here = seen(at, stages[wanted.stage])
        if wanted.towards is not None:
            there = seen(at, stages[wanted.towards])
            here = {user: worse(here[user], there[user]) for user in here}
        ticks += [here] * round(1 / TICK)
    return ticks


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_adaptive_mode_asks_the_street_stays_safe(data):
    at = data.draw(intersections())
    assume(Monitor(at, SMALL).next(-1, at.stages[0].id) is None)
    ids = [stage.id for stage in at.stages]
    wish = st.builds(Shown, st.sampled_from(ids), st.one_of(st.none(), st.sampled_from(ids)))
    wishes = data.draw(st.lists(st.tuples(wish, st.integers(1, 90)), min_size=1, max_size=12))
    asked = [shown for shown, seconds in wishes for _ in range(seconds)]
    ticks = drive(at, asked, SMALL)
    assert dangers(at, ticks, SMALL) == []


def test_a_green_held_too_long_is_refused_before_the_red_of_others_is():
    monitor = Monitor(CROSSROADS, LIMITS)
    refused = [second for second in range(300) if monitor.next(second, StageId("A")) is not None]
    assert refused
    assert refused[0] <= LIMITS.max_red - 4
    assert monitor.next(300, StageId("A")).clause == "max_red"


def test_a_walker_is_not_cut_off():
    monitor = Monitor(CROSSROADS, LIMITS)
    assert [monitor.next(second, StageId("A")) for second in range(10)] == [None] * 10
    assert monitor.next(10, StageId("A"), StageId("B")).clause == "pedestrian_clearance"
    assert monitor.next(10, StageId("B")).clause == "intergreen"
    assert monitor.next(9, StageId("A")).clause == "clock"
