"""The bus's rows in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from madang.commons.events.contracts import DeadLetter, DeadLetterUnknown, Envelope
from madang.commons.events.models import DeadLetterRow, InboxRow, OutboxRow

WAKE_CHANNEL = "events_outbox"


def put(envelope: Envelope) -> None:
    """Put an event down in this transaction; the relay is woken when it is kept."""
    OutboxRow.objects.create(id=envelope.id, topic=envelope.topic, body=envelope.body, at=envelope.at)
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {WAKE_CHANNEL}")


def lock_waiting(limit: int) -> list[Envelope]:
    """Up to ``limit`` events to publish, oldest first, locked; those that another relay holds are passed over."""
    rows = OutboxRow.objects.select_for_update(skip_locked=True).order_by("id")[:limit]
    return [Envelope(row.id, row.topic, bytes(row.body), row.at) for row in rows]


def delete(published: Sequence[UUID]) -> None:
    """Forget events that the bus has acknowledged."""
    OutboxRow.objects.filter(id__in=published).delete()


def count_waiting() -> int:
    """How many events are still to be published."""
    return OutboxRow.objects.count()


def note_handled(subscriber: str, event: UUID, now: datetime) -> bool:
    """Note that ``subscriber`` handles ``event`` in this transaction; False if it was handled before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_inbox (subscriber, event, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [subscriber, event, now],
        )
        return bool(cursor.rowcount == 1)


def forget_handled(before: datetime) -> int:
    """Delete notes older than ``before``; how many. Safe once the bus no longer redelivers that far back."""
    return InboxRow.objects.filter(at__lt=before).delete()[0]


def bury(subscriber: str, envelope: Envelope, error: str, attempts: int, now: datetime) -> None:
    """Keep an event that could not be handled; burying it twice is burying it once."""
    DeadLetterRow.objects.update_or_create(
        subscriber=subscriber, event=envelope.id,
        defaults={
            "topic": envelope.topic, "body": envelope.body, "error": error, "attempts": attempts,
            "happened": envelope.at, "died": now, "replayed": None,
        },
    )


def dead_letters(*, since: timedelta | None = None, now: datetime | None = None) -> list[DeadLetter]:
    """Dead letters, newest first; with ``since`` and ``now`` only those of that long ago or less."""
    rows = DeadLetterRow.objects.order_by("-died")
    if since is not None and now is not None:
        rows = rows.filter(died__gte=now - since)
    return [_letter(row) for row in rows[:1000]]


def lock_dead_letter(letter: UUID) -> tuple[DeadLetter, Envelope]:
    """A dead letter and its event, locked. Raises DeadLetterUnknown."""
    row = DeadLetterRow.objects.select_for_update().filter(id=letter).first()
    if row is None:
        raise DeadLetterUnknown(letter=letter)
    return _letter(row), Envelope(row.event, row.topic, bytes(row.body), row.happened)


def mark_replayed(letter: UUID, now: datetime) -> None:
    """Note that the letter's event was handled after all."""
    DeadLetterRow.objects.filter(id=letter).update(replayed=now)


def _letter(row: DeadLetterRow) -> DeadLetter:
    return DeadLetter(row.id, row.subscriber, row.topic, row.error, row.attempts, row.happened, row.died, row.replayed)
