"""What goes wrong on the street and in the house: no fault of a detector, a network or a process makes half a plan."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import time, timedelta

import numpy as np
import pytest

from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.streets.traffic_signals import facade
from madang.streets.traffic_signals.contracts import DetectorMinute, IntersectionId, Permission
from madang.streets.traffic_signals.contracts.operation import How, RollOutLimits
from madang.streets.traffic_signals.models import MemoryRow, PlanSetRow, PublicationRow
from madang.streets.traffic_signals.rules import safety
from madang.streets.traffic_signals.store import profile
from tests.streets.signals import crossroads

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small")]

ENGINEER = Actor.system("engineer-1", set(Permission))
START = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
MINUTE = timedelta(minutes=1)


def batch(begin, told):
    names = [name for name, _, _ in told]
    return DetectorMinute("", begin, 60.0, tuple(names), tuple(value for _, value, _ in told),
                          tuple(covered for _, _, covered in told))


def told(minute, fault, bad):
    """What every detector says in a minute; those in ``bad`` have the fault."""
    chance = np.random.default_rng(minute)
    for name in facade.network().detectors:
        value, covered = float(chance.poisson(8)), 0.2 + 0.01 * float(chance.random())
        if name not in bad:
            yield name, value, covered
        elif fault == "silent":
            yield name, -1.0, -1.0
        elif fault == "stuck":
            yield name, 7.0, 0.25
        elif fault == "absurd":
            yield name, 900.0, covered
        else:
            yield from ((name, value, covered), (name, value, covered))


def report(fault, bad, minutes, until=START):
    for ago in range(minutes, 0, -1):
        begin = until - ago * MINUTE - timedelta(seconds=10)
        facade.report(ENGINEER, [batch(begin, list(told(ago, fault, bad)))], until)


def all_on_the_street_are_safe():
    network, limits = facade.network(), profile.profile().limits
    plans = facade.plans_of(ENGINEER, facade.publications(ENGINEER)[0].id)
    assert plans
    return all(not safety.breaches(network.intersections[place], one, limits) for place, one in plans.items())


@pytest.mark.parametrize("fault", ["silent", "stuck", "absurd", "duplicated"])
def test_a_faulty_detector_is_named_on_its_page_and_plans_stay_safe(fault):
    bad = set(list(facade.network().detectors)[::9])
    report(fault, bad, 14)
    line = facade.run(START)
    assert line is not None
    assert {one.detector for one in facade.detectors(ENGINEER)[0] if one.fault == fault} == bad
    facade.approve(ENGINEER, line.id, START)
    assert all_on_the_street_are_safe()


def test_counts_from_a_clock_that_is_off_do_not_move_the_city_in_time():
    report("silent", set(), 8)
    facade.run(START)
    ahead = batch(START + timedelta(minutes=55), list(told(1, "silent", set())))
    behind = batch(START - timedelta(hours=5), list(told(1, "silent", set())))
    facade.report(ENGINEER, [ahead, behind], START + MINUTE)
    report("silent", set(), 4, START + timedelta(minutes=5))
    line = facade.run(START + timedelta(minutes=5))
    assert line is not None
    assert facade.overview(ENGINEER).last_counts <= START + timedelta(minutes=5)
    assert facade.overview(ENGINEER).failed == {}


def test_a_one_phase_and_a_cut_off_intersection_run_along_in_the_same_city(monkeypatch):
    whole = facade.network()
    plain = crossroads("cut off")
    one_phase = replace(crossroads("one phase"), intergreens={}, conflicts=frozenset(), crossings=())
    users = frozenset(one.id for one in one_phase.movements)
    everybody = replace(one_phase.stages[0], walking=frozenset(), green=users)
    one_phase = replace(one_phase, stages=(everybody,))
    bare = replace(crossroads("no stages"), stages=())
    more = {IntersectionId(at.id): at for at in (plain, one_phase, bare)}
    strange = replace(whole, intersections={**whole.intersections, **more})
    monkeypatch.setattr(profile, "network", lambda _: strange)
    report("silent", set(), 8)
    line = facade.run(START)
    assert line is not None
    facade.approve(ENGINEER, line.id, START)
    plans = facade.plans_of(ENGINEER, facade.publications(ENGINEER)[0].id)
    assert {"cut off", "one phase"} <= set(plans)
    assert "no stages" not in plans
    assert all_on_the_street_are_safe()


KILLED = """
import os, signal, sys
from datetime import datetime
import django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from madang.streets.traffic_signals import facade
from madang.streets.traffic_signals.store import memory, street
where = {"publishing": (street, "flip"), "remembering": (memory, "remember")}[sys.argv[3]]
setattr(*where, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
facade.run(datetime.fromisoformat(sys.argv[2]))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["publishing", "remembering"])
def test_a_run_killed_before_it_ends_leaves_nothing_and_the_next_one_does_its_work(where):
    from django.db import connection

    areas = tuple(sorted({one.area for one in facade.network().intersections.values()}))
    facade.run(START - timedelta(minutes=20))
    facade.set_roll_out(ENGINEER, RollOutLimits(True, 30, 20, 0.5, time(0), time(23, 59), areas), START)
    report("silent", set(), 8)
    before = [PublicationRow.objects.count(), PlanSetRow.objects.count(), *memory_times()]
    died = subprocess.run(
        [sys.executable, "-c", KILLED, connection.settings_dict["NAME"], START.isoformat(), where], env=os.environ,
        timeout=60, check=False, capture_output=True, text=True,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert [PublicationRow.objects.count(), PlanSetRow.objects.count(), *memory_times()] == before
    assert facade.run(START + MINUTE) is not None
    assert facade.publications(ENGINEER)[0].how is How.AUTOMATIC
    assert all_on_the_street_are_safe()


def memory_times():
    return sorted(MemoryRow.objects.values_list("name", "at"))
