"""Signing in through the pages: what is refused, what is told, what rises and for how long."""

import re
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from madang.commons.audit.models import EntryRow
from madang.commons.identity import facade as identity
from madang.commons.identity import store
from madang.kernel import clock
from madang.kernel.assurance import Assurance
from madang.kernel.ids import AccountId
from madang.kernel.languages import Language
from tests.commons.identity.people import PASSWORD, officer, resident

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN, STEP_UP = "/accounts/login/", "/accounts/step-up/"
CODE, CODE_AGAIN = "/accounts/2fa/authenticate/", "/accounts/2fa/reauthenticate/"


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here has one."""


def sign_in(client, email="resident@seoul.example", password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password, **more})


def actor(client):
    request = client.get(LOGIN).wsgi_request
    return identity.actor_of(request)


def code_now(at=None):
    return identity.totp_now(SECRET, at or clock.now())


@pytest.fixture
def with_app():
    made = resident()
    store.set_totp(made.id, SECRET)
    return made


def later(monkeypatch, **by):
    moment = time.time() + timedelta(**by).total_seconds()
    monkeypatch.setattr(time, "time", lambda: moment)
    monkeypatch.setattr(clock, "now", lambda: clock.datetime.fromtimestamp(moment, clock.SEOUL))


def put_down():
    """The work that waits for a worker."""
    return ProcrastinateJob.objects.filter(task_name__startswith="identity.")


class TestSigningIn:
    def test_a_resident_comes_to_their_page_and_staff_to_the_desk(self, client):
        made = resident()
        officer()
        assert sign_in(client)["Location"] == "/my/"
        known = actor(client)
        assert (known.account, known.subject, known.assurance) == (made.id, made.resident, Assurance.LOW)
        other = Client()
        assert sign_in(other, "officer@seoul.example")["Location"] == "/desk/"
        assert actor(other).name == "Disability Welfare Division, officer 14"

    def test_it_goes_on_to_where_somebody_was_going(self, client):
        resident()
        assert sign_in(client, next="/apply/local-tax-certificate")["Location"] == "/apply/local-tax-certificate"

    @pytest.mark.parametrize("away", [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "https:evil.example",
        "/\t/evil.example", "http://testserver.evil.example/",
    ])
    def test_it_goes_nowhere_else(self, client, away):
        resident()
        assert sign_in(client, next=away)["Location"] == "/my/"

    def test_a_wrong_password_and_an_unknown_address_get_the_same_page(self, client):
        resident()
        pages = []
        for email in ("resident@seoul.example", "nobody@seoul.example"):
            page = sign_in(client, email, "wrong")
            assert page.status_code == 200
            pages.append(re.sub(r'value="[^"]*"', "", page.content.decode()))
        assert pages[0] == pages[1]
        assert "mistakes" in pages[0]

    @pytest.mark.parametrize("email", ["resident@seoul.example", "nobody@seoul.example"])
    def test_after_five_wrong_attempts_even_the_right_password_waits(self, client, email):
        resident()
        for _ in range(5):
            sign_in(client, email, "wrong")
        assert sign_in(client, email).status_code == 200
        assert not actor(client).is_known

    def test_the_key_of_a_session_changes_when_somebody_signs_in(self, client, settings):
        resident()
        client.session["planted"] = "by somebody else"
        session = client.session
        session.save()
        planted = session.session_key
        client.cookies[settings.SESSION_COOKIE_NAME] = planted
        sign_in(client)
        assert client.session.session_key != planted
        thief = Client()
        thief.cookies[settings.SESSION_COOKIE_NAME] = planted
        assert not actor(thief).is_known

    def test_signing_out_ends_the_session_for_whoever_has_its_key(self, client, settings):
        resident()
        sign_in(client)
        key = client.session.session_key
        assert client.get("/accounts/logout/").status_code == 200
        assert actor(client).is_known
        client.post("/accounts/logout/")
        thief = Client()
        thief.cookies[settings.SESSION_COOKIE_NAME] = key
        assert not actor(thief).is_known

    def test_a_form_from_elsewhere_is_refused(self):
        resident()
        strict = Client(enforce_csrf_checks=True)
        assert sign_in(strict).status_code == 403
        assert strict.post("/accounts/logout/").status_code == 403

    def test_a_changed_password_ends_other_sessions(self, client):
        made = resident()
        sign_in(client)
        store.set_password(made.id, "another horse battery")
        assert not actor(client).is_known

    def test_a_closed_account_cannot_sign_in_and_is_not_known_any_more(self, client):
        made = resident()
        sign_in(client)
        store.AccountRow.objects.filter(id=made.id).update(is_active=False)
        assert not actor(client).is_known
        other = Client()
        assert sign_in(other)["Location"] == "/accounts/inactive/"
        assert not actor(other).is_known

    def test_a_sign_in_is_recorded(self, client):
        made = resident()
        sign_in(client)
        entry = EntryRow.objects.get(action="identity.sign_in")
        assert entry.subject == made.resident
        assert entry.trace, "the entry names the request that it was part of"

    def test_nobody_makes_an_account_alone(self, client):
        page = client.post("/accounts/signup/", {"email": "me@seoul.example", "password1": PASSWORD})
        assert store.account_of_email("me@seoul.example", clock.now()) is None
        assert page.status_code in {200, 405}


class TestQueries:
    def test_a_visitor_costs_none(self, rf, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert not identity.actor_of(rf.get("/")).is_known

    def test_somebody_who_is_signed_in_costs_two(self, client, django_assert_num_queries):
        resident()
        sign_in(client)
        request = client.get(LOGIN).wsgi_request
        from django.contrib.auth.middleware import AuthenticationMiddleware
        from django.contrib.sessions.middleware import SessionMiddleware

        SessionMiddleware(lambda _: None).process_request(request)
        AuthenticationMiddleware(lambda _: None).process_request(request)
        del request._cached_user
        with django_assert_num_queries(2):
            assert identity.actor_of(request).may("applications.apply")


class TestSecondFactor:
    def test_it_is_asked_for_and_raises_the_level(self, client, with_app):
        assert sign_in(client)["Location"] == CODE
        assert not actor(client).is_known
        assert client.post(CODE, {"code": code_now()})["Location"] == "/my/"
        assert actor(client).assurance is Assurance.SUBSTANTIAL

    def test_a_wrong_code_is_refused_and_five_lock(self, client, with_app):
        sign_in(client)
        wrong = "000000" if code_now() != "000000" else "111111"
        for _ in range(5):
            assert client.post(CODE, {"code": wrong}).status_code == 200
        client.post(CODE, {"code": code_now()})
        assert not actor(client).is_known

    def test_a_code_is_good_once(self, client, with_app):
        code = code_now()
        sign_in(client)
        client.post(CODE, {"code": code})
        assert actor(client).is_known
        other = Client()
        sign_in(other)
        assert other.post(CODE, {"code": code}).status_code == 200
        assert not actor(other).is_known

    def test_a_code_is_not_good_again_while_the_clock_would_still_allow_it(self, client, with_app, monkeypatch):
        """The step before is accepted too, so a code must be remembered for longer than it is shown."""
        later(monkeypatch, seconds=30 - time.time() % 30)  # from the first second of a code to the first of the next
        code = code_now()
        sign_in(client)
        client.post(CODE, {"code": code})
        later(monkeypatch, seconds=30)
        monkeypatch.setattr(TOTP, "_mark_code_used", lambda *_: True)  # allauth forgets after 30 seconds
        assert store.Authenticator.objects.get().wrap().validate_code(code)
        other = Client()
        sign_in(other)
        other.post(CODE, {"code": code})
        assert not actor(other).is_known


class TestStepUp:
    def test_a_visitor_signs_in_first_and_comes_back_to_it(self, client):
        away = client.get(STEP_UP, {"next": "/apply/x"})["Location"]
        asked = urlsplit(away)
        assert asked.path == LOGIN
        assert parse_qs(asked.query)["next"] == ["/accounts/step-up/?next=%2Fapply%2Fx"]
        resident()
        assert sign_in(client, next="/accounts/step-up/?next=%2Fapply%2Fx")["Location"].startswith(STEP_UP)

    def test_with_an_app_its_code_is_asked_for_and_leads_back(self, client, with_app, monkeypatch):
        sign_in(client)
        client.post(CODE, {"code": code_now()})
        later(monkeypatch, minutes=61)
        assert actor(client).assurance is Assurance.LOW
        asked = client.get(STEP_UP, {"next": "/apply/x?step=2"})["Location"]
        assert asked == f"{CODE_AGAIN}?next=%2Fapply%2Fx%3Fstep%3D2"
        before = client.session.session_key
        assert client.get(asked).status_code == 200
        done = client.post(CODE_AGAIN, {"code": code_now(), "next": "/apply/x?step=2"})
        assert done["Location"] == "/apply/x?step=2"
        assert actor(client).assurance is Assurance.SUBSTANTIAL
        assert client.session.session_key != before

    def test_it_lasts_its_time_and_no_longer(self, client, with_app, monkeypatch):
        sign_in(client)
        client.post(CODE, {"code": code_now()})
        later(monkeypatch, minutes=59)
        assert actor(client).assurance is Assurance.SUBSTANTIAL
        later(monkeypatch, minutes=2)
        assert actor(client).assurance is Assurance.LOW

    def test_a_wrong_code_keeps_the_level_and_the_way_back(self, client, with_app, monkeypatch):
        sign_in(client)
        client.post(CODE, {"code": code_now()})
        later(monkeypatch, minutes=61)
        wrong = "000000" if code_now() != "000000" else "111111"
        page = client.post(CODE_AGAIN, {"code": wrong, "next": "/apply/x"})
        assert page.status_code == 200
        assert b'value="/apply/x"' in page.content
        assert actor(client).assurance is Assurance.LOW

    def test_who_is_surely_known_goes_straight_on(self, client, with_app):
        sign_in(client)
        client.post(CODE, {"code": code_now()})
        assert client.get(STEP_UP, {"next": "/apply/x"})["Location"] == "/apply/x"

    @pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", ""])
    def test_it_leads_nowhere_else(self, client, with_app, away):
        sign_in(client)
        client.post(CODE, {"code": code_now()})
        assert client.get(STEP_UP, {"next": away})["Location"] == "/my/"

    @pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/"])
    def test_nor_does_the_code(self, client, with_app, monkeypatch, away):
        sign_in(client)
        client.post(CODE, {"code": code_now()})
        later(monkeypatch, minutes=61)
        assert client.post(CODE_AGAIN, {"code": code_now(), "next": away})["Location"] == "/my/"

    def test_without_a_second_factor_one_is_set_up_on_the_way(self, client, transactional_db):
        made = resident()
        sign_in(client)
        page = client.get(STEP_UP, {"next": "/apply/x?step=2"})
        assert page.status_code == 200
        set_up = "/accounts/2fa/totp/activate/"
        assert set_up.encode() in page.content
        form = client.get(set_up)
        assert b"data:image/svg+xml" in form.content
        secret = form.context["form"].secret
        done = client.post(set_up, {"code": identity.totp_now(secret, clock.now())})
        assert done["Location"] == "/accounts/2fa/recovery-codes/"
        assert b'href="/accounts/step-up/"' in client.get(done["Location"]).content
        assert client.get(STEP_UP)["Location"] == "/apply/x?step=2"
        assert actor(client).assurance is Assurance.SUBSTANTIAL
        assert store.totp_secret(made.id) == secret
        assert "totp_activated" in [letter.args["change"] for letter in put_down()]
        assert EntryRow.objects.filter(action="identity.totp_activated", subject=made.resident).exists()

    def test_setting_one_up_long_after_signing_in_asks_for_the_password_first(self, client, monkeypatch):
        resident()
        sign_in(client)
        later(monkeypatch, minutes=6)
        asked = client.get("/accounts/2fa/totp/activate/")
        assert asked["Location"].startswith("/accounts/reauthenticate/")
        back = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"})
        assert back["Location"] == "/accounts/2fa/totp/activate/"
        assert client.get(back["Location"]).status_code == 200


class TestForgottenPassword:
    def test_a_link_sets_a_new_one_once(self, client, settings):
        made = resident()
        asked = client.post("/accounts/password/reset/", {"email": made.email}, headers={"host": "evil.example"})
        assert asked.status_code == 302
        [letter] = put_down()
        assert letter.args == {"account": str(made.id), "language": "ko"}
        identity.send_reset_letter(made.id, Language.VI)
        assert (mail.outbox[0].to, mail.outbox[0].subject) == (
            [made.email], "Mật khẩu mới cho tài khoản của quý vị với thành phố")
        link = re.search(r"http\S+", mail.outbox[0].body).group()
        assert link.startswith(f"{settings.MADANG_PUBLIC_URL}/accounts/password/reset/key/")
        link = urlsplit(link).path
        form = client.get(link)["Location"]
        assert client.get(form).status_code == 200
        client.post(form, {"password1": "another horse battery", "password2": "another horse battery"})
        assert sign_in(client, password="another horse battery").status_code == 302
        assert b"password/reset" in Client().get(link).content

    def test_an_unknown_address_gets_the_same_answer_and_no_letter(self, client):
        resident()
        answers = {
            (page.status_code, page["Location"]) for page in (
                client.post("/accounts/password/reset/", {"email": email})
                for email in ("resident@seoul.example", "nobody@seoul.example")
            )
        }
        assert len(answers) == 1
        work = put_down()
        assert len(work) == 2, "as much is put down for nobody, so that the page takes the same time"
        for letter in work:
            identity.send_reset_letter(AccountId(UUID(letter.args["account"])), Language.KO)
        assert [one.to for one in mail.outbox] == [["resident@seoul.example"]]

    def test_no_letter_goes_to_a_closed_account_nor_without_its_holder_s_words(self):
        made = resident()
        identity.send_change_letter(made.id, "webauthn_added", Language.EN)
        assert "A passkey was added." in mail.outbox[0].body
        assert "/accounts/2fa/" in mail.outbox[0].body
        store.AccountRow.objects.filter(id=made.id).update(is_active=False)
        identity.send_reset_letter(made.id, Language.EN)
        assert len(mail.outbox) == 1


ALL_PAGES = (
    LOGIN, "/accounts/signup/", "/accounts/inactive/", "/accounts/password/reset/",
    "/accounts/password/reset/done/", "/accounts/password/reset/key/done/", "/accounts/password/reset/key/1-x/",
)
OWN_PAGES = (
    STEP_UP, "/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/",
    "/accounts/password/change/", "/accounts/reauthenticate/",
)
APP_PAGES = (
    "/accounts/2fa/", "/accounts/2fa/totp/deactivate/", "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/recovery-codes/", CODE_AGAIN, "/accounts/logout/",
)


class TestEveryPage:
    @pytest.mark.parametrize("language", ["ko", "en", "vi", "mn"])
    @pytest.mark.parametrize("path", ALL_PAGES)
    def test_for_anybody(self, client, path, language):
        page = client.get(path, headers={"accept-language": language})
        assert page.status_code == 200
        assert f'lang="{language}"' in page.content.decode()

    @pytest.mark.parametrize("path", OWN_PAGES)
    def test_for_a_resident(self, client, path):
        resident()
        sign_in(client)
        assert_in_the_city_s_look(client.get(path))

    @pytest.mark.parametrize("path", APP_PAGES)
    def test_for_a_resident_with_an_app(self, client, with_app, path):
        sign_in(client)
        assert_in_the_city_s_look(client.get(CODE))
        client.post(CODE, {"code": code_now()})
        client.post("/accounts/2fa/recovery-codes/generate/")
        assert_in_the_city_s_look(client.get(path))

    def test_too_many_attempts(self, client):
        for _ in range(31):
            page = client.post(LOGIN, {})
        assert page.status_code == 429
        assert "120" in page.content.decode()


def assert_in_the_city_s_look(page):
    text = page.content.decode()
    assert page.status_code == 200
    assert 'class="foot"' in text
    assert "<script>" not in text
    assert " style=" not in text
    assert " onclick=" not in text
