"""Officers give partner systems what they may; developers ask for it. With JavaScript off."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from madang.commons.gateway import facade
from madang.commons.gateway.contracts import Ask
from madang.commons.gateway.policy import rulebook
from madang.kernel import clock
from madang.kernel.clock import SEOUL
from tests.commons.gateway_policy import BOOK, OPERATOR
from tests.commons.identity import people
from tests.commons.test_gateway_developers import registered

pytestmark = pytest.mark.django_db(transaction=True)
NEEDS = {"asked_plan": "wide", "scopes": "trees.count", "why": "Counts of trees for the park office"}


@pytest.fixture
def browser(settings, tmp_path) -> Client:
    """A developer's."""
    settings.MADANG_INSTANCE = tmp_path
    rulebook.write(tmp_path / "gateway", BOOK)
    people.resident()
    client = Client()
    client.login(username="resident@seoul.example", password=people.PASSWORD)
    client.cookies["madang_language"] = "en"
    return client


@pytest.fixture
def officer(browser) -> Client:
    """One with the operator's role."""
    people.officer(email="operator@seoul.example", role="operator")
    client = Client()
    client.login(username="operator@seoul.example", password=people.PASSWORD)
    client.cookies["madang_language"] = "en"
    return client


def asked(browser: Client) -> str:
    """A system whose developer asks for more; its id."""
    where = registered(browser)
    assert browser.post(f"{where}/ask", NEEDS).status_code == 302
    return where.rpartition("/")[2]


def test_what_a_developer_asks_for_is_given_as_the_officer_leaves_it(browser, officer):
    id_ = asked(browser)
    assert "has not answered yet" in browser.get(f"/developers/{id_}").content.decode()
    listed, page = officer.get("/partners/").content.decode(), officer.get(f"/partners/{id_}").content.decode()
    assert listed.index("Wheelchair map") < listed.index("All systems")
    assert "Counts of trees for the park office" in page
    assert 'value="wide" checked' in page
    assert 'value="trees.count" checked' in page
    given = {"plan": "day-300", "scopes": "trees.count", "ends": "2099-03-01"}
    assert officer.post(f"/partners/{id_}/arrange", given).status_code == 302
    [partner] = facade.partners(OPERATOR)
    assert (partner.plan, partner.scopes) == ("day-300", ("trees.count",))
    assert partner.sunset == datetime(2099, 3, 1, tzinfo=SEOUL)
    assert facade.asks(OPERATOR) == []
    assert "has not answered yet" not in browser.get(f"/developers/{id_}").content.decode()


def test_a_no_gives_its_reason_and_changes_nothing(browser, officer):
    id_ = asked(browser)
    assert officer.post(f"/partners/{id_}/decline", {"why": "  "}).status_code == 422
    assert officer.post(f"/partners/{id_}/decline", {"why": "The open plan is enough"}).status_code == 302
    assert "The open plan is enough" in browser.get(f"/developers/{id_}").content.decode()
    assert facade.partners(OPERATOR)[0].plan == "small"
    assert officer.post(f"/partners/{id_}/decline", {"why": "again"}).status_code == 404
    browser.post(f"/developers/{id_}/ask", NEEDS)
    assert [one.why for one in facade.asks(OPERATOR)] == [NEEDS["why"]]


def test_a_key_ends_on_a_day_or_at_once(browser, officer):
    id_ = asked(browser)
    browser.post(f"/developers/{id_}/keys")
    [key] = facade.keys_of(OPERATOR, id_)
    where, ahead = f"/partners/{id_}/keys", clock.now().date() + timedelta(days=30)
    assert officer.post(where, {"key": key.id, "ends": "2020-01-01"}).status_code == 422
    assert officer.post(where, {"key": key.id, "ends": "soon"}).status_code == 422
    assert officer.post(where, {"key": "nonsense"}).status_code == 422
    officer.post(where, {"key": key.id, "ends": ahead.isoformat()})
    [ending] = facade.keys_of(OPERATOR, id_)
    assert ending.expires is not None
    assert ending.expires.astimezone(SEOUL).date() == ahead
    assert ending.is_good(clock.now())
    officer.post(where, {"key": key.id, "ends": ""})
    assert not facade.keys_of(OPERATOR, id_)[0].is_good(clock.now())


def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(browser, officer):
    id_ = asked(browser)
    answer = officer.post(f"/partners/{id_}/arrange", {"plan": "wide", "ends": "yesterday"})
    assert answer.status_code == 422
    assert "Give a day after today" in answer.content.decode()
    assert officer.post(f"/partners/{id_}/arrange", {"plan": "none such"}).status_code == 422
    assert officer.post(f"/partners/{id_}/arrange", {"plan": "wide", "scopes": "no.such"}).status_code == 422
    answer = browser.post(f"/developers/{id_}/ask", {"asked_plan": "wide", "why": "x" * 501})
    assert answer.status_code == 422
    assert "x" * 501 in answer.content.decode()


def test_only_officers_who_manage_partners_come_in(browser, officer):
    id_ = asked(browser)
    for path in ("/partners/", f"/partners/{id_}"):
        assert browser.get(path).status_code == 403
    for path, given in (("arrange", {"plan": "wide"}), ("decline", {"why": "x"}), ("state", {"state": "stopped"})):
        assert browser.post(f"/partners/{id_}/{path}", given).status_code == 403
    officer.post(f"/partners/{id_}/state", {"state": "stopped"})
    assert "stopped" in officer.get("/partners/").content.decode()


def test_what_was_asked_for_is_forgotten_after_its_time(browser):
    id_ = asked(browser)
    facade.ask_for(OPERATOR, Ask(id_, "wide", (), "long ago", clock.now() - timedelta(days=401)))
    assert facade.forget_old_use(clock.now()) == 1
    assert facade.asks(OPERATOR) == []


@pytest.mark.parametrize("language", ["ko", "en", "zh", "ja", "vi", "th", "mn", "ru"])
def test_the_pages_stand_in_eight_languages(browser, officer, language):
    id_ = asked(browser)
    officer.cookies["madang_language"] = language
    for path in ("/partners/", f"/partners/{id_}"):
        answer = officer.get(path)
        assert answer.status_code == 200
        assert "style=" not in answer.content.decode()
