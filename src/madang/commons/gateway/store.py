"""Kept answers in PostgreSQL."""

from datetime import datetime
from uuid import UUID

from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from madang.commons.gateway.contracts import Asked, Kept, KeyBusy
from madang.commons.gateway.models import IdempotencyKeyRow

_CLAIM = """
INSERT INTO gateway_idempotency_key (account, route, key, asked, status, media_type, body, at)
VALUES (%s, %s, %s, %s, 0, '', '', %s)
ON CONFLICT (account, route, key) DO NOTHING
"""


def claim(asked: Asked, now: datetime, patience: int) -> bool:
    """Take the key in this transaction; False when somebody before us took it and was done.

    Whoever holds the same key is waited for, ``patience`` seconds at most; then KeyBusy.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{patience}s"])
        try:
            cursor.execute(_CLAIM, [asked.account, asked.route, asked.key, asked.digest, now])
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise KeyBusy from None
            raise
        taken = bool(cursor.rowcount == 1)
        cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    return taken


def kept(asked: Asked) -> tuple[Kept, bytes]:
    """The answer that was kept under the key, and the digest of the request that it answered."""
    row = IdempotencyKeyRow.objects.get(account=asked.account, route=asked.route, key=asked.key)
    return Kept(row.status, row.media_type, bytes(row.body)), bytes(row.asked)


def keep(asked: Asked, answer: Kept) -> None:
    """Keep the answer under the key that this transaction took."""
    IdempotencyKeyRow.objects.filter(account=asked.account, route=asked.route, key=asked.key).update(
        status=answer.status, media_type=answer.media_type, body=answer.body
    )


def forget(before: datetime) -> int:
    """Delete answers kept before then; how many."""
    return IdempotencyKeyRow.objects.filter(at__lt=before).delete()[0]


def forget_account(account: UUID) -> int:
    """Delete everything kept for an account; how many."""
    return IdempotencyKeyRow.objects.filter(account=account).delete()[0]
