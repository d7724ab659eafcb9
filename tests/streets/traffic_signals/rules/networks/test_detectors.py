from madang.streets.traffic_signals.contracts import Network, Place
from madang.streets.traffic_signals.rules.networks import sumo
from madang.streets.traffic_signals.rules.networks.detectors import with_detectors
from tests.streets.traffic_signals.rules.networks.nets import crossroads


def laid(length: float) -> Network:
    return with_detectors(sumo.read(crossroads(length=length), "crossroads"))


def test_a_long_approach_has_a_stop_line_an_advance_and_an_entry_detector():
    of_north = [each for each in laid(200).detectors.values() if each.link == "north_in"]
    assert {each.place: each.distance for each in of_north} == {Place.STOP_LINE: 2, Place.ADVANCE: 70, Place.ENTRY: 190}


def test_a_short_approach_has_only_what_fits():
    assert {each.place for each in laid(20).detectors.values()} == {Place.STOP_LINE}
    assert all(each.distance < 40 for each in laid(40).detectors.values())
    assert {each.place for each in laid(40).detectors.values()} == {Place.STOP_LINE, Place.ADVANCE}


def test_links_that_only_leave_have_none():
    assert not [each for each in laid(200).detectors.values() if each.link.endswith("_out")]


def test_every_detector_lies_on_its_link():
    for length in (1, 5, 15, 26, 80, 119, 120, 500):
        network = laid(length)
        assert all(0 <= each.distance <= network.links[each.link].length for each in network.detectors.values())
