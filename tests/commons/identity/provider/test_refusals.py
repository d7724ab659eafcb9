"""What the provider refuses, each with its error, and with nothing given out. docs/identity.md lists the practice."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from jwcrypto import jwk, jwt

from madang.commons.identity import store
from madang.commons.identity.provider import facade, protocol
from madang.commons.identity.provider.models import AccessTokenRow, CodeRow, RefreshTokenRow, SignInRow
from madang.commons.identity.provider.store import keys
from madang.kernel import clock
from tests.commons.identity.people import officer, resident
from tests.commons.identity.provider.relying import (
    AFTER,
    BACK,
    OPERATOR,
    VERIFIER,
    add,
    allow,
    ask,
    basic,
    code,
    led_to,
    question,
    redeem,
    sign_in,
    token,
    told,
    userinfo,
)


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


def nothing_is_given_out():
    return not (CodeRow.objects.exists() or AccessTokenRow.objects.exists() or RefreshTokenRow.objects.exists())


def later(monkeypatch, **by):
    moment = clock.now() + timedelta(**by)
    monkeypatch.setattr(clock, "now", lambda: moment)


def with_refresh(library, browser):
    return redeem(*library, code(browser, scope="openid offline_access"))[1]


class TestWhereAnswersGo:
    @pytest.mark.parametrize("uri", [
        f"{BACK}/", f"{BACK}x", f"{BACK}?a=1", f"{BACK}#f", BACK.upper(), BACK.replace("https", "http"),
        "https://library.seoul.example/", "https://library.seoul.example.evil.example/back",
        "https://evil.example/back", "https://evil.example@library.seoul.example/back",
        "https://library.seoul.example:444/back",
        "https://library.seoul.example/back/../other", "https://library.seoul.example/%62ack",
        "javascript:alert(1)", "",
    ])
    def test_only_a_registered_address_letter_by_letter_gets_one(self, library, browser, uri):
        answer = ask(browser, redirect_uri=uri)
        assert (answer.status_code, "Location" in answer) == (422, False)
        assert nothing_is_given_out()

    def test_an_unknown_system_is_shown_nothing(self, browser):
        for system in ("seoul-library", "nobody", "\x01", "한글"):
            assert ask(browser, client_id=system).status_code in {400, 422}

    def test_a_question_asked_twice_in_one_is_not_answered(self, library, browser):
        answer = browser.get(f"/oauth/authorize?{question()}&redirect_uri=https://evil.example/")
        assert (answer.status_code, "Location" in answer) == (422, False)

    def test_every_answer_says_who_gives_it(self, library, browser, settings):
        good, bad = ask(browser), ask(browser, scope="openid everything")
        assert told(allow(browser, good))["iss"] == told(led_to(bad))["iss"] == settings.MADANG_PUBLIC_URL
        where = json.loads(browser.get("/.well-known/openid-configuration").content)
        assert where["issuer"] == settings.MADANG_PUBLIC_URL
        assert where["authorization_response_iss_parameter_supported"] is True

    def test_an_issuer_in_the_address_is_replaced(self, browser):
        add(redirect_uris=[f"{BACK}?iss=https://evil.example"])
        went = allow(browser, ask(browser, redirect_uri=f"{BACK}?iss=https://evil.example"))
        assert went.count("iss=") == 1
        assert "evil" not in went


class TestWays:
    @pytest.mark.parametrize("kind", [
        "token", "id_token", "id_token token", "code token", "code id_token", "code id_token token", "none", "CODE",
    ])
    def test_there_is_no_implicit_and_no_hybrid_way(self, library, browser, kind):
        said = told(led_to(ask(browser, response_type=kind)))
        assert (said["error"], said["state"]) == ("unsupported_response_type", "s-1")
        assert nothing_is_given_out()

    @pytest.mark.parametrize("other", [
        {"code_challenge": None, "code_challenge_method": None}, {"code_challenge_method": "plain"},
        {"code_challenge_method": None}, {"code_challenge_method": "S512"}, {"code_challenge": "short"},
        {"code_challenge": "x" * 44}, {"response_mode": "fragment"}, {"response_mode": "form_post"},
    ])
    def test_without_pkce_s256_there_is_no_code(self, library, browser, other):
        assert told(led_to(ask(browser, **other)))["error"] == "invalid_request"
        assert nothing_is_given_out()

    @pytest.mark.parametrize(("other", "error"), [
        ({"request": "e30.e30."}, "request_not_supported"), ({"request_uri": "https://evil.example"},
                                                             "request_uri_not_supported"),
    ])
    def test_a_question_within_a_question_is_not_read(self, library, browser, other, error):
        assert told(led_to(ask(browser, **other)))["error"] == error

    @pytest.mark.parametrize("way", ["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "", "x"])
    def test_there_is_no_other_way_to_a_token(self, library, way):
        resident()
        said = token(*library, grant_type=way, username="resident@seoul.example", password="correct horse battery")
        assert said == (400, {"error": "unsupported_grant_type"})
        assert nothing_is_given_out()

    def test_what_the_library_has_besides_is_not_built(self):
        assert list(protocol.server().response_types) == ["code"]
        assert sorted(protocol.server().grant_types) == [
            "authorization_code", "client_credentials", "none of these", "refresh_token"]

    @pytest.mark.parametrize("scope", ["openid everything", "everything", "email", "openid reports.read", ""])
    def test_no_more_is_asked_than_was_granted(self, library, browser, scope):
        assert told(led_to(ask(browser, scope=scope)))["error"] == "invalid_scope"
        assert nothing_is_given_out()

    def test_discovery_names_nothing_else(self, client):
        where = json.loads(client.get("/.well-known/openid-configuration").content)
        assert where["response_types_supported"] == ["code"]
        assert where["code_challenge_methods_supported"] == ["S256"]
        assert where["grant_types_supported"] == ["authorization_code", "client_credentials", "refresh_token"]
        assert where == json.loads(client.get("/.well-known/oauth-authorization-server").content)


class TestCodes:
    @pytest.mark.parametrize("other", [
        {"code_verifier": VERIFIER + "x"}, {"code_verifier": VERIFIER[:-1]}, {"code_verifier": ""},
        {"redirect_uri": f"{BACK}/"}, {"redirect_uri": "https://library.seoul.example/app?page=1"},
    ])
    def test_an_altered_verifier_or_address_gets_nothing_and_spends_the_code(self, library, browser, other):
        given = code(browser)
        status, said = redeem(*library, given, **other)
        assert (status, said["error"] in {"invalid_grant", "invalid_request"}) == (400, True)
        assert redeem(*library, given)[0] == 400
        assert not AccessTokenRow.objects.exists()

    def test_without_a_verifier_there_is_no_token(self, library, browser):
        status, said = redeem(*library, code(browser), code_verifier=None)
        assert (status, said["error"]) == (400, "invalid_request")
        assert not AccessTokenRow.objects.exists()

    def test_a_replayed_code_ends_what_the_first_gave(self, library, browser):
        given = code(browser, scope="openid offline_access")
        first = redeem(*library, given)[1]
        assert userinfo(first["access_token"])[0] == 200
        assert redeem(*library, given) == (400, {"error": "invalid_grant"})
        assert userinfo(first["access_token"])[0] == 401
        again = token(*library, grant_type="refresh_token", refresh_token=first["refresh_token"])
        assert again == (400, {"error": "invalid_grant"})

    def test_a_code_of_another_system_is_refused_and_still_good_for_its_own(self, library, browser):
        other = add(id="seoul-museum", redirect_uris=[BACK])
        given = code(browser)
        assert redeem(*other, given) == (400, {"error": "invalid_grant"})
        assert redeem(*library, given)[0] == 200

    def test_a_code_lasts_a_minute(self, library, browser, monkeypatch):
        given = code(browser)
        later(monkeypatch, seconds=61)
        assert redeem(*library, given) == (400, {"error": "invalid_grant"})
        assert not AccessTokenRow.objects.exists()

    @pytest.mark.parametrize("given", ["", "x", "한글", "x" * 5000])
    def test_a_made_up_code_gets_nothing(self, library, given):
        status, said = redeem(*library, given)
        assert (status, said["error"] in {"invalid_grant", "invalid_request"}) == (400, True)

    def test_only_its_hash_is_kept(self, library, browser):
        given = code(browser)
        assert given not in CodeRow.objects.get().code

    def test_a_public_system_needs_the_verifier_and_no_secret(self, browser):
        add(public=True, grants=["authorization_code"], scopes=["openid"])
        form = {"grant_type": "authorization_code", "client_id": "seoul-library", "redirect_uri": BACK,
                "code": code(browser)}
        assert Client().post("/oauth/token", form | {"code_verifier": "w" * 50}).status_code == 400
        form |= {"code": code(browser), "code_verifier": VERIFIER}
        assert Client().post("/oauth/token", form).status_code == 200


class TestTokens:
    def test_a_refresh_token_is_good_once_and_a_second_use_ends_the_family(self, library, browser):
        first = with_refresh(library, browser)
        second = token(*library, grant_type="refresh_token", refresh_token=first["refresh_token"])[1]
        assert userinfo(second["access_token"])[0] == 200
        stolen = token(*library, grant_type="refresh_token", refresh_token=first["refresh_token"])
        assert stolen == (400, {"error": "invalid_grant"})
        assert userinfo(second["access_token"])[0] == 401
        assert token(*library, grant_type="refresh_token", refresh_token=second["refresh_token"])[0] == 400

    def test_a_refresh_does_not_widen_what_was_allowed(self, library, browser):
        first = with_refresh(library, browser)
        said = token(*library, grant_type="refresh_token", refresh_token=first["refresh_token"], scope="openid email")
        assert said == (400, {"error": "invalid_scope"})

    def test_a_refresh_token_of_another_system_is_refused(self, library, browser):
        first = with_refresh(library, browser)
        other = add(id="seoul-museum")
        said = token(*other, grant_type="refresh_token", refresh_token=first["refresh_token"])
        assert said == (400, {"error": "invalid_grant"})
        assert token(*library, grant_type="refresh_token", refresh_token=first["refresh_token"])[0] == 200

    def test_nobody_stays_connected_who_was_not_allowed_to(self, library, browser):
        assert "refresh_token" not in redeem(*library, code(browser))[1]

    def test_a_changed_password_and_a_closed_account_end_it(self, library, browser):
        held = with_refresh(library, browser)
        account = SignInRow.objects.get().account
        store.set_password(account.id, "another horse battery")
        assert userinfo(held["access_token"])[0] == 401
        assert token(*library, grant_type="refresh_token", refresh_token=held["refresh_token"])[0] == 400

    def test_an_expired_token_opens_nothing(self, library, browser, monkeypatch):
        held = redeem(*library, code(browser))[1]
        later(monkeypatch, minutes=11)
        assert userinfo(held["access_token"])[0] == 401

    def test_what_is_not_an_access_token_opens_nothing(self, library, browser):
        held = with_refresh(library, browser)
        own = token(*library, grant_type="client_credentials")[1]["access_token"]
        for text in (held["id_token"], held["refresh_token"], own, forged(held["id_token"]), unsigned(held["id_token"]),
                     other_audience(held["id_token"]), "", "x", held["access_token"] + "x", held["access_token"][:-1]):
            status, said = userinfo(text)
            assert (status, said) == (401, {"error": "invalid_token"})

    def test_a_token_in_the_address_or_the_form_opens_nothing(self, library, browser):
        held = redeem(*library, code(browser))[1]["access_token"]
        assert Client().get(f"/oauth/userinfo?access_token={held}").status_code == 401
        assert Client().post("/oauth/userinfo", {"access_token": held}).status_code == 401

    def test_a_system_ends_its_own_tokens_and_nobody_elses(self, library, browser):
        held = with_refresh(library, browser)
        other = add(id="seoul-museum")
        for system, status in ((other, 200), (library, 401)):
            ended = Client().post("/oauth/revoke", {"token": held["refresh_token"]}, **basic(*system))
            assert ended.status_code == 200
            assert userinfo(held["access_token"])[0] == status

    def test_a_system_looks_up_its_own_tokens_only(self, library, browser):
        held = redeem(*library, code(browser))[1]["access_token"]
        other, gate = add(id="seoul-museum"), add(id="seoul-gateway", scopes=["openid", "gateway.introspect"])
        for system, active in ((library, True), (other, False), (gate, True)):
            said = Client().post("/oauth/introspect", {"token": held}, **basic(*system)).json()
            assert said["active"] is active
        assert Client().post("/oauth/introspect", {"token": held}).status_code == 401


def forged(text):
    """The same claims, signed by somebody else's key under our key's name."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return _signed(text, jwk.JWK.from_pem(pem))


