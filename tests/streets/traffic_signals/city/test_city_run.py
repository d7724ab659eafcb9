"""A city in areas: nothing lost at the borders, and the same result wherever areas are worked on."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from madang.commons.work import spread
from madang.kernel.clock import SEOUL
from madang.streets.traffic_signals.contracts import DetectorCounts, Limits
from madang.streets.traffic_signals.rules.city.areas import cut
from madang.streets.traffic_signals.rules.city.run import City, plan_city
from madang.streets.traffic_signals.rules.networks.demand import Demand
from madang.streets.traffic_signals.rules.networks.generated import city
from madang.streets.traffic_signals.rules.state.memory import SnapshotUnfitError

LIMITS = Limits(7, 170, 40, 180, 3, 1, 0.8, 4)
NETWORK = city(120, 394, seed=6)
BEGIN = datetime(2026, 3, 2, 7, tzinfo=SEOUL)
EVERY = timedelta(minutes=5)
DAY = [one.counts for one in Demand(NETWORK, 2).run(BEGIN, 300, 6, seed=1)]


def runs(whole, days=tuple(DAY)):
    running, found = {}, []
    for counts in days:
        found.append(plan_city(whole, [counts], running, counts.begin + EVERY))
        running = {name: one.plan for name, one in found[-1].proposals.items()}
    return found


def same(one, other):
    columns = ("volume", "queue", "uncertainty", "volume_soon", "error_later", "saturation_flow", "measured")
    assert one.proposals == other.proposals
    assert one.health == other.health
    assert one.traffic.movements == other.traffic.movements
    for name in columns:
        assert np.array_equal(getattr(one.traffic, name), getattr(other.traffic, name)), name


@pytest.fixture(scope="module")
def in_one():
    return runs(City(NETWORK, LIMITS, parts=3))


@pytest.mark.parametrize("parts", [1, 2, 5, 16])
def test_every_intersection_is_in_one_area_and_areas_are_alike(parts):
    areas = cut(NETWORK, parts)
    assert sorted(one for area in areas for one in area) == sorted(NETWORK.intersections)
    assert max(map(len, areas)) <= 2 * 120 / parts


def test_corridors_keep_together():
    areas = {one: number for number, area in enumerate(cut(NETWORK, 4)) for one in area}
    neighbours = [pair for one in NETWORK.corridors
                  for pair in zip(one.intersections, one.intersections[1:], strict=False)]
    kept = sum(areas[here] == areas[there] for here, there in neighbours)
    assert kept / len(neighbours) > 0.85


def test_each_intersection_has_a_proposal_and_each_movement_a_state(in_one):
    assert set(in_one[-1].proposals) == set(NETWORK.intersections)
    assert len(set(in_one[-1].traffic.movements)) == sum(len(at.movements) for at in NETWORK.intersections.values())


def test_areas_find_nearly_what_the_whole_finds(in_one):
    whole = runs(City(NETWORK, LIMITS, parts=1))[-1].traffic
    place = {name: at for at, name in enumerate(in_one[-1].traffic.movements)}
    order = [place[name] for name in whole.movements]
    apart = np.abs(in_one[-1].traffic.volume[order] - whole.volume)
    assert apart.sum() < 0.05 * whole.volume.sum()


def test_two_processes_give_the_same_as_one(in_one):
    with spread.over_processes(2) as two:
        for one, other in zip(in_one, runs(City(NETWORK, LIMITS, parts=3, spread=two)), strict=True):
            same(one, other)


def test_a_city_goes_on_from_what_was_kept(in_one):
    first = City(NETWORK, LIMITS, parts=3)
    for counts in DAY[:3]:
        kept = first.run([counts], {}, None, keep=True).memory
    second = City(NETWORK, LIMITS, parts=3)
    second.restore(kept)
    one, other = (whole.run([DAY[3]], {}, DAY[4].begin) for whole in (first, second))
    same(one, other)
    with pytest.raises(SnapshotUnfitError):
        City(NETWORK, LIMITS, parts=2).restore(kept)


def test_a_worker_that_is_lost_is_said_and_not_replaced_behind_ones_back():
    with spread.over_processes(2) as two:
        ask = two([make_echo, make_echo])
        assert ask([1, 2]) == [1, 2]
        with pytest.raises(spread.WorkerLost):
            ask(["end", 2])


def test_a_batch_that_makes_no_sense_goes_to_no_area():
    whole = City(NETWORK, LIMITS, parts=3)
    odd = DetectorCounts(BEGIN, 300, ["nobody"], np.array([1.0, 2.0]), np.array([np.nan]))
    found = whole.run([odd, *DAY[:1]], {}, DAY[1].begin)
    assert np.isfinite(found.traffic.volume).all()


def make_echo():
    return echo


def echo(message):
    if message == "end":
        raise SystemExit
    return message
