"""Certificates in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from madang.kernel.clock import in_seoul
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language
from madang.services.applications.contracts import CaseId
from madang.services.certificates.contracts import Certificate, CertificateId, CertificateUnknown
from madang.services.certificates.models import CertificateRow, FileRow

Seen = tuple[str, str, str, datetime, datetime, datetime | None]
"""Of a certificate what a verifier may know: code, kind, masked name, issued, expires, revoked."""

_SEEN = ("code", "kind", "masked_name", "issued", "expires", "revoked")


def add(certificate: Certificate, masked_name: str, content: bytes) -> None:
    """Keep a new document. Its case has none yet: the database refuses a second."""
    CertificateRow.objects.create(
        id=certificate.id, code=certificate.code, kind=certificate.kind, case=certificate.case,
        number=certificate.number, resident=certificate.resident, language=certificate.language,
        facts=dict(certificate.facts), masked_name=masked_name, issued=certificate.issued,
        expires=certificate.expires, sha256=certificate.sha256,
    )
    FileRow.objects.create(certificate_id=certificate.id, content=content)


def of_case(case: CaseId) -> Certificate | None:
    """The document that a case ended in."""
    row = CertificateRow.objects.filter(case=case).first()
    return None if row is None else _certificate(row)


def own(resident: ResidentId, certificate: CertificateId) -> Certificate:
    """A document of the resident's. Raises CertificateUnknown, also for somebody else's."""
    return _one(certificate, resident=resident)


def lock(certificate: CertificateId) -> Certificate:
    """Any document, locked until the transaction ends. Raises CertificateUnknown."""
    row = CertificateRow.objects.select_for_update().filter(id=certificate).first()
    if row is None:
        raise CertificateUnknown(certificate=str(certificate))
    return _certificate(row)


def of_resident(resident: ResidentId, before: datetime | None, limit: int) -> Sequence[Certificate]:
    """A resident's documents, newest first; with ``before`` those issued earlier than that."""
    rows = CertificateRow.objects.filter(resident=resident).order_by("-issued", "-id")
    if before is not None:
        rows = rows.filter(issued__lt=before)
    return [_certificate(row) for row in rows[:limit]]


def content(certificate: CertificateId) -> bytes:
    """A document's PDF. Raises CertificateUnknown when its time of keeping is over."""
    row = FileRow.objects.filter(certificate_id=certificate).values_list("content", flat=True).first()
    if row is None:
        raise CertificateUnknown(certificate=str(certificate))
    return bytes(row)


def seen_by_code(code: str) -> Seen | None:
    """What a verifier may know of the document with this code: one look-up in an index."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(_SEEN)} FROM certificates_certificate WHERE code = %s", [code])  # noqa: S608 -- our own column names
        return _seen(cursor.fetchone())


def seen_by_hash(sha256: str) -> Seen | None:
    """What a verifier may know of the document whose PDF has this SHA-256."""
    return _seen(CertificateRow.objects.filter(sha256=sha256).values_list(*_SEEN).first())


def revoke(certificate: CertificateId, why: str, now: datetime) -> None:
    """Note that a document no longer holds."""
    CertificateRow.objects.filter(id=certificate).update(revoked=now, revoked_why=why)


def erase(case: CaseId) -> None:
    """Erase what a case's document says of its holder; that it was issued, and until when it held, stays."""
    FileRow.objects.filter(certificate__case=case).delete()
    CertificateRow.objects.filter(case=case).update(facts={}, masked_name="")


def _one(certificate: CertificateId, **where: Any) -> Certificate:
    row = CertificateRow.objects.filter(id=certificate, **where).first()
    if row is None:
        raise CertificateUnknown(certificate=str(certificate))
    return _certificate(row)


def _seen(row: tuple[Any, ...] | None) -> Seen | None:
    if row is None:
        return None
    code, kind, name, issued, expires, revoked = row
    return code, kind, name, in_seoul(issued), in_seoul(expires), revoked and in_seoul(revoked)


def _certificate(row: CertificateRow) -> Certificate:
    return Certificate(
        id=CertificateId(row.id), kind=row.kind, case=CaseId(row.case), resident=ResidentId(row.resident),
        language=Language(row.language), facts=row.facts, code=row.code, issued=in_seoul(row.issued),
        expires=in_seoul(row.expires), revoked=row.revoked and in_seoul(row.revoked), sha256=row.sha256,
        number=row.number,
    )
