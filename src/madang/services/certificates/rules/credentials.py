"""What a credential says, and what a wallet must show to be given one (OpenID4VCI 1.0 and SD-JWT VC, 2025)."""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from madang.kernel.ids import ResidentId
from madang.kernel.languages import Text
from madang.kernel.selective_disclosure import DisclosureWrong, decoded, digest, disclosure, encoded
from madang.services.certificates.contracts import Claim, Credential, CredentialPlan, DocumentKind, WalletRefused

PRE_AUTHORIZED: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
DIGITS: Final = 6
RESIDENT: Final = "resident"
"""The source of the claim that names the resident by the registers' own id."""
ALGORITHM: Final = "ES256"
_SKEW: Final = timedelta(seconds=30)
_RANDOM: Final = 16
_STAMP: Final = 8


def claims_of(facts: Mapping[str, str], resident: ResidentId, plan: CredentialPlan, day: date) -> dict[str, Any]:
    """Everything that a document's credential can say, each to be shown alone."""
    known = {**facts, RESIDENT: str(resident)}
    planned = {claim.source for claim in plan.claims}
    told = {claim.name: _value(claim, known[claim.source], day) for claim in plan.claims if known.get(claim.source)}
    return told | {own_name(fact): value for fact, value in facts.items() if fact not in planned}


def own_name(fact: str) -> str:
    """The claim of a fact that the plan does not name: a register's field keeps its register before it."""
    return re.sub(r"\W", "_", fact)


def reached(years: int, born: date, day: date) -> bool:
    """Whether somebody has lived so many years (민법 제158조, 제160조, 2022): born on 29 February, on 1 March."""
    return (day.year - years, day.month, day.day) >= (born.year, born.month, born.day)


def payload(
    issuer: str, kind: str, credential: Credential, key: Mapping[str, Any], disclosures: Sequence[str]
) -> dict[str, Any]:
    """What the city signs: digests of the claims, to whom it is bound, until when, and where its status stands."""
    return {
        "iss": issuer, "vct": type_of(issuer, kind), "iat": int(credential.issued.timestamp()),
        "exp": int(credential.expires.timestamp()), "cnf": {"jwk": dict(key)},
        "status": {"status_list": {"uri": status_at(issuer, credential.status_list), "idx": credential.place}},
        "_sd_alg": "sha-256", "_sd": sorted(digest(one) for one in disclosures),
    }


def disclosures(claims: Mapping[str, Any], salts: Sequence[bytes]) -> list[str]:
    """The claims as their holder keeps them; one salt of 16 random bytes each."""
    return [disclosure(salt, name, value) for salt, (name, value) in zip(salts, claims.items(), strict=True)]


def type_of(issuer: str, kind: str) -> str:
    """The type (``vct``) of a kind's credentials: where its description is read."""
    return f"{issuer}/types/{kind}"


def status_at(issuer: str, number: int) -> str:
    """Where a status list is read."""
    return f"{issuer}/status/{number}"


def offer_query(issuer: str, kind: str, code: str) -> str:
    """What a wallet is called with (OpenID4VCI 1.0, section 4.1)."""
    grant = {"pre-authorized_code": code, "tx_code": {"length": DIGITS, "input_mode": "numeric"}}
    offer = {
        "credential_issuer": issuer, "credential_configuration_ids": [kind], "grants": {PRE_AUTHORIZED: grant},
    }
    return urlencode({"credential_offer": json.dumps(offer, separators=(",", ":"))})


def nonce(secret: bytes, random: bytes, now: datetime) -> str:
    """A number that a wallet signs: our own word of when, so that nothing need be kept of those never used."""
    body = int(now.timestamp()).to_bytes(_STAMP, "big") + random[:_RANDOM]
    return encoded(body + hmac.digest(secret, body, "sha256"))


def require_proof(told: Mapping[str, Any], issuer: str, secret: bytes, plan: CredentialPlan, now: datetime) -> str:
    """The nonce of a proof whose signature was checked, or WalletRefused (section 8.2.1.1 and appendix F.1)."""
    made = told.get("iat")
    is_fresh = isinstance(made, int) and abs(now.timestamp() - made) <= plan.nonce_lasts.total_seconds()
    if told.get("aud") != issuer or not is_fresh:
        raise WalletRefused("invalid_proof")
    given = told.get("nonce")
    if not isinstance(given, str) or not _is_ours(given, secret, plan, now):
        raise WalletRefused("invalid_nonce")
    return given


