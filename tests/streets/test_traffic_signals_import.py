"""A network comes with the plans that run there, and the city's calendar with its holidays."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest

from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.clock import SEOUL
from madang.streets.traffic_signals import facade
from madang.streets.traffic_signals.contracts import NetworkFileWrong, Permission, StageTime, TimingPlan
from madang.streets.traffic_signals.facade import engine as engines
from madang.streets.traffic_signals.rules.city.run import City
from madang.streets.traffic_signals.rules.networks import programmes, tables
from madang.streets.traffic_signals.rules.networks.generated import city
from madang.streets.traffic_signals.rules.operation.fixed import fixed_plans
from madang.streets.traffic_signals.rules.profile import read
from madang.streets.traffic_signals.store import profile
from tests.streets.traffic_signals.rules.networks.nets import crossroads, phase

ENGINEER = Actor.system("engineer-1", set(Permission))
NOW = clock.now()
UNSAFE = (
    phase(30, "gGGrrrgGGrrr") + phase(4, "yyyrrryyyrrr") + phase(1, "r" * 12)
    + phase(3, "rrrgGGrrrgGG") + phase(4, "rrryyyrrryyy") + phase(1, "r" * 12)
)


@pytest.mark.django_db
def test_what_runs_in_a_sumo_file_is_its_fixed_plan():
    network, refused = facade.import_network(ENGINEER, "mid.net.xml", {"mid.net.xml": crossroads()}, NOW)
    assert refused == []
    assert engines.current().fixed == {"mid": TimingPlan("mid", 60, 10, (StageTime("1", 30), StageTime("2", 20)))}
    facade.run(NOW)
    assert facade.plans_of(ENGINEER, facade.publications(ENGINEER)[0].id) == engines.current().fixed
    assert network.detectors


@pytest.mark.django_db
def test_what_runs_there_and_is_not_safe_is_said_and_replaced():
    _, refused = facade.import_network(ENGINEER, "mid.net.xml", {"mid.net.xml": crossroads(UNSAFE)}, NOW)
    assert "min_green" in {one.clause for one in refused}
    engine = engines.current()
    assert engine.fixed == fixed_plans(engine.network, engine.profile.limits)
    assert engine.fixed["mid"].stages[1].green >= engine.profile.limits.min_green


def test_plans_are_written_and_read_as_a_table():
    network = city(6, 20, seed=1)
    plans = fixed_plans(network, profile_limits())
    files = tables.written(network) | {programmes.FILE: programmes.written(plans)}
    assert programmes.read(tables.read("net", files), files) == plans
    assert programmes.read(network, {}) == {}


@pytest.mark.parametrize(("row", "said"), [
    ("nowhere,60,0,1:30", r"plans\.csv:2: intersection"), ("{place},0,0,{stage}:30", r"plans\.csv:2: cycle"),
    ("{place},60,-1,{stage}:30", "offset"), ("{place},60,0,Z:30", "'Z'"), ("{place},60,0,{stage}:x", "whole seconds"),
])
def test_a_wrong_plan_is_refused_with_its_line(row, said):
    network = city(6, 20, seed=1)
    at = next(iter(network.intersections.values()))
    text = "intersection,cycle,offset,stages\n" + row.format(place=at.id, stage=at.stages[0].id)
    with pytest.raises(NetworkFileWrong, match=said):
        programmes.read(network, {programmes.FILE: text})


def test_a_holiday_is_learned_as_a_sunday_and_not_as_a_working_day():
    network = city(12, 40, seed=6)
    monday = datetime(2026, 3, 2, 8, tzinfo=SEOUL)
    taught = {}
    for name, days in (("holiday", frozenset({monday.date()})), ("working day", frozenset[date]())):
        whole = City(network, profile_limits(), holidays=days)
        for step in range(6):
            begin = monday + timedelta(minutes=5 * step)
            whole.run([counts(network, begin)], {}, None)
        memory = whole._ask.__closure__[0].cell_contents[0]._estimator._memory
        taught[name] = [bool(memory.profile.hours[kind * 48:(kind + 1) * 48].any()) for kind in range(3)]
    assert taught == {"holiday": [False, False, True], "working day": [True, False, False]}


def test_the_citys_calendar_knows_lunar_and_substitute_holidays(settings):
    days = profile.holidays_around(2026)
    assert {date(2026, 2, 17), date(2026, 3, 2), date(2026, 9, 25), date(2027, 1, 1)} <= days
    assert date(2026, 3, 4) not in days


def counts(network, begin):
    from madang.streets.traffic_signals.contracts import DetectorCounts

    size = len(network.detectors)
    return DetectorCounts(begin, 300.0, list(network.detectors), np.full(size, 30.0), np.full(size, 0.2))


def profile_limits():
    return read((profile.settings.MADANG_PROFILE / "signals.yaml").read_text(encoding="utf-8")).limits
