"""How fast providers may be given messages: one token bucket each, for all workers together."""

from datetime import datetime

from django.db import connection

_TAKE = """
INSERT INTO notify_bucket AS b (provider, tokens, at) VALUES (%(provider)s, %(burst)s - %(left)s, %(now)s)
ON CONFLICT (provider) DO UPDATE SET
    tokens = greatest(0, least(%(burst)s, b.tokens + %(rate)s * greatest(0, extract(epoch FROM %(now)s - b.at)))
        - %(left)s),
    at = greatest(b.at, %(now)s)
"""
_FULL = """
SELECT least(%(burst)s, b.tokens + %(rate)s * greatest(0, extract(epoch FROM %(now)s - b.at)))
FROM notify_bucket b WHERE provider = %(provider)s FOR UPDATE
"""


def available(provider: str, rate: float, burst: int, now: datetime) -> int:
    """How many messages the provider may be given now; its bucket is held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_FULL, {"provider": provider, "rate": rate, "burst": burst, "now": now})
        row = cursor.fetchone()
    return int(row[0]) if row else burst


def take(provider: str, many: int, rate: float, burst: int, now: datetime) -> None:
    """Note that a provider was given so many."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"provider": provider, "left": many, "rate": rate, "burst": burst, "now": now})
