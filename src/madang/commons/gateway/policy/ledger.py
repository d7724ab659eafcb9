"""The policy process's questions to PostgreSQL: who there is, and how much each has used.

It asks without Django, whose start alone would take longer than the city may wait for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
# second; a second that another process has begun already is never gone back from. ``known`` is what the asking process
# has seen used today: it stands in when a database that fell lost its last half second (the session does not wait for
# the disk).
_TAKE: Final = """
WITH asked AS (
    SELECT * FROM unnest(%(partner)s::uuid[], %(want)s::int[], %(per_second)s::int[], %(per_day)s::bigint[],
                         %(known_day)s::date[], %(known)s::bigint[])
        AS t (partner, want, per_second, per_day, known_day, known)
), moment AS (
    SELECT floor(extract(epoch FROM clock_timestamp()))::bigint AS second,
           (clock_timestamp() AT TIME ZONE 'Asia/Seoul')::date AS day
), held AS (
    SELECT a.*, m.day, greatest(q.second, m.second) AS second,
           greatest(CASE WHEN q.day = m.day THEN q.day_used ELSE 0 END,
                    CASE WHEN a.known_day = m.day THEN a.known ELSE 0 END) AS day_used,
           CASE WHEN q.second >= m.second THEN q.second_used ELSE 0 END AS second_used
    FROM asked a JOIN gateway_quota q ON q.partner_id = a.partner CROSS JOIN moment m
    ORDER BY a.partner FOR UPDATE OF q
), granted AS (
    SELECT *, greatest(0, least(want, per_second - second_used, per_day - day_used)) AS grant_ FROM held
)
UPDATE gateway_quota q
SET day = g.day, day_used = g.day_used + g.grant_, second = g.second, second_used = g.second_used + g.grant_
FROM granted g WHERE q.partner_id = g.partner
RETURNING q.partner_id AS partner, g.grant_ AS granted, q.day, q.day_used, q.second, q.second_used
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """So many requests of one partner want to pass. ``known`` is the use of ``known_day`` that we have seen."""

    partner: UUID
    want: int
    per_second: int
    per_day: int
    known_day: date
    known: int


@dataclass(frozen=True, slots=True)
class Taken:
    """How many may pass, and what is used of the day in Seoul and of the second (Unix time) with them."""

    partner: UUID
    granted: int
    day: date
    day_used: int
    second: int
    second_used: int


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
    columns = ("partner", "want", "per_second", "per_day", "known_day", "known")
    asked = {column: [getattr(wish, column) for wish in wishes] for column in columns}
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