def other_audience(text):
    return _signed(text, keys.private(_part(text, 0)["kid"]), aud="seoul-museum")


def unsigned(text):
    header = urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode().rstrip("=")
    return f"{header}.{text.split('.')[1]}."


def _signed(text, key, **other):
    header = {name: value for name, value in _part(text, 0).items() if name in {"kid", "typ", "alg"}}
    made = jwt.JWT(header=header, claims=_part(text, 1) | other)
    made.make_signed_token(key)
    return made.serialize()


def _part(text, place):
    part = text.split(".")[place]
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class TestConsent:
    def test_nobody_else_allows_it_from_another_page(self, library):
        resident()
        checked = sign_in(Client(enforce_csrf_checks=False))
        page = ask(checked)
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = checked.cookies
        sent = strict.post("/oauth/consent", {"ask": question(), "decision": "allow"})
        assert sent.status_code == 403
        assert page.status_code == 200
        assert nothing_is_given_out()

    def test_it_stands_in_no_frame(self, library, browser):
        assert ask(browser)["X-Frame-Options"] == "DENY"

    def test_a_visitor_allows_nothing(self, library):
        sent = Client().post("/oauth/consent", {"ask": question(), "decision": "allow"})
        assert sent["Location"].startswith("/oauth/authorize?")
        assert nothing_is_given_out()

    def test_what_the_form_says_is_judged_anew(self, library, browser):
        for altered in ({"redirect_uri": "https://evil.example/"}, {"client_id": "nobody"}):
            sent = browser.post("/oauth/consent", {"ask": question(**altered), "decision": "allow"})
            assert sent.status_code == 422
        wider = browser.post("/oauth/consent", {"ask": question(scope="openid everything"), "decision": "allow"})
        assert told(led_to(wider))["error"] == "invalid_scope"
        assert nothing_is_given_out()

    def test_not_allowing_it_is_told_and_gives_nothing(self, library, browser):
        assert told(allow(browser, ask(browser), "refuse"))["error"] == "access_denied"
        assert nothing_is_given_out()

    def test_a_system_for_staff_lets_no_resident_in(self, browser):
        add(people="staff")
        assert told(led_to(ask(browser)))["error"] == "access_denied"
        officer()
        assert ask(sign_in(Client(), "officer@seoul.example")).status_code == 200
        assert nothing_is_given_out()


