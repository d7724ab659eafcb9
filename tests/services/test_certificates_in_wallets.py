"""A document goes into a wallet by OpenID4VCI, once, bound to the wallet's key; is shown in part; and is ended."""

import json
import time
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import parse_qs
from uuid import uuid4

import a_city
import httpx
import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto import jwk
from sd_jwt.verifier import SDJWTVerifier

from madang.commons.audit import facade as audit
from madang.kernel import clock, selective_disclosure, status_list
from madang.kernel.actors import Acting
from madang.kernel.assurance import Assurance
from madang.kernel.errors import AssuranceTooLow, BeyondDelegation
from madang.kernel.languages import Language
from madang.services.applications import facade as applications
from madang.services.certificates import facade, room, tasks
from madang.services.certificates.contracts import CertificateUnknown, NothingToGive, Permission, WalletRefused
from madang.services.certificates.facade import credentials, issuing
from madang.services.certificates.models import CredentialRow, OfferRow
from madang.services.certificates.rules import credentials as rules
from madang.services.certificates.store import credential_keys
from madang.simulation import wallet_protocol
from madang.simulation.wallet_protocol import disclosed, payload, presented, proof, received

NOW = clock.now()
GRANT = rules.PRE_AUTHORIZED


class InProcess:
    """The wallet's line to the city, without a network."""

    def __init__(self):
        self.city = Client()

    def get(self, url):
        return self._answer(self.city.get(self._path(url)), url)

    def post(self, url, data=None, json=None, headers=None):
        named = {f"HTTP_{name.upper()}": value for name, value in (headers or {}).items()}
        if json is not None:
            told = self.city.post(self._path(url), json, content_type="application/json", **named)
        else:
            told = self.city.post(self._path(url), data or {}, **named)
        return self._answer(told, url)

    @staticmethod
    def _path(url):
        return "/" + url.split("/", 3)[3]

    @staticmethod
    def _answer(told, url):
        asked = httpx.Request("GET", url)
        return httpx.Response(told.status_code, content=told.content, headers=dict(told.headers), request=asked)


def holder(who, assurance=Assurance.SUBSTANTIAL):
    actor = a_city.resident(who, assurance)
    return replace(actor, permissions=actor.permissions | {Permission.SEE_OWN})


@pytest.fixture(autouse=True)
def own_keys(settings, tmp_path):
    settings.MADANG_INSTANCE = tmp_path


@pytest.fixture
def garam(residents):
    return residents["in_order"]


@pytest.fixture
def document(garam):
    who, what = a_city.resident(garam), {"purpose": "finance"}
    case = applications.apply(who, "resident-register-extract", what, Language.KO, NOW)
    case = applications.approve(a_city.REVIEWER, case.id, [], NOW, automatic=True)
    return facade.certificate(holder(garam), facade.issue(case.id, NOW))


def offered(garam, document):
    offer = credentials.offer(holder(garam), document.id, clock.now())
    [told] = parse_qs(offer.query)["credential_offer"]
    return told, offer.digits


def given_to_wallet(garam, document):
    return received(InProcess(), *offered(garam, document))


def code_of(told):
    return json.loads(told)["grants"][GRANT]["pre-authorized_code"]


def token_for(told, digits):
    form = {"grant_type": GRANT, "pre-authorized_code": code_of(told), "tx_code": digits}
    return issuing.token(form, clock.now())["access_token"]


def asked(key=None, nonce=None, **change):
    made = key or jwk.JWK.generate(kty="EC", crv="P-256")
    told = proof(made, change.pop("aud", credentials.issuer()), nonce or issuing.nonce(clock.now())["c_nonce"])
    return {"credential_configuration_id": "resident-register-extract", "proofs": {"jwt": [told]}} | change


