"""Offers to wallets, and credentials in them, in PostgreSQL."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from madang.kernel.clock import in_seoul
from madang.services.certificates.contracts import (
    CertificateId,
    Credential,
    CredentialId,
    CredentialPlan,
    WalletRefused,
)
from madang.services.certificates.models import CredentialRow, OfferRow

_TRIES: Final = 200
_FULL: Final = 2
"""A list is filled to a half, so that a free place is found by trying and nobody is counted by their place."""


def add_offer(certificate: CertificateId, code: str, digits: str, ends: datetime) -> None:
    """Keep an offer; whatever waited for the same document waits no longer."""
    OfferRow.objects.filter(certificate_id=certificate, is_spent=False).delete()
    OfferRow.objects.create(certificate_id=certificate, code=code, digits=digits, ends=ends)


def lock_offer(**by: str) -> OfferRow | None:
    """An offer by ``code`` or ``token``, locked until the transaction ends."""
    return OfferRow.objects.select_for_update(of=("self",)).select_related("certificate").filter(**by).first()


def offer_kind(token: str) -> str:
    """Of which kind the document is that a token is good for. Raises WalletRefused."""
    kind = OfferRow.objects.filter(token=token).values_list("certificate__kind", flat=True).first()
    if kind is None:
        raise WalletRefused("invalid_token", 401)
    return str(kind)


def add_credential(certificate: CertificateId, plan: CredentialPlan, **facts: Any) -> Credential:
    """Note a credential that is about to be given, at a place of its own by chance. Raises WalletRefused (nonce)."""
    newest = CredentialRow.objects.order_by("-status_list").values_list("status_list", flat=True).first() or 0
    if CredentialRow.objects.filter(status_list=newest).count() * _FULL >= plan.places:
        newest += 1
    if CredentialRow.objects.filter(nonce=facts["nonce"]).exists():
        raise WalletRefused("invalid_nonce")
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                return _credential(CredentialRow.objects.create(
                    certificate_id=certificate, status_list=newest, place=secrets.randbelow(plan.places), **facts,
                ))
        except IntegrityError:  # taken: by another just now, or long ago
            continue
    raise WalletRefused("credential_request_denied")


def of_certificate(certificate: CertificateId) -> Sequence[Credential]:
    """The credentials of a document, newest first."""
    rows = CredentialRow.objects.filter(certificate_id=certificate).order_by("-issued", "-id")
    return [_credential(row) for row in rows]


def end(credential: CredentialId, certificate: CertificateId, now: datetime) -> bool:
    """End a credential of a document; False if there is none that goes on."""
    found = CredentialRow.objects.filter(id=credential, certificate_id=certificate, ended=None)
    return bool(found.update(ended=now))


def taken_back(number: int) -> Sequence[int]:
    """The places of a status list whose credential, or whose document, no longer holds."""
    gone = Q(ended__isnull=False) | Q(certificate__revoked__isnull=False)
    return list(CredentialRow.objects.filter(gone, status_list=number).values_list("place", flat=True))


def has_list(number: int) -> bool:
    """Whether any credential points at a status list."""
    return CredentialRow.objects.filter(status_list=number).exists()


def remove_old(now: datetime) -> int:
    """Delete offers whose time is over, and credentials that have expired; how many."""
    over = Q(ends__lt=now) & (Q(token_ends__isnull=True) | Q(token_ends__lt=now))
    offers = OfferRow.objects.filter(over).delete()[0]
    return offers + CredentialRow.objects.filter(expires__lt=now).delete()[0]


def _credential(row: CredentialRow) -> Credential:
    return Credential(
        CredentialId(row.id), CertificateId(row.certificate_id), row.key, in_seoul(row.issued), in_seoul(row.expires),
        row.ended and in_seoul(row.ended), row.status_list, row.place,
    )
