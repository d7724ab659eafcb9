"""A developer's first request: made for them through the front, so that it is checked and counted as any other."""

from pathlib import Path
from typing import Final

import httpx

from madang.commons.gateway.contracts import Tried
from madang.commons.gateway.envoy import described
from madang.commons.gateway.policy.passes import KEY_HEADER
from madang.kernel.errors import Unavailable

_SECONDS: Final = 5.0
_SHOWN_CHARACTERS: Final = 4_000
_TOLD: Final = ("content-type", "ratelimit", "ratelimit-policy", "retry-after", "deprecation", "sunset", "x-request-id")


def ask(folder: Path, key: str, path: str, language: str) -> Tried:
    """GET ``path`` with ``key`` at this instance's own front and nowhere else. Raises Unavailable when it is away."""
    try:
        front = described(folder)
        told = {KEY_HEADER: key, "host": front.hosts[0], "accept-language": language}
        with httpx.Client(verify=False, timeout=_SECONDS) as client:  # noqa: S501 -- our own front, on loopback
            answer = client.get(f"https://127.0.0.1:{front.port}{path}", headers=told)
    except (httpx.HTTPError, FileNotFoundError) as away:
        raise Unavailable from away
    headers = {name: answer.headers[name] for name in _TOLD if name in answer.headers}
    return Tried(answer.status_code, headers, answer.text[:_SHOWN_CHARACTERS])
