from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client

from madang.commons.events.models import OutboxRow
from madang.commons.gateway import callers, facade
from madang.kernel import clock
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.ids import AccountId

PEOPLE = {"one": UUID(int=1), "two": UUID(int=2)}


@pytest.fixture(autouse=True)
def a_small_city(settings, monkeypatch) -> None:
    settings.ROOT_URLCONF = "tests.commons.gateway_city"
    people = {token: Actor(ActorKind.RESIDENT, "resident", account=AccountId(id_)) for token, id_ in PEOPLE.items()}
    monkeypatch.setattr(callers, "identity", SimpleNamespace(
        actor_of_token=people.get, actor_of=lambda request: people[request.COOKIES[settings.SESSION_COOKIE_NAME]],
    ))


@pytest.fixture
def anybody() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def resident() -> Iterator[Client]:
    return Client(raise_request_exception=False, headers={"Authorization": "Bearer one"})


def plant(client: Client, key: str | None = None, kind: str = "pine", height: int = 3):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/api/v1/trees", {"kind": kind, "height": height}, "application/json", headers=headers)


def test_an_error_is_a_problem_in_the_asked_language(anybody):
    answer = anybody.get("/api/v1/trees/oak", headers={"Accept-Language": "en"})
    problem = answer.json()
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert problem["code"] == "trees.unknown"
    assert problem["title"] == "There is nothing here"
    assert problem["facts"] == {"tree": "oak"}
    assert UUID(problem["instance"].removeprefix("urn:uuid:"))
    assert answer["Content-Language"] == "en"


@pytest.mark.parametrize(("tree", "status", "code"), [
    ("in-the-way", 409, "city.conflict"), ("behind", 401, "city.sign_in_needed"),
    ("asleep", 503, "city.unavailable"), ("shy", 403, "city.assurance_too_low"), ("broken", 500, "city.unexpected"),
])
def test_each_kind_of_error_has_its_status(anybody, tree, status, code):
    answer = anybody.get(f"/api/v1/trees/{tree}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert b"secret" not in answer.content
    assert "Traceback" not in answer.content.decode()


@pytest.mark.django_db
def test_mistakes_are_listed_by_field(resident):
    resident.cookies["madang_language"] = "en"
    answer = plant(resident, height=1000)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "height", "code": "too_high", "message": "You may not do this."}]


