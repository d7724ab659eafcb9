"""No counts, whatever is in them, break the estimate or poison what comes after."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.kernel.clock import SEOUL
from madang.streets.traffic_signals.contracts import DetectorCounts, ProbeTravel, StageTime, TimingPlan
from madang.streets.traffic_signals.rules.networks.demand import Demand
from madang.streets.traffic_signals.rules.networks.generated import city
from madang.streets.traffic_signals.rules.state.estimator import Estimator
from madang.streets.traffic_signals.rules.state.memory import SnapshotUnfitError

NETWORK = city(7, 30, seed=2)
NAMES = [*NETWORK.detectors, "nobody", ""]
BEGIN = datetime(2026, 3, 2, 7, tzinfo=SEOUL)
GOOD = list(Demand(NETWORK, 1).run(BEGIN, 60, 30, seed=1))
NUMBERS = st.one_of(
    st.sampled_from([np.nan, np.inf, -np.inf, -1.0, 0.0, 1e9, 1e300, 5.0]),
    st.floats(allow_nan=True, allow_infinity=True),
)


@st.composite
def batches(draw):
    size = draw(st.integers(0, 12))
    vehicles, occupancy = (
        np.array(draw(st.lists(NUMBERS, min_size=0, max_size=size + 2)), np.float64) for _ in range(2))
    begin = draw(st.one_of(
        st.datetimes(timezones=st.just(UTC)),
        st.datetimes(), st.integers(-60, 60).map(lambda one: BEGIN + timedelta(minutes=one))))
    seconds = draw(st.one_of(st.just(60.0), NUMBERS))
    return DetectorCounts(begin, seconds, draw(st.lists(st.sampled_from(NAMES), min_size=size, max_size=size)),
                          vehicles, occupancy)


@st.composite
def travels(draw):
    links = draw(st.lists(st.sampled_from([*NETWORK.links, "no link"]), max_size=5))
    speed, vehicles = (np.array(draw(st.lists(NUMBERS, max_size=6)), np.float64) for _ in range(2))
    return ProbeTravel(BEGIN, 60.0, links, speed, vehicles)


def sound(traffic):
    for name in ("volume", "queue", "saturation_flow", "uncertainty", "volume_soon", "volume_later", "error_soon",
                 "error_later"):
        column = getattr(traffic, name)
        assert len(column) == len(traffic.movements)
        assert np.isfinite(column).all(), name
        assert (column >= 0).all(), name
    assert traffic.volume.max() < 20_000


def room(estimator, traffic):
    return np.bincount(estimator.net.entry, traffic.queue, len(estimator.net.links)) <= estimator.net.storage + 1e-6


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(batches(), st.one_of(st.none(), travels())), max_size=6))
def test_anything_may_come_and_the_state_stays_sound(said):
    estimator = Estimator(NETWORK)
    for counts, probes in said:
        traffic = estimator.update(counts, probes)
        sound(traffic)
        assert room(estimator, traffic).all()
        estimator.health()


@settings(max_examples=6, deadline=None)
@given(st.lists(batches(), min_size=1, max_size=3))
def test_after_nonsense_good_counts_lead_back_to_the_truth(said):
    estimator, untouched = Estimator(NETWORK), Estimator(NETWORK)
    for counts in said:
        estimator.update(counts)
    for one in GOOD:
        traffic, clean = estimator.update(one.counts), untouched.update(one.counts)
    assert abs(traffic.volume.sum() - clean.volume.sum()) < 0.15 * clean.volume.sum()


@settings(max_examples=30, deadline=None)
@given(st.integers(-5, 400), st.integers(-50, 500), st.lists(st.integers(-20, 300), max_size=4))
def test_plans_that_make_no_sense_do_no_harm(cycle, offset, greens):
    at = next(iter(NETWORK.intersections.values()))
    times = tuple(StageTime(stage.id, green) for stage, green in zip(at.stages, greens, strict=False))
    estimator = Estimator(NETWORK)
    traffic = estimator.update(GOOD[0].counts, greens={at.id: TimingPlan(at.id, cycle, offset, times)})
    sound(traffic)


def test_counts_that_were_there_before_change_nothing():
    estimator = Estimator(NETWORK)
    for one in GOOD[:5]:
        before = estimator.update(one.counts)
    assert estimator.update(GOOD[2].counts) is before
    assert estimator.update(GOOD[4].counts) is before


def test_of_two_reports_of_one_detector_the_last_one_counts():
    once, twice = Estimator(NETWORK), Estimator(NETWORK)
    for one in GOOD[:3]:
        counts = one.counts
        again = DetectorCounts(counts.begin, 60, [*counts.detectors, *counts.detectors],
                               np.concatenate([counts.vehicles * 0 + 900, counts.vehicles]),
                               np.concatenate([counts.occupancy, counts.occupancy]))
        first, second = once.update(counts), twice.update(again)
    assert np.array_equal(first.volume, second.volume)


def test_one_batch_from_another_year_does_not_stop_the_clock():
    estimator = Estimator(NETWORK)
    future = DetectorCounts(BEGIN.replace(year=2300), 60, [], np.zeros(0), np.zeros(0))
    estimator.update(future)
    for one in GOOD[:5]:
        traffic = estimator.update(one.counts)
    assert traffic.at == GOOD[4].begin + timedelta(seconds=60)
    assert estimator.update(future) is traffic
    assert estimator.update(GOOD[5].counts).at > traffic.at


@pytest.mark.parametrize("data", [b"", b"nothing", b"PK\x05\x06" + b"\0" * 18])
def test_a_torn_snapshot_is_refused_and_the_estimator_stays_as_it_was(data):
    estimator = Estimator(NETWORK)
    estimator.update(GOOD[0].counts)
    kept = estimator.snapshot()
    with pytest.raises(SnapshotUnfitError):
        estimator.restore(data)
    with pytest.raises(SnapshotUnfitError):
        estimator.restore(kept[: len(kept) // 2])
    with pytest.raises(SnapshotUnfitError):
        Estimator(city(6, 20)).restore(kept)
    assert estimator.snapshot() == kept
