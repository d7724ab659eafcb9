"""The portal: search and service pages, and verification, through the gateway beside the gateway's own limit.

A running city with its processes, database and gateway on this machine, and the load on the same cores. The limit is
a small static file through the same gateway over the same kind of connection: the proxy without any page.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks.load import Connection, Result, load
from benchmarks.residents import a_verification_code
from madang.entrypoints.launch import launched

_WORDS = (
    "주민등록 초본", "주민등록초번", "residnt register", "납세증명",
    "tax certificate", "장애인 주차", "ㅈㅁㄷㄹ", "등본",
)
_SERVICES = ("resident-register-extract", "local-tax-certificate", "disability-parking-badge")
_CONNECTIONS = 16


def measure(*, quick: bool) -> dict[str, Any]:
    """Pages and verifications a second with their 95th percentile, and the proxy's limit."""
    seconds = 6.0 if quick else 30.0
    with (
        tempfile.TemporaryDirectory(prefix="madang-bench-") as folder,
        launched(Path(folder), environ={"MADANG_DEMO_RESIDENTS": "2000"}) as city,
    ):
        code = a_verification_code(city)
        asyncio.run(_load(city.url, _pages(), 2.0))
        pages = asyncio.run(_load(city.url, _pages(), seconds))
        verifications = asyncio.run(_load(city.url, [f"/api/v1/verifications/{code}"], seconds / 2))
        limit = asyncio.run(_load(city.url, [_static(city.url)], seconds / 4))
    return {
        "pages_per_s": round(pages.per_second, 1),
        "p95_ms": round(pages.p95 * 1000, 1),
        "verify_per_s": round(verifications.per_second, 1),
        "verify_p95_ms": round(verifications.p95 * 1000, 1),
        "limit_proxy_per_s": round(limit.per_second, 1),
        "refused": pages.refused | verifications.refused | limit.refused,
        "connections": _CONNECTIONS,
    }


def _pages() -> list[str]:
    searches = [f"/search?q={quote(words)}" for words in _WORDS]
    services = [f"/services/{_SERVICES[number % 3]}" for number in range(len(_WORDS))]
    return [page for pair in zip(searches, services, strict=True) for page in pair]


async def _load(url: str, paths: Sequence[str], seconds: float) -> Result:
    asked = {"accept-language": "ko", "accept-encoding": "gzip"}
    return await load(url, paths, connections=_CONNECTIONS, seconds=seconds, headers=asked)


def _static(url: str) -> str:
    """The address of the styles, as the home page names them."""

    async def ask() -> str:
        connection = Connection(url)
        _, page = await connection.ask("GET", "/", {"accept-language": "ko"})
        connection.close()
        return next(part for part in page.decode().split('"') if part.startswith("/static/") and part.endswith(".css"))

    return asyncio.run(ask())