def test_fields_of_the_wrong_type_are_named(resident):
    answer = resident.post("/api/v1/trees", {"height": "high"}, "application/json", headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert {(e["field"], e["message"]) for e in answer.json()["errors"]} == {
        ("body.kind", "This field is missing."), ("body.height", "This must be a whole number."),
    }


@pytest.mark.parametrize(("body", "media_type", "status"), [
    (b'{"a": ', "application/json", 400),
    (b'{"a": "\xff"}', "application/json", 400),
    ('{"a": "마당"}'.encode("utf-16"), "application/json", 400),
    ('{"a": "마당"}', "application/json; charset=euc-kr", 400),
    (b'{"a": NaN}', "application/json", 400),
    (b'{"a": "\\u0000"}', "application/json", 400),
    (b'{"a": "\\ud800"}', "application/json", 400),
    (b'{"a":' * 40 + b"1" + b"}" * 40, "application/json", 400),
    (b"[" * 100_000, "application/json", 400),
    (b'{"a": ' + b"9" * 5000 + b"}", "application/json", 400),
    (b'{"a": "' + b"x" * 2_000_000 + b'"}', "application/json", 413),
    (b"a=1", "application/x-www-form-urlencoded", 415),
    (b"<a/>", "text/xml", 415),
    (b"[1]", "application/json", 422),
])
def test_bodies_that_no_facade_should_see(anybody, body, media_type, status):
    answer = anybody.post("/api/v1/echo", body, media_type)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def test_a_body_that_is_fine_comes_back(anybody):
    assert anybody.post("/api/v1/echo", {"a": ["마당", 1]}, "application/json").json() == {"a": ["마당", 1]}


def test_what_django_refuses_is_a_problem_too(anybody):
    for answer, status in (
        (anybody.get("/api/v1/nothing"), 404), (anybody.put("/api/v1/trees"), 405),
        (anybody.get("/api/v1/trees?after=%00"), 400), (anybody.get("/api/v1/trees/%00"), 400),
        (anybody.get("/api/v1/numbers/7"), 422),
    ):
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert set(anybody.put("/api/v1/trees")["Allow"].split(", ")) == {"GET", "POST"}


def test_a_forged_token_is_refused_and_says_so(anybody):
    answer = anybody.post("/api/v1/trees", {"kind": "a", "height": 1}, "application/json",
                          headers={"Authorization": "Bearer forged"})
    assert (answer.status_code, answer.json()["code"]) == (401, "gateway.token_not_known")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert plant(anybody).json()["code"] == "city.sign_in_needed"


def test_a_browsers_session_needs_the_pages_token(settings):
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.cookies[settings.SESSION_COOKIE_NAME] = "one"
    answer = plant(browser)
    assert (answer.status_code, answer.json()["code"]) == (403, "gateway.cross_site")


def test_pages_of_a_list_hold_every_item_once(anybody):
    seen, after = [], ""
    while after is not None:
        page = anybody.get(f"/api/v1/trees?limit=3{after and '&after='}{after}").json()
        seen += [item["kind"] for item in page["items"]]
        after = page["next"]
    assert seen == [f"tree {n}" for n in range(6, -1, -1)]


@pytest.mark.parametrize("query", ["after=x", "after=MTIz", "after=%F0%9F", "limit=0", "limit=1000", "limit=x"])
def test_a_cursor_or_limit_that_is_none_is_said(anybody, query):
    answer = anybody.get(f"/api/v1/trees?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.django_db
def test_the_same_key_gives_the_same_answer_once(resident):
    first, second = plant(resident, "k-1"), plant(resident, "k-1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert (first.get("Idempotency-Replayed"), second["Idempotency-Replayed"]) == (None, "true")
    assert OutboxRow.objects.count() == 1


@pytest.mark.django_db
def test_another_body_or_another_person_is_another_request(resident):
    plant(resident, "k-1")
    assert plant(resident, "k-1", kind="oak").json()["code"] == "gateway.key_reused"
    other = Client(headers={"Authorization": "Bearer two"})
    assert plant(other, "k-1", kind="oak").status_code == 201
    assert OutboxRow.objects.count() == 2


@pytest.mark.django_db
def test_a_refusal_leaves_nothing_and_frees_the_key(resident):
    assert plant(resident, "k-1", height=1000).status_code == 422
    assert OutboxRow.objects.count() == 0
    assert plant(resident, "k-1").status_code == 201


@pytest.mark.django_db
def test_a_key_is_kept_a_day(resident):
    plant(resident, "k-1")
    assert facade.forget_old(clock.now()) == 0
    assert facade.forget_old(clock.now() + timedelta(hours=25)) == 1


@pytest.mark.parametrize("key", ["", "a b", "마당", "x" * 201])
def test_a_key_that_is_none_is_said(resident, key):
    answer = resident.post("/api/v1/trees", {"kind": "a", "height": 1}, "application/json",
                           headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "gateway.key_malformed")


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_with_one_key_plant_one_tree():
    key, together = str(uuid4()), Barrier(20)

    def ask(_: int) -> tuple[int, bytes]:
        client = Client(raise_request_exception=False, headers={"Authorization": "Bearer one"})
        together.wait()
        answer = plant(client, key)
        connection.close()
        return answer.status_code, answer.content

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(ask, range(20)))
    assert len(answers) == 1
    assert answers.pop()[0] == 201
    assert OutboxRow.objects.count() == 1


def test_the_document_names_problems_and_keys(anybody):
    document = anybody.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    post = document["paths"]["/api/v1/trees"]["post"]
    assert [p["name"] for p in post["parameters"]] == ["Idempotency-Key"]
    assert {"401", "409", "413", "415", "422"} <= set(post["responses"])
    assert post["security"] == [{"ApiKey": []}, {"Token": []}, {"Session": []}]


def test_the_page_for_developers_lists_every_operation_without_javascript(anybody):
    page = anybody.get("/api/docs").content.decode()
    assert "<code>/api/v1/trees/{tree}</code>" in page
    assert "<script>" not in page
    assert "style=" not in page
