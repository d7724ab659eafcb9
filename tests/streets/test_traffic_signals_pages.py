"""What engineers and controllers meet at the door: pages, forms, and the API."""

from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from django.conf import settings
from django.test import Client

from madang.commons.gateway import callers
from madang.kernel import clock
from madang.kernel.actors import Actor, ActorKind
from madang.streets.traffic_signals import facade
from madang.streets.traffic_signals.contracts import DetectorMinute, Permission
from madang.streets.traffic_signals.contracts.operation import How

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small")]

NOW = clock.now()
ENGINEER = Actor(ActorKind.OFFICER, "engineer 7", permissions=frozenset(Permission))


class Known(Client):
    """A client that shows who it is with every request."""

    def request(self, **request):
        self.cookies[settings.SESSION_COOKIE_NAME] = "engineer"
        return super().request(**request)


@pytest.fixture
def door(monkeypatch):
    known = SimpleNamespace(actor_of_token=lambda _: ENGINEER, actor_of=lambda _: ENGINEER)
    monkeypatch.setattr(callers, "identity", known)
    return Known(headers={"Authorization": "Bearer engineer", "Accept-Language": "en"}, raise_request_exception=False)


@pytest.fixture
def run():
    names = tuple(facade.network().detectors)
    chance = np.random.default_rng(1)
    facade.report(ENGINEER, [
        DetectorMinute("", NOW - timedelta(minutes=ago, seconds=10), 60.0, names,
                       tuple(chance.poisson(6, len(names)).astype(float)), (0.2,) * len(names))
        for ago in range(10, 0, -1)
    ], NOW)
    return facade.run(NOW)


def paths(run):
    network = facade.network()
    at = next(iter(network.intersections.values()))
    return [
        "/streets/signals/", f"/streets/signals/areas/{at.area}/", f"/streets/signals/intersections/{at.id}/",
        f"/streets/signals/corridors/{network.corridors[0].id}/", "/streets/signals/detectors/",
        f"/streets/signals/runs/{run.id}/", "/streets/signals/street/",
        f"/streets/signals/street/{facade.publications(ENGINEER)[0].id}/", "/streets/signals/roll-out/",
    ]


@pytest.mark.parametrize("language", ["en", "ko", "zh-hans", "ja", "vi", "th", "mn", "ru"])
def test_every_page_is_there_in_every_language(door, run, language):
    for path in paths(run):
        answer = door.get(path, headers={"Accept-Language": language})
        page = answer.content.decode()
        assert answer.status_code == 200, path
        assert "<script" not in page.lower()
        assert "style=" not in page
        assert language == "en" or 'lang="en"' not in page.partition("<main")[2].partition("</main>")[0], path


def test_each_drawing_has_its_table(door, run):
    for path in paths(run)[:4]:
        page = door.get(path).content.decode()
        assert "<svg" in page
        assert "<caption>" in page


def test_an_engineer_approves_on_the_page_and_steps_back(door, run):
    answer = door.post(f"/streets/signals/runs/{run.id}/", {"act": "approve"})
    assert answer.status_code == 302
    assert "approved by an engineer" in door.get("/streets/signals/street/").content.decode()
    late = door.post(f"/streets/signals/runs/{run.id}/", {"act": "approve"})
    assert late.status_code == 409
    assert "can no longer be decided" in late.content.decode()
    assert door.post("/streets/signals/street/").status_code == 302
    assert facade.publications(ENGINEER)[0].how is How.ROLLED_BACK


def test_a_plan_that_is_not_safe_is_refused_on_the_page_with_its_clause_and_what_was_typed_stays(door, run):
    at = next(iter(facade.network().intersections.values()))
    typed = {f"green-{stage.id}": "3" for stage in at.stages} | {"act": "plan", "reason": "test", "offset": "7"}
    answer = door.post(f"/streets/signals/intersections/{at.id}/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "is refused by" in page
    assert 'value="3"' in page
    assert 'value="7"' in page


def test_a_hold_needs_a_reason_and_can_be_lifted(door, run):
    at = next(iter(facade.network().intersections.values()))
    path = f"/streets/signals/intersections/{at.id}/"
    assert door.post(path, {"act": "hold", "reason": " "}).status_code == 422
    assert door.post(path, {"act": "hold", "reason": "roadworks"}).status_code == 302
    assert "roadworks" in door.get(path).content.decode()
    assert door.post(path, {"act": "lift"}).status_code == 302
    assert "roadworks" not in door.get(path).content.decode()


def test_limits_of_automatic_roll_out_are_set_by_a_named_person_within_bounds(door, run):
    form = {"on": "1", "max_cycle_change": "20", "max_green_change": "10", "max_effect": "30", "begin": "06:00",
            "end": "22:00", "areas": [next(iter(facade.network().intersections.values())).area]}
    assert door.post("/streets/signals/roll-out/", form).status_code == 302
    assert "engineer 7" in door.get("/streets/signals/roll-out/").content.decode()
    for wrong in ({"max_cycle_change": "90"}, {"max_effect": "x"}, {"begin": "25:00"}):
        answer = door.post("/streets/signals/roll-out/", form | wrong)
        assert answer.status_code == 422
        assert 'value="22:00"' in answer.content.decode()


def test_controllers_take_plans_up_over_the_api(door, run):
    area = next(iter(facade.network().intersections.values())).area
    first = door.get("/api/v1/signals/plans", {"area": area})
    assert first.status_code == 200
    found = first.json()
    assert first.headers["etag"] == f'W/"{found["publication"]}"'
    assert {one["intersection"] for one in found["plans"]} <= set(facade.network().intersections)
    again = door.get("/api/v1/signals/plans", {"area": area}, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    taken = door.post(
        f"/api/v1/signals/plans/{found['publication']}/taken-up", {"area": area, "intersections": len(found["plans"])},
        content_type="application/json",
    )
    assert taken.status_code == 204


def test_counts_come_in_over_the_api_and_nonsense_is_refused(door, run):
    batch = {"area": "", "begin": NOW.isoformat(), "seconds": 60, "detectors": ["d1"], "vehicles": [4],
             "occupancy": [0.1]}
    path = "/api/v1/signals/detector-minutes"
    assert door.post(path, {"batches": [batch]}, content_type="application/json").status_code == 202
    for wrong in ({"vehicles": []}, {"begin": "2001-01-01T00:00:00+09:00"}, {"seconds": -1}):
        assert door.post(path, {"batches": [batch | wrong]}, content_type="application/json").status_code == 422
