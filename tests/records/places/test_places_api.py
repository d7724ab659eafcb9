"""Places over HTTP: open to anybody, in the language asked for, and clear about a wrong question."""

import pytest
from django.test import Client

PLACES = "/api/v1/places"


@pytest.fixture
def anybody(db) -> Client:
    return Client(headers={"Accept-Language": "en"})


def test_the_nearest_centres_with_metres_and_minutes(anybody):
    answer = anybody.get(PLACES, {"kind": "community_center", "near": "37.5665,126.978", "limit": 3})
    assert answer.status_code == 200
    items = answer.json()["items"]
    assert len(items) == 3
    assert items[0]["metres"] <= items[1]["metres"] <= items[2]["metres"]
    assert items[0]["minutes"] > 0
    assert items[0]["name"].endswith("Community Center")
    assert items[0]["hours"]["opens"].startswith("09:00")


def test_the_places_of_a_district_and_the_districts(anybody):
    [office] = anybody.get(PLACES, {"kind": "district_office", "district": "종로구"}).json()["items"]
    assert office["district"] == "11110"
    assert office["metres"] is None
    assert len(anybody.get("/api/v1/districts").json()["items"]) == 25


@pytest.mark.parametrize(("asked", "status"), [
    ({"kind": "palace"}, 422), ({}, 422), ({"kind": "kiosk", "near": "north"}, 422),
    ({"kind": "kiosk", "near": "nan,1"}, 422),
    ({"kind": "kiosk", "near": "91,0"}, 422), ({"kind": "kiosk", "limit": "1000000"}, 422),
    ({"kind": "kiosk", "district": "Gotham'--"}, 404), ({"kind": "kiosk", "district": "\x00"}, 400),
])
def test_a_wrong_question_is_a_problem(anybody, asked, status):
    answer = anybody.get(PLACES, asked)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