class TestGiven:
    def test_it_says_what_the_document_says_bound_to_the_wallets_key(self, garam, document):
        one = given_to_wallet(garam, document)
        signed, told = payload(one.credential), disclosed(one.credential)
        assert signed["iss"] == credentials.issuer()
        assert signed["vct"] == f"{credentials.issuer()}/types/resident-register-extract"
        assert signed["cnf"]["jwk"]["x"] == json.loads(one.key)["x"]
        assert "d" not in signed["cnf"]["jwk"]
        assert told["name"] == "김가람(합성)"
        assert (told["age_over_19"], told["resident_id"]) == (True, str(garam))
        assert not {"name", "birthdate", "address"} & signed.keys()
        assert signed["exp"] - signed["iat"] <= 90 * 24 * 3600
        assert "certificates.give_credential" in {access.action for access in audit.accesses_of(holder(garam))}

    def test_a_stranger_reads_it_and_sees_over_19_without_the_birth_date(self, garam, document):
        one = given_to_wallet(garam, document)
        shown = presented(one, ["age_over_19"], "verifier", "n-1")
        [key] = issuing.key_set()["jwks"]["keys"]
        stranger = SDJWTVerifier(shown, lambda *_: jwk.JWK(**key), "verifier", "n-1")
        told = stranger.get_verified_payload()
        assert told["age_over_19"] is True
        assert not {"name", "birthdate", "address", "resident_id"} & told.keys()
        assert document.facts["birth_date"] not in shown

    def test_what_is_announced_is_what_is_given(self, garam, document):
        told, _ = offered(garam, document)
        line = InProcess()
        about = line.get("x://y/.well-known/openid-credential-issuer/credentials").json()
        assert about["credential_issuer"] == json.loads(told)["credential_issuer"] == credentials.issuer()
        kind = about["credential_configurations_supported"]["resident-register-extract"]
        one = given_to_wallet(garam, document)
        described = line.get(payload(one.credential)["vct"]).json()
        names = {claim["path"][0] for claim in kind["credential_metadata"]["claims"]}
        said = disclosed(one.credential).keys() - payload(one.credential).keys()
        assert said <= names == {claim["path"][0] for claim in described["claims"]}
        assert kind["vct"] == described["vct"] == one.kind
        assert all(len(claim["display"]) == 8 for claim in described["claims"])

    def test_only_hashes_of_code_digits_and_token_are_kept(self, garam, document):
        told, digits = offered(garam, document)
        token = token_for(told, digits)
        kept = json.dumps(OfferRow.objects.values().get(), default=str)
        assert code_of(told) not in kept
        assert token not in kept
        assert OfferRow.objects.get().digits != digits


class TestOffered:
    def test_below_two_factors_nothing_is_offered(self, garam, document):
        with pytest.raises(AssuranceTooLow):
            credentials.offer(holder(garam, Assurance.LOW), document.id, NOW)

    def test_whoever_acts_for_another_gets_no_credential_of_theirs(self, garam, document):
        acting = Acting(uuid4(), "navigator", None, "somebody", NOW + timedelta(hours=1))
        with pytest.raises(BeyondDelegation):
            credentials.offer(replace(holder(garam), acting=acting), document.id, NOW)

    def test_somebody_elses_document_is_not_there(self, residents, document):
        other = holder(next(one for key, one in residents.items() if key != "in_order"))
        with pytest.raises(CertificateUnknown):
            credentials.offer(other, document.id, NOW)

    def test_what_does_not_hold_is_not_offered(self, garam, document):
        with pytest.raises(NothingToGive):
            credentials.offer(holder(garam), document.id, document.expires)

    def test_the_page_offers_by_picture_link_and_number_without_script(self, garam, document, at_the_door):
        browser = at_the_door(holder(garam))
        page = browser.post(f"/documents/{document.id}/wallet/").content.decode()
        assert "openid-credential-offer://?credential_offer=" in page
        assert "data:image/svg+xml" in page
        assert "Number for your wallet" in page
        given_to_wallet(garam, document)
        assert "End this copy" in browser.get(f"/documents/{document.id}/wallet/").content.decode()
        low = at_the_door(holder(garam, Assurance.LOW)).get(f"/documents/{document.id}/wallet/")
        assert low["Location"].startswith("/accounts/step-up/")


