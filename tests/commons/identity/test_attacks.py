"""What attackers of sign-ins do, against the running application, and what they get."""

import re
import time
from statistics import median

import pytest
from django.test import Client

from madang.commons.identity import facade as identity
from madang.commons.identity import rules
from madang.commons.identity.contracts import SignInRefused, TooManyAttempts
from madang.commons.identity.models import AttemptsRow
from madang.kernel import clock
from tests.commons.identity.people import PASSWORD, resident


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here has one."""


def api_sign_in(email, password, source="203.0.113.7"):
    return Client(headers={"X-Forwarded-For": f"10.0.0.1, {source}"}).post(
        "/api/v1/session", {"email": email, "password": password}, content_type="application/json",
    )


class TestCredentialStuffing:
    def test_many_accounts_from_one_source_are_slowed_down_and_other_sources_are_not(self):
        made = resident()
        tried = [api_sign_in(f"victim{number}@seoul.example", "stolen").status_code for number in range(55)]
        assert tried[:50] == [401] * 50
        assert tried[50:] == [429] * 5
        assert api_sign_in(made.email, PASSWORD).status_code == 429, "even a right pair tells the thief nothing now"
        assert api_sign_in(made.email, PASSWORD, "198.51.100.9").status_code == 201, "the resident at home gets in"

    def test_the_source_is_what_the_gateway_wrote_not_what_was_sent(self):
        for number in range(50):
            api_sign_in(f"victim{number}@seoul.example", "stolen")
        forged = Client(headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}).post(
            "/api/v1/session", {"email": "x@seoul.example", "password": "x"}, content_type="application/json",
        )
        assert forged.status_code == 429

    def test_right_sign_ins_from_a_shared_address_cost_nothing(self):
        people = [resident(f"reader{number}@seoul.example") for number in range(3)]
        for _ in range(20):
            for one in people:
                assert identity.open_api_session(one.email, PASSWORD, "", clock.now(), source="203.0.113.7")

    def test_one_customers_ipv6_is_one_source_and_the_next_customers_is_not(self):
        assert rules.source_key("2001:db8:1:2::1") == rules.source_key("2001:db8:1:2:ffff::9")
        assert rules.source_key("2001:db8:1:2::1") != rules.source_key("2001:db8:1:3::1")
        assert rules.source_key("203.0.113.7") != rules.source_key("203.0.113.8")

    def test_on_the_page_many_accounts_from_one_source_wait_too(self):
        browser = Client()
        answers = [
            browser.post("/accounts/login/", {"login": f"v{number}@seoul.example", "password": "x"}).content.decode()
            for number in range(12)
        ]
        assert answers[0] != answers[-1], "after ten within a minute the page says to wait"


def test_brute_force_on_one_account_from_many_sources_waits():
    made = resident()
    for number in range(5):
        with pytest.raises(SignInRefused):
            identity.open_api_session(made.email, "wrong", "", clock.now(), source=f"203.0.113.{number}")
    with pytest.raises(TooManyAttempts):
        identity.open_api_session(made.email, PASSWORD, "", clock.now(), source="198.51.100.1")


@pytest.mark.parametrize(("page", "typed"), [
    ("/accounts/password/reset/", {}),
    ("/accounts/recover/", {"code": "0000-0000-0000", "password": "a fresh horse battery"}),
])
def test_a_page_answers_the_same_for_an_address_with_and_without_an_account(page, typed):
    resident()
    said = []
    for email in ("resident@seoul.example", "nobody@seoul.example"):
        answer = Client().post(page, typed | {"email": email})
        text = re.sub(r'value="[^"]*"', "", answer.content.decode())
        said.append((answer.status_code, answer.headers.get("Location"), text))
    assert said[0] == said[1]


@pytest.mark.parametrize("page", ["sign-in", "reset", "recovery"])
def test_and_takes_the_same_time(page, settings):
    """The medians of 15 tries in turn, with the city's own slow hash, lie within a factor of 2 of each other."""
    settings.PASSWORD_HASHERS = ["madang.commons.identity.passwords.CityArgon2"]
    settings.ACCOUNT_RATE_LIMITS = False
    made = resident()
    took = {made.email: [], "nobody@seoul.example": []}
    for number in range(15):
        for email, times in took.items():
            AttemptsRow.objects.all().delete()
            begun = time.perf_counter()
            _ask(page, email, number)
            times.append(time.perf_counter() - begun)
    known, unknown = (median(times) for times in took.values())
    assert 1 / 2 < known / unknown < 2, (known, unknown)


def _ask(page, email, number):
    if page == "sign-in":
        return api_sign_in(email, "wrong", f"203.0.113.{number}")
    if page == "reset":
        return Client().post("/accounts/password/reset/", {"email": email})
    typed = {"email": email, "code": "0000-0000-0000", "password": "a fresh horse battery"}
    return Client().post("/accounts/recover/", typed)


@pytest.mark.parametrize("path", [
    "/accounts/recover/", "/accounts/acting/stop/", "/accounts/acting/invite/", "/accounts/centre/prove/",
    "/accounts/emergencies/take/", "/accounts/password/change/",
])
def test_a_form_from_another_site_is_refused(path):
    assert Client(enforce_csrf_checks=True).post(path, {"email": "a@b.example"}).status_code == 403


def test_a_stolen_session_ends_when_the_holder_changes_the_password_and_the_holders_own_goes_on(settings):
    resident()
    holder, thief = Client(), Client()
    holder.post("/accounts/login/", {"login": "resident@seoul.example", "password": PASSWORD})
    thief.cookies[settings.SESSION_COOKIE_NAME] = holder.session.session_key
    assert thief.get("/my/").status_code == 200
    new = "another horse battery"
    holder.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert holder.get("/my/").status_code == 200
    assert thief.get("/my/")["Location"].startswith("/accounts/login/")


def test_acting_begins_and_ends_under_a_new_session_key():
    resident()
    browser = Client()
    browser.post("/accounts/login/", {"login": "resident@seoul.example", "password": PASSWORD})
    session = browser.session
    session["identity_acting"] = "01a20547-27d1-75b6-9a71-1c4f5cf4d31d"
    session.save()
    key = session.session_key
    assert browser.get("/my/").status_code == 409, "nobody acts under a delegation that is not there"
    assert "identity_acting" not in browser.session
    assert browser.session.session_key == key


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
@pytest.mark.parametrize("page", ["/accounts/step-up/", "/accounts/login/", "/accounts/2fa/reauthenticate/"])
def test_no_page_leads_away_from_the_city(page, away):
    resident()
    browser = Client()
    browser.post("/accounts/login/", {"login": "resident@seoul.example", "password": PASSWORD})
    answer = browser.get(page, {"next": away})
    assert "evil" not in answer.headers.get("Location", "").partition("?")[0]
    assert 'href="https://evil' not in answer.content.decode()
