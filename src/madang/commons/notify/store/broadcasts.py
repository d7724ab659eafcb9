"""Broadcasts: everybody's message and deliveries are written by two statements, whatever their number."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Count

from madang.commons.notify.contracts import (
    Broadcast,
    BroadcastId,
    BroadcastState,
    DeliveryState,
    Draft,
    Report,
)
from madang.commons.notify.models import BroadcastRow, DeliveryRow, MessageRow
from madang.commons.notify.store import deliveries
from madang.kernel.ids import AccountId
from madang.kernel.languages import Language, Text

_MESSAGES: Final = """
INSERT INTO notify_message
    (id, resident, template, about, language, title, body, link, at, topic, urgency, broadcast)
SELECT gen_random_uuid(), r.resident, 'broadcast', %(broadcast)s, t.said, t.title, t.body, %(link)s, %(now)s,
    'emergency', 'emergency', %(broadcast)s
FROM notify_reach r
JOIN unnest(%(languages)s::text[], %(said)s::text[], %(titles)s::text[], %(bodies)s::text[])
    AS t (language, said, title, body) ON t.language = CASE WHEN r.language = '' THEN 'ko' ELSE r.language END
WHERE (%(everywhere)s OR r.district = ANY(%(districts)s::text[]))
ON CONFLICT (resident, template, about) DO NOTHING
"""

_DELIVERIES: Final = """
INSERT INTO notify_delivery
    (id, message_id, channel, contact, state, attempts, next_try, settled, error, provider, priority)
SELECT gen_random_uuid(), m.id, c.channel, c.id, 'waiting', 0, %(now)s::timestamptz, NULL::timestamptz, '', '', 0
FROM notify_message m JOIN notify_contact c ON c.resident = m.resident
WHERE m.broadcast = %(broadcast)s AND c.channel = ANY(%(channels)s) AND c.verified IS NOT NULL AND c.off IS NULL
UNION ALL
SELECT gen_random_uuid(), m.id, 'email', NULL::uuid, 'waiting', 0, %(now)s::timestamptz, NULL::timestamptz, '', '', 0
FROM notify_message m JOIN notify_reach r ON r.resident = m.resident
WHERE m.broadcast = %(broadcast)s AND r.by_account AND 'email' = ANY(%(channels)s)
  AND NOT EXISTS (SELECT 1 FROM notify_contact c WHERE c.resident = m.resident AND c.channel = 'email'
                  AND c.verified IS NOT NULL AND c.off IS NULL)
UNION ALL
SELECT gen_random_uuid(), m.id, 'inbox', NULL::uuid, 'sent', 1, NULL::timestamptz, %(now)s::timestamptz, '', '', 0
FROM notify_message m WHERE m.broadcast = %(broadcast)s
ON CONFLICT DO NOTHING
"""

_TAKE_OVER: Final = """
INSERT INTO notify_reach (resident, language, district, without_device, by_account, updated)
SELECT resident, min(language), min(district), false, bool_or(channel = 'account'), %s FROM taken_over GROUP BY resident
ON CONFLICT (resident) DO UPDATE SET
    language = CASE WHEN notify_reach.language = '' THEN excluded.language ELSE notify_reach.language END,
    district = excluded.district, by_account = notify_reach.by_account OR excluded.by_account,
    updated = excluded.updated
"""
_TAKE_CONTACTS: Final = """
INSERT INTO notify_contact (id, resident, channel, address, verified, added, by, off_why)
SELECT gen_random_uuid(), resident, channel, address, %s, %s, %s, '' FROM taken_over
WHERE channel NOT IN ('', 'account')
ON CONFLICT (resident, channel, address) DO NOTHING
"""

Line = tuple[UUID, str, str, str, str]
"""Resident, language, district, channel, address; the channel ``account`` has none: identity is asked at sending."""


def add(broadcast: Broadcast, account: AccountId | None) -> None:
    """Keep a broadcast that was written."""
    draft = broadcast.draft
    BroadcastRow.objects.create(
        id=broadcast.id, titles=_plain(draft.titles), bodies=_plain(draft.bodies), districts=list(draft.districts),
        link=draft.link, state=broadcast.state, written=broadcast.written, written_by=broadcast.written_by,
        written_account=account,
    )


def locked(broadcast: BroadcastId) -> tuple[Broadcast, AccountId | None] | None:
    """A broadcast and its writer's account, locked until the transaction ends."""
    row = BroadcastRow.objects.select_for_update().filter(id=broadcast).first()
    return (_broadcast(row), AccountId(row.written_account) if row.written_account else None) if row else None


def one(broadcast: BroadcastId) -> Broadcast | None:
    """A broadcast."""
    row = BroadcastRow.objects.filter(id=broadcast).first()
    return _broadcast(row) if row else None


