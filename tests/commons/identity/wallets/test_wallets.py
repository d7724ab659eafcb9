"""Coming in by a credential in a wallet, and every presentation that must not be believed."""

import json
import threading
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import pytest
from django.test import Client
from jwcrypto import jwk
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer

from madang.commons.identity import facade as identity
from madang.commons.identity.contracts import NewAccount
from madang.commons.identity.foreign.models import LinkRow
from madang.commons.identity.wallets import facade, room, tasks
from madang.commons.identity.wallets.models import QuestionRow
from madang.commons.identity.wallets.store import issuers
from madang.entrypoints.outside import _Threads
from madang.kernel import clock, status_list
from madang.kernel.assurance import Assurance
from madang.records.registers.facade import population
from madang.simulation.wallet_protocol import Held, _signed, answer_for, presented, question_at
from tests.commons.identity.people import OPERATOR, PASSWORD

WALLET, WAIT, BACK = "/accounts/wallet/", "/accounts/wallet/wait/", "/accounts/wallet/back/"
LINK = "/accounts/foreign/link/"


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


class Authority:
    """An issuer whose credentials the city takes, on loopback: its keys and its status list."""

    def __init__(self, at):
        self.key, self.taken_back, self.at = jwk.JWK.generate(kty="EC", crv="P-256"), set(), f"{at}/credentials"
        self.is_silent = False

    def answer(self, environ, start_response):
        path, kid = environ["PATH_INFO"], self.key.thumbprint()
        if path == "/.well-known/jwt-vc-issuer/credentials" and not self.is_silent:
            keys = [{**self.key.export_public(as_dict=True), "kid": kid}]
            return self._told(start_response, json.dumps({"issuer": self.at, "jwks": {"keys": keys}}))
        if path == "/credentials/status/0" and not self.is_silent:
            told = {
                "sub": f"{self.at}/status/0", "exp": int(time.time()) + 60, "ttl": 60,
                "status_list": status_list.packed(self.taken_back, 1024),
            }
            head = {"alg": "ES256", "typ": "statuslist+jwt", "kid": kid}
            return self._told(start_response, _signed(self.key, head, told))
        start_response("404 Not Found", [])
        return [b""]

    @staticmethod
    def _told(start_response, text):
        start_response("200 OK", [("Content-Type", "application/json")])
        return [text.encode()]

    def gives(self, resident, key=None, head=None, **change):
        """A credential made by a stranger's library, so that ours is not its own judge."""
        holder, now = jwk.JWK.generate(kty="EC", crv="P-256"), int(time.time())
        claims = {
            "iss": self.at, "vct": f"{self.at}/types/resident-register-extract", "iat": now - 10, "exp": now + 3600,
            "status": {"status_list": {"uri": f"{self.at}/status/0", "idx": 7}},
            SDObj("resident_id"): str(resident), SDObj("name"): "somebody", SDObj("birthdate"): "1990-01-01",
        } | change
        claims = {name: value for name, value in claims.items() if value is not None}
        made = SDJWTIssuer(
            claims, key or self.key, holder,
            extra_header_parameters={"typ": "dc+sd-jwt", "kid": self.key.thumbprint(), **(head or {})},
        )
        return Held(made.sd_jwt_issuance, holder.export(), claims["vct"], now)


