"""Kept answers and partner systems in PostgreSQL."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import OperationalError, connection
from django.db.models import Sum
from psycopg.errors import LockNotAvailable

from madang.commons.gateway.contracts import (
    Ask,
    Asked,
    FreshKey,
    Kept,
    Key,
    KeyBusy,
    LogPosition,
    Partner,
    PartnerUnknown,
    State,
    Use,
)
from madang.commons.gateway.models import (
    AskRow,
    IdempotencyKeyRow,
    LogPositionRow,
    PartnerKeyRow,
    PartnerRow,
    QuotaRow,
    UseRow,
)
from madang.commons.gateway.policy.ledger import CHANGED
from madang.kernel.clock import SEOUL, in_seoul

_CLAIM = """
INSERT INTO gateway_idempotency_key (account, route, key, asked, status, media_type, body, at)
VALUES (%s, %s, %s, %s, 0, '', '', %s)
ON CONFLICT (account, route, key) DO NOTHING
"""


_ADD_USE: Final = """
INSERT INTO gateway_use (partner, day, requests, refused, bytes_out) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (partner, day) DO UPDATE SET requests = gateway_use.requests + excluded.requests,
    refused = gateway_use.refused + excluded.refused, bytes_out = gateway_use.bytes_out + excluded.bytes_out
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


def add_partner(partner: Partner) -> None:
    """Keep a partner system, with nothing used."""
    row = PartnerRow.objects.create(id=partner.id, **_columns(partner))
    QuotaRow.objects.create(partner=row, day=in_seoul(partner.since).date())
    _tell_policy()


def change_partner(partner: Partner) -> None:
    """Write everything that may be changed about a partner; the policy process learns of it at commit."""
    PartnerRow.objects.filter(id=partner.id).update(**_columns(partner))
    _tell_policy()


def lock_partner(partner: UUID) -> Partner:
    """The partner, locked until the transaction ends. Raises PartnerUnknown."""
    row = PartnerRow.objects.select_for_update().filter(id=partner).first()
    if row is None:
        raise PartnerUnknown
    return _partner(row)


def partner(id_: UUID) -> Partner:
    """The partner. Raises PartnerUnknown."""
    row = PartnerRow.objects.filter(id=id_).first()
    if row is None:
        raise PartnerUnknown
    return _partner(row)


def partners(owner: UUID | None = None) -> list[Partner]:
    """All partners by organisation and name, or those that one account registered."""
    rows = PartnerRow.objects.order_by("organisation", "name", "id")
    return [_partner(row) for row in (rows.filter(owner=owner) if owner else rows)]


def partner_named(name: str) -> Partner | None:
    """A partner by its name, when only one has it."""
    rows = list(PartnerRow.objects.filter(name=name)[:2])
    return _partner(rows[0]) if len(rows) == 1 else None


def add_key(fresh: FreshKey, digest: bytes) -> None:
    """Keep a key by its digest."""
    key = fresh.key
    PartnerKeyRow.objects.create(
        id=key.id, partner_id=key.partner, prefix=key.prefix, digest=digest, made=key.made, expires=key.expires,
    )
    _tell_policy()


def keys_of(partner: UUID) -> list[Key]:
    """A partner's keys, newest first, those that opened once among them."""
    return [_key(row) for row in PartnerKeyRow.objects.filter(partner_id=partner).order_by("-made", "-id")]


def set_ask(ask: Ask) -> None:
    """Keep what is asked for a partner; it replaces what was asked before."""
    AskRow.objects.update_or_create(partner_id=ask.partner, defaults={
        "plan": ask.plan, "scopes": list(ask.scopes), "why": ask.why, "at": ask.at, "declined": ask.declined,
    })


def ask_of(partner: UUID) -> Ask | None:
    """What was asked for a partner last, unless it was given."""
    row = AskRow.objects.filter(partner_id=partner).first()
    return _ask(row) if row else None


def asks() -> list[Ask]:
    """What nobody has answered, the longest waiting first."""
    return [_ask(row) for row in AskRow.objects.filter(declined="").order_by("at")]


def end_ask(partner: UUID) -> None:
    """What was asked for is answered."""
    AskRow.objects.filter(partner_id=partner).delete()


def forget_asks(before: datetime) -> int:
    """Delete what was asked before then, answered or not; how many."""
    return AskRow.objects.filter(at__lt=before).delete()[0]


def _ask(row: AskRow) -> Ask:
    return Ask(row.partner_id, row.plan, tuple(row.scopes), row.why, row.at.astimezone(SEOUL), row.declined)


def set_key_end(partner: UUID, key: UUID, expires: datetime) -> int:
    """Say when a good key ends; how many keys that were."""
    ended = PartnerKeyRow.objects.filter(partner_id=partner, id=key, revoked=None).update(expires=expires)
    _tell_policy()
    return ended


def revoke_key(partner: UUID, key: UUID, now: datetime) -> int:
    """End a key; how many were ended."""
    ended = PartnerKeyRow.objects.filter(partner_id=partner, id=key, revoked=None).update(revoked=now)
    _tell_policy()
    return ended


def use_of(partner: UUID, since: date) -> list[Use]:
    """What a partner asked, by day, newest first; days without use are not there."""
    rows = UseRow.objects.filter(partner=partner, day__gte=since).order_by("-day")
    return [Use(row.day, row.requests, row.refused, row.bytes_out) for row in rows]


def used_today(partner: UUID, today: date) -> int:
    """How much of the day's quota is used."""
    row = QuotaRow.objects.filter(partner_id=partner, day=today).first()
    return row.day_used - row.day_back if row else 0


def traffic_since(day: date) -> Mapping[str, int]:
    """Requests by partner id since that day."""
    rows = UseRow.objects.filter(day__gte=day).values("partner").annotate(asked=Sum("requests"))
    return {str(row["partner"]): int(row["asked"]) for row in rows}


def log_position(log: str) -> LogPosition:
    """How far a log was read; its beginning for one that never was."""
    row = LogPositionRow.objects.filter(log=log).first()
    return LogPosition(row.log, row.inode, row.offset) if row else LogPosition(log, 0, 0)


def set_log_position(position: LogPosition) -> None:
    """Keep how far a log was read."""
    LogPositionRow.objects.update_or_create(
        log=position.log, defaults={"inode": position.inode, "offset": position.offset}
    )


def add_use(use: Mapping[tuple[UUID, date], Use]) -> None:
    """Add to what was counted."""
    with connection.cursor() as cursor:
        for (partner, day), more in sorted(use.items()):
            cursor.execute(_ADD_USE, [partner, day, more.requests, more.refused, more.bytes_out])


def forget_use(before: date) -> int:
    """Delete what was counted before then; how many rows."""
    return UseRow.objects.filter(day__lt=before).delete()[0]


def _tell_policy() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANGED}")


_KEPT_FIELDS: Final = (
    "name", "organisation", "department", "plan", "since", "sunset", "owner", "oauth_client",
)


def _columns(partner: Partner) -> dict[str, Any]:
    own = {name: getattr(partner, name) for name in _KEPT_FIELDS}
    return own | {
        "scopes": list(partner.scopes), "addresses": list(partner.addresses), "state": partner.state.value,
    }


def _partner(row: PartnerRow) -> Partner:
    own = {name: getattr(row, name) for name in _KEPT_FIELDS}
    return Partner(
        id=row.id, **own, scopes=tuple(row.scopes), addresses=tuple(row.addresses), state=State(row.state)
    )


def _key(row: PartnerKeyRow) -> Key:
    return Key(row.id, row.partner_id, row.prefix, row.made, row.expires, row.revoked)
