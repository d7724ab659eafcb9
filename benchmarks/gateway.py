"""The check of partner systems: what it adds to a request, beside the same request without it, and whether it counts.

Two fronts, two policy processes, one PostgreSQL and a small web process on loopback. The load runs on the same cores.
``quota_errors`` are requests beyond or short of a day's quota, by 200 clients at once through both fronts.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from benchmarks.front import _web
from benchmarks.load import Connection, load, paced
from madang.commons.db.processes import child_of_ours, free_port

_RATE = 200
"""Requests a second, half of them with a key: some eighth of what two cores bear with the load beside it."""
_CLIENTS = 200
_QUOTA = 2_000
_PATH = "/api/v1/counts"
_SECRET = "of the bench"  # noqa: S105 -- of an instance that lives for the bench


def measure(*, quick: bool) -> dict[str, Any]:
    """Milliseconds that the check adds, requests a second with it, and errors in counting."""
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        os.environ |= {"MADANG_INSTANCE": folder, "MADANG_SECRET_KEY": _SECRET}
        from madang.entrypoints.instance import opened

        with opened() as settings, _web() as web_port, ExitStack() as stack:
            wide, narrow = _partners(Path(folder))
            ports = [stack.enter_context(_policy(settings.database_url)) for _ in range(2)]
            urls = [stack.enter_context(_front(Path(folder), number, web_port, ports)) for number in range(2)]
            _await_known(urls[0], wide)
            return asyncio.run(_figures(urls, wide, narrow, 2 if quick else 6))


async def _figures(urls: Sequence[str], wide: str, narrow: str, rounds: int) -> dict[str, Any]:
    key = {"x-api-key": wide}
    # every second request bears the key, so that other work on the machine falls on both
    bare, checked = await paced(urls[0], _PATH, [{}, key], per_second=_RATE, seconds=5 * rounds)
    closed = {
        name: await load(urls[0], [_PATH], connections=32, seconds=rounds, headers=headers)
        for name, headers in (("bare", {}), ("checked", key))
    }
    passed = await _flood(urls, narrow)
    return {
        "added_p95_ms": round((checked.p95 - bare.p95) * 1000, 2),
        "added_median_ms": round((median(checked.latencies) - median(bare.latencies)) * 1000, 2),
        "checked_p95_ms": round(checked.p95 * 1000, 2), "unchecked_p95_ms": round(bare.p95 * 1000, 2),
        "at_requests_per_s": _RATE, "asked": len(checked.latencies) + len(bare.latencies),
        "requests_per_s": round(closed["checked"].per_second), "unchecked_per_s": round(closed["bare"].per_second),
        "quota_errors": abs(passed - _QUOTA), "quota": _QUOTA, "clients_at_once": _CLIENTS, "gateways": len(urls),
        "failed": bare.refused | checked.refused | closed["checked"].refused,
    }


async def _flood(urls: Sequence[str], key: str) -> int:
    """Half as many requests again as the quota allows; how many passed."""
    passed = 0

    async def one(number: int) -> None:
        nonlocal passed
        connection = Connection(urls[number % len(urls)])
        for _ in range(_QUOTA * 3 // 2 // _CLIENTS):
            status, _ = await connection.ask("GET", _PATH, {"x-api-key": key})
            passed += status == 200  # noqa: PLR2004 -- HTTP's number
        connection.close()

    await asyncio.gather(*(one(number) for number in range(_CLIENTS)))
    return passed


def _partners(folder: Path) -> tuple[str, str]:
    """A partner without a bound that matters, and one with the quota that is flooded; their keys."""
    from madang.commons.gateway import facade
    from madang.commons.gateway.contracts import NewPartner, Permission
    from madang.commons.gateway.policy import rulebook
    from madang.kernel import clock
    from madang.kernel.actors import Actor

    rulebook.write(folder / "gateway", _book())
    who = Actor.system("bench", frozenset(Permission))
    made = [facade.register_partner(who, NewPartner("Bench", plan, plan), clock.now()) for plan in ("wide", "narrow")]
    wide, narrow = (facade.make_key(who, one.id, clock.now()).text for one in made)
    return wide, narrow


def _book() -> Any:
    from madang.commons.gateway.contracts import Plan, Visitors
    from madang.commons.gateway.policy.rulebook import Rulebook
    from madang.kernel.languages import Language, Text
    from madang.kernel.manifest import Limit, Scope

    most = 1_000_000
    plans = [Plan(name, Text({Language.KO: name}), most, day, is_self_service=False)
             for name, day in (("wide", 100 * most), ("narrow", _QUOTA))]
    return Rulebook(
        plans={one.name: one for one in plans}, visitors=Visitors(400, 100, {"127.0.0.1": 100_000}),
        scopes=(Scope("bench.count", _PATH, "Count", is_open=True),),
        limits=(Limit("/", 100_000), Limit("/api/", 100_000)),
    )


@contextmanager
def _policy(database_url: str) -> Iterator[int]:
    port = free_port()
    own: Mapping[str, str] = {"MADANG_POLICY_PORT": str(port), "MADANG_DATABASE_URL": database_url}
    process = subprocess.Popen(
        [sys.executable, "-m", "madang.entrypoints.policy"], env={**os.environ, **own},
        preexec_fn=child_of_ours,  # noqa: PLW1509 -- we have one thread
    )
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _front(folder: Path, number: int, web_port: int, policies: Sequence[int]) -> Iterator[str]:
    from madang.commons.gateway import envoy
    from madang.kernel import clock

    front = envoy.Front(
        folder / f"front-{number}", folder / "keys", free_port(), web_port, free_port(), policy_ports=tuple(policies),
    )
    running = envoy.start(front, _book(), clock.now())
    try:
        yield f"https://localhost:{front.port}"
    finally:
        running.stop()


def _await_known(url: str, key: str) -> None:
    deadline = time.monotonic() + 20
    with httpx.Client(verify=False) as client:  # noqa: S501 -- our own front on loopback
        while client.get(url + _PATH, headers={"x-api-key": key}).status_code != httpx.codes.OK:
            if time.monotonic() > deadline:
                message = "the policy process never let the bench's key in"
                raise TimeoutError(message)
            time.sleep(0.05)