class TestRefused:
    def test_a_code_opens_once(self, garam, document):
        told, digits = offered(garam, document)
        token_for(told, digits)
        with pytest.raises(WalletRefused, match="invalid_grant"):
            token_for(told, digits)

    def test_five_wrong_numbers_end_an_offer(self, garam, document):
        told, digits = offered(garam, document)
        wrong = f"{(int(digits) + 1) % 10**6:06}"
        for _ in range(5):
            with pytest.raises(WalletRefused, match="invalid_grant"):
                token_for(told, wrong)
        with pytest.raises(WalletRefused, match="invalid_grant"):
            token_for(told, digits)

    def test_four_wrong_numbers_do_not(self, garam, document):
        told, digits = offered(garam, document)
        for _ in range(4):
            with pytest.raises(WalletRefused):
                token_for(told, "no")
        assert token_for(told, digits)

    def test_a_code_ends_after_ten_minutes(self, garam, document):
        told, digits = offered(garam, document)
        form = {"grant_type": GRANT, "pre-authorized_code": code_of(told), "tx_code": digits}
        with pytest.raises(WalletRefused, match="invalid_grant"):
            issuing.token(form, clock.now() + timedelta(minutes=10))

    @pytest.mark.parametrize(("form", "error"), [
        ({}, "unsupported_grant_type"), ({"grant_type": GRANT}, "invalid_request"),
        ({"grant_type": GRANT, "pre-authorized_code": "x", "tx_code": "1"}, "invalid_grant"),
    ])
    def test_a_wrong_question_for_a_token(self, db, form, error):
        answer = Client().post("/credentials/token", form)
        assert (answer.status_code, answer.json()["error"]) == (400, error)

    def test_a_token_gives_one_credential(self, garam, document):
        token = token_for(*offered(garam, document))
        assert issuing.credential(token, asked(), clock.now())
        with pytest.raises(WalletRefused, match="invalid_token"):
            issuing.credential(token, asked(), clock.now())
        assert CredentialRow.objects.count() == 1

    def test_a_token_ends(self, garam, document):
        token = token_for(*offered(garam, document))
        OfferRow.objects.update(token_ends=clock.now())
        with pytest.raises(WalletRefused, match="invalid_token"):
            issuing.credential(token, asked(), clock.now())

    @pytest.mark.parametrize(("body", "error"), [
        ([], "invalid_credential_request"), ({}, "invalid_credential_request"),
        ({"credential_identifier": "x"}, "unknown_credential_identifier"),
        ({"credential_configuration_id": "local-tax-certificate"}, "unknown_credential_configuration"),
        ({"credential_configuration_id": "resident-register-extract"}, "invalid_proof"),
        ({"credential_configuration_id": "resident-register-extract", "proofs": {"jwt": ["a.b.c"]}}, "invalid_proof"),
        ({"credential_configuration_id": "resident-register-extract", "proofs": {"jwt": ["a", "b"]}}, "invalid_proof"),
    ])
    def test_a_wrong_question_for_a_credential(self, garam, document, body, error):
        with pytest.raises(WalletRefused, match=error):
            issuing.credential(token_for(*offered(garam, document)), body, clock.now())
        assert not CredentialRow.objects.exists()

    def test_a_proof_for_another_issuer_an_old_or_a_forged_nonce(self, garam, document):
        token = token_for(*offered(garam, document))
        old = issuing.nonce(clock.now() - timedelta(minutes=6))["c_nonce"]
        for body, error in [
            (asked(aud="https://other.example"), "invalid_proof"), (asked(nonce=old), "invalid_nonce"),
            (asked(nonce="A" * 75), "invalid_nonce"), (asked(nonce="ö"), "invalid_nonce"),
        ]:
            with pytest.raises(WalletRefused, match=error):
                issuing.credential(token, body, clock.now())

    def test_a_proof_is_good_once(self, residents, garam, document):
        body = asked()
        issuing.credential(token_for(*offered(garam, document)), body, clock.now())
        with pytest.raises(WalletRefused, match="invalid_nonce"):
            issuing.credential(token_for(*offered(garam, document)), body, clock.now())

    def test_a_key_that_did_not_sign_is_not_bound(self, garam, document):
        token = token_for(*offered(garam, document))
        mine, other = (jwk.JWK.generate(kty="EC", crv="P-256") for _ in range(2))
        head = {"alg": "ES256", "typ": "openid4vci-proof+jwt", "jwk": other.export_public(as_dict=True)}
        told = {"aud": credentials.issuer(), "iat": int(time.time()), "nonce": issuing.nonce(clock.now())["c_nonce"]}
        forged = asked() | {"proofs": {"jwt": [wallet_protocol._signed(mine, head, told)]}}
        with pytest.raises(WalletRefused, match="invalid_proof"):
            issuing.credential(token, forged, clock.now())

    def test_too_much_is_not_read(self, db):
        answer = Client().post("/credentials/credential", "x" * 20_000, content_type="application/json")
        assert answer.status_code == 413

    def test_without_a_token_it_is_a_401(self, db):
        answer = Client().post("/credentials/credential", {}, content_type="application/json")
        assert (answer.status_code, "Bearer" in answer["WWW-Authenticate"]) == (401, True)


