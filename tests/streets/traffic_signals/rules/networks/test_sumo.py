from pathlib import Path

import pytest

from madang.kernel.geography import Point
from madang.streets.traffic_signals.contracts import (
    IntersectionId,
    NetworkFileWrong,
    StageTime,
    TimingPlan,
    Turn,
)
from madang.streets.traffic_signals.rules.networks import sumo
from tests.streets.traffic_signals.rules.networks.nets import crossroads, phase

MID = IntersectionId("mid")


def ways(*names: str) -> frozenset[str]:
    return frozenset(f"mid/{name}" for name in names)


def test_a_crossroads_has_its_links_movements_and_stages():
    network = sumo.read(crossroads(), "crossroads")
    [mid] = network.intersections.values()
    arms = ("north", "east", "south", "west")
    assert network.links.keys() == {f"{arm}_{way}" for arm in arms for way in ("in", "out")}
    assert network.links["north_in"].end == MID
    assert network.links["north_in"].start is None
    assert network.links["north_out"].start == MID
    assert len(mid.movements) == 12
    left = next(one for one in mid.movements if one.id == "mid/north_in>east_out")
    assert (left.turn, left.lanes, left.heads) == (Turn.LEFT, (0,), (0,))
    first = mid.stages[0]
    assert first.green == ways(
        "north_in>south_out", "north_in>west_out", "south_in>north_out", "south_in>east_out",
    )
    assert first.yielding == ways("north_in>east_out", "south_in>west_out")


def test_the_programme_becomes_a_plan_with_its_intergreens():
    network = sumo.read(crossroads(), "crossroads")
    mid = network.intersections[MID]
    assert mid.yellow == 4
    assert mid.intergreens == {("1", "2"): 5, ("2", "1"): 5}
    assert sumo.programmes(crossroads())[MID] == TimingPlan(MID, 60, 10, (StageTime("1", 30), StageTime("2", 20)))


def test_the_offset_is_where_the_first_green_begins_when_the_programme_begins_with_red():
    red_first = phase(2, "r" * 12) + phase(30, "gGGrrrgGGrrr") + phase(3, "yyyrrryyyrrr") + phase(25, "rrrgGGrrrgGG")
    plan = sumo.programmes(crossroads(red_first))[MID]
    assert (plan.offset, plan.cycle) == (12, 60)


def test_movements_that_cross_conflict_and_those_that_run_beside_each_other_do_not():
    mid = sumo.read(crossroads(), "crossroads").intersections[MID]
    assert ways("north_in>south_out", "east_in>west_out") in mid.conflicts
    assert ways("north_in>east_out", "south_in>north_out") in mid.conflicts
    assert ways("north_in>south_out", "south_in>north_out") not in mid.conflicts
    for stage in mid.stages:
        assert not [pair for pair in mid.conflicts if pair <= stage.green]


def test_without_a_matrix_what_never_goes_together_conflicts():
    mid = sumo.read(crossroads(without_matrix=True), "crossroads").intersections[MID]
    assert ways("north_in>south_out", "east_in>west_out") in mid.conflicts
    assert ways("north_in>south_out", "south_in>north_out") not in mid.conflicts


def test_a_partial_yellow_keeps_every_safe_state_as_a_stage():
    phases = (
        phase(20, "GGGrrrrrrrrr") + phase(3, "yGGrrrrrrrrr") + phase(20, "rGGrrrrGGrrr") + phase(3, "ryyrrrryyrrr")
        + phase(20, "rrrGGGrrrrrr") + phase(3, "rrryyyrrrrrr")
    )
    mid = sumo.read(crossroads(phases), "crossroads").intersections[MID]
    assert len(mid.stages) == 3
    assert mid.intergreens["1", "2"] == 3
    assert ways("north_in>south_out") <= mid.stages[0].green & mid.stages[1].green


def test_a_stage_that_only_adds_green_needs_no_intergreen_and_one_that_takes_protection_does():
    phases = (
        phase(20, "GGGrrrrrrrrr") + phase(20, "gGGrrrgGGrrr") + phase(3, "yyyrrryyyrrr") + phase(20, "rrrGGGrrrrrr")
        + phase(3, "rrryyyrrrrrr")
    )
    gaps = sumo.read(crossroads(phases), "crossroads").intersections[MID].intergreens
    assert gaps["1", "2"] == 3
    assert gaps["2", "1"] == 3
    only_adds = phase(20, "rGGrrrrrrrrr") + phase(20, "rGGrrrrGGrrr") + phase(3, "ryyrrrryyrrr")
    assert sumo.read(crossroads(only_adds), "x").intersections[MID].intergreens["1", "2"] == 0


