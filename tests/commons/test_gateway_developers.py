"""The developers' pages, with JavaScript off."""

import re

import pytest
from django.test import Client

from madang.commons.gateway import facade
from madang.commons.gateway.policy import rulebook
from madang.kernel import clock
from madang.kernel.actors import VISITOR
from madang.kernel.errors import SignInNeeded
from tests.commons.gateway_policy import BOOK, OPERATOR, gate
from tests.commons.identity import people
from tests.commons.test_gateway_partners import known

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(settings, tmp_path) -> Client:
    settings.MADANG_INSTANCE = tmp_path
    rulebook.write(tmp_path / "gateway", BOOK)
    people.resident()
    client = Client()
    client.login(username="resident@seoul.example", password=people.PASSWORD)
    client.cookies["madang_language"] = "en"
    return client


def registered(browser: Client) -> str:
    typed = {"name": "Wheelchair map", "organisation": "Open Maps", "plan": "small"}
    return browser.post("/developers/register", typed)["Location"]


def test_anybody_reads_plans_scopes_and_what_will_end_and_signs_in_to_register(browser):
    page = Client(headers={"accept-language": "en"}).get("/developers/").content.decode()
    assert "trees.count" in page
    assert "At present no part of the API is going to end." in page
    assert "/accounts/login/" in Client().get("/developers/register")["Location"]


def test_a_resident_registers_gets_a_key_once_and_ends_it(browser):
    where = registered(browser)
    made = browser.post(f"{where}/keys").content.decode()
    [key] = re.findall(r"madang_[a-z2-7]{64}", made)
    assert made.count(key) == 1
    later = browser.get(where).content.decode()
    assert key not in later
    assert f"{key[:15]}…" in later
    [id_] = re.findall(r'name="key" value="([^"]+)"', later)
    browser.post(f"{where}/revoke", {"key": id_})
    assert "revoked" in browser.get(where).content.decode()


def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(browser):
    answer = browser.post("/developers/register", {"name": " ", "organisation": "Open Maps", "plan": "wide"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Open Maps"' in page
    assert "Give a name of 1 to 100 characters." in page
    where = registered(browser)
    answer = browser.post(f"{where}/change", {"plan": "small", "addresses": "10.0.0.0/8 nonsense"})
    assert answer.status_code == 422
    assert "nonsense" in answer.content.decode()
    assert browser.post(f"{where}/change", {"plan": "wide", "addresses": ""}).status_code == 422
    for typed in ({"key": "x", "path": "/api/v1/open"}, {"key": "madang_" + "a" * 64, "path": "https://evil.example/"}):
        assert browser.post(f"{where}/try", typed).status_code == 422


def test_a_sixth_key_is_refused_with_the_way_on(browser):
    where = registered(browser)
    answers = [browser.post(f"{where}/keys") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [409]
    assert "Revoke one" in answers[5].content.decode()


def test_a_strangers_system_is_not_there(browser):
    where = registered(browser)
    people.resident(email="other@seoul.example")
    other = Client()
    other.login(username="other@seoul.example", password=people.PASSWORD)
    assert other.get(where).status_code == 404
    assert other.post(f"{where}/keys").status_code == 404
    with pytest.raises(SignInNeeded):
        facade.partners(VISITOR)


@pytest.mark.parametrize("language", ["ko", "en", "zh", "ja", "vi", "th", "mn", "ru"])
def test_the_pages_stand_in_eight_languages(browser, language):
    where = registered(browser)
    browser.cookies["madang_language"] = language
    for path in ("/developers/", "/developers/register", where):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert "style=" not in answer.content.decode()
        assert "<script" not in answer.content.decode()


def test_a_first_request_goes_through_the_gateway_and_is_counted(browser, tmp_path):
    with gate(tmp_path) as one:
        (one.fronts[0].folder / "front.json").rename(tmp_path / "gateway" / "front.json")
        where = registered(browser)
        [key] = re.findall(r"madang_[a-z2-7]{64}", browser.post(f"{where}/keys").content.decode())
        with one.client(key) as client:
            known(client, "/api/v1/open")
        page = browser.post(f"{where}/try", {"key": key, "path": "/api/v1/open/7"}).content.decode()
    assert "The answer: 200" in page
    assert "/api/v1/open/7" in page
    [made] = facade.partners(OPERATOR)
    assert facade.use_of(OPERATOR, made.id, clock.now())[0] == 2
    assert "Today 2 of 10 requests." in browser.get(where).content.decode()