class TestStatus:
    def place(self, one):
        told = payload(one.credential)["status"]["status_list"]
        return told["uri"], told["idx"]

    def is_gone(self, one):
        uri, at = self.place(one)
        answer = InProcess().get(uri)
        assert answer.headers["content-type"] == "application/statuslist+jwt"
        told = payload(answer.text)
        assert told["sub"] == uri
        return status_list.is_taken_back(told["status_list"], at)

    def test_ended_by_its_holder_it_is_told_and_the_other_copy_goes_on(self, garam, document):
        first, second = given_to_wallet(garam, document), given_to_wallet(garam, document)
        copies = credentials.given(holder(garam), document.id)
        mine = next(copy for copy in copies if copy.place == self.place(first)[1])
        credentials.end(holder(garam), document.id, mine.id, NOW)
        assert self.is_gone(first)
        assert not self.is_gone(second)

    def test_a_document_that_is_taken_back_takes_its_copies_with_it(self, garam, document):
        one = given_to_wallet(garam, document)
        assert not self.is_gone(one)
        officer = replace(holder(garam), permissions=frozenset({Permission.REVOKE}))
        facade.revoke(officer, document.id, "issued in error", NOW)
        assert self.is_gone(one)
        with pytest.raises(NothingToGive):
            credentials.offer(holder(garam), document.id, NOW)

    def test_an_unknown_list_is_none(self, db):
        assert Client().get("/credentials/status/7").status_code == 404

    def test_what_is_over_is_deleted_and_nothing_before(self, garam, document):
        given_to_wallet(garam, document)
        ends = CredentialRow.objects.get().expires
        assert ends <= CredentialRow.objects.get().issued + room.ROOM.personal_data[-1].keep
        tasks.end_old_credentials(ends)
        assert (CredentialRow.objects.count(), OfferRow.objects.count()) == (1, 0)
        tasks.end_old_credentials(ends + timedelta(seconds=1))
        assert not CredentialRow.objects.exists()


def test_a_new_key_signs_and_the_old_one_stays_announced(db, settings):
    [first] = credential_keys.key_set()["keys"]
    credential_keys._make(credential_keys._files()[0].parent)
    assert [key["kid"] for key in credential_keys.key_set()["keys"]][1] == first["kid"]
    made = credential_keys.signed({}, "x")
    assert json.loads(selective_disclosure.decoded(made.split(".")[0]))["kid"] != first["kid"]


@pytest.mark.parametrize(("born", "day", "holds"), [
    ("2007-11-23", "2026-11-22", False), ("2007-11-23", "2026-11-23", True), ("2008-02-29", "2027-02-28", False),
    ("2008-02-29", "2027-03-01", True), ("2000-01-01", "2026-11-23", True),
])
def test_19_is_reached_on_the_birthday(born, day, holds):
    assert rules.reached(19, date.fromisoformat(born), date.fromisoformat(day)) is holds


NAMES = st.text("abcdefgh_", min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.text(max_size=20) | st.booleans(), min_size=1, max_size=6), st.data())
def test_what_is_shown_is_what_was_signed_and_no_more(claims, data):
    shown = rules.disclosures(claims, [bytes([at]) * 16 for at in range(len(claims))])
    signed = {"_sd": [selective_disclosure.digest(one) for one in shown], "iss": "x"}
    kept = data.draw(st.lists(st.sampled_from(shown), unique=True))
    names = {selective_disclosure.named(one) for one in kept} - {"_sd"}
    assert selective_disclosure.revealed(signed, kept) == {"iss": "x", **{name: claims[name] for name in names}}
    with pytest.raises(selective_disclosure.DisclosureWrong):
        selective_disclosure.revealed(signed, [*kept, selective_disclosure.disclosure(b"1" * 16, "zz", "forged")])
    if kept:
        with pytest.raises(selective_disclosure.DisclosureWrong):
            selective_disclosure.revealed(signed, [*kept, kept[0]])


@given(st.sets(st.integers(0, 1023)), st.integers(0, 1023))
def test_a_status_list_says_what_was_put_in(places, one):
    assert status_list.is_taken_back(status_list.packed(places, 1024), one) is (one in places)


@pytest.mark.parametrize("told", [
    None, {}, {"bits": 3, "lst": ""}, {"bits": 1, "lst": "###"}, {"bits": 1, "lst": "AAAA"},
])
def test_a_broken_status_list_is_not_believed(told):
    with pytest.raises(status_list.StatusListWrong):
        status_list.is_taken_back(told, 0)
