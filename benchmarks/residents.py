"""Synthetic residents with accounts and tokens, for benchmarks that knock on a running city's doors."""

import asyncio
import json
import time
from collections.abc import Sequence
from itertools import count
from typing import Any

import httpx

from benchmarks.load import Connection
from madang.entrypoints import visitors
from madang.entrypoints.launch import Launched

EXTRACT = {"service": "resident-register-extract", "answers": {"purpose": "finance"}, "submit": True, "language": "en"}
_SEED = 1
_PATIENCE_SECONDS = 30.0


def tokens(city: Launched, residents: int) -> list[str]:
    """Tokens of so many residents whose extract is approved by itself: each has had one already."""
    visitors.enter(city)
    made: list[str] = []
    numbers = count(100)
    while len(made) < residents:
        candidates = [_token(next(numbers)) for _ in range(residents - len(made) + 4)]
        made += asyncio.run(_those_served(city.url, candidates))
    return made[:residents]


def a_verification_code(city: Launched) -> str:
    """The code of one document, asked for and received over the API."""
    [token] = tokens(city, 1)
    held = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=city.url, verify=False, headers=held, timeout=20) as client:  # noqa: S501 -- loopback
        [document] = client.get("/api/v1/documents", params={"limit": 1}).json()["items"]
    return str(document["code"])


def headers(token: str, key: str = "") -> dict[str, str]:
    """What an API request of a resident carries."""
    keyed = {"idempotency-key": key} if key else {}
    return {"authorization": f"Bearer {token}", "content-type": "application/json"} | keyed


def _token(number: int) -> str:
    from madang.records.registers.rules.ids import resident_id

    return visitors.token_for(f"bench{number}@seoul.example", "resident", resident_id(_SEED, number))


async def _those_served(url: str, candidates: Sequence[str]) -> list[str]:
    connection = Connection(url)
    for number, token in enumerate(candidates):
        await connection.ask("POST", "/api/v1/cases", headers(token, f"first-{number}-{time.time_ns()}"), _BODY)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    served: list[str] = []
    for token in candidates:
        while (standing := await _standing(connection, token)) in {"in_review", "approved"}:
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.1)
        if standing == "completed":
            served.append(token)
    connection.close()
    return served


async def _standing(connection: Connection, token: str) -> str:
    _, body = await connection.ask("GET", "/api/v1/cases?limit=1", headers(token))
    items: list[dict[str, Any]] = json.loads(body)["items"]
    return str(items[0]["standing"]) if items else "none"


_BODY = json.dumps(EXTRACT).encode()
