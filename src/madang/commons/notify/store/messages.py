"""Messages as they were written."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from madang.commons.notify.contracts import DeliveryState, Message, MessageId, Urgency
from madang.commons.notify.models import DeliveryRow, MessageRow
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language


def add(message: Message) -> bool:
    """Save a message; False when the resident was told this before, and then nothing changes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notify_message"
            " (id, resident, template, about, language, title, body, link, at, topic, urgency)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (resident, template, about) DO NOTHING",
            [
                message.id, message.resident, message.template, message.about, message.language,
                message.title, message.body, message.link, message.at, message.topic, message.urgency,
            ],
        )
        return bool(cursor.rowcount == 1)


def inbox(resident: ResidentId, before: datetime | None, limit: int) -> list[Message]:
    """The resident's messages, newest first, told before ``before``."""
    rows = MessageRow.objects.filter(resident=resident).order_by("-at")
    if before is not None:
        rows = rows.filter(at__lt=before)
    return [message_from(row) for row in rows[:limit]]


def unread(resident: ResidentId) -> int:
    """How many messages the resident has not opened: one look into a partial index."""
    return MessageRow.objects.filter(resident=resident, read__isnull=True).count()


def message_of(resident: ResidentId, message: MessageId) -> Message | None:
    """A message, if it is the resident's."""
    row = MessageRow.objects.filter(id=message, resident=resident).first()
    return message_from(row) if row else None


def of_delivery(delivery: UUID) -> Message | None:
    """The message that a delivery carries."""
    row = MessageRow.objects.filter(deliveries__id=delivery).first()
    return message_from(row) if row else None


def mark_read(message: MessageId, now: datetime) -> None:
    """Note that a message was opened, the first time it is."""
    if MessageRow.objects.filter(id=message, read__isnull=True).update(read=now):
        DeliveryRow.objects.filter(message_id=message, channel="inbox").update(state=DeliveryState.READ)
        confirm([message], "inbox", now)


def confirm(messages: Sequence[MessageId], by: str, now: datetime) -> None:
    """Note how it became known that messages arrived, the first time it does; a legal notice then goes no further."""
    MessageRow.objects.filter(id__in=messages, confirmed__isnull=True).update(
        confirmed=now, confirmed_by=by, step_due=None
    )


def due_steps(now: datetime, limit: int) -> list[tuple[Message, int]]:
    """Legal notices whose step is over without a confirmation, locked, with the step that they are at."""
    rows = MessageRow.objects.filter(step_due__lte=now).order_by("step_due").select_for_update(skip_locked=True)
    return [(message_from(row), row.step) for row in rows[:limit]]


def set_step(message: MessageId, step: int, due: datetime | None) -> None:
    """Note at which step a legal notice is, and until when it waits there."""
    MessageRow.objects.filter(id=message, confirmed__isnull=True).update(step=step, step_due=due)


def hasten(messages: Sequence[MessageId], now: datetime) -> None:
    """Let legal notices that wait take their next step now."""
    MessageRow.objects.filter(id__in=messages, step_due__gt=now).update(step_due=now)


def forget(before: datetime, limit: int) -> int:
    """Delete messages told before ``before`` with their deliveries, at most ``limit``; how many."""
    old = list(MessageRow.objects.filter(at__lt=before).order_by("at").values_list("id", flat=True)[:limit])
    MessageRow.objects.filter(id__in=old).delete()
    return len(old)


def forget_resident(resident: ResidentId) -> int:
    """Delete everything that one resident was told; how many messages."""
    rows = MessageRow.objects.filter(resident=resident)
    many = rows.count()
    rows.delete()
    return many


def message_from(row: MessageRow) -> Message:
    """The message of a row."""
    return Message(
        MessageId(row.id), ResidentId(row.resident), row.template, UUID(str(row.about)), Language(row.language),
        row.title, row.body, row.link, row.at, row.read, row.topic, Urgency(row.urgency),
    )