def test_one_phase_and_a_controller_that_is_switched_off():
    network = sumo.read(crossroads(phase(90, "gGGrrrgGGrrr")), "one phase")
    assert len(network.intersections[MID].stages) == 1
    assert sumo.programmes(crossroads(phase(90, "gGGrrrgGGrrr")))[MID].cycle == 90
    off = sumo.read(crossroads(phase(90, "o" * 12)), "off")
    assert not off.intersections
    assert not off.links


def test_short_edges_before_a_stop_line_are_part_of_their_street():
    text = crossroads(length=8.0).decode()
    before = (
        '<edge id="far" from="start" to="north"><lane id="far_0" index="0" speed="13.89" length="300"/></edge>'
        '<junction id="north" type="priority" x="0" y="8"/>'
        '<connection from="far" to="north_in" fromLane="0" toLane="0" dir="s"/>'
        '<connection from="north_out" to="north_in" fromLane="0" toLane="0" dir="t"/></net>'
    )
    network = sumo.read(text.replace("</net>", before).encode(), "short")
    assert network.links["north_in"].length == 308
    assert network.links["south_in"].length == 8


def test_a_crossing_is_walked_in_its_stage_and_its_clearance_is_no_stage():
    walkers = (
        '<edge id=":mid_c0" function="crossing" crossingEdges="north_in north_out">'
        '<lane id=":mid_c0_0" index="0" speed="1" length="9.5" allow="pedestrian"/></edge>'
        '<edge id=":mid_w0" function="walkingarea">'
        '<lane id=":mid_w0_0" index="0" speed="1" length="3" allow="pedestrian"/></edge>'
        '<connection from=":mid_w0" to=":mid_c0" fromLane="0" toLane="0" tl="mid" linkIndex="12" dir="s"/>'
    )
    phases = (
        phase(30, "gGGrrrgGGrrrr") + phase(5, "yyyrrryyyrrrr")
        + phase(20, "rrrgGGrrrgGGG") + phase(6, "rrrgGGrrrgGGr") + phase(4, "rrryyyrrryyyr")
    )
    mid = sumo.read(crossroads(phases, tail=walkers), "walked").intersections[MID]
    assert len(mid.stages) == 2
    assert mid.stages[1].walking == {"mid/:mid_c0"}
    [crossing] = mid.crossings
    assert crossing.length == 9.5
    assert ways("north_in>south_out") <= crossing.crosses
    assert "mid/east_in>west_out" not in crossing.crosses
    assert mid.intergreens["2", "1"] == 10


def at_utm(east: int, north: int) -> Point:
    projected = f'netOffset="-{east},-{north}" projParameter="+proj=utm +zone=52 +ellps=WGS84"'.encode()
    text = crossroads().replace(b'netOffset="0.00,0.00" projParameter="!"', projected)
    mid = sumo.read(text, "Seoul").intersections[MID]
    return Point(mid.y, mid.x)


def test_a_place_is_given_in_degrees_where_the_file_says_how():
    assert at_utm(500_000, 0) == Point(0.0, 129.0)
    seoul = at_utm(320_000, 4_158_000)
    assert 37.5 < seoul.latitude < 37.6
    assert 126.9 < seoul.longitude < 127.0
    assert seoul.metres_to(at_utm(321_000, 4_158_000)) == pytest.approx(1000, rel=0.004)
    assert seoul.metres_to(at_utm(320_000, 4_159_000)) == pytest.approx(1000, rel=0.004)


@pytest.mark.parametrize(("text", "said"), [
    (b"", "well-formed"),
    (b"<net>", "well-formed"),
    (b"<routes/>", "no <net>"),
    (crossroads(head='<!DOCTYPE net [<!ENTITY a "aaaa">]>'), "document type"),
    (crossroads().replace(b'linkIndex="11"', b'linkIndex="many"'), "many"),
    (crossroads().replace(b'speed="13.89" length="200.0"', b'length="200.0"'), "speed"),
    (crossroads().replace(b'<tlLogic id="mid"', b'<tlLogic id="other"'), "controller mid"),
    (crossroads(phase(30, "GGG")), "12 signal heads"),
])
def test_a_wrong_file_is_refused_and_says_what_is_wrong(text, said):
    with pytest.raises(NetworkFileWrong) as refused:
        sumo.read(text, "wrong.net.xml")
    assert said in str(refused.value)
    assert "wrong.net.xml" in str(refused.value)


def test_the_reader_takes_what_others_published(traffic_signal_data: Path):
    for name, intersections in {"cologne1": 1, "cologne3": 3, "ingolstadt1": 1, "ingolstadt7": 7}.items():
        network = sumo.read((traffic_signal_data / name / f"{name}.net.xml").read_bytes(), name)
        assert len(network.intersections) == intersections
        for one in network.intersections.values():
            assert all(way.entry in network.links and way.exit in network.links for way in one.movements)
            assert not [pair for stage in one.stages for pair in one.conflicts if pair <= stage.green]