def newest(limit: int) -> list[Broadcast]:
    """The last broadcasts, newest first."""
    return [_broadcast(row) for row in BroadcastRow.objects.order_by("-written")[:limit]]


def approved() -> list[UUID]:
    """Those that wait to be composed."""
    rows = BroadcastRow.objects.filter(state=BroadcastState.APPROVED).order_by("approved")
    return list(rows.values_list("id", flat=True))


def decide(broadcast: BroadcastId, state: BroadcastState, by: str, now: datetime) -> None:
    """Note that it was approved or withdrawn."""
    BroadcastRow.objects.filter(id=broadcast).update(state=state, approved=now, approved_by=by)


def audience(districts: Sequence[str]) -> Mapping[str, int]:
    """How many deliveries a broadcast there would make, by channel; ``residents`` counts the people."""
    where, given = ("r.district = ANY(%s)", [list(districts)]) if districts else ("true", [])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.channel, count(*) FROM notify_reach r JOIN notify_contact c USING (resident)"  # noqa: S608 -- two fixed conditions
            f" WHERE {where} AND c.off IS NULL AND c.verified IS NOT NULL GROUP BY c.channel",
            given,
        )
        found = dict(cursor.fetchall())
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE by_account) FROM notify_reach r WHERE {where}", given,  # noqa: S608 -- as above
        )
        residents, by_account = cursor.fetchone()
        return {"residents": residents, **found, **({"account": by_account} if by_account else {})}


def compose(broadcast: Broadcast, channels: Sequence[str], now: datetime) -> tuple[int, int]:
    """Write everybody's message and its deliveries; how many residents and deliveries to carry."""
    draft = broadcast.draft
    said = [draft.titles.best(language) for language in Language]
    given: dict[str, Any] = {
        "broadcast": broadcast.id, "link": draft.link, "now": now, "districts": list(draft.districts),
        "everywhere": not draft.districts, "languages": [language.value for language in Language],
        "said": [language.value for language in said], "channels": list(channels),
        "titles": [draft.titles.into(language) for language in Language],
        "bodies": [draft.bodies.into(language) for language in Language],
    }
    with connection.cursor() as cursor:
        # Tables that just grew a thousandfold have no statistics yet, and a loop over each row would take hours.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(_MESSAGES, given)
        residents = cursor.rowcount
        cursor.execute(_DELIVERIES, given)
        carried = cursor.rowcount - residents
        cursor.execute("SET LOCAL enable_nestloop = on")
    BroadcastRow.objects.filter(id=broadcast.id).update(
        state=BroadcastState.COMPOSED, residents=residents, deliveries=carried
    )
    return residents, carried


def report(broadcast: BroadcastId) -> Report:
    """Where its deliveries stand."""
    messages = MessageRow.objects.filter(broadcast=broadcast)
    by_channel: dict[str, dict[DeliveryState, int]] = {}
    for (channel, state), many in deliveries.counts(DeliveryRow.objects.filter(message__broadcast=broadcast)).items():
        by_channel.setdefault(channel, {})[state] = many
    languages = messages.values_list("language").annotate(many=Count("id"))
    return Report(
        broadcast, messages.count(), _confirmed(broadcast), messages.filter(read__isnull=False).count(), by_channel,
        {Language(language): many for language, many in languages},
    )


def _confirmed(broadcast: BroadcastId) -> int:
    done = (DeliveryState.DELIVERED, DeliveryState.READ)
    rows = DeliveryRow.objects.filter(message__broadcast=broadcast, state__in=done)
    return rows.values("message").distinct().count()


def take_over(lines: Iterable[Line], by: str, now: datetime) -> int:
    """Take contact points over from elsewhere by COPY, in one go; how many were new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE taken_over"
            " (resident uuid, language text, district text, channel text, address text) ON COMMIT DROP"
        )
        with cursor.copy("COPY taken_over FROM STDIN") as copy:
            for line in lines:
                copy.write_row(line)
        cursor.execute(_TAKE_OVER, [now])
        cursor.execute(_TAKE_CONTACTS, [now, now, by])
        new = int(cursor.rowcount)
        cursor.execute("ANALYZE notify_reach, notify_contact")
        return new


def forget(before: datetime) -> int:
    """Delete broadcasts written before; their messages go when residents' messages do."""
    return BroadcastRow.objects.filter(written__lt=before).delete()[0]


def _plain(text: Text) -> dict[str, str]:
    return {language.value: words for language, words in text.by_language.items() if words}


def _text(raw: Mapping[str, str]) -> Text:
    return Text({Language(language): words for language, words in raw.items()})


def _broadcast(row: BroadcastRow) -> Broadcast:
    draft = Draft(_text(row.titles), _text(row.bodies), tuple(row.districts), row.link)
    return Broadcast(
        BroadcastId(row.id), draft, BroadcastState(row.state), row.written, row.written_by, row.approved,
        row.approved_by, row.residents, row.deliveries,
    )
