"""What a wallet does: fetch a credential, read a question, answer it with what was asked and its own signature."""

import json
import time
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from jwcrypto import jwk, jws

from madang.kernel.selective_disclosure import decoded, digest, disclosure, encoded, named, revealed

_GRANT: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


class WalletFailed(ValueError):
    """The wallet does not go on; the message says with what."""


@dataclass(frozen=True, slots=True)
class Held:
    """A credential and the private key (JWK, JSON) to which it is bound; ``kind`` is its ``vct``."""

    credential: str
    key: str
    kind: str
    at: int

    def kept(self) -> dict[str, Any]:
        """As it lies in a file."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Question:
    """What a verifier asks, its signature checked."""

    client: str
    nonce: str
    state: str
    answer_at: str
    credentials: Sequence[Mapping[str, Any]]

    def wanted(self, one: Held) -> Sequence[str]:
        """The claims that are asked of this credential; none when it is not asked for, or lacks one."""
        for asked in self.credentials:
            names = [claim["path"][0] for claim in asked.get("claims", [])]
            if one.kind in asked["meta"]["vct_values"] and set(names) <= disclosed(one.credential).keys():
                return names
        return []

    def name_for(self, one: Held) -> str:
        """Under which name this credential answers."""
        return next(str(asked["id"]) for asked in self.credentials if one.kind in asked["meta"]["vct_values"])


def received(line: httpx.Client, offer: str, number: str) -> Held:
    """The credential of an offer (OpenID4VCI 1.0, pre-authorized code). Raises WalletFailed, httpx.HTTPError."""
    told = json.loads(offer)
    issuer, kind = urlsplit(told["credential_issuer"]), told["credential_configuration_ids"][0]
    at = f"{issuer.scheme}://{issuer.netloc}/.well-known/"
    about = line.get(f"{at}openid-credential-issuer{issuer.path}").raise_for_status().json()
    server = line.get(f"{at}oauth-authorization-server{issuer.path}").raise_for_status().json()
    token = _told(line.post(server["token_endpoint"], data={
        "grant_type": _GRANT, "pre-authorized_code": told["grants"][_GRANT]["pre-authorized_code"], "tx_code": number,
    }))["access_token"]
    nonce = _told(line.post(about["nonce_endpoint"]))["c_nonce"]
    key = jwk.JWK.generate(kty="EC", crv="P-256")
    asked = {"credential_configuration_id": kind, "proofs": {"jwt": [proof(key, told["credential_issuer"], nonce)]}}
    given = _told(line.post(about["credential_endpoint"], json=asked, headers={"Authorization": f"Bearer {token}"}))
    credential = str(given["credentials"][0]["credential"])
    return Held(credential, key.export(), str(payload(credential)["vct"]), time.time_ns())


def proof(key: Any, issuer: str, nonce: str) -> str:
    """That the wallet has a key (OpenID4VCI 1.0, appendix F.1)."""
    head = {"alg": "ES256", "typ": "openid4vci-proof+jwt", "jwk": key.export_public(as_dict=True)}
    return _signed(key, head, {"aud": issuer, "iat": int(time.time()), "nonce": nonce})


def question_at(line: httpx.Client, asked: Mapping[str, str]) -> Question:
    """The question behind a link, when the certificate in it is that of the ``client_id``. Raises WalletFailed."""
    mark = encoded(sha256(str(time.time_ns()).encode()).digest())
    text = line.post(asked["request_uri"], data={"wallet_nonce": mark}).raise_for_status().text
    head = json.loads(decoded(text.partition(".")[0]))
    der = b64decode(head["x5c"][0])
    if asked["client_id"] != f"x509_hash:{encoded(sha256(der).digest())}":
        message = "the question is not of whom the link names"
        raise WalletFailed(message)
    read = jws.JWS()
    read.allowed_algs = ["ES256"]
    read.deserialize(text, jwk.JWK.from_pyca(x509.load_der_x509_certificate(der).public_key()))
    told = json.loads(read.payload)
    if (told["client_id"], told["wallet_nonce"], head["typ"]) != (asked["client_id"], mark, "oauth-authz-req+jwt"):
        message = "the question is not the one that was asked for"
        raise WalletFailed(message)
    return Question(
        told["client_id"], told["nonce"], told["state"], told["response_uri"], told["dcql_query"]["credentials"]
    )


def answer_for(question: Question, chosen: Held | None, fault: str = "") -> dict[str, str]:
    """The form of an answer; None says no. ``fault`` breaks it."""
    if chosen is None:
        return {"error": "access_denied", "state": question.state}
    shown = presented(chosen, question.wanted(chosen), question.client, question.nonce, fault)
    return {"vp_token": json.dumps({question.name_for(chosen): [shown]}), "state": question.state}


def presented(one: Held, names: Sequence[str], client: str, nonce: str, fault: str = "") -> str:
    """A presentation of the claims named, bound to whom it is shown (RFC 9901, section 7.2)."""
    signed, *disclosures, _ = one.credential.split("~")
    shown = [each for each in disclosures if named(each) in names]
    if fault == "altered":
        shown = [disclosure(b"0" * 16, named(each), "somebody else") for each in shown]
    bare = "~".join([signed, *shown, ""])
    bound = {
        "iat": int(time.time()), "aud": "another" if fault == "aud" else client,
        "nonce": "another" if fault == "nonce" else nonce, "sd_hash": digest(bare),
    }
    if fault == "unbound":
        return bare
    return bare + _signed(jwk.JWK.from_json(one.key), {"alg": "ES256", "typ": "kb+jwt"}, bound)


def disclosed(credential: str) -> Mapping[str, Any]:
    """Everything that a credential says to its holder."""
    return revealed(payload(credential), credential.split("~")[1:-1])


def payload(credential: str) -> dict[str, Any]:
    """What the issuer signed."""
    told: dict[str, Any] = json.loads(decoded(credential.split("~", maxsplit=1)[0].split(".")[1]))
    return told


def _signed(key: Any, head: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    made = jws.JWS(json.dumps(claims))
    made.add_signature(key, None, json.dumps(head), None)
    text: str = made.serialize(compact=True)
    return text


def _told(answer: httpx.Response) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    if answer.status_code != httpx.codes.OK:
        raise WalletFailed(str(told.get("error")))
    return told
