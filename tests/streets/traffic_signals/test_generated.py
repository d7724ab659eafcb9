"""A made-up network is whole: every movement can go, no stage holds a conflict, the same seed gives the same city."""

import pytest

from madang.streets.traffic_signals.rules.networks.generated import city

DISTRICTS = [("north", 127.0, 37.6), ("west", 126.9, 37.5), ("east", 127.1, 37.5)]


@pytest.fixture(scope="module")
def network():
    return city(300, 980, seed=3, districts=DISTRICTS)


def test_it_has_the_size_that_was_asked_for(network):
    assert len(network.intersections) == 300
    assert len(network.detectors) == 980


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_small_ones_are_whole_too(size):
    network = city(size, 4 * size)
    assert len(network.intersections) == size
    assert all(at.movements and at.stages for at in network.intersections.values())


def test_the_same_seed_gives_the_same_city(network):
    assert city(300, 980, seed=3, districts=DISTRICTS) == network
    assert city(300, 980, seed=4, districts=DISTRICTS) != network


def test_movements_join_links_that_exist_and_meet_there(network):
    for at in network.intersections.values():
        for one in at.movements:
            assert network.links[one.entry].end == at.id
            assert network.links[one.exit].start == at.id
            assert set(one.lanes) <= set(range(network.links[one.entry].lanes))


def test_no_stage_gives_green_to_a_conflict(network):
    for at in network.intersections.values():
        for stage in at.stages:
            together = stage.green | stage.walking
            assert not [pair for pair in at.conflicts if pair <= together], (at.id, stage.id)


def test_every_movement_and_every_crossing_has_its_turn(network):
    for at in network.intersections.values():
        going = {one for stage in at.stages for one in stage.green | stage.yielding}
        walking = {one for stage in at.stages for one in stage.walking}
        assert going == {one.id for one in at.movements}
        assert walking == {one.id for one in at.crossings}


def test_no_head_drives_two_things(network):
    for at in network.intersections.values():
        heads = [head for one in (*at.movements, *at.crossings) for head in one.heads]
        assert len(heads) == len(set(heads))
        assert set(heads) <= set(range(at.heads))


def test_corridors_run_over_streets_that_exist(network):
    joined = {(link.start, link.end) for link in network.links.values()}
    assert network.corridors
    for corridor in network.corridors:
        pairs = zip(corridor.intersections, corridor.intersections[1:], strict=False)
        assert all(pair in joined for pair in pairs)


def test_every_district_has_intersections(network):
    assert {at.area for at in network.intersections.values()} == {"north", "west", "east"}
