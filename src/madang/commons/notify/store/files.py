"""Files that wait for their readers, in PostgreSQL."""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from madang.commons.notify.contracts.files import SentFile
from madang.commons.notify.models import SentFileRow
from madang.kernel.clock import in_seoul


def add(file: SentFile, service: UUID) -> None:
    """Keep a file of a service."""
    SentFileRow.objects.create(
        id=file.id, service_id=service, name=file.name, content_type=file.content_type, sealed=file.sealed,
        secret_digest=file.secret_digest, recipient_digest=file.recipient_digest, confirms=file.confirms,
        until=file.until,
    )


def find(file: UUID, *, lock: bool = False) -> SentFile | None:
    """A file; locked until the transaction ends when asked so."""
    rows = SentFileRow.objects.select_related("service")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(id=file).first()
    return None if row is None else SentFile(
        row.id, row.service.name, row.name, row.content_type, bytes(row.sealed), bytes(row.secret_digest),
        bytes(row.recipient_digest), row.confirms, row.tries, in_seoul(row.until),
    )


def note_wrong(file: UUID) -> None:
    """Count a wrong address."""
    SentFileRow.objects.filter(id=file).update(tries=F("tries") + 1)


def note_fetched(file: UUID, now: datetime) -> None:
    """Note that it was fetched."""
    SentFileRow.objects.filter(id=file).update(fetched=now)


def forget(now: datetime) -> int:
    """Delete files whose time is over."""
    return SentFileRow.objects.filter(until__lte=now).delete()[0]
