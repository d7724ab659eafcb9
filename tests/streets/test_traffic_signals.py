"""A run from counts to the street, and what engineers decide about it."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import time, timedelta

import numpy as np
import pytest

from madang.kernel import clock
from madang.kernel.actors import VISITOR, Actor
from madang.kernel.errors import NotPermitted, SignInNeeded
from madang.kernel.ids import new_id
from madang.streets.traffic_signals import facade
from madang.streets.traffic_signals.contracts import DetectorMinute, Permission, PlanSetId, PlanState, StageTime
from madang.streets.traffic_signals.contracts.operation import (
    CountsWrong,
    How,
    NothingBefore,
    NotOpen,
    OutOfBounds,
    PlaceUnknown,
    PlanNotSafe,
    ReasonNeeded,
    RollOutLimits,
    Scope,
)
from madang.streets.traffic_signals.models import PublicationRow, StreetRow
from madang.streets.traffic_signals.rules import safety
from madang.streets.traffic_signals.store import profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small")]

ENGINEER = Actor.system("engineer-1", set(Permission))
MACHINE = Actor.system("controllers", {Permission.REPORT})
START = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)


def minutes(now, count=10, vehicles=6.0, lost=()):
    names = tuple(name for name in facade.network().detectors if name not in lost)
    chance = np.random.default_rng(1)
    return [
        DetectorMinute(
            "", now - timedelta(minutes=ago, seconds=10), 60.0, names,
            tuple(chance.poisson(vehicles, len(names)).astype(float)), (0.2,) * len(names),
        )
        for ago in range(count, 0, -1)
    ]


def ran(now=START, **how):
    facade.report(MACHINE, minutes(now, **how), now)
    line = facade.run(now)
    assert line is not None
    return line


def on_street():
    return facade.plans_of(ENGINEER, facade.publications(ENGINEER)[0].id)


def test_a_city_begins_with_safe_fixed_plans_for_every_intersection():
    assert facade.run(START) is None
    network, limits = facade.network(), profile.profile().limits
    plans = on_street()
    assert set(plans) == set(network.intersections)
    assert all(safety.breaches(network.intersections[place], plan, limits) == [] for place, plan in plans.items())


def test_a_run_proposes_and_an_approval_puts_it_on_the_street():
    line = ran()
    assert line.changed > 0
    assert line.refused == 0
    assert line.delay < line.delay_now
    before = on_street()
    found, _, _ = facade.run_of(ENGINEER, line.id)
    published = facade.approve(ENGINEER, line.id, START)
    assert published.how is How.APPROVED
    assert on_street() == {**before, **{place: one.plan for place, one in found.proposals.items()}}
    assert facade.runs_of(ENGINEER)[0].state is PlanState.PUBLISHED
    with pytest.raises(NotOpen):
        facade.approve(ENGINEER, line.id, START)


def test_a_new_run_supersedes_the_open_one():
    first, second = ran(), ran(START + timedelta(minutes=5))
    assert [one.state for one in facade.runs_of(ENGINEER)] == [PlanState.PROPOSED, PlanState.SUPERSEDED]
    with pytest.raises(NotOpen):
        facade.approve(ENGINEER, first.id, START)
    facade.refuse(ENGINEER, second.id, START)
    assert facade.runs_of(ENGINEER)[0].state is PlanState.REFUSED


def test_rolling_back_brings_back_what_was_and_stops_the_machine():
    line = ran()
    facade.set_roll_out(ENGINEER, limits(on=True), START)
    before = on_street()
    facade.approve(ENGINEER, line.id, START)
    assert on_street() != before
    facade.roll_back(ENGINEER, START)
    assert on_street() == before
    assert facade.roll_out(ENGINEER)[0].on is False


def test_there_is_nothing_before_the_first():
    facade.run(START - timedelta(days=1))
    with pytest.raises(NothingBefore):
        facade.roll_back(ENGINEER, START)


@pytest.mark.parametrize("scope", list(Scope))
def test_a_held_place_does_not_change(scope):
    network = facade.network()
    corridor = network.corridors[0]
    place = corridor.intersections[0]
    area = network.intersections[place].area
    name = {Scope.INTERSECTION: place, Scope.CORRIDOR: corridor.id, Scope.AREA: area}[scope]
    facade.hold(ENGINEER, scope, name, "roadworks", START)
    line = ran()
    found, _, _ = facade.run_of(ENGINEER, line.id)
    assert place not in found.proposals
    assert place in found.kept
    facade.lift(ENGINEER, scope, name, START)
    found, _, _ = facade.run_of(ENGINEER, ran(START + timedelta(minutes=5)).id)
    assert place not in found.kept


def test_an_engineer_overrides_within_safety_only_and_the_place_is_held():
    facade.run(START)
    place = next(iter(facade.network().intersections))
    plan = on_street()[place]
    unsafe = replace(plan, stages=(replace(plan.stages[0], green=1), *plan.stages[1:]))
    with pytest.raises(PlanNotSafe):
        facade.override(ENGINEER, unsafe, "try", START)
    longer = replace(plan, cycle=plan.cycle + 6, stages=(
        StageTime(plan.stages[0].stage, plan.stages[0].green + 6), *plan.stages[1:]))
    with pytest.raises(ReasonNeeded):
        facade.override(ENGINEER, longer, "  ", START)
    facade.override(ENGINEER, longer, "the market day", START)
    assert on_street()[place] == longer
    found, _, _ = facade.run_of(ENGINEER, ran().id)
    assert place in found.kept


def limits(**changed):
    facts = {
        "on": True, "max_cycle_change": 30, "max_green_change": 20, "max_effect": 0.5, "begin": time(6),
        "end": time(23), "areas": tuple(sorted({one.area for one in facade.network().intersections.values()})),
    }
    return RollOutLimits(**(facts | changed))


def test_a_machine_rolls_out_only_inside_the_limits_that_a_person_set():
    facade.set_roll_out(ENGINEER, limits(), START)
    before = on_street_after_fixed()
    line = ran()
    published = facade.publications(ENGINEER)[0]
    assert published.how is How.AUTOMATIC
    assert published.by == "traffic_signals (engineer-1)"
    assert published.changed <= line.changed
    for place, plan in on_street().items():
        assert abs(plan.cycle - before[place].cycle) <= 30


def on_street_after_fixed():
    facade.run(START - timedelta(minutes=5))
    return on_street()


@pytest.mark.parametrize("shut", [{"on": False}, {"areas": ()}, {"begin": time(1), "end": time(2)},
                                  {"max_effect": 0.0}, {"max_cycle_change": 0, "max_green_change": 0}])
def test_outside_of_them_nothing_is_rolled_out(shut):
    facade.set_roll_out(ENGINEER, limits(**shut), START)
    ran()
    assert How.AUTOMATIC not in {one.how for one in facade.publications(ENGINEER)}


@pytest.mark.parametrize("wide", [{"max_cycle_change": 31}, {"max_green_change": 21}, {"max_effect": 0.6},
                                  {"max_effect": float("nan")}])
def test_nobody_sets_wider_limits_than_the_city_allows(wide):
    with pytest.raises(OutOfBounds):
        facade.set_roll_out(ENGINEER, limits(**wide), START)
    with pytest.raises(PlaceUnknown):
        facade.set_roll_out(ENGINEER, limits(areas=("nowhere",)), START)


def test_where_data_fail_the_fixed_plan_runs_and_the_approved_one_comes_back():
    facade.run(START - timedelta(minutes=5))
    fixed = on_street()
    facade.approve(ENGINEER, ran().id, START)
    approved = on_street()
    assert approved != fixed
    later = START + timedelta(minutes=20)
    assert facade.run(later) is None
    assert facade.publications(ENGINEER)[0].how is How.FALLBACK
    assert on_street() == {place: fixed[place] for place in fixed}
    for step in range(4):
        ran(later + timedelta(minutes=5 + 5 * step), count=5)
    assert on_street() == approved
    assert facade.publications(ENGINEER)[0].fallen_back == ()


def test_an_intersection_of_which_most_detectors_are_silent_falls_back_alone():
    facade.approve(ENGINEER, ran().id, START)
    network = facade.network()
    detector = next(iter(network.detectors.values()))
    place = network.links[detector.link].end
    lost = {name for name, one in network.detectors.items() if network.links[one.link].end == place}
    for step in range(1, 4):
        ran(START + timedelta(minutes=5 * step), count=5, lost=lost)
    assert facade.publications(ENGINEER)[0].fallen_back == (place,)


@pytest.mark.parametrize("wrong", [
    {"vehicles": (1.0,)}, {"seconds": 0.0}, {"seconds": float("nan")}, {"detectors": ()},
    {"begin": START - timedelta(days=2)}, {"begin": START.replace(tzinfo=None)},
])
def test_counts_that_make_no_sense_are_refused_with_what_is_wrong(wrong):
    batch = replace(minutes(START, count=1)[0], **wrong)
    with pytest.raises(CountsWrong):
        facade.report(MACHINE, [batch], START)


def test_absurd_counts_of_single_detectors_neither_stop_a_run_nor_make_an_unsafe_plan():
    batches = minutes(START)
    names = batches[0].detectors
    absurd = [
        replace(one, vehicles=(1e9, float("inf"), float("nan"), -5.0, *one.vehicles[4:]),
                occupancy=(5.0, -3.0, float("nan"), 1.0, *one.occupancy[4:])) for one in batches
    ]
    twice = [replace(one, detectors=(names[0], *one.detectors[1:-1], names[0])) for one in absurd]
    wild = [replace(one, begin=one.begin + timedelta(minutes=50)) for one in batches[:1]]
    facade.report(MACHINE, [*absurd, *twice, *wild], START)
    line = facade.run(START)
    assert line is not None
    facade.approve(ENGINEER, line.id, START)
    network, safe = facade.network(), profile.profile().limits
    assert all(safety.breaches(network.intersections[place], plan, safe) == [] for place, plan in on_street().items())


def test_controllers_take_up_one_whole_publication():
    facade.run(START)
    area = next(iter(facade.network().intersections.values())).area
    found = facade.plans_for_controllers(MACHINE, area)
    assert set(found.plans) == {one.id for one in facade.network().intersections.values() if one.area == area}
    facade.acknowledge(MACHINE, found.publication, area, len(found.plans), START)
    facade.acknowledge(MACHINE, found.publication, area, len(found.plans), START)
    assert facade.overview(ENGINEER).taken_up == len(found.plans)
    with pytest.raises(PlaceUnknown):
        facade.plans_for_controllers(MACHINE, "nowhere")


def test_the_doors_ask_for_permission():
    for door in (facade.overview, facade.runs_of, facade.publications, facade.roll_out, facade.detectors):
        with pytest.raises(SignInNeeded):
            door(VISITOR)
    with pytest.raises(NotPermitted):
        facade.approve(MACHINE, PlanSetId(new_id()), START)


def test_what_is_old_is_erased_but_never_what_is_on_the_street():
    ran()
    assert facade.erase(START + timedelta(days=500))[0] > 0
    assert on_street()
    assert facade.runs_of(ENGINEER) == []


KILLED = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from madang.streets.traffic_signals.store import street
from madang.streets.traffic_signals.contracts import Permission
from madang.streets.traffic_signals import facade
from madang.kernel import clock
from madang.kernel.actors import Actor
street.flip = lambda publication: os.kill(os.getpid(), signal.SIGKILL)
engineer = Actor.system("engineer-1", set(Permission))
facade.approve(engineer, facade.runs_of(engineer)[0].id, clock.now())
"""


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_between_computing_and_publishing_leaves_the_old_plans_whole():
    from django.db import connection

    line = ran()
    street, count = StreetRow.objects.get().publication_id, PublicationRow.objects.count()
    died = subprocess.run(
        [sys.executable, "-c", KILLED, connection.settings_dict["NAME"]], env=os.environ, timeout=60, check=False,
        capture_output=True, text=True,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert StreetRow.objects.get().publication_id == street
    assert PublicationRow.objects.count() == count
    facade.approve(ENGINEER, line.id, START)
    assert StreetRow.objects.get().publication_id != street
