"""The policy process's questions to PostgreSQL: who there is, and how much each has used.

It asks without Django, whose start alone would take longer than the city may wait for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, tuple_row

from madang.commons.gateway.contracts import Key, Partner, State
from madang.kernel.clock import SEOUL

Connection = AsyncConnection[tuple[Any, ...]]

CHANGED: Final = "gateway_partners"
"""The channel on which a changed partner or key is told."""

_PARTNERS: Final = """
SELECT id, name, organisation, department, plan, scopes, addresses, state, since, sunset, owner, oauth_client
FROM gateway_partner
"""
_KEYS: Final = "SELECT digest, id, partner_id, prefix, made, expires, revoked FROM gateway_partner_key"

# The row is locked first, so that two processes take turns; the clock is the database's, so that both mean the same
# second; a second that another process has begun already is never gone back from. ``day_used`` and ``day_back`` (what
# was taken ahead and given back) only grow within a day: ``known_used`` and ``known_back`` are what the asking process
# has seen of them, and stand in when a database that fell lost its last half second (the session does not wait for the
# disk). Ahead of need at most a quarter of what is left of the second and a sixteenth of what is left of the day is
# taken: near its end a quota is counted one by one.
_TAKE: Final = """
WITH asked AS (
    SELECT * FROM unnest(%(partner)s::uuid[], %(want)s::int[], %(spare)s::int[], %(per_second)s::int[],
                         %(per_day)s::bigint[], %(known_day)s::date[], %(known_used)s::bigint[],
                         %(known_back)s::bigint[], %(back_day)s::date[], %(back)s::int[])
        AS t (partner, want, spare, per_second, per_day, known_day, known_used, known_back, back_day, back)
), moment AS (
    SELECT floor(extract(epoch FROM clock_timestamp()))::bigint AS second,
           (clock_timestamp() AT TIME ZONE 'Asia/Seoul')::date AS day
), held AS (
    SELECT a.partner, a.want, a.spare, a.per_second, a.per_day, m.day, greatest(q.second, m.second) AS second,
           greatest(CASE WHEN q.day = m.day THEN q.day_used ELSE 0 END,
                    CASE WHEN a.known_day = m.day THEN a.known_used ELSE 0 END) AS day_used,
           greatest(CASE WHEN q.day = m.day THEN q.day_back ELSE 0 END,
                    CASE WHEN a.known_day = m.day THEN a.known_back ELSE 0 END)
               + CASE WHEN a.back_day = m.day THEN a.back ELSE 0 END AS day_back,
           CASE WHEN q.second >= m.second THEN q.second_used ELSE 0 END AS second_used
    FROM asked a JOIN gateway_quota q ON q.partner_id = a.partner CROSS JOIN moment m
    ORDER BY a.partner FOR UPDATE OF q
), granted AS (
    SELECT *, greatest(0, least(want, per_second - second_used, per_day - day_used + day_back)) AS grant_ FROM held
), given AS (
    SELECT *, greatest(0, least(spare, (per_second - second_used - grant_) / 4,
                                (per_day - day_used + day_back - grant_) / 16)) AS ahead FROM granted
)
UPDATE gateway_quota q
SET day = g.day, day_used = g.day_used + g.grant_ + g.ahead, day_back = g.day_back,
    second = g.second, second_used = g.second_used + g.grant_ + g.ahead
FROM given g WHERE q.partner_id = g.partner
RETURNING q.partner_id AS partner, g.grant_::int AS granted, g.ahead::int AS ahead, q.day, q.day_used, q.day_back,
          q.second, q.second_used,
          (q.second + 1 - extract(epoch FROM clock_timestamp()))::float8 AS second_lasts
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """So many requests of one partner want to pass, and as many more as may be are taken ahead, at most ``spare``.

    ``known_…`` is what we have seen of ``known_day``; ``back`` was taken ahead on ``back_day`` and not used.
    """

    partner: UUID
    want: int
    spare: int
    per_second: int
    per_day: int
    known_day: date
    known_used: int
    known_back: int
    back_day: date
    back: int


@dataclass(frozen=True, slots=True)
class Taken:
    """How many may pass now and until the second ends, and what is taken of the day in Seoul and of the second.

    ``day_used`` counts what was taken, ``day_back`` what of it was given back; ``second`` is Unix time, and lasts for
    ``second_lasts`` seconds from the database's answer.
    """

    partner: UUID
    granted: int
    ahead: int
    day: date
    day_used: int
    day_back: int
    second: int
    second_used: int
    second_lasts: float


@dataclass(frozen=True, slots=True)
class Known:
    """Every partner, and every key by its digest."""

    partners: Mapping[UUID, Partner]
    keys: Mapping[bytes, Key]
    by_oauth_client: Mapping[str, Partner]


async def connect(url: str) -> Connection:
    """A connection whose every statement is kept at once, without waiting for the disk."""
    return await AsyncConnection.connect(
        url, autocommit=True, connect_timeout=2, application_name="madang policy", options="-c synchronous_commit=off",
    )


async def known(connection: Connection) -> Known:
    """Who there is."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        partners = [_partner(row) async for row in await cursor.execute(_PARTNERS)]
        keys = {bytes(row[0]): Key(*row[1:4], *map(_local, row[4:])) async for row in await cursor.execute(_KEYS)}
    return Known(
        {one.id: one for one in partners}, keys, {one.oauth_client: one for one in partners if one.oauth_client}
    )


async def take(connection: Connection, wishes: Sequence[Wish]) -> list[Taken]:
    """Use up what is left of the quotas, for all wishes in one step; a partner who is gone is not among the answers."""
    asked = {column.name: [getattr(wish, column.name) for wish in wishes] for column in fields(Wish)}
    async with connection.cursor(row_factory=class_row(Taken)) as cursor:
        await cursor.execute(_TAKE, asked, prepare=True)
        return await cursor.fetchall()


def _partner(row: Sequence[Any]) -> Partner:
    id_, name, organisation, department, plan, scopes, addresses, state, since, sunset, owner, oauth_client = row
    return Partner(
        id_, name, organisation, department, plan, tuple(scopes), tuple(addresses), State(state), _local(since),
        _local(sunset), owner, oauth_client,
    )


def _local(moment: datetime | None) -> Any:
    return moment.astimezone(SEOUL) if moment else None
