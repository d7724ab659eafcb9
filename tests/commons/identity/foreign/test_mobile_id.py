"""Coming in by the stand-in of a national mobile ID, over HTTP; and every answer that must not be believed."""

import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import pytest
from django.test import Client

from madang.commons.audit.models import EntryRow
from madang.commons.identity import facade as identity
from madang.commons.identity.contracts import NewAccount
from madang.commons.identity.foreign import room, tasks
from madang.commons.identity.foreign.models import LinkRow
from madang.commons.identity.foreign.store import talk
from madang.entrypoints.outside import _Threads
from madang.kernel import clock
from madang.kernel.assurance import Assurance
from madang.records.registers.facade import population
from madang.simulation import mobile_id
from tests.commons.identity.people import OPERATOR, PASSWORD, officer

GO, LINK = "/accounts/foreign/go/mobile-id/", "/accounts/foreign/link/"


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def outside(settings, tmp_path, monkeypatch):
    """The stand-in, on loopback, at the address under which the city knows it."""

    def at_its_address(environ, start_response):
        environ["PATH_INFO"] = environ["PATH_INFO"].replace("/sandbox-mobile-id", "/mobile-id", 1)
        return mobile_id.application(environ, start_response)

    server = make_server("127.0.0.1", 0, at_its_address, _Threads, _Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.MADANG_INSTANCE = tmp_path
    settings.MADANG_OUTSIDE_URL = settings.MADANG_PUBLIC_URL = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(talk, "_known", {})
    yield tmp_path / "outside" / "faults" / "mobile-id"
    server.shutdown()
    server.server_close()


@pytest.fixture
def person(db, outside):
    """A demonstration's resident with an account."""
    who = population.demo_residents()[0]
    new = NewAccount("resident@seoul.example", PASSWORD, "resident", resident=who.id)
    return who, identity.make_account(OPERATOR, new, clock.now())


def signed_in(email="resident@seoul.example"):
    client = Client()
    client.cookies["madang_language"] = "en"
    assert client.post("/accounts/login/", {"login": email, "password": PASSWORD}).status_code == 302
    return client


def approved(client, who, goal="", decision="yes"):
    """Go to the stand-in, approve there, and come back with what it says: the path and query of the city's page."""
    if goal:
        client.get(f"/accounts/foreign/?next={goal}")
    there = client.get(GO)["Location"]
    assert who.name_ko in httpx.get(there).text
    went = httpx.post(there, data={"resident": who.key, "decision": decision})
    assert went.status_code == 303, went.text
    parts = urlsplit(went.headers["location"])
    return f"{parts.path}?{parts.query}"


def linked(who):
    client = signed_in()
    assert client.get(approved(client, who))["Location"] == LINK
    assert "Link this identity" in client.get(LINK).content.decode()
    assert client.post(LINK)["Location"] == "/my/"
    return client


def level(client):
    return identity.actor_of(client.get("/accounts/login/").wsgi_request).assurance


class TestComingIn:
    def test_linked_once_with_proof_of_both_sides_it_opens_at_the_highest_level(self, person):
        who, account = person
        client = linked(who)
        assert level(client) is Assurance.HIGH
        assert EntryRow.objects.get(action="identity_foreign.link").about == account.id
        fresh = Client()
        fresh.get("/accounts/foreign/?next=/oauth/authorize?x=1")
        key = fresh.session.session_key
        assert fresh.get(approved(fresh, who, "/apply/x"))["Location"] == "/apply/x"
        assert level(fresh) is Assurance.HIGH
        assert fresh.session.session_key != key

    def test_somebody_signed_in_rises_by_it_under_a_new_key(self, person):
        who, _ = person
        linked(who)
        client = signed_in()
        assert level(client) is Assurance.LOW
        key = client.session.session_key
        client.get(approved(client, who))
        assert level(client) is Assurance.HIGH
        assert client.session.session_key != key

    def test_without_a_link_nobody_comes_in_by_it_alone(self, person):
        who, _ = person
        client = Client()
        assert client.get(approved(client, who))["Location"] == LINK
        assert client.get(LINK)["Location"].startswith("/accounts/login/?next=")
        assert not client.session.get("_auth_user_id")
        client.post("/accounts/login/", {"login": "resident@seoul.example", "password": PASSWORD})
        assert client.post(LINK).status_code == 302
        assert LinkRow.objects.count() == 1

    def test_linking_asks_for_the_password_again_when_it_was_given_long_ago(self, person, monkeypatch):
        who, _ = person
        client = signed_in()
        client.get(approved(client, who))
        monkeypatch.setattr(identity, "proved_recently", lambda _: False)
        assert client.post(LINK)["Location"].startswith("/accounts/reauthenticate/?next=")
        assert not LinkRow.objects.exists()

    def test_another_persons_identity_is_not_linked(self, person):
        client = signed_in()
        client.get(approved(client, population.demo_residents()[1]))
        assert client.post(LINK).status_code == 403
        assert not LinkRow.objects.exists()

    def test_a_staff_account_names_no_person_to_compare(self, person):
        who, _ = person
        officer()
        client = signed_in("officer@seoul.example")
        client.get(approved(client, who))
        assert client.post(LINK).status_code == 403

    def test_ended_it_opens_nothing_any_more(self, person):
        who, _ = person
        client = linked(who)
        assert "End the link" in client.get("/accounts/foreign/").content.decode()
        assert client.post("/accounts/foreign/", {"provider": "mobile-id"}).status_code == 302
        fresh = Client()
        assert fresh.get(approved(fresh, who))["Location"] == LINK
        assert client.post("/accounts/foreign/", {"provider": "mobile-id"}).status_code == 404

    def test_only_a_hash_of_the_subject_is_kept(self, person):
        linked(person[0])
        assert len(LinkRow.objects.get().subject) == 64

    def test_after_the_declared_time_a_link_ends_by_itself_and_not_before(self, person):
        linked(person[0])
        made = LinkRow.objects.get().linked
        [held] = room.ROOM.personal_data
        tasks.end_old_links(made + held.keep)
        assert LinkRow.objects.count() == 1
        tasks.end_old_links(made + held.keep + timedelta(seconds=1))
        assert not LinkRow.objects.exists()

    def test_how_one_signs_in_leads_to_all_that_can_be_taken_back(self, person):
        shown = linked(person[0]).get("/accounts/2fa/").content.decode()
        for there in ("/accounts/foreign/", "/accounts/connections/", "/accounts/acting/"):
            assert f'href="{there}"' in shown


class TestNotBelieved:
    @pytest.mark.parametrize(("fault", "why"), [("nonce", "nonce"), ("key", "signature"), ("issuer", "iss")])
    def test_an_answer_that_does_not_fit_opens_nothing(self, person, outside, fault, why):
        who, _ = person
        linked(who)
        outside.parent.mkdir(parents=True, exist_ok=True)
        outside.write_text(fault, encoding="utf-8")
        client = Client()
        client.cookies["madang_language"] = "en"
        refused = client.get(approved(client, who))
        assert (refused.status_code, f"({why})" in refused.content.decode()) == (422, True)
        assert not client.session.get("_auth_user_id")

    def test_less_than_two_factors_opens_nothing(self, person, outside):
        who, _ = person
        linked(who)
        outside.parent.mkdir(parents=True, exist_ok=True)
        outside.write_text("low", encoding="utf-8")
        client = Client()
        assert client.get(approved(client, who)).status_code == 403
        assert not client.session.get("_auth_user_id")

    def test_a_provider_that_is_silent_is_said_to_be(self, person, outside):
        outside.parent.mkdir(parents=True, exist_ok=True)
        outside.write_text("down", encoding="utf-8")
        assert Client().get(GO).status_code == 503

    def test_an_answer_is_good_once_and_in_its_own_browser(self, person):
        who, _ = person
        linked(who)
        client, other = Client(), Client()
        back = approved(client, who)
        other.get(GO)
        assert other.get(back).status_code == 422
        assert Client().get(back).status_code == 422
        assert client.get(back).status_code == 302
        assert client.get(back).status_code == 422
        assert not other.session.get("_auth_user_id")

    def test_not_approving_it_opens_nothing(self, person):
        client = Client()
        assert client.get(approved(client, person[0], decision="no")).status_code == 422

    @pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "/\\evil.example"])
    def test_it_leads_nowhere_else(self, person, away):
        who, _ = person
        linked(who)
        client = Client()
        assert client.get(approved(client, who, away))["Location"] == "/my/"

    def test_an_unknown_provider_is_none(self, person):
        assert Client().get("/accounts/foreign/go/nobody/").status_code == 404


def test_the_question_is_asked_as_the_practice_wants_it(person):
    asked = {name: values[0] for name, values in parse_qs(urlsplit(Client().get(GO)["Location"]).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["acr_values"].split()[0] == "urn:mobile-id:high"
    assert len(asked["state"]) >= 43
    assert len(asked["nonce"]) >= 43


def test_without_a_demonstration_there_is_no_stand_in(db, settings):
    settings.MADANG_OUTSIDE_URL = ""
    page = Client().get("/accounts/foreign/").content.decode()
    assert "mobile-id" not in page
