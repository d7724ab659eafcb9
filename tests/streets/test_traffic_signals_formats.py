"""Every export keeps to its JSON Schema in docs/formats, whatever the network, the plan and the moment."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.streets.traffic_signals import facade
from madang.streets.traffic_signals.contracts import Permission
from madang.streets.traffic_signals.rules import formats
from madang.streets.traffic_signals.rules.networks import sumo
from madang.streets.traffic_signals.rules.networks.generated import city
from madang.streets.traffic_signals.rules.operation.fixed import fixed_plans
from madang.streets.traffic_signals.rules.safety import Junction
from tests.streets.signals import LIMITS, crossroads, plan
from tests.streets.traffic_signals.rules.networks import nets

SCHEMAS = {
    file.name.split(".")[0].removeprefix("signals-"): jsonschema_rs.Draft202012Validator(json.loads(file.read_text()))
    for file in (Path(__file__).parents[2] / "docs/formats").glob("signals-*.schema.json")
}
ENGINEER = Actor.system("engineer-1", set(Permission))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis wants bounds without
NETWORKS = [city(40, 130, seed=3), sumo.read(nets.crossroads(), "crossroads")]


def exports(at, one, now):
    yield "ntcip", formats.ntcip(at, one)
    yield "map", formats.map_data(at)
    yield "spat", formats.spat(Junction(at, LIMITS), one, now)


@pytest.mark.parametrize("network", NETWORKS, ids=["generated", "from SUMO"])
def test_every_intersection_of_a_network_is_exported_by_the_schemas(network):
    plans = fixed_plans(network, LIMITS)
    assert plans
    for place, one in plans.items():
        for form, found in exports(network.intersections[place], one, clock.now()):
            SCHEMAS[form].validate(json.loads(json.dumps(found)))


@settings(max_examples=150, deadline=None)
@given(st.integers(7, 80), st.integers(7, 80), st.integers(0, 400), MOMENTS)
def test_every_plan_at_every_moment_too(first, second, offset, now):
    one = plan(first, second, offset=offset % (first + second + 8))
    for form, found in exports(crossroads(), one, now):
        SCHEMAS[form].validate(json.loads(json.dumps(found)))


@pytest.mark.django_db
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("form", sorted(SCHEMAS))
def test_the_door_gives_what_the_schemas_say(form):
    facade.run(clock.now())
    found = facade.plans_in(ENGINEER, "", form, clock.now())
    assert len(found) == len(facade.network().intersections)
    for each in found:
        SCHEMAS[form].validate(json.loads(json.dumps(each)))


@pytest.mark.parametrize(("form", "change"), [
    ("ntcip", {"splitTable": []}), ("ntcip", {"rings": 1}), ("spat", {"moy": 600_000}), ("spat", {"timeStamp": -1}),
    ("map", {"refPoint": {"lat": 1}}),
])
def test_the_schemas_refuse_what_is_wrong(form, change):
    found = dict(exports(crossroads(), plan(30, 40), clock.now()))[form] | change
    assert not SCHEMAS[form].is_valid(json.loads(json.dumps(found)))


def test_the_minute_of_the_year_is_counted_in_utc():
    new_year_in_seoul = datetime(2025, 12, 31, 15, 0, tzinfo=UTC)
    found = formats.spat(Junction(crossroads(), LIMITS), plan(30, 40), clock.in_seoul(new_year_in_seoul))
    assert found["moy"] == (timedelta(days=364) + timedelta(hours=15)) // timedelta(minutes=1)
