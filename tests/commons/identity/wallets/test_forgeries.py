"""Presentations that were tampered with by somebody who knows the format: unsigned, smuggled, or with a false list."""

import json
import time

import pytest
from jwcrypto import jwk

from madang.commons.identity.wallets.store import issuers
from madang.kernel import status_list
from madang.kernel.selective_disclosure import decoded, digest, disclosure, encoded
from madang.simulation.wallet_protocol import _signed, presented
from madang.simulation.wallet_protocol import payload as payload_of
from tests.commons.identity.wallets import test_wallets
from tests.commons.identity.wallets.test_wallets import answered, asked, browser

authority, person, credential = test_wallets.authority, test_wallets.person, test_wallets.credential


def refusal(question, token):
    told = answered(question, {"vp_token": json.dumps({"city-documents": [token]}), "state": question.state})
    assert told.status_code == 400, told.text
    return told.json()["error_description"]


def bound(one, question, bare, head=None, **more):
    """A binding that its holder really signs over what is shown, whatever that is."""
    claims = {"iat": int(time.time()), "aud": question.client, "nonce": question.nonce, "sd_hash": digest(bare)} | more
    return bare + _signed(jwk.JWK.from_json(one.key), head or {"alg": "ES256", "typ": "kb+jwt"}, claims)


def unsigned(token):
    """The same with no algorithm and no signature, as RFC 8725 (2020), section 2.1, warns of."""
    head, payload, _ = token.split(".")
    return f"{encoded(json.dumps(json.loads(decoded(head)) | {'alg': 'none'}).encode())}.{payload}."


def shown_of(one, names=("resident_id",)):
    question = asked(browser())
    bare = presented(one, list(names), question.client, question.nonce).rpartition("~")[0] + "~"
    return question, bare


def test_the_issuers_part_without_a_signature(credential):
    question, bare = shown_of(credential)
    signed, rest = bare.split("~", 1)
    assert refusal(question, bound(credential, question, f"{unsigned(signed)}~{rest}")) == "dc+sd-jwt signature"


def test_the_holders_part_without_a_signature(credential):
    question, bare = shown_of(credential)
    whole = bound(credential, question, bare)
    binding = whole.rpartition("~")[2]
    assert refusal(question, bare + unsigned(binding)) == "kb+jwt signature"


def test_a_binding_of_another_type(credential):
    question, bare = shown_of(credential)
    assert refusal(question, bound(credential, question, bare, {"alg": "ES256", "typ": "JWT"})) == "kb+jwt key"


def test_a_disclosure_that_the_issuer_never_signed_though_the_holder_binds_it(credential):
    question, bare = shown_of(credential)
    smuggled = f"{bare}{disclosure(b'0' * 16, 'age_over_19', True)}~"
    assert refusal(question, bound(credential, question, smuggled)) == "disclosure"


def test_a_disclosure_that_is_shown_twice(credential):
    question, bare = shown_of(credential)
    again = bare.split("~")[1]
    assert refusal(question, bound(credential, question, f"{bare}{again}~")) == "disclosure"


def test_a_binding_that_is_good_tomorrow(credential):
    question, bare = shown_of(credential)
    assert refusal(question, bound(credential, question, bare, iat=int(time.time()) + 3600)) == "iat"


def test_a_binding_over_other_words(credential):
    question, bare = shown_of(credential)
    assert refusal(question, bound(credential, question, bare, sd_hash=digest(bare + "x"))) == "sd_hash"


def test_a_credential_bound_to_no_key(authority, person):
    one = authority.gives(person[0].id)
    question, bare = shown_of(one)
    signed, rest = bare.split("~", 1)
    payload = {name: value for name, value in payload_of(signed).items() if name != "cnf"}
    head = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": authority.key.thumbprint()}
    bare = f"{_signed(authority.key, head, payload)}~{rest}"
    assert refusal(question, bound(one, question, bare)) == "kb+jwt key"


def test_a_holders_private_key_in_the_credential(authority, person):
    one = authority.gives(person[0].id)
    question, bare = shown_of(one)
    signed, rest = bare.split("~", 1)
    payload = payload_of(signed) | {"cnf": {"jwk": json.loads(one.key)}}
    head = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": authority.key.thumbprint()}
    bare = f"{_signed(authority.key, head, payload)}~{rest}"
    assert refusal(question, bound(one, question, bare)) == "kb+jwt key"


@pytest.mark.parametrize("change", [
    {"sub": "https://other.example/status/0"}, {"exp": int(time.time()) - 3600}, {"exp": None},
    {"status_list": {"bits": 1, "lst": "AAAA"}}, {"status_list": None},
])
def test_a_status_list_that_is_another_too_old_or_none(authority, credential, monkeypatch, change):
    uri = f"{authority.at}/status/0"
    told = {"sub": uri, "exp": int(time.time()) + 60, "status_list": status_list.packed(set(), 1024)} | change
    monkeypatch.setitem(issuers._lists, uri, (time.monotonic() + 60, told))
    question, bare = shown_of(credential)
    assert refusal(question, bound(credential, question, bare)) == "status"


def test_a_status_list_that_somebody_else_signed(authority, credential, monkeypatch):
    stranger = jwk.JWK.generate(kty="EC", crv="P-256")
    monkeypatch.setattr(test_wallets, "_signed", lambda _, head, told: _signed(stranger, head, told))
    question, bare = shown_of(credential)
    assert refusal(question, bound(credential, question, bare)) == "statuslist+jwt signature"
