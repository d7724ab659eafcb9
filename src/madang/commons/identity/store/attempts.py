"""Attempts to sign in, counted in PostgreSQL: each noted before it is judged, so that many at once count each other."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

# The newest are kept, one more than are allowed: enough to know that there were too many, and a row stays short
# however often somebody tries. Keys are written in their order, so that two sign-ins never wait for each other.
_NOTE: Final = """
WITH asked (key, most) AS (SELECT * FROM unnest(%(keys)s::bytea[], %(most)s::int[]))
INSERT INTO identity_attempts AS held (key, moments)
SELECT key, ARRAY[%(now)s::timestamptz] FROM asked ORDER BY key
ON CONFLICT (key) DO UPDATE SET moments = ARRAY(
    SELECT moment FROM unnest(held.moments || excluded.moments) moment WHERE moment > %(since)s
    ORDER BY moment DESC LIMIT 1 + (SELECT most FROM asked WHERE asked.key = excluded.key)
)
RETURNING key, cardinality(moments)
"""
# One of those at that moment, wherever it stands: others may have been noted since. A row that is empty then goes.
_FORGET: Final = """
WITH kept AS (
    SELECT key, moments[:place - 1] || moments[place + 1:] AS moments
    FROM (
        SELECT key, moments, array_position(moments, %(at)s::timestamptz) AS place
        FROM identity_attempts WHERE key = ANY(%(keys)s) ORDER BY key FOR UPDATE
    ) held WHERE place IS NOT NULL
), gone AS (
    DELETE FROM identity_attempts held USING kept WHERE held.key = kept.key AND kept.moments = '{}'
)
UPDATE identity_attempts held SET moments = kept.moments FROM kept
WHERE held.key = kept.key AND kept.moments <> '{}'
"""


def note(allowed: Mapping[bytes, int], now: datetime, within: timedelta) -> dict[bytes, int]:
    """Note an attempt under each key, and how many there were of late under each, with this one; one statement.

    ``allowed`` says how many there may be: beyond one more than that they are no longer told apart.
    """
    keys = sorted(allowed)
    facts: dict[str, Any] = {"keys": keys, "most": [allowed[key] for key in keys], "now": now, "since": now - within}
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, facts)
        return {bytes(key): count for key, count in cursor.fetchall()}


def forget(keys: list[bytes], at: datetime) -> None:
    """Forget the attempt of that moment under each key, because it succeeded; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"keys": sorted(keys), "at": at})


def forget_old(before: datetime) -> int:
    """Delete keys under which nothing was tried since; how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM identity_attempts WHERE %s > ALL(moments)", [before])
        return int(cursor.rowcount)
