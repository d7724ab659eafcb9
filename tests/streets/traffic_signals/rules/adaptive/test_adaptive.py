from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.streets.traffic_signals.contracts import Network
from madang.streets.traffic_signals.rules.adaptive import Controller, Crew, Guard
from madang.streets.traffic_signals.rules.networks import sumo
from madang.streets.traffic_signals.rules.networks.detectors import with_detectors
from madang.streets.traffic_signals.rules.safety import Shown
from tests.streets.traffic_signals.rules.adaptive.toy import LIMITS, MID, Toy, adaptive, fixed, network, served
from tests.streets.traffic_signals.rules.networks.nets import crossroads, phase

SECONDS = 1200
said = st.none() | st.tuples(
    st.floats(allow_nan=False, min_value=-1, max_value=50), st.floats(allow_nan=False, min_value=-1, max_value=2),
)


def check_safe(net: Network, shown: Sequence[Shown]) -> None:
    """Apart from the monitor: greens have their minimum, changes their intergreen, nobody waits too long."""
    one = net.intersections[MID]
    runs: list[tuple[Shown, int]] = []
    for each in shown:
        runs = [*runs[:-1], (each, runs[-1][1] + 1)] if runs and runs[-1][0] == each else [*runs, (each, 1)]
    for (now, length), (then, _) in pairwise(runs):
        if now.towards is None:
            assert length >= LIMITS.min_green
            assert then.towards is None or then.stage == now.stage
        else:
            assert length >= one.intergreens[now.stage, now.towards]
            assert then == Shown(now.towards)
        if now.towards is None and then.towards is None:
            assert one.intergreens[now.stage, then.stage] == 0
    for link in {way.entry for way in one.movements}:
        red = 0
        for each in shown:
            red = 0 if link in served(net, each) else red + 1
            assert red <= LIMITS.max_red


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_whatever_detectors_say_what_is_shown_is_safe(data):
    net = network()
    controller, guard, shown = Controller(net, MID, LIMITS), Guard(net.intersections[MID], LIMITS), []
    detectors = sorted(net.detectors)
    for at in range(160):
        seen = {}
        if at % 8 == 0:
            words = data.draw(st.lists(said, min_size=len(detectors), max_size=len(detectors)))
            seen = {id_: word for id_, word in zip(detectors, words, strict=True) if word is not None}
        now = guard.shown
        shown.append(guard.show(at, controller.step(at, seen, (now.stage, now.towards)).stage))
    check_safe(net, shown)


def test_everybody_is_served_before_the_longest_red_though_one_street_is_full():
    net = network()
    shown = adaptive(net, Toy((0.6, 0.01, 0.6, 0.0), seed=3), SECONDS)
    check_safe(net, shown)
    assert {each.stage for each in shown} == {stage.id for stage in net.intersections[MID].stages}


@pytest.mark.parametrize("rates", [(0.05, 0.05, 0.05, 0.05), (0.25, 0.03, 0.1, 0.03), (0.02, 0.02, 0.3, 0.05)])
def test_less_waiting_than_a_fixed_plan(rates):
    net = network()
    by_plan, ours = Toy(rates, seed=1), Toy(rates, seed=1)
    fixed(net, by_plan, SECONDS, green=14, change=4)
    adaptive(net, ours, SECONDS)
    assert ours.waited < 0.85 * by_plan.waited


def test_an_empty_street_with_one_vehicle_is_given_green_at_once():
    net = network()
    toy = Toy((0.0, 0.0, 0.0, 0.0), seed=1)
    controller, guard, asked = Controller(net, MID, LIMITS), Guard(net.intersections[MID], LIMITS), None
    seen = {}
    for at in range(200):
        now = guard.shown
        shown = guard.show(at, controller.step(at, seen, (now.stage, now.towards)).stage)
        seen = dict(toy.second(at, served(net, shown)))
        if at >= 60 and asked is None and "west_in" not in served(net, shown):
            asked, toy.queue["west_in"] = at, 1
        if asked is not None and not toy.queue["west_in"]:
            assert at - asked <= 20
            return
    pytest.fail("the vehicle was never served")


def test_the_same_detections_give_the_same_decisions_and_each_says_why():
    net = network()
    assert adaptive(net, Toy((0.2, 0.1, 0.1, 0.1), 5), 400) == adaptive(net, Toy((0.2, 0.1, 0.1, 0.1), 5), 400)
    controller = Controller(net, MID, LIMITS)
    decisions = [controller.step(at, {}, (net.intersections[MID].stages[0].id, None)) for at in range(30)]
    assert "vehicle-seconds" in decisions[-1].why
    assert "stage" in decisions[-1].why


def test_without_any_detector_the_stages_still_take_turns():
    bare = sumo.read(crossroads(), "bare")
    controller, guard = Controller(bare, MID, LIMITS), Guard(bare.intersections[MID], LIMITS)
    shown = []
    for at in range(600):
        now = guard.shown
        shown.append(guard.show(at, controller.step(at, {}, (now.stage, now.towards)).stage))
    check_safe(bare, shown)
    assert len({each.stage for each in shown}) == 2


def test_a_controller_with_one_stage_keeps_it():
    net = with_detectors(sumo.read(crossroads(phase(90, "gGGrrrgGGrrr")), "one"))
    crew = Crew(net, LIMITS)
    [stage] = net.intersections[MID].stages
    for at in range(20):
        assert crew.step(at, {}, {MID: (stage.id, None)})[MID].stage == stage.id
