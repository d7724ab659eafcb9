"""Turning ratios from entries and exits, queues from what came and left, saturation from green under queue."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from madang.kernel.clock import SEOUL
from madang.streets.traffic_signals.contracts import (
    Detector,
    DetectorCounts,
    DetectorId,
    Intersection,
    IntersectionId,
    Link,
    LinkId,
    Movement,
    MovementId,
    Network,
    Place,
    ProbeTravel,
    Stage,
    StageId,
    StageTime,
    TimingPlan,
    Turn,
)
from madang.streets.traffic_signals.rules.networks.demand import Demand
from madang.streets.traffic_signals.rules.networks.generated import city
from madang.streets.traffic_signals.rules.state.estimator import Estimator

BEGIN = datetime(2026, 3, 2, 8, tzinfo=SEOUL)


def one_approach(length=300.0):
    """One lane into one intersection and out of it, counted at its beginning and at the stop line."""
    way_in, out, at = LinkId("in"), LinkId("out"), IntersectionId("x")
    movement = Movement(MovementId("x/in>out"), way_in, out, Turn.THROUGH, (0,), (0,), 1800.0)
    stages = (Stage(StageId("A"), frozenset({movement.id})), Stage(StageId("B"), frozenset()))
    links = {way_in: Link(way_in, None, at, length, 14.0, 1), out: Link(out, at, None, 300.0, 14.0, 1)}
    detectors = {name: Detector(name, way_in, (0,), place, far) for name, place, far in (
        (DetectorId("early"), Place.ADVANCE, length - 20), (DetectorId("stop"), Place.STOP_LINE, 0.0))}
    node = Intersection(at, "x", 0, 0, (movement,), stages, 1, intergreens={
        (StageId("A"), StageId("B")): 5.0, (StageId("B"), StageId("A")): 5.0})
    return Network("one", {at: node}, links, detectors)


def told(minute, early, stop, occupancy=(0.1, 0.1)):
    return DetectorCounts(BEGIN + timedelta(minutes=minute), 60, [DetectorId("early"), DetectorId("stop")],
                          np.array([early, stop], float), np.array(occupancy, float))


TIMES = (StageTime(StageId("A"), 25), StageTime(StageId("B"), 25))
PLAN = {IntersectionId("x"): TimingPlan(IntersectionId("x"), 60, 0, TIMES)}


def test_a_queue_grows_by_what_comes_and_does_not_leave():
    estimator = Estimator(one_approach())
    estimator.update(told(0, 10, 10), greens=PLAN)
    for minute in range(1, 6):
        traffic = estimator.update(told(minute, 15, 11, (0.3, 0.7)), greens=PLAN)
    assert 15 <= traffic.queue[0] <= 28


def test_a_queue_never_passes_what_the_link_holds():
    estimator = Estimator(one_approach(length=100.0))
    for minute in range(20):
        traffic = estimator.update(told(minute, 30, 5, (0.9, 0.9)), greens=PLAN)
    assert traffic.queue[0] <= 100 / 7 + 1e-9


def test_a_clear_detector_says_that_no_queue_reaches_it():
    estimator = Estimator(one_approach())
    for minute in range(5):
        estimator.update(told(minute, 15, 10, (0.3, 0.7)), greens=PLAN)
    before = estimator.update(told(5, 40, 10, (0.9, 0.7)), greens=PLAN).queue[0]
    assert before > 30
    assert Estimator(one_approach()).update(told(0, 10, 10, (0.05, 0.05)), greens=PLAN).queue[0] < 6


def test_saturation_flow_is_learned_at_green_under_queue_and_a_wild_count_moves_it_little():
    estimator = Estimator(one_approach())
    for minute in range(25):  # 25 s of green a minute at 2.4 s a vehicle: 10.4
        traffic = estimator.update(told(minute, 16, 10 + (minute % 5 < 2), (0.9, 0.8)), greens=PLAN)
    assert traffic.saturation_flow[0] == pytest.approx(1500, rel=0.06)
    wild = estimator.update(told(25, 16, 24, (0.9, 0.8)), greens=PLAN)
    assert wild.saturation_flow[0] < 1650


def test_saturation_flow_stays_the_networks_without_a_queue():
    estimator = Estimator(one_approach())
    for minute in range(20):
        traffic = estimator.update(told(minute, 6, 6), greens=PLAN)
    assert traffic.saturation_flow[0] == 1800.0


def test_turning_ratios_follow_from_counts_at_entries_and_exits():
    network = city(1, 0)
    [at] = network.intersections.values()
    ends = sorted({one.entry for one in at.movements} | {one.exit for one in at.movements})
    detectors = {DetectorId(link): Detector(DetectorId(link), link, (), Place.ENTRY, 200.0) for link in ends}
    network = Network("one", network.intersections, network.links, detectors)
    estimator = Estimator(network)
    share = {Turn.LEFT: 0.35, Turn.THROUGH: 0.6, Turn.RIGHT: 0.05}
    true = np.array([share[one.turn] for one in at.movements])
    first = np.abs(estimator.turning_ratios() - true).mean()
    for number in range(200):
        entering = {link: 700 + 500 * np.sin(number / 25 + 1.5 * at) for at, link in enumerate(ends)}
        flow = np.array([entering[one.entry] for one in at.movements]) * true
        counts = estimator.net.seen.times(flow, len(ends)) / 12
        estimator.update(DetectorCounts(BEGIN + timedelta(minutes=5 * number), 300, estimator.net.detectors,
                                        np.round(counts), np.full(len(ends), 0.1 + number / 1e4)))
    assert np.abs(estimator.turning_ratios() - true).mean() < 0.8 * first


def test_flows_keep_to_conservation_where_a_street_is_not_counted():
    network = city(60, 197, seed=3)
    demand, estimator = Demand(network, 2), Estimator(network)
    for one in demand.run(BEGIN, 300, 24, seed=1):
        traffic = estimator.update(one.counts)
    net = estimator.net
    into, out = (np.bincount(end, traffic.volume, len(net.links)) for end in (net.exit, net.entry))
    inner = net.approach & net.fed
    assert np.abs(into - out)[inner].sum() < 0.15 * out[inner].sum()


def test_slow_vehicles_tell_of_a_queue_that_no_detector_sees():
    network = one_approach()
    blind = Network("one", network.intersections, network.links, {})
    quiet, told_of = Estimator(blind), Estimator(blind)
    for minute in range(6):
        nothing = DetectorCounts(BEGIN + timedelta(minutes=minute), 60, [], np.zeros(0), np.zeros(0))
        slow = ProbeTravel(nothing.begin, 60, ["in"], np.array([1.5]), np.array([6.0]))
        without, with_probes = quiet.update(nothing, greens=PLAN), told_of.update(nothing, slow, PLAN)
    assert with_probes.queue[0] > without.queue[0] + 3
