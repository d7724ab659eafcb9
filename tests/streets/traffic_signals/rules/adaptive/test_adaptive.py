from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.streets.traffic_signals.contracts import Network
from madang.streets.traffic_signals.contracts.priority import Allowance, Vehicle
from madang.streets.traffic_signals.rules.adaptive import Call, Controller, Crew, Guard
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


FIRE = Allowance(late=0, seconds=60, inserts=True, lead=8, tail=5)
BUS = Allowance(late=60, seconds=10, inserts=False, lead=0, tail=2, counts_as=20)


def shown_with(call: Call | None, rates: Sequence[float], seconds: int = 300) -> list[Shown]:
    net = network()
    controller, guard, toy = Controller(net, MID, LIMITS), Guard(net.intersections[MID], LIMITS), Toy(rates, seed=2)
    shown, said = [], {}
    for at in range(seconds):
        now = guard.shown
        if call is not None and at == int(call.arrives) - 60:
            controller.call(call)
        shown.append(guard.show(at, controller.step(at, said, (now.stage, now.towards)).stage))
        said = toy.second(at, served(net, shown[-1]))
    check_safe(net, shown)
    return shown


def way_from(link: str) -> Call:
    way = next(one for one in network().intersections[MID].movements if one.entry == link)
    return Call(Vehicle.EMERGENCY, way.id, 150.0, FIRE)


@pytest.mark.parametrize("link", ["north_in", "east_in", "south_in", "west_in"])
def test_an_emergency_vehicle_finds_green_though_another_street_is_full(link):
    full = (0.5, 0.0, 0.0, 0.0) if link != "north_in" else (0.0, 0.5, 0.0, 0.0)
    shown = shown_with(way_from(link), full)
    assert all(link in served(network(), one) for one in shown[145:155])


def test_a_late_bus_is_weighed_as_its_passengers_and_one_on_time_is_not():
    net, way = network(), way_from("east_in").movement
    late, in_time = (Call(Vehicle.BUS, way, 150.0, BUS, late=seconds) for seconds in (90.0, 0.0))
    rates = (0.2, 0.0, 0.0, 0.0)
    green = [sum("east_in" in served(net, one) for one in shown_with(call, rates)[145:165])
             for call in (late, in_time, None)]
    assert green[0] > green[1] == green[2]
    assert (late.counts_as, in_time.counts_as) == (19.0, 0.0)


def test_a_call_says_so_and_is_forgotten_after_its_time():
    net = network()
    controller, call = Controller(net, MID, LIMITS), way_from("east_in")
    controller.call(call)
    first = net.intersections[MID].stages[0].id
    why = [controller.step(at, {}, (first, None)).why for at in range(110, 170)]
    assert any("is shown for an emergency vehicle that arrives in 8 s" in one for one in why)
    assert "emergency" not in why[-1]
