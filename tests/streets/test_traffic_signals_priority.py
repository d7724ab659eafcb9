"""Buses, trams and emergency vehicles that ask to go first: asked at the door, decided by rules, kept with reasons."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.entrypoints.settings import HOUSE
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.clock import SEOUL
from madang.kernel.errors import NotPermitted
from madang.kernel.ids import new_id
from madang.streets.traffic_signals import facade
from madang.streets.traffic_signals.contracts import MovementId, Permission
from madang.streets.traffic_signals.contracts.operation import PlaceUnknown, ProfileWrong, Scope
from madang.streets.traffic_signals.contracts.priority import Approach, ApproachWrong, MovementUnknown, Vehicle
from madang.streets.traffic_signals.models import PriorityRow
from madang.streets.traffic_signals.rules import profile as profiles
from madang.streets.traffic_signals.rules.operation import priority as rules
from madang.streets.traffic_signals.rules.safety import transition_breaches
from tests.streets.signals import LIMITS, crossroads, plan
from tests.streets.test_traffic_signals_pages import door  # noqa: F401 -- a fixture

TEXT = (HOUSE / "profiles" / "seoul" / "signals.yaml").read_text(encoding="utf-8")
PRIORITY = profiles.read(TEXT).priority
NOON = datetime(2026, 11, 2, 12, tzinfo=SEOUL)
HERE, RUNNING = crossroads(), plan(36, 36, offset=7)
NORTH = MovementId("X/n")
BUSES = Actor.system("bus operator", {Permission.ASK_PRIORITY})
FIRE = Actor.system("fire service", {Permission.ASK_EMERGENCY})
ENGINEER = Actor.system("engineer-1", set(Permission))
CONTROLLERS = Actor.system("controllers", {Permission.REPORT})


def approach(arrives, vehicle=Vehicle.BUS, late=90.0, **changed):
    facts = {"intersection": HERE.id, "movement": NORTH} | changed
    return Approach(new_id(), vehicle, arrives=arrives, late=late, **facts)


def told(arrives, now=NOON, place=None, **how):
    return rules.answered(place or rules.Place(HERE, RUNNING), approach(arrives, **how), PRIORITY, LIMITS, now)


def in_cycle(second, cycles=3):
    return rules.begin_of_cycle(RUNNING, NOON + timedelta(seconds=80 * cycles)) + timedelta(seconds=second)


def test_a_late_bus_just_behind_its_green_is_let_through_and_told_why():
    answer = told(in_cycle(40))
    assert answer.is_given
    assert answer.begins == in_cycle(0)
    assert answer.ends == in_cycle(0) + timedelta(seconds=sum(each.cycle for each in answer.cycles))
    assert answer.reasons[0].startswith("Stage A has green for ")
    assert answer.reasons[-1] == f"After {len(answer.cycles)} changed cycles the plan goes on in step."


@pytest.mark.parametrize(("how", "why"), [
    ({"late": 10.0}, "It is 10 s behind its timetable; priority is given from 60 s on."),
    ({"arrives": in_cycle(5)}, rules.GREEN_ANYWAY),
    ({"arrives": NOON + timedelta(seconds=3)}, rules.TOO_SOON),
    ({"place": rules.Place(HERE, RUNNING, held=True)}, rules.HELD),
    ({"place": rules.Place(HERE, RUNNING, busy=[(in_cycle(0), in_cycle(90))])}, rules.TAKEN),
    ({"arrives": in_cycle(60)}, rules.NOTHING_SAFE),
])
def test_who_gets_nothing_is_told_why(how, why):
    answer = told(**{"arrives": in_cycle(40)} | how)
    assert not answer.is_given
    assert answer.reasons == (why,)


def test_an_engineer_who_holds_a_place_does_not_stop_the_fire_brigade():
    held = rules.Place(HERE, RUNNING, held=True)
    assert told(in_cycle(40), place=held, vehicle=Vehicle.EMERGENCY, late=0.0).is_given


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(list(Vehicle)), st.sampled_from([each.id for each in HERE.movements]), st.floats(0, 600),
       st.floats(-100, 900), st.builds(plan, st.integers(28, 80), st.integers(28, 80), offset=st.integers(0, 40)))
def test_whatever_is_asked_the_answer_is_safe_in_step_and_never_in_the_past(vehicle, movement, ahead, late, running):
    asked = approach(NOON + timedelta(seconds=ahead), vehicle, late, movement=movement)
    answer = rules.answered(rules.Place(HERE, running), asked, PRIORITY, LIMITS, NOON)
    assert answer.reasons
    assert not transition_breaches(HERE, [running, *answer.cycles, running], LIMITS) or not answer.is_given
    if answer.is_given:
        assert answer.begins >= NOON + rules.TAKEN_UP
        assert rules.begin_of_cycle(running, answer.begins) == answer.begins
        assert rules.begin_of_cycle(running, answer.ends) == answer.ends


def test_the_profile_says_who_may_go_first_and_a_wrong_line_is_named():
    assert PRIORITY.allowances[Vehicle.BUS].late == 60
    wrong = TEXT.replace("bus: {late: 60, seconds: 10", "bus: {late: 60, seconds: -10")
    with pytest.raises(ProfileWrong, match=r"signals\.yaml:\d+: priority\.bus\.seconds"):
        profiles.read(wrong)
    with pytest.raises(ProfileWrong, match="lacks tram"):
        profiles.read(re.sub(r"  tram: .*\n", "", TEXT))


pytest_room = [pytest.mark.django_db, pytest.mark.usefixtures("small")]


class TestAtTheDoor:
    pytestmark = pytest_room

    def given(self, now, vehicle=Vehicle.BUS, actor=BUSES):
        """The first movement and second at which somebody is given something in the made-up district."""
        facade.run(now)
        for at in facade.network().intersections.values():
            for movement in at.movements:
                for ahead in range(200, 320, 12):
                    asked = approach(now + timedelta(seconds=ahead), vehicle, intersection=at.id, movement=movement.id)
                    record = facade.ask_priority(actor, asked, now)
                    if record.answer.is_given:
                        return record
        raise AssertionError(vehicle)

    def test_what_is_given_reaches_the_controllers_of_its_area_until_it_is_over_and_stays_in_the_record(self):
        now = clock.now()
        record = self.given(now)
        answer = record.answer
        area = facade.network().intersections[answer.approach.intersection].area
        [one] = facade.priority_for_controllers(CONTROLLERS, area, now)
        assert one == replace(record, answer=one.answer)
        assert list(one.answer.cycles) == list(answer.cycles)
        assert facade.priority_for_controllers(CONTROLLERS, "none", now) == []
        assert facade.priority_for_controllers(CONTROLLERS, area, answer.ends) == []
        assert record.id in {each.id for each in facade.priorities(ENGINEER, answer.approach.intersection)}

    def test_asked_again_with_its_number_it_is_answered_as_before(self):
        now = clock.now()
        record = self.given(now)
        again = facade.ask_priority(BUSES, record.answer.approach, now + timedelta(seconds=9))
        assert (again.id, list(again.answer.cycles)) == (record.id, list(record.answer.cycles))
        other = replace(record.answer.approach, id=new_id())
        assert facade.ask_priority(BUSES, other, now).answer.reasons == (rules.TAKEN,)

    def test_a_hold_stops_buses_and_a_bus_operator_cannot_be_a_fire_engine(self):
        now = clock.now()
        record = self.given(now)
        asked = replace(record.answer.approach, id=new_id(), arrives=record.answer.approach.arrives)
        PriorityRow.objects.all().delete()
        facade.hold(ENGINEER, Scope.INTERSECTION, asked.intersection, "road works", now)
        assert facade.ask_priority(BUSES, asked, now).answer.reasons == (rules.HELD,)
        for actor, vehicle in ((BUSES, Vehicle.EMERGENCY), (FIRE, Vehicle.TRAM), (CONTROLLERS, Vehicle.BUS)):
            with pytest.raises(NotPermitted):
                facade.ask_priority(actor, replace(asked, id=new_id(), vehicle=vehicle), now)

    def test_nonsense_is_refused(self):
        now = clock.now()
        at = next(iter(facade.network().intersections.values()))
        sound = approach(now + timedelta(seconds=60), intersection=at.id, movement=at.movements[0].id)
        for wrong, error in (
            ({"intersection": "nowhere"}, PlaceUnknown), ({"movement": "nobody"}, MovementUnknown),
            ({"arrives": now - timedelta(seconds=1)}, ApproachWrong),
            ({"arrives": now + timedelta(hours=1)}, ApproachWrong),
            ({"arrives": now.replace(tzinfo=None)}, ApproachWrong),
        ):
            with pytest.raises(error):
                facade.ask_priority(BUSES, replace(sound, **wrong), now)
        assert not PriorityRow.objects.exists()

    def test_what_was_asked_is_erased_after_its_time(self):
        now = clock.now()
        self.given(now)
        facade.erase(now + timedelta(days=29))
        assert PriorityRow.objects.exists()
        facade.erase(now + timedelta(days=31))
        assert not PriorityRow.objects.exists()

    def test_a_system_asks_over_the_api_and_engineers_see_who_was_given_what(self, door):  # noqa: F811 -- the fixture
        now = clock.now()
        record = self.given(now, actor=ENGINEER)
        sent = record.answer.approach
        PriorityRow.objects.all().delete()
        body = {"id": str(sent.id), "vehicle": "bus", "intersection": sent.intersection, "movement": sent.movement,
                "arrives": sent.arrives.isoformat(), "late": 90}
        path = "/api/v1/signals/priority-requests"
        answer = door.post(path, body, content_type="application/json")
        assert answer.status_code == 201
        assert answer.json()["given"]
        assert answer.json()["cycles"][0]["stages"]
        area = facade.network().intersections[sent.intersection].area
        [told] = door.get("/api/v1/signals/priority", {"area": area}).json()
        assert told["id"] == answer.json()["id"]
        for page in ("/streets/signals/priority/", f"/streets/signals/intersections/{sent.intersection}/"):
            text = door.get(page, headers={"Accept-Language": "ko"}).content.decode()
            assert "버스" in text
            assert "제 박자로 이어집니다" in text
        for wrong in ({"vehicle": "taxi"}, {"arrives": "soon"}, {"movement": ""}):
            assert door.post(path, body | wrong, content_type="application/json").status_code == 422
