"""Messages and deliveries in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, F

from madang.commons.notify.contracts import (
    Carried,
    Delivery,
    DeliveryId,
    DeliveryState,
    Message,
    MessageId,
)
from madang.commons.notify.models import DeliveryRow, MessageRow
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language

_DUE = (DeliveryState.WAITING, DeliveryState.FAILED_WILL_RETRY)


def add(message: Message) -> bool:
    """Save a message; False when the resident was told this before, and then nothing changes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notify_message (id, resident, template, about, language, title, body, link, at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (resident, template, about) DO NOTHING",
            [
                message.id, message.resident, message.template, message.about, message.language,
                message.title, message.body, message.link, message.at,
            ],
        )
        return bool(cursor.rowcount == 1)


def add_deliveries(message: Message, carried: Sequence[str], at_once: Sequence[str]) -> None:
    """Put the message on its channels: ``carried`` ones wait to be carried, ``at_once`` ones are done with this."""
    waiting = [
        DeliveryRow(message_id=message.id, channel=name, state=DeliveryState.WAITING, next_try=message.at)
        for name in carried
    ]
    done = [
        DeliveryRow(message_id=message.id, channel=name, state=DeliveryState.SENT, attempts=1, settled=message.at)
        for name in at_once
    ]
    DeliveryRow.objects.bulk_create([*waiting, *done])


def claim(now: datetime, lease: timedelta, limit: int) -> list[tuple[Delivery, Message]]:
    """Deliveries that are due, oldest first, each noted as tried; nobody else gets them before ``now + lease``.

    Rows that another worker is claiming are passed over.
    """
    due = DeliveryRow.objects.filter(state__in=_DUE, next_try__lte=now).order_by("next_try")
    rows = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("message")[:limit])
    DeliveryRow.objects.filter(id__in=[row.id for row in rows]).update(attempts=F("attempts") + 1, next_try=now + lease)
    for row in rows:
        row.attempts += 1
    return [(_delivery(row), _message(row.message)) for row in rows]


def settle(delivery: DeliveryId, carried: Carried, next_try: datetime | None, now: datetime) -> None:
    """Note what became of a try; without ``next_try`` the delivery is over."""
    DeliveryRow.objects.filter(id=delivery, state__in=_DUE).update(
        state=carried.state, error=carried.error, next_try=next_try, settled=None if next_try else now
    )


def inbox(resident: ResidentId, before: datetime | None, limit: int) -> list[Message]:
    """The resident's messages, newest first, told before ``before``."""
    rows = MessageRow.objects.filter(resident=resident).order_by("-at")
    if before is not None:
        rows = rows.filter(at__lt=before)
    return [_message(row) for row in rows[:limit]]


def unread(resident: ResidentId) -> int:
    """How many messages the resident has not opened: one look into a partial index."""
    return MessageRow.objects.filter(resident=resident, read__isnull=True).count()


def message_of(resident: ResidentId, message: MessageId) -> Message | None:
    """A message, if it is the resident's."""
    row = MessageRow.objects.filter(id=message, resident=resident).first()
    return _message(row) if row else None


def mark_read(message: MessageId, now: datetime) -> None:
    """Note that a message was opened, the first time it is."""
    if MessageRow.objects.filter(id=message, read__isnull=True).update(read=now):
        DeliveryRow.objects.filter(message_id=message, channel="inbox").update(state=DeliveryState.READ)


def deliveries(message: MessageId) -> list[Delivery]:
    """The message's way on each channel."""
    return [_delivery(row) for row in DeliveryRow.objects.filter(message_id=message).order_by("channel")]


def counts() -> Mapping[tuple[str, DeliveryState], int]:
    """How many deliveries stand where, by channel and state."""
    rows = DeliveryRow.objects.values_list("channel", "state").annotate(many=Count("id"))
    return {(channel, DeliveryState(state)): many for channel, state, many in rows}


def try_again(channel: str, now: datetime) -> int:
    """Put given-up deliveries of a channel back in the queue; how many."""
    given_up = DeliveryRow.objects.filter(channel=channel, state=DeliveryState.GIVEN_UP)
    return given_up.update(state=DeliveryState.FAILED_WILL_RETRY, next_try=now, settled=None)


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


def _message(row: MessageRow) -> Message:
    return Message(
        MessageId(row.id), ResidentId(row.resident), row.template, UUID(str(row.about)), Language(row.language),
        row.title, row.body, row.link, row.at, row.read,
    )


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        DeliveryId(row.id), MessageId(row.message_id), row.channel, DeliveryState(row.state),
        row.attempts, row.next_try, row.settled, row.error,
    )