class TestSigningOut:
    @pytest.mark.parametrize("uri", [
        f"{AFTER}/", f"{AFTER}?x=1", "https://evil.example/", BACK, "//evil.example", "javascript:alert(1)", "",
    ])
    def test_it_leads_to_a_registered_address_or_home(self, library, browser, uri):
        hint = redeem(*library, code(browser))[1]["id_token"]
        went = browser.get("/oauth/logout", {"id_token_hint": hint, "post_logout_redirect_uri": uri})
        assert (went.status_code, went["Location"]) == (302, "/")

    @pytest.mark.parametrize("alter", [forged, unsigned, lambda _: "", lambda _: "x.y.z"])
    def test_without_a_hint_of_ours_the_person_is_asked(self, library, browser, alter):
        hint = redeem(*library, code(browser))[1]["id_token"]
        page = browser.get("/oauth/logout", {"id_token_hint": alter(hint), "post_logout_redirect_uri": AFTER})
        assert (page.status_code, "Sign out of the city?" in page.content.decode()) == (200, True)
        assert browser.get("/accounts/connections/").status_code == 200

    def test_another_persons_hint_signs_nobody_out(self, library, browser):
        resident("other@seoul.example")
        hint = redeem(*library, code(sign_in(Client(), "other@seoul.example")))[1]["id_token"]
        assert browser.get("/oauth/logout", {"id_token_hint": hint}).status_code == 200
        assert browser.get("/accounts/connections/").status_code == 200

    def test_asked_and_answered_it_leads_back(self, library, browser):
        asked = {"client_id": "seoul-library", "post_logout_redirect_uri": AFTER, "state": "s-2"}
        assert browser.get("/oauth/logout", asked).status_code == 200
        assert led_to(browser.post("/oauth/logout", asked | {"decision": "leave"})) == f"{AFTER}?state=s-2"
        assert browser.get("/accounts/connections/").status_code == 302


def test_a_removed_system_asks_no_more(library, browser):
    held = with_refresh(library, browser)
    facade.remove_system(OPERATOR, "seoul-library")
    assert userinfo(held["access_token"])[0] == 401
    assert ask(browser).status_code == 422
