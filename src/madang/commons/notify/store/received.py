"""Text messages that people sent to services."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from madang.commons.notify.contracts import ReceivedText
from madang.commons.notify.models import ReceivedTextRow, ServiceRow
from madang.kernel.clock import in_seoul

_PAGE: Final = 250


def set_number(service: UUID, number: str) -> None:
    """Let a service have the texts that come to a number; another that had it has it no longer."""
    ServiceRow.objects.filter(number=number).update(number="")
    ServiceRow.objects.filter(id=service).update(number=number)


def add(text: ReceivedText, provider: str) -> bool:
    """Keep a text; False when the aggregator's number of it is known already."""
    row = ReceivedTextRow(
        id=text.id, service_id=text.service, provider=provider, sender=text.sender, number=text.number,
        content=text.content, at=text.at,
    )
    ReceivedTextRow.objects.bulk_create([row], ignore_conflicts=True)
    return ReceivedTextRow.objects.filter(id=text.id).exists()


def service_at(number: str) -> UUID | None:
    """Whose number it is."""
    return ServiceRow.objects.filter(number=number).values_list("id", flat=True).first() if number else None


def newest(service: UUID, older_than: UUID | None) -> Sequence[ReceivedText]:
    """A service's texts, newest first, 250 at once; those before ``older_than``."""
    rows = ReceivedTextRow.objects.filter(service=service).order_by("-at", "-id")
    before = ReceivedTextRow.objects.filter(service=service, id=older_than).first() if older_than else None
    if before is not None:
        rows = rows.filter(at__lte=before.at).exclude(id=before.id).exclude(at=before.at, id__gt=before.id)
    return [
        ReceivedText(row.id, row.service_id, row.sender, row.number, row.content, in_seoul(row.at))
        for row in rows[:_PAGE]
    ]


def forget(before: datetime) -> int:
    """Delete texts that came before."""
    return ReceivedTextRow.objects.filter(at__lt=before).delete()[0]
