"""What a run leaves behind: little, the same for whoever goes on, and not longer than the profile says."""

from datetime import timedelta

import numpy as np
import pytest

from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.streets.traffic_signals import facade
from madang.streets.traffic_signals.contracts import DetectorMinute, IntersectionId, Permission
from madang.streets.traffic_signals.facade import engine as engines
from madang.streets.traffic_signals.models import DelayRow, MemoryRow
from madang.streets.traffic_signals.store import delays, memory, profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small")]

ENGINEER = Actor.system("engineer-1", set(Permission))
START = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
FIVE = timedelta(minutes=5)


def ran(now):
    names = tuple(facade.network().detectors)
    chance = np.random.default_rng(now.minute)
    facade.report(ENGINEER, [
        DetectorMinute("", now - timedelta(minutes=ago, seconds=10), 60.0, names,
                       tuple(chance.poisson(6, len(names)).astype(float)), (0.2,) * len(names))
        for ago in range(5, 0, -1)
    ], now)
    return facade.run(now)


def written_since(now):
    return {row.name for row in MemoryRow.objects.filter(at__gte=now, name__startswith="estimator/")}


def test_a_run_writes_the_slots_of_the_profile_that_it_changed_and_no_others():
    ran(START)
    slots = {name for name in written_since(START) if "/profile." in name}
    assert len(slots) == 2 * 3 * 48
    ran(START + FIVE)
    later = {name for name in written_since(START + FIVE) if "/profile." in name}
    assert 0 < len(later) <= 2 * 3


def test_forecasts_that_were_checked_are_not_kept_on():
    for step in range(6):
        ran(START + step * FIVE)
    made = MemoryRow.objects.filter(name__startswith="estimator/made.").count()
    assert made == len(engines.current()._estimator._memory.tally.waiting)


def test_another_process_goes_on_with_the_same_numbers():
    ran(START)
    ran(START + FIVE)
    ours = engines.current()
    other = engines.Engine(ours.network, ours.profile)
    other.take_in(ours.fixed, START + FIVE)
    for name, piece in ours._estimator.pieces().items():
        assert np.array_equal(piece, other._estimator.pieces()[name], equal_nan=True), name


def test_what_is_remembered_of_another_network_is_not_taken_up():
    ran(START)
    MemoryRow.objects.filter(name="estimator/net").delete()
    ours = engines.current()
    other = engines.Engine(ours.network, ours.profile)
    assert other.take_in(ours.fixed, START + FIVE).traffic is None
    assert memory.remembered_pieces("estimator")


def test_measurements_come_back_as_they_were_put_down():
    places = [IntersectionId(f"x{row}") for row in range(3)]
    first = np.array([[1200.0, 3.2], [0.0, 0.0], [70_000.0, np.nan]])
    delays.add(START, places, first)
    delays.add(START + FIVE, places, first / 2)
    delays.add(START + 2 * FIVE, places[:2], first[:2])
    found = delays.between(START, START + timedelta(hours=1))
    assert found["x0"] == pytest.approx(np.array([[1200, 3.2], [600, 1.6], [1200, 3.2]]))
    assert found["x2"] == pytest.approx(np.array([[65_535, 0], [35_000, 0]]))
    assert len(delays.between(START, START + timedelta(hours=1), hourly=True)["x0"]) == 1


def test_of_old_measurements_the_first_of_each_hour_stays_and_then_none():
    keep = profile.profile().keep
    places, values = [IntersectionId("x")], np.array([[1.0, 1.0]])
    for days in (1, keep.delays_in_full + 1, keep.delays + 1):
        for minutes in (0, 5, 10):
            delays.add(START - timedelta(days=days, minutes=-minutes), places, values)
    facade.erase(START)
    left = sorted(row.at for row in DelayRow.objects.all())
    assert [clock.in_seoul(at) for at in left] == [
        START - timedelta(days=keep.delays_in_full + 1),
        *(START - timedelta(days=1) + timedelta(minutes=minutes) for minutes in (0, 5, 10)),
    ]
