"""What is missing before a system gets an answer: signing in, signing in again, proving more, allowing it."""

import json
import re
from base64 import urlsafe_b64decode
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from madang.commons.audit.models import EntryRow
from madang.commons.identity import facade as identity
from madang.commons.identity import store
from madang.commons.identity.provider import facade, tasks
from madang.commons.identity.provider.models import ConsentRow, SignInRow
from madang.kernel import clock
from tests.commons.identity.people import PASSWORD, officer, resident
from tests.commons.identity.provider.relying import (
    BACK,
    add,
    allow,
    ask,
    code,
    led_to,
    question,
    redeem,
    sign_in,
    token,
    told,
    userinfo,
)

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here has one."""


@pytest.fixture
def library():
    return add()


@pytest.fixture
def browser(client):
    resident()
    return sign_in(client)


def claims(text):
    part = text.split(".")[1]
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class TestSilence:
    def test_nobody_is_shown_a_page(self, library, client):
        assert told(led_to(ask(client, prompt="none")))["error"] == "login_required"
        resident()
        sign_in(client)
        assert told(led_to(ask(client, prompt="none")))["error"] == "consent_required"
        code(client)
        assert "code" in told(led_to(ask(client, prompt="none")))
        higher = told(led_to(ask(client, prompt="none", acr_values="urn:madang:assurance:2")))
        assert higher["error"] == "unmet_authentication_requirements"
        assert told(led_to(ask(client, prompt="none login")))["error"] == "invalid_request"

    def test_a_hint_of_somebody_else_is_refused(self, library, browser):
        hint = redeem(*library, code(browser))[1]["id_token"]
        assert "code" in told(led_to(ask(browser, prompt="none", id_token_hint=hint)))
        resident("other@seoul.example")
        other = sign_in(Client(), "other@seoul.example")
        assert told(led_to(ask(other, id_token_hint=hint)))["error"] == "login_required"


class TestProving:
    def test_a_visitor_signs_in_and_comes_back_to_the_question(self, library, client):
        resident()
        went = ask(client)["Location"]
        assert went.startswith("/accounts/login/?next=%2Foauth%2Fauthorize%3F")
        sent = client.post(went, {"login": "resident@seoul.example", "password": PASSWORD})
        assert urlsplit(sent["Location"]).path == "/oauth/authorize"
        assert client.get(sent["Location"]).status_code == 200

    @pytest.mark.parametrize("how", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "0"}])
    def test_a_fresh_sign_in_is_asked_for_once(self, library, browser, how):
        went = ask(browser, **how)["Location"]
        assert went.startswith("/accounts/reauthenticate/?next=%2Foauth%2Fauthorize")
        assert ask(browser, **how)["Location"] == went
        back = browser.post(went, {"password": PASSWORD})["Location"]
        assert "code" in told(allow(browser, browser.get(back)))
        assert ask(browser, **how)["Location"] == went

    def test_an_old_sign_in_is_too_old_for_max_age(self, library, browser, monkeypatch):
        code(browser)
        assert "code" in told(led_to(ask(browser, max_age="60")))
        now = clock.now() + timedelta(seconds=62)
        monkeypatch.setattr(clock, "now", lambda: now)
        assert ask(browser, max_age="60")["Location"].startswith("/accounts/reauthenticate/")

    def test_a_higher_level_leads_to_a_step_up_and_is_told(self, library, client):
        made = resident()
        store.set_totp(made.id, SECRET)
        client.cookies["madang_language"] = "en"
        client.post("/accounts/login/", {"login": made.email, "password": PASSWORD})
        client.post("/accounts/2fa/authenticate/", {"code": identity.totp_now(SECRET, clock.now())})
        said = redeem(*library, code(client, acr_values="urn:madang:assurance:2"))[1]
        told_of = claims(said["id_token"])
        assert (told_of["acr"], told_of["amr"]) == ("urn:madang:assurance:2", ["pwd", "otp", "mfa"])

    def test_a_password_alone_is_led_to_more(self, library, browser):
        assert ask(browser, acr_values="urn:madang:assurance:2")["Location"].startswith("/accounts/step-up/?next=")
        assert ask(browser, acr_values="urn:madang:assurance:3")["Location"].startswith("/accounts/foreign/?next=")
        assert ask(browser, acr_values="urn:other:9").status_code == 200
        assert ask(browser, acr_values="urn:madang:assurance:3 urn:madang:assurance:1").status_code == 200

    def test_a_system_may_need_more_of_everybody(self, browser):
        add(least_assurance=2)
        assert ask(browser)["Location"].startswith("/accounts/step-up/")


class TestConsent:
    def test_the_page_says_which_system_of_whom_what_for_which_data_until_when(self, library, browser):
        page = ask(browser, scope="openid email offline_access").content.decode()
        for said in ("Seoul Library", "Library Policy Division", "To lend you books.", "Your e-mail address",
                     "while you are away", str(clock.now().year + 1)):
            assert said in page
        assert "Your department" not in page

    @pytest.mark.parametrize("language", ["ko", "en", "zh", "ja", "vi", "th", "mn", "ru"])
    def test_it_speaks_eight_languages(self, library, browser, language):
        browser.cookies["madang_language"] = language
        page = ask(browser, scope="openid email").content.decode()
        assert ("Allow" in page) == (language == "en")
        assert ("Your e-mail address" in page) == (language == "en")

    def test_it_is_asked_once_and_again_for_more(self, library, browser):
        code(browser)
        assert "code" in told(led_to(ask(browser)))
        assert ask(browser, scope="openid email").status_code == 200
        assert ask(browser, prompt="consent").status_code == 200

    def test_it_runs_out(self, library, browser, monkeypatch):
        code(browser)
        ConsentRow.objects.update(until=clock.now() - timedelta(seconds=1))
        assert 'name="ask"' in ask(browser).content.decode()
        assert facade.forget_ended(clock.now()) == 1

    def test_taken_back_it_ends_what_rests_on_it_and_is_recorded(self, library, browser):
        held = redeem(*library, code(browser, scope="openid email offline_access"))[1]
        page = browser.get("/accounts/connections/").content.decode()
        assert "Seoul Library" in page
        [connection] = re.findall(r'name="connection" value="([^"]+)"', page)
        assert browser.post("/accounts/connections/", {"connection": connection}).status_code == 302
        assert userinfo(held["access_token"])[0] == 401
        assert token(*library, grant_type="refresh_token", refresh_token=held["refresh_token"])[0] == 400
        assert "Seoul Library" not in browser.get("/accounts/connections/").content.decode()
        assert 'name="ask"' in ask(browser).content.decode()
        recorded = EntryRow.objects.filter(action__startswith="identity_provider.").order_by("id")
        assert [one.action.partition(".")[2] for one in recorded] == ["add_system", "consent", "sign_in", "withdraw"]
        assert recorded[1].fields == ["email", "offline_access", "openid"]

    def test_nobody_takes_back_what_another_allowed(self, library, browser):
        code(browser)
        resident("other@seoul.example")
        other = sign_in(Client(), "other@seoul.example")
        for connection in (ConsentRow.objects.get().id, "x"):
            assert other.post("/accounts/connections/", {"connection": connection}).status_code == 404
        assert ConsentRow.objects.count() == 1


class TestClaims:
    def test_only_what_was_asked_and_allowed_is_told(self, library, browser):
        said = redeem(*library, code(browser))[1]
        assert sorted(userinfo(said["access_token"])[1]) == ["sub"]
        assert not {"email", "locale", "department"} & set(claims(said["id_token"]))

    def test_staff_have_a_department(self, library):
        officer()
        browser = sign_in(Client(), "officer@seoul.example")
        said = userinfo(redeem(*library, code(browser, scope="openid office"))[1]["access_token"])[1]
        assert (said["department"], said["post"]) == ("Disability Welfare Division", "officer 14")

    def test_two_sectors_know_one_person_by_different_subjects_and_one_sector_by_the_same(self, library, browser):
        again = add(id="library-app", redirect_uris=[BACK])
        museum = add(id="seoul-museum", redirect_uris=["https://museum.seoul.example/back"])
        shared = add(id="library-cafe", redirect_uris=["https://cafe.example/back"], sector="library.seoul.example")
        subjects = [
            _subject(browser, system, at)
            for system, at in ((library, BACK), (again, BACK), (museum, "https://museum.seoul.example/back"),
                               (shared, "https://cafe.example/back"))
        ]
        assert subjects[0] == subjects[1] == subjects[3] != subjects[2]
        assert str(SignInRow.objects.first().account_id) not in subjects


class TestLeaving:
    def test_who_came_by_a_form_is_led_on_by_a_page_that_our_content_policy_allows(self, library, browser):
        code(browser)
        by_link = browser.get(f"/oauth/authorize?{_again()}", headers={"sec-fetch-site": "cross-site"})
        by_form = browser.get(f"/oauth/authorize?{_again()}", headers={"sec-fetch-site": "same-origin"})
        assert (by_link.status_code, by_form.status_code) == (302, 200)
        assert "code" in told(led_to(by_form))
        assert by_form["Referrer-Policy"] == "no-referrer"

    def test_signing_out_of_the_city_ends_every_system_and_tells_it(self, browser, monkeypatch):
        library = add(backchannel_logout_uri="https://library.seoul.example/logout")
        held = redeem(*library, code(browser))[1]
        browser.post("/accounts/logout/")
        assert userinfo(held["access_token"])[0] == 401
        sent = []
        monkeypatch.setattr(facade.leaving.httpx, "post", lambda uri, data, **_: sent.append((uri, data)) or _Fine())
        tasks.tell_system.run(sign_in=SignInRow.objects.get().id)
        [(uri, data)] = sent
        said, first = claims(data["logout_token"]), claims(held["id_token"])
        assert uri == "https://library.seoul.example/logout"
        assert (said["sub"], said["sid"], said["aud"]) == (first["sub"], first["sid"], "seoul-library")
        assert "http://schemas.openid.net/event/backchannel-logout" in said["events"]
        assert "nonce" not in said


def _subject(browser, system, at):
    given = code(browser, client_id=system[0], redirect_uri=at)
    return claims(redeem(*system, given, redirect_uri=at)[1]["id_token"])["sub"]


class _Fine:
    is_server_error = False


def _again():
    return question()
