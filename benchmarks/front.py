"""The front process: a small page through it, plain and packed, beside what the front can answer alone.

The page comes from a web process that does nothing else. The load runs on the same cores: its own cost, which is
larger than the front's, is in every figure.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.load import load
from madang.commons.db.processes import child_of_ours, free_port
from madang.commons.gateway import envoy
from madang.commons.gateway.envoy import Front
from madang.commons.gateway.policy.rulebook import Rulebook
from madang.kernel import clock
from madang.kernel.manifest import Limit

_CONNECTIONS = 16
_PAGE = b"<!doctype html><title>Madang</title><p>A page of the usual size.</p>" * 40


def page(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:  # noqa: ARG001 -- WSGI's signature
    """What the web process behind the front answers."""
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(_PAGE)))])
    return [_PAGE]


def measure(*, quick: bool) -> dict[str, Any]:
    """Requests a second through the front, by the front alone and 95th percentiles; the front's start in seconds."""
    seconds = 4.0 if quick else 15.0
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder, _web() as port:
        place = Path(folder)
        front = Front(place / "front", place / "keys", free_port(), port, free_port())
        first, again = _start_seconds(front), _start_seconds(front)
        running = envoy.start(front, Rulebook(limits=(Limit("/", 100_000),)), clock.now())
        try:
            at = f"https://localhost:{front.port}"
            through = asyncio.run(load(at, ["/"], connections=_CONNECTIONS, seconds=seconds))
            packed = {"accept-encoding": "gzip"}
            gzipped = asyncio.run(load(at, ["/"], connections=_CONNECTIONS, seconds=seconds, headers=packed))
            alone = asyncio.run(
                load(at, ["/.well-known/madang-front"], connections=_CONNECTIONS, seconds=seconds)
            )
        finally:
            running.stop()
    return {
        "proxied_per_s": round(through.per_second), "proxied_p95_ms": round(through.p95 * 1000, 1),
        "proxied_gzip_per_s": round(gzipped.per_second),
        "limit_front_alone_per_s": round(alone.per_second),
        "first_start_s": round(first, 2), "start_s": round(again, 2),
        "refused": through.refused | gzipped.refused | alone.refused, "connections": _CONNECTIONS,
    }


def _start_seconds(front: Front) -> float:
    began = time.monotonic()
    running = envoy.start(front, Rulebook(), clock.now())
    took = time.monotonic() - began
    running.stop()
    return took


@contextmanager
def _web() -> Iterator[int]:
    port = free_port()
    web = subprocess.Popen(
        [sys.executable, "-m", "granian", "benchmarks.front:page", "--interface", "wsgi", "--port", str(port),
         "--blocking-threads", "8", "--log-level", "warning", "--no-ws"],
        cwd=Path(__file__).parents[1], preexec_fn=child_of_ours,  # noqa: PLW1509 -- we have one thread
    )
    try:
        _await(f"http://127.0.0.1:{port}/")
        yield port
    finally:
        web.terminate()
        web.wait()


def _await(url: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    message = f"the web process did not answer at {url}"
    raise TimeoutError(message)