def _is_ours(given: str, secret: bytes, plan: CredentialPlan, now: datetime) -> bool:
    try:
        raw = decoded(given)
    except DisclosureWrong:
        return False
    body, mark = raw[: _STAMP + _RANDOM], raw[_STAMP + _RANDOM :]
    if encoded(raw) != given or not hmac.compare_digest(mark, hmac.digest(secret, body, "sha256")):
        return False
    made = datetime.fromtimestamp(int.from_bytes(body[:_STAMP], "big"), now.tzinfo)
    return made - _SKEW <= now <= made + plan.nonce_lasts


def asked_proof(body: Any, kind: str) -> str:
    """The one proof in a wallet's request for a credential of ``kind``. Raises WalletRefused (section 8.2)."""
    if not isinstance(body, dict):
        raise WalletRefused("invalid_credential_request")
    if "credential_configuration_id" not in body:
        known = "unknown_credential_identifier" if "credential_identifier" in body else "invalid_credential_request"
        raise WalletRefused(known)
    if body["credential_configuration_id"] != kind:
        raise WalletRefused("unknown_credential_configuration")
    proofs = body.get("proofs")
    given = proofs.get("jwt") if isinstance(proofs, dict) and len(proofs) == 1 else None
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], str):
        raise WalletRefused("invalid_proof")
    return given[0]


def issuer_metadata(issuer: str, city: Text, kinds: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Where a wallet gets a credential, and which there are (section 12.2.4)."""
    return {
        "credential_issuer": issuer, "credential_endpoint": f"{issuer}/credential", "nonce_endpoint": f"{issuer}/nonce",
        "display": [{"name": name, "locale": language} for language, name in city.by_language.items()],
        "credential_configurations_supported": dict(kinds),
    }


def configuration(issuer: str, kind: DocumentKind, labels: Mapping[str, Text]) -> dict[str, Any]:
    """One kind as a wallet reads it; ``labels`` are of its claims."""
    return {
        "format": "dc+sd-jwt", "vct": type_of(issuer, kind.id), "scope": kind.id,
        "cryptographic_binding_methods_supported": ["jwk"], "credential_signing_alg_values_supported": [ALGORITHM],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": [ALGORITHM]}},
        "credential_metadata": {
            "display": [{"name": name, "locale": language} for language, name in kind.title.by_language.items()],
            "claims": [
                {"path": [name], "display": [{"name": text, "locale": one} for one, text in label.by_language.items()]}
                for name, label in labels.items()
            ],
        },
    }


def type_metadata(issuer: str, kind: DocumentKind, labels: Mapping[str, Text]) -> dict[str, Any]:
    """A type as verifiers read it (SD-JWT VC, section 6): every claim may be kept back."""
    return {
        "vct": type_of(issuer, kind.id),
        "display": [{"name": name, "locale": language} for language, name in kind.title.by_language.items()],
        "claims": [
            {
                "path": [name], "sd": "always",
                "display": [{"label": text, "locale": one} for one, text in label.by_language.items()],
            }
            for name, label in labels.items()
        ],
    }


def labels_of(kind: DocumentKind, plan: CredentialPlan, questions: Mapping[str, Text]) -> Mapping[str, Text]:
    """The claims that credentials of a kind can have, with what each is called."""
    rows = [*kind.rows, *([kind.lead] if kind.lead else [])]
    facts = {f"{row.register}.{row.field}" if row.register else row.answer: row for row in rows}
    planned = {claim.source for claim in plan.claims}
    told = {claim.name: claim.label for claim in plan.claims if claim.source in facts or claim.source == RESIDENT}
    for fact, row in facts.items():
        label = row.label or questions.get(fact)
        if fact and fact not in planned and label:
            told[own_name(fact)] = label
    return told


def _value(claim: Claim, told: str, day: date) -> str | bool:
    return reached(claim.years, date.fromisoformat(told[:10]), day) if claim.years else told
