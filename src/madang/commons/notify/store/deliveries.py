"""Deliveries: each message's way on each channel, claimed and settled in sets."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, QuerySet

from madang.commons.notify.contracts import (
    Carried,
    Contact,
    Delivery,
    DeliveryId,
    DeliveryState,
    Letter,
    Message,
    MessageId,
    Urgency,
)
from madang.commons.notify.models import DeliveryRow
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language

_DUE: Final = (DeliveryState.WAITING, DeliveryState.FAILED_WILL_RETRY)

_CLAIM: Final = """
WITH due AS (
    SELECT id, message_id, contact FROM notify_delivery
    WHERE channel = %s AND state IN ('waiting', 'failed_will_retry') AND next_try <= %s
    ORDER BY priority, next_try LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE notify_delivery d SET attempts = d.attempts + 1, next_try = %s, claimant = %s
FROM due JOIN notify_message m ON m.id = due.message_id LEFT JOIN notify_contact c ON c.id = due.contact
WHERE d.id = due.id
RETURNING d.id, d.attempts, d.contact, CASE WHEN c.off IS NULL THEN c.address END,
    m.id, m.resident, m.template, m.about, m.language, m.title, m.body, m.link, m.at, m.read, m.topic, m.urgency
"""

_ALIVE: Final = 0x6D61  # the class of our advisory locks

_FREE: Final = """
UPDATE notify_delivery d SET next_try = %s, claimant = NULL
WHERE d.claimant IS NOT NULL AND d.state IN ('waiting', 'failed_will_retry') AND NOT EXISTS (
    SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = %s AND l.objid = d.claimant::oid
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
"""

_SETTLE: Final = """
UPDATE notify_delivery d
SET state = s.state, error = s.error, provider = s.provider, next_try = s.next_try, claimant = NULL,
    settled = CASE WHEN s.next_try IS NULL THEN %s::timestamptz END
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
    AS s (id, state, error, provider, next_try)
WHERE d.id = s.id AND d.state IN ('waiting', 'failed_will_retry')
"""

_RECEIVE: Final = """
UPDATE notify_delivery d SET state = s.state, error = s.error, next_try = NULL, settled = %s
FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS s (id, state, error)
WHERE d.id = s.id AND d.state NOT IN ('delivered', 'read')
RETURNING d.id, d.message_id, d.channel, d.contact, d.state
"""


def add(
    message: Message, ways: Sequence[tuple[str, Contact | None]], at: Mapping[str, datetime], priority: int
) -> None:
    """Put a message on its channels; each waits until ``at`` names."""
    DeliveryRow.objects.bulk_create(
        [
            DeliveryRow(
                message_id=message.id, channel=name, contact=contact.id if contact else None,
                state=DeliveryState.WAITING, next_try=at[name], priority=priority,
            )
            for name, contact in ways
        ],
        ignore_conflicts=True,
    )


def add_done(message: Message, channels: Sequence[str]) -> None:
    """Put a message on channels that need nothing but the saved message."""
    DeliveryRow.objects.bulk_create(
        DeliveryRow(message_id=message.id, channel=name, state=DeliveryState.SENT, attempts=1, settled=message.at)
        for name in channels
    )


@contextmanager
def claimant() -> Iterator[int]:
    """A name for whoever claims, which PostgreSQL knows to be alive for as long as our connection is."""
    name = secrets.randbelow(2**31)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_ALIVE, name])
    try:
        yield name
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_ALIVE, name])


def claim(channel: str, now: datetime, lease_ends: datetime, limit: int, name: int) -> list[Letter]:
    """Letters that are due on a channel, the most urgent first, each noted as tried; with no address when not kept.

    Nobody else gets them before ``lease_ends``, or before the claimant of that name is dead. Rows that another worker
    is claiming are passed over.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [channel, now, limit, lease_ends, name])
        return [_letter(row) for row in cursor.fetchall()]


def free_claims_of_the_dead(now: datetime) -> int:
    """Let others have at once what a dead worker had claimed; how many letters."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE, [now, _ALIVE])
        return int(cursor.rowcount)


def settle(outcomes: Sequence[tuple[DeliveryId, Carried, datetime | None]], now: datetime) -> None:
    """Note what became of tries, in one statement; without a next try a delivery is over."""
    ids = [one for one, _, _ in outcomes]
    states, errors, providers = ([], [], []) if not outcomes else zip(
        *((carried.state.value, carried.error, carried.provider) for _, carried, _ in outcomes), strict=True
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE, [now, ids, list(states), list(errors), list(providers), [again for _, _, again in outcomes]]
        )


def receive(
    told: Sequence[tuple[UUID, DeliveryState, str]], now: datetime
) -> list[tuple[DeliveryId, MessageId, str, UUID | None, DeliveryState]]:
    """Note what a provider says of deliveries: id, message, channel, contact and state of those that it changed."""
    if not told:
        return []
    ids, states, errors = zip(*told, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_RECEIVE, [now, list(ids), [state.value for state in states], list(errors)])
        return [
            (DeliveryId(one), MessageId(message), channel, contact, DeliveryState(state))
            for one, message, channel, contact, state in cursor.fetchall()
        ]


def of_message(message: MessageId) -> list[Delivery]:
    """The message's way on each channel."""
    return [delivery_from(row) for row in DeliveryRow.objects.filter(message_id=message).order_by("channel", "id")]


def locked(delivery: UUID) -> Delivery | None:
    """One delivery, locked until the transaction ends."""
    row = DeliveryRow.objects.select_for_update().filter(id=delivery).first()
    return delivery_from(row) if row else None


def count_open(messages: Sequence[MessageId]) -> Mapping[MessageId, int]:
    """How many ways of each message are not given up."""
    rows = DeliveryRow.objects.filter(message_id__in=messages).exclude(state=DeliveryState.GIVEN_UP)
    rows = rows.exclude(channel="inbox")
    return {MessageId(one): many for one, many in rows.values_list("message_id").annotate(many=Count("id"))}


def counts(rows: QuerySet[DeliveryRow] | None = None) -> Mapping[tuple[str, DeliveryState], int]:
    """How many deliveries stand where, by channel and state."""
    every = DeliveryRow.objects.all() if rows is None else rows
    found = every.values_list("channel", "state").annotate(many=Count("id"))
    return {(channel, DeliveryState(state)): many for channel, state, many in found}


def try_again(channel: str, now: datetime) -> int:
    """Put given-up deliveries of a channel back in the queue; how many."""
    given_up = DeliveryRow.objects.filter(channel=channel, state=DeliveryState.GIVEN_UP)
    return given_up.update(state=DeliveryState.FAILED_WILL_RETRY, next_try=now, settled=None)


def waiting(channel: str, now: datetime) -> int:
    """How many letters are due on a channel."""
    return DeliveryRow.objects.filter(channel=channel, state__in=_DUE, next_try__lte=now).count()


def postpone(channel: str, letters: Sequence[DeliveryId], until: datetime) -> None:
    """Let letters that were claimed and not tried wait; their try does not count."""
    DeliveryRow.objects.filter(channel=channel, id__in=letters, state__in=_DUE).update(
        next_try=until, attempts=F("attempts") - 1
    )


def delivery_from(row: DeliveryRow) -> Delivery:
    """The delivery of a row."""
    return Delivery(
        DeliveryId(row.id), MessageId(row.message_id), row.channel, DeliveryState(row.state),
        row.attempts, row.next_try, row.settled, row.error, row.provider,
    )


def _letter(row: tuple[Any, ...]) -> Letter:
    one, attempts, contact, address, message, resident, template, about, language, *rest = row
    title, body, link, at, read, topic, urgency = rest
    return Letter(
        DeliveryId(one), address or "",
        Message(
            MessageId(message), ResidentId(resident), template, about, Language(language), title, body, link, at,
            read, topic, Urgency(urgency),
        ),
        attempts, contact,
    )