@pytest.fixture
def authority(settings, tmp_path, monkeypatch):
    server = make_server("127.0.0.1", 0, None, _Threads, _Quiet)
    one = Authority(f"http://127.0.0.1:{server.server_port}")
    server.set_app(one.answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.MADANG_INSTANCE = tmp_path
    settings.MADANG_OUTSIDE_URL = settings.MADANG_PUBLIC_URL = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(issuers, "_keys", {})
    monkeypatch.setattr(issuers, "_lists", {})
    yield one
    server.shutdown()
    server.server_close()


@pytest.fixture
def person(db, authority):
    who = population.demo_residents()[0]
    new = NewAccount("resident@seoul.example", PASSWORD, "resident", resident=who.id)
    return who, identity.make_account(OPERATOR, new, clock.now())


@pytest.fixture
def credential(person, authority):
    return authority.gives(person[0].id)


class Line:
    """A wallet's line to the city, without a network."""

    def post(self, url, data):
        told = Client().post(urlsplit(url).path, data)
        return httpx.Response(told.status_code, content=told.content, request=httpx.Request("POST", url))


def signed_in(email="resident@seoul.example"):
    client = browser()
    assert client.post("/accounts/login/", {"login": email, "password": PASSWORD}).status_code == 302
    return client


def browser():
    client = Client()
    client.cookies["madang_language"] = "en"
    return client


def asked(client, means="same_device"):
    assert client.post(WALLET, {"means": means})["Location"] == WAIT
    page = client.get(WAIT).content.decode()
    [row] = QuestionRow.objects.order_by("-ends")[:1]
    assert means != "same_device" or f"questions%2F{row.handle}" in page
    query = facade.asking(client.session["identity_wallets_asked"], clock.now()).query
    return question_at(Line(), dict(parse_qsl(query)))


def answered(question, form):
    return Line().post(question.answer_at, form)


def there(answer):
    assert answer.status_code == 200, answer.text
    parts = urlsplit(answer.json()["redirect_uri"])
    return f"{parts.path}?{parts.query}"


def shown(client, one, means="same_device", fault=""):
    question = asked(client, means)
    return answered(question, answer_for(question, one, fault))


def level(client):
    return identity.actor_of(client.get("/accounts/login/").wsgi_request).assurance


def linked(credential):
    client = signed_in()
    assert client.get(there(shown(client, credential)))["Location"] == LINK
    assert "A document of the city in your wallet" in client.get(LINK).content.decode()
    assert client.post(LINK).status_code == 302
    assert LinkRow.objects.count() == 1
    return client


class TestComingIn:
    def test_linked_once_it_opens_and_only_what_was_asked_is_told(self, credential):
        linked(credential)
        client = browser()
        key = client.session.session_key
        question = asked(client)
        form = answer_for(question, credential)
        assert "MTk5MC0wMS0wMQ" not in form["vp_token"]
        assert len(json.loads(form["vp_token"])["city-documents"][0].split("~")) == 3
        assert client.get(there(answered(question, form))).status_code == 302
        assert level(client) is Assurance.SUBSTANTIAL
        assert client.session.session_key != key
        assert not QuestionRow.objects.exists()

    def test_a_strangers_wallet_is_understood(self, credential):
        linked(credential)
        client = browser()
        question = asked(client)
        stranger = SDJWTHolder(credential.credential)
        stranger.create_presentation(
            {"resident_id": True}, question.nonce, question.client, jwk.JWK.from_json(credential.key)
        )
        token = json.dumps({"city-documents": [stranger.sd_jwt_presentation]})
        assert client.get(there(answered(question, {"vp_token": token, "state": question.state}))).status_code == 302
        assert level(client) is Assurance.SUBSTANTIAL

    def test_somebody_signed_in_rises_by_it_and_goes_on_where_they_were(self, credential):
        linked(credential)
        client = signed_in()
        assert level(client) is Assurance.LOW
        client.get("/accounts/foreign/?next=/apply/x")
        assert client.get(there(shown(client, credential)))["Location"] == "/apply/x"
        assert level(client) is Assurance.SUBSTANTIAL

    def test_from_another_phone_it_takes_the_number_that_stands_there(self, credential):
        linked(credential)
        client, phone = browser(), browser()
        back = there(shown(client, credential, "cross_device"))
        number = QuestionRow.objects.get().number
        assert number in phone.get(back).content.decode()
        assert not phone.session.get("_auth_user_id")
        assert "The number on your phone" in client.get(WAIT).content.decode()
        wrong = client.post(WAIT, {"number": f"{(int(number) + 1) % 10**4:04}"})
        assert (wrong.status_code, "not the number" in wrong.content.decode()) == (422, True)
        assert client.post(WAIT, {"number": number})["Location"] == "/my/"
        assert level(client) is Assurance.SUBSTANTIAL

    def test_three_wrong_numbers_end_it(self, credential):
        linked(credential)
        client = browser()
        shown(client, credential, "cross_device")
        number = QuestionRow.objects.get().number
        wrong = f"{(int(number) + 1) % 10**4:04}"
        assert [client.post(WAIT, {"number": wrong}).status_code for _ in range(3)] == [422, 422, 409]
        assert client.post(WAIT, {"number": number}).status_code == 409
        assert not client.session.get("_auth_user_id")

    def test_without_a_link_nobody_comes_in(self, credential):
        client = browser()
        assert client.get(there(shown(client, credential)))["Location"] == LINK
        assert client.get(LINK)["Location"].startswith("/accounts/login/")

    def test_another_persons_credential_is_not_linked(self, authority, person):
        client = signed_in()
        client.get(there(shown(client, authority.gives(population.demo_residents()[1].id))))
        assert client.post(LINK).status_code == 403
        assert not LinkRow.objects.exists()

    def test_it_stands_among_the_other_ways_and_can_be_ended(self, credential):
        client = linked(credential)
        page = client.get("/accounts/foreign/").content.decode()
        assert f'href="{WALLET}"' in page
        assert client.post("/accounts/foreign/", {"provider": "city-documents"}).status_code == 302
        assert not LinkRow.objects.exists()


class TestNotBelieved:
    @pytest.mark.parametrize(("fault", "why"), [
        ("nonce", "nonce"), ("aud", "aud"), ("unbound", "no key binding"), ("altered", "disclosure"),
    ])
    def test_a_presentation_that_does_not_fit(self, credential, fault, why):
        linked(credential)
        client = browser()
        refused = shown(client, credential, fault=fault)
        assert (refused.status_code, refused.json()["error_description"]) == (400, why)
        page = client.get(WAIT)
        assert (page.status_code, f"({why})" in page.content.decode()) == (422, True)
        assert not client.session.get("_auth_user_id")

    @pytest.mark.parametrize(("change", "why"), [
        ({"exp": int(time.time()) - 60}, "expired"), ({"exp": None}, "expired"),
        ({"nbf": int(time.time()) + 3600}, "not yet"), ({"iss": "https://other.example"}, "issuer"),
        ({"vct": "https://other.example/type"}, "vct"), ({"status": {"status_list": {"idx": 7}}}, "status"),
        ({"status": {"status_list": {"uri": 1, "idx": 7}}}, "status"),
    ])
    def test_a_credential_that_is_not_taken(self, authority, person, change, why):
        one = authority.gives(person[0].id, **change)
        client = browser()
        question = asked(client)
        token = presented(one, ["resident_id"], question.client, question.nonce)
        form = {"vp_token": json.dumps({"city-documents": [token]}), "state": question.state}
        refused = answered(question, form)
        assert (refused.status_code, refused.json()["error_description"]) == (400, why)

    def test_a_credential_that_says_nobody(self, authority, person):
        one = authority.gives(person[0].id)
        client = browser()
        question = asked(client)
        token = presented(one, ["name"], question.client, question.nonce)
        refused = answered(question, {"vp_token": json.dumps({"city-documents": [token]}), "state": question.state})
        assert refused.json()["error_description"] == "resident_id"

    def test_one_that_was_taken_back(self, authority, credential, monkeypatch):
        linked(credential)
        authority.taken_back.add(7)
        monkeypatch.setattr(issuers, "_lists", {})
        assert shown(browser(), credential).json()["error_description"] == "revoked"

    def test_another_who_calls_itself_the_issuer(self, authority, person):
        forged = authority.gives(person[0].id, key=jwk.JWK.generate(kty="EC", crv="P-256"))
        assert shown(browser(), forged).json()["error_description"] == "dc+sd-jwt signature"

    def test_a_key_that_the_issuer_does_not_announce(self, authority, person):
        forged = authority.gives(person[0].id, head={"kid": "another"})
        assert shown(browser(), forged).json()["error_description"] == "dc+sd-jwt key"

    def test_a_token_of_another_kind(self, authority, person):
        other = authority.gives(person[0].id, head={"typ": "JWT"})
        assert shown(browser(), other).json()["error_description"] == "dc+sd-jwt key"

    def test_somebody_elses_key_under_the_binding(self, credential):
        thief = replace(credential, key=jwk.JWK.generate(kty="EC", crv="P-256").export())
        assert shown(browser(), thief).json()["error_description"] == "kb+jwt signature"

    def test_a_presentation_with_one_disclosure_more_than_was_signed(self, credential):
        client = browser()
        question = asked(client)
        bare, bound = presented(credential, ["resident_id"], question.client, question.nonce).rsplit("~", 1)
        more = next(one for one in credential.credential.split("~")[1:-1] if one not in bare)
        form = {"vp_token": json.dumps({"city-documents": [f"{bare}~{more}~{bound}"]}), "state": question.state}
        assert answered(question, form).json()["error_description"] == "sd_hash"

    def test_one_made_long_ago_for_this_question(self, credential, monkeypatch):
        question = asked(browser())
        real = time.time
        monkeypatch.setattr("madang.simulation.wallet_protocol.time.time", lambda: real() - 400)
        assert answered(question, answer_for(question, credential)).json()["error_description"] == "iat"

    def test_an_issuer_that_is_silent_opens_nothing_and_may_be_asked_again(self, authority, credential):
        authority.is_silent = True
        client = browser()
        question = asked(client)
        form = answer_for(question, credential)
        assert answered(question, form).status_code == 503
        authority.is_silent = False
        assert answered(question, form).status_code == 200

    @pytest.mark.parametrize("token", [
        "", "x", "[]", "{}", '{"city-documents": "x"}', '{"city-documents": []}', '{"city-documents": ["x"]}',
        '{"city-documents": ["a.b.c~d"]}', '{"other": ["x"]}', '{"city-documents": ["x"], "y": ["x"]}', "[" * 5000,
        '{"city-documents": ["é~~"]}',
    ])
    def test_what_is_no_presentation(self, person, token):
        question = asked(browser())
        assert answered(question, {"vp_token": token, "state": question.state}).status_code == 400

    def test_too_much_is_not_read(self, credential):
        question = asked(browser())
        assert answered(question, {"vp_token": "x" * 70_000, "state": question.state}).status_code == 413


class TestOneBrowserOnce:
    def test_an_answer_is_good_once(self, credential):
        linked(credential)
        client = browser()
        question = asked(client)
        form = answer_for(question, credential)
        back = there(answered(question, form))
        assert answered(question, form).status_code == 404
        assert client.get(back).status_code == 302
        assert client.get(back).status_code == 409

    def test_one_shown_before_answers_no_other_question(self, credential):
        linked(credential)
        first, second = asked(browser()), asked(browser())
        old = answer_for(first, credential)
        assert answered(second, {**old, "state": second.state}).json()["error_description"] == "nonce"

    def test_who_asked_is_who_comes_in(self, credential):
        linked(credential)
        client, other = browser(), browser()
        back = there(shown(client, credential))
        asked(other)
        assert other.get(back).status_code == 409
        assert browser().get(back).status_code == 409
        assert not other.session.get("_auth_user_id")
        assert client.get(back).status_code == 302

    def test_a_link_sent_to_another_lets_its_sender_in_nowhere(self, credential):
        linked(credential)
        sender = browser()
        shown(sender, credential)
        assert "Open your wallet" in sender.get(WAIT).content.decode()
        assert sender.post(WAIT, {"number": QuestionRow.objects.get().number}).status_code == 409
        assert sender.get(f"{BACK}?response_code=").status_code == 409
        assert not sender.session.get("_auth_user_id")

    def test_from_another_phone_the_browser_needs_the_number(self, credential):
        linked(credential)
        sender, victim = browser(), browser()
        back = there(shown(sender, credential, "cross_device"))
        assert sender.get(back).status_code == 200
        victim.get(back)
        assert not victim.session.get("_auth_user_id")
        assert not sender.session.get("_auth_user_id")

    def test_without_its_state_a_question_is_neither_answered_nor_ended(self, credential):
        client = browser()
        question = asked(client)
        form = answer_for(question, credential)
        assert answered(question, {**form, "state": "x"}).status_code == 400
        assert answered(question, {"vp_token": "x"}).status_code == 400
        assert answered(question, form).status_code == 200

    def test_it_ends_after_five_minutes_and_is_deleted(self, credential):
        client = browser()
        question = asked(client)
        ends = QuestionRow.objects.get().ends
        QuestionRow.objects.update(ends=clock.now())
        assert answered(question, answer_for(question, credential)).status_code == 404
        assert client.get(WAIT).status_code == 409
        tasks.end_old_questions(ends + timedelta(seconds=1))
        assert not QuestionRow.objects.exists()
        assert timedelta(minutes=5) < room.ROOM.personal_data[0].keep

    def test_saying_no_leads_back_and_opens_nothing(self, credential):
        client = browser()
        question = asked(client)
        assert there(answered(question, answer_for(question, None))).startswith(WAIT)
        assert client.get(WAIT).status_code == 422


def test_the_question_names_who_asks_and_asks_no_more_than_who_it_is(person):
    client = browser()
    question = asked(client)
    assert question.client.startswith("x509_hash:")
    [wanted] = question.credentials
    assert wanted["claims"] == [{"path": ["resident_id"]}]
    assert wanted["format"] == "dc+sd-jwt"
    assert len(question.nonce) >= 43


def test_the_page_looks_again_by_itself_until_told_not_to(person):
    client = browser()
    asked(client, "cross_device")
    page = client.get(WAIT)
    assert page["Refresh"] == "5"
    assert "data:image/svg+xml" in page.content.decode()
    assert "Refresh" not in client.get(f"{WAIT}?still=1").headers


def test_nothing_is_shown_of_a_question_to_whoever_did_not_ask(person):
    asked(browser())
    assert browser().get(WAIT).status_code == 409


class TestEvidence:
    """What a form asks a wallet to show; such an answer opens no account."""

    def asked(self, client, claims=("age_over_19",)):
        session = client.session
        begin = facade.want(session, claims, ["Are you 19 or older?"], "/apply/1/x/shown")
        session.save()
        page = client.get(begin).content.decode()
        assert "Are you 19 or older?" in page
        assert client.post(begin, {"means": "same_device"})["Location"] == WAIT
        query = facade.asking(client.session["identity_wallets_asked"], clock.now()).query
        return question_at(Line(), dict(parse_qsl(query)))

    def test_it_says_what_was_asked_and_signs_nobody_in(self, authority, person):
        one = authority.gives(person[0].id, age_over_19=True)
        client = browser()
        question = self.asked(client)
        assert [claim["path"] for claim in question.credentials[0]["claims"]] == [["resident_id"], ["age_over_19"]]
        assert client.get(there(answered(question, answer_for(question, one))))["Location"] == "/apply/1/x/shown"
        assert not client.session.get("_auth_user_id")
        session = client.session
        shown_ = facade.fetched(session, clock.now())
        assert (shown_.claims, shown_.identity.resident) == ({"age_over_19": "yes"}, str(person[0].id))
        assert facade.fetched(session, clock.now()) is None

    def test_what_was_shown_long_ago_is_nothing(self, authority, person):
        client = browser()
        question = self.asked(client)
        one = authority.gives(person[0].id, age_over_19=False)
        client.get(there(answered(question, answer_for(question, one))))
        session = client.session
        assert facade.fetched(dict(session), clock.now()).claims == {"age_over_19": "no"}
        assert facade.fetched(session, clock.now() + timedelta(minutes=6)) is None

    def test_a_claim_that_is_kept_back_is_no_evidence(self, authority, person):
        question = self.asked(browser())
        one = authority.gives(person[0].id)
        token = presented(one, ["resident_id"], question.client, question.nonce)
        refused = answered(question, {"vp_token": json.dumps({"city-documents": [token]}), "state": question.state})
        assert refused.json()["error_description"] == "age_over_19"

    def test_a_form_that_was_left_asks_nothing_of_a_later_sign_in(self, credential):
        client = browser()
        self.asked(client)
        question = asked(client)
        assert [claim["path"] for claim in question.credentials[0]["claims"]] == [["resident_id"]]
