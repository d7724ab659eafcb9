"""The door for a resident who puts a document in the wallet on their phone."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.conf import settings

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.identity.foreign import facade as foreign
from madang.kernel.actors import Actor
from madang.kernel.assurance import Assurance
from madang.kernel.errors import BeyondDelegation
from madang.kernel.languages import Text, to_translate
from madang.services.certificates import facade as certificates
from madang.services.certificates.contracts import (
    Certificate,
    CertificateId,
    Credential,
    CredentialId,
    NothingToGive,
    Offer,
    Validity,
)
from madang.services.certificates.rules import credentials as rules
from madang.services.certificates.rules.validity import validity
from madang.services.certificates.store import credential_plan, credential_rows

_BYTES = 32
OFFERING = to_translate("Putting your own document in a wallet")
ENDING = to_translate("Ending a document in a wallet")


def issuer() -> str:
    """The city as an issuer of credentials: the address by which wallets and verifiers know it."""
    return f"{settings.MADANG_PUBLIC_URL}/credentials"


def offer(actor: Actor, certificate: CertificateId, now: datetime) -> Offer:
    """Offer a document of the resident's own to a wallet, once and for minutes.

    Raises AssuranceTooLow below two factors, because a credential is a way to show who one is; BeyondDelegation for
    whoever acts for another, because the wallet would be theirs; CertificateUnknown; NothingToGive.
    """
    held = of(actor, certificate)
    if not may_be_given(held, now):
        raise NothingToGive
    plan = credential_plan.plan()
    code, digits = secrets.token_urlsafe(_BYTES), f"{secrets.randbelow(10 ** rules.DIGITS):0{rules.DIGITS}}"
    ends = now + plan.offer_lasts
    with transaction():
        credential_rows.add_offer(held.id, hashed(code), hashed(code + digits), ends)
        audit.record(actor, "certificates.offer_credential", purpose=OFFERING, subject=held.resident, about=held.id)
    return Offer(rules.offer_query(issuer(), held.kind, code), digits, ends)


def of(actor: Actor, certificate: CertificateId) -> Certificate:
    """A document that may be put in a wallet by this actor. Raises as ``offer`` does."""
    if actor.acting:
        raise BeyondDelegation
    held = certificates.certificate(actor, certificate)
    actor.require_assurance(Assurance.SUBSTANTIAL)
    return held


def given(actor: Actor, certificate: CertificateId) -> Sequence[Credential]:
    """The wallets' copies of a document, newest first. Raises as ``offer`` does."""
    return credential_rows.of_certificate(of(actor, certificate).id)


def end(actor: Actor, certificate: CertificateId, credential: CredentialId, now: datetime) -> None:
    """End one copy, when a phone is lost; ended already, nothing changes. Raises as ``offer`` does."""
    held = of(actor, certificate)
    with transaction():
        if credential_rows.end(credential, held.id, now):
            audit.record(actor, "certificates.end_credential", purpose=ENDING, subject=held.resident, about=credential)


def wallets(query: str) -> Sequence[tuple[Text, str]]:
    """The wallets that a page may call with an offer: what each is called, and the link."""
    return [(one.title, f"{one.offer_at}?{query}") for one in foreign.wallets()]


def may_be_given(held: Certificate, now: datetime) -> bool:
    """Whether a document holds, and still says something."""
    return bool(held.facts) and validity(held.expires, held.revoked, now) is Validity.VALID


def end_old(now: datetime) -> int:
    """Delete what is over: offers, and credentials that have expired; how many."""
    with transaction():
        return credential_rows.remove_old(now)


def hashed(secret: str) -> str:
    """What is kept of a code or token: 256 random bits need no salt."""
    return sha256(secret.encode()).hexdigest()
