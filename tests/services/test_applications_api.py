"""Applications over HTTP: what a partner's programme sends and gets."""

import json
from concurrent.futures import ThreadPoolExecutor

import a_city
import pytest
from django.db import connection, connections

from madang.kernel.assurance import Assurance
from madang.services.applications.models import CaseRow

WHOLE = {"service": "resident-register-extract", "answers": {"purpose": "work"}, "language": "en", "submit": True}


@pytest.fixture
def garam(residents, at_the_door):
    return at_the_door(a_city.resident(residents["in_order"]))


def post(client, path, body=None, key=""):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"/api/v1{path}", body or {}, "application/json", headers=headers)


def test_a_whole_request_in_one_post(garam):
    answer = post(garam, "/cases", WHOLE)
    assert answer.status_code == 201
    case = answer.json()
    assert (case["standing"], case["language"]) == ("in_review", "en")
    assert case["answers"]["full_name"] == {
        "value": "김가람(합성)", "by": "register", "source": "residents", "corrects": "", "awaits_register": False,
    }
    assert case["history"][0]["text"] == "We have received your request."
    assert garam.get(f"/api/v1/cases/{case['number']}").json() == case


def test_a_draft_is_begun_kept_and_sent(garam):
    draft = post(garam, "/cases", {"service": "resident-register-extract"}).json()
    assert draft["standing"] == "draft"
    path = f"/api/v1/cases/{draft['number']}/answers"
    kept = garam.patch(path, json.dumps({"answers": {"purpose": "casino"}}), "application/json").json()
    assert kept["mistakes"] == [
        {"field": "purpose", "code": "choice", "message": "Please choose one of the answers shown."}
    ]
    wrong = post(garam, f"/cases/{draft['number']}/submit")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "applications.answers_wrong")
    assert [error["field"] for error in wrong.json()["errors"]] == ["purpose"]
    garam.patch(path, json.dumps({"answers": {"purpose": "work"}}), "application/json")
    assert post(garam, f"/cases/{draft['number']}/submit").json()["standing"] == "in_review"
    assert post(garam, f"/cases/{draft['number']}/withdraw").json()["standing"] == "withdrawn"


def test_the_same_key_is_the_same_request(garam):
    first, again = post(garam, "/cases", WHOLE, "k-1"), post(garam, "/cases", WHOLE, "k-1")
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert CaseRow.objects.count() == 1
    other = post(garam, "/cases", WHOLE | {"answers": {"purpose": "school"}}, "k-1")
    assert other.status_code in {409, 422}
    assert post(garam, "/cases", WHOLE, "k-2").json()["number"] != first.json()["number"]


def test_the_same_key_at_once_is_one_request(lasting_residents, at_the_door):
    garam = at_the_door(a_city.resident(lasting_residents["in_order"]))

    def send(_one):
        try:
            return post(garam, "/cases", WHOLE, "k-1")
        finally:
            connections.close_all()

    connection.close()
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(send, range(3)))
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["number"] for answer in answers}) == 1


@pytest.mark.parametrize(("body", "status"), [
    ({}, 422), ({"service": 7}, 422), ({"service": "free-money"}, 404), (WHOLE | {"answers": []}, 422),
    (WHOLE | {"answers": {"purpose": 7}}, 422), (WHOLE | {"language": "xx"}, 422),
    (WHOLE | {"answers": {"purpose": "work", "recipient": "a\0b"}}, 422),
    (WHOLE | {"answers": {"purpose": "work", "recipient": "\ud800"}}, 422),
    (WHOLE | {"answers": {"purpose": "work", "full_name": "Somebody Else"}}, 422),
    (WHOLE | {"answers": {"purpose": "work", "no_such": "x"}}, 422),
    (WHOLE | {"answers": {"purpose": "work", "recipient": "x" * 11_000}}, 422),
    (WHOLE | {"answers": {f"q{n}": "x" for n in range(300)}}, 422),
])
def test_what_is_wrong_is_a_problem_and_nothing_is_kept(garam, body, status):
    answer = post(garam, "/cases", json.dumps(body))
    assert answer.status_code in {status, 400}, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert "Traceback" not in answer.content.decode()
    assert CaseRow.objects.count() == 0


def test_ten_megabytes_are_refused(garam):
    answer = post(garam, "/cases", json.dumps(WHOLE | {"answers": {"recipient": "x" * 10_000_000}}))
    assert answer.status_code in {400, 413, 422}
    assert CaseRow.objects.count() == 0


def test_who_is_not_known_surely_enough_is_told(residents, at_the_door):
    weak = at_the_door(a_city.resident(residents["in_order"], Assurance.LOW))
    tax = {"service": "local-tax-certificate", "answers": {"purpose": "loan"}, "submit": True}
    answer = post(weak, "/cases", tax)
    assert (answer.status_code, answer.json()["code"]) == (403, "city.assurance_too_low")


def test_somebody_elses_case_is_not_there(residents, at_the_door, client):
    garam = at_the_door(a_city.resident(residents["in_order"]))
    number = post(garam, "/cases", WHOLE).json()["number"]
    other = at_the_door(a_city.resident(residents["arrears"]))
    for answer in (other.get(f"/api/v1/cases/{number}"), post(other, f"/cases/{number}/withdraw")):
        assert (answer.status_code, answer.json()["code"]) == (404, "applications.case_unknown")
    assert client.get("/api/v1/cases").status_code == 401
    assert client.get(f"/api/v1/cases/{number}").status_code == 401


def test_a_mistyped_number_is_noticed(garam):
    answer = garam.get("/api/v1/cases/2026-AAAA-AAAB")
    assert (answer.status_code, answer.json()["code"]) == (404, "applications.number_mistyped")


def test_my_cases_come_in_pages(garam):
    for _ in range(5):
        post(garam, "/cases", WHOLE)
    first = garam.get("/api/v1/cases?limit=2").json()
    rest = garam.get(f"/api/v1/cases?limit=9&after={first['next']}").json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 3, None)
    assert len({case["number"] for case in [*first["items"], *rest["items"]]}) == 5
