"""The catalogue answers anybody over HTTP, in the language that they ask in."""

import pytest
from django.test import Client

from madang.records.catalogue import facade

EXTRACT = "resident-register-extract"


@pytest.fixture
def anybody():
    return Client(raise_request_exception=False)


def get(client, path, language="en"):
    return client.get(f"/api/v1{path}", headers={"Accept-Language": language})


def test_services_come_in_pages_the_most_used_first(anybody, db):
    first = get(anybody, "/services?limit=2").json()
    second = get(anybody, f"/services?limit=2&after={first['next']}").json()
    listed = [service["id"] for service in [*first["items"], *second["items"]]]
    assert listed == [service.id for service in facade.services()[:4]]
    last = get(anybody, f"/services?limit=2&after={facade.services()[-2].id}").json()
    assert (len(last["items"]), last["next"]) == (1, None)


def test_a_category_holds_its_own(anybody, db):
    listed = get(anybody, "/services?category=administration").json()["items"]
    assert listed[0]["id"] == EXTRACT
    assert {service["category"] for service in listed} == {"administration"}
    assert get(anybody, "/services?category=nonsense").status_code == 422


@pytest.mark.parametrize("after", ["AAAA", "no-such-service", "%01", "é"])
def test_a_cursor_that_was_never_given_is_refused(anybody, db, after):
    assert get(anybody, f"/services?after={after}").status_code in {404, 422}


@pytest.mark.parametrize(
    ("language", "name"),
    [("ko", "주민등록표 초본 교부"), ("vi", "Bản trích lục đăng ký cư trú"), ("zh-CN", "居民登记表抄本")],
)
def test_a_service_is_told_in_the_asked_language(anybody, db, language, name):
    answer = get(anybody, f"/services/{EXTRACT}", language)
    service = answer.json()
    assert (answer.status_code, service["name"]) == (200, name)
    assert service["translated_by_machine"] is (language != "ko")
    assert service["steps"][0]["fields"][0]["filled_from"] == "residents"
    assert (service["fee"], service["assurance"]) == (0, "low")
    assert service["law"][0]["article"] == "29"


def test_the_query_says_the_language_too(anybody, db):
    assert anybody.get(f"/api/v1/services/{EXTRACT}?lang=ru").json()["name"] == "Выписка из реестра жителей"


def test_a_search_forgives(anybody, db):
    found = get(anybody, "/services/search?q=residnt+regster").json()
    assert (found[0]["service"]["id"], found[0]["matched"]) == (EXTRACT, "resident register")
    assert get(anybody, "/services/search?q=" + "x" * 201).status_code == 422
    assert get(anybody, "/services/search?q=pizza").json() == []


def test_categories_have_names(anybody, db):
    named = {category["id"]: category for category in get(anybody, "/services/categories", "ja").json()}
    assert (named["administration"]["name"], named["administration"]["services"]) == ("行政", 45)


@pytest.mark.parametrize("service", ["nope", "..%2f..", "%00", "a" * 3000])
def test_an_unknown_service_is_a_problem_with_a_code(anybody, db, service):
    answer = get(anybody, f"/services/{service}")
    assert answer.status_code in {404, 400}
    assert answer["Content-Type"] == "application/problem+json"
