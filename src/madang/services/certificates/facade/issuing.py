"""The door for wallets: OpenID4VCI 1.0 (2025) with the pre-authorized code alone."""

import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.kernel import status_list
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Text, to_translate
from madang.records.catalogue import facade as catalogue
from madang.services.certificates.contracts import Certificate, CertificateId, DocumentKind, WalletRefused
from madang.services.certificates.facade.credentials import hashed, issuer, may_be_given
from madang.services.certificates.models import OfferRow
from madang.services.certificates.rules import credentials as rules
from madang.services.certificates.store import credential_keys, credential_plan, credential_rows, kinds, rows

_ROOM: Final = Actor.system("certificates")
_BYTES: Final = 32
_SALT: Final = 16
GIVING = to_translate("Giving your document to the wallet that you chose")


def token(form: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """A token for a code and its digits; after too many wrong ones there is none. Raises WalletRefused."""
    if form.get("grant_type") != rules.PRE_AUTHORIZED:
        raise WalletRefused("unsupported_grant_type")
    if not form.get("pre-authorized_code") or not form.get("tx_code"):
        raise WalletRefused("invalid_request")
    plan = credential_plan.plan()
    made = secrets.token_urlsafe(_BYTES)
    with transaction():
        waiting = credential_rows.lock_offer(code=hashed(form["pre-authorized_code"]))
        is_right = waiting is not None and _takes(waiting, form, plan.tries, now)
        if waiting and is_right:
            waiting.token, waiting.token_ends = hashed(made), now + plan.access_lasts
            waiting.save(update_fields=["token", "token_ends"])
    if not is_right:
        raise WalletRefused("invalid_grant")
    return {"access_token": made, "token_type": "Bearer", "expires_in": int(plan.access_lasts / timedelta(seconds=1))}


def nonce(now: datetime) -> dict[str, str]:
    """A number for a proof."""
    return {"c_nonce": rules.nonce(credential_keys.nonce_secret(), secrets.token_bytes(_SALT), now)}


def credential(bearer: str, body: Any, now: datetime) -> str:
    """The credential that a token is good for, bound to the key that the wallet proves; once. Raises WalletRefused."""
    kind = credential_rows.offer_kind(hashed(bearer))
    key, thumbprint, told = credential_keys.read_proof(rules.asked_proof(body, kind))
    plan = credential_plan.plan()
    used = rules.require_proof(told, issuer(), credential_keys.nonce_secret(), plan, now)
    with transaction():
        held = _spend(credential_rows.lock_offer(token=hashed(bearer)), now)
        made = credential_rows.add_credential(
            held.id, plan, key=thumbprint, nonce=used, issued=now, expires=min(held.expires, now + plan.lasts)
        )
        claims = rules.claims_of(held.facts, held.resident, plan, now.date())
        shown = rules.disclosures(claims, [secrets.token_bytes(_SALT) for _ in claims])
        payload = rules.payload(issuer(), kind, made, key, shown)
        audit.record(
            _ROOM, "certificates.give_credential", purpose=GIVING, subject=held.resident, about=held.id,
            fields=sorted(claims),
        )
    return "~".join([credential_keys.signed(payload, "dc+sd-jwt"), *shown, ""])


def status(number: int, now: datetime) -> str:
    """A status list, signed anew: asked at any moment it tells what is taken back now. Raises WalletRefused."""
    plan = credential_plan.plan()
    if not credential_rows.has_list(number):
        raise WalletRefused("not_found", 404)
    lasts = int(plan.status_lasts / timedelta(seconds=1))
    return credential_keys.signed({
        "sub": rules.status_at(issuer(), number), "iat": int(now.timestamp()), "exp": int(now.timestamp()) + lasts,
        "ttl": lasts, "status_list": status_list.packed(credential_rows.taken_back(number), plan.places),
    }, "statuslist+jwt")


def issuer_metadata() -> dict[str, Any]:
    """What wallets read first."""
    return _issuer_metadata(issuer())


def server_metadata() -> dict[str, Any]:
    """Where a code becomes a token (RFC 8414, 2018)."""
    return {
        "issuer": issuer(), "token_endpoint": f"{issuer()}/token", "response_types_supported": [],
        "grant_types_supported": [rules.PRE_AUTHORIZED], "token_endpoint_auth_methods_supported": ["none"],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def key_set() -> dict[str, Any]:
    """The city's keys as verifiers of credentials read them (SD-JWT VC, section 5)."""
    return {"issuer": issuer(), "jwks": credential_keys.key_set()}


def type_metadata(kind: str) -> dict[str, Any]:
    """What a type is and can say. Raises WalletRefused."""
    found = kinds.kinds().get(kind)
    if found is None:
        raise WalletRefused("not_found", 404)
    return rules.type_metadata(issuer(), found, _labels(found))


def _takes(waiting: OfferRow, form: Mapping[str, str], tries: int, now: datetime) -> bool:
    if waiting.token or waiting.is_spent or waiting.ends <= now or waiting.tries >= tries:
        return False
    if hmac.compare_digest(waiting.digits, hashed(form["pre-authorized_code"] + form["tx_code"])):
        return True
    waiting.tries += 1
    waiting.save(update_fields=["tries"])
    return False


def _spend(waiting: OfferRow | None, now: datetime) -> Certificate:
    if waiting is None or waiting.is_spent or waiting.token_ends is None or waiting.token_ends <= now:
        raise WalletRefused("invalid_token", 401)
    held = rows.own(ResidentId(waiting.certificate.resident), CertificateId(waiting.certificate.id))
    if not may_be_given(held, now):
        raise WalletRefused("credential_request_denied")
    waiting.is_spent = True
    waiting.save(update_fields=["is_spent"])
    return held


@cache
def _issuer_metadata(at: str) -> dict[str, Any]:
    offered = {name: rules.configuration(at, kind, _labels(kind)) for name, kind in kinds.kinds().items()}
    return rules.issuer_metadata(at, kinds.wording().city, offered)


def _labels(kind: DocumentKind) -> Mapping[str, Text]:
    ending_so = [one for one in catalogue.services() if one.outcome and one.outcome.document == kind.id]
    questions = {field.name: field.label for service in ending_so for field in service.fields()}
    return rules.labels_of(kind, credential_plan.plan(), questions)
