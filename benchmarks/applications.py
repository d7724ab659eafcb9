"""Applications: submit, review, decision, signed PDF, through the gateway, with a worker killed in the middle.

Requests are sent at a fixed rate whatever the city answers (an open loop: a slow city does not slow the
senders). Half-way a worker is killed with -9. Each request is timed from being sent to its certificate being
committed. Lost is a request that was acknowledged and has no certificate; duplicated counts second certificates of
a case and cases that no request asked for. The limits, measured in the same run: setting and sealing one such
document after another in one process, and committing one row after another. ``processor_ms`` is what one application
cost each of the city's processes, from the first request to the last certificate: where the next saving lies.
"""

import asyncio
import json
import os
import signal
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

import psycopg

from benchmarks.load import Connection
from benchmarks.processor_time import ProcessorTime
from benchmarks.residents import EXTRACT, headers, tokens
from benchmarks.signing import documents
from madang.entrypoints.launch import Launched, launched

_RATE = 22.0
_RESIDENTS = 40
_BODY = json.dumps(EXTRACT).encode()
_PATIENCE_SECONDS = 90.0


def measure(*, quick: bool) -> dict[str, Any]:
    """The rate and the 95th percentile from sending to signed document; what was lost or made twice; the limits."""
    seconds = 15.0 if quick else 60.0
    with (
        tempfile.TemporaryDirectory(prefix="madang-bench-") as folder,
        launched(Path(folder), environ={"MADANG_DEMO_RESIDENTS": "2000"}) as city,
    ):
        people = tokens(city, 12 if quick else _RESIDENTS)
        url = json.loads((city.instance / "run" / "addresses.json").read_text(encoding="utf-8"))["database_url"]
        before = _count(url, "applications_case")
        spent = ProcessorTime(city.process.pid, city.names())
        sent = asyncio.run(_send(city, people, seconds, spent))
        figures = _figures(url, sent, seconds)
        spent.sample(city.names())
        figures["processor_ms"] = {name: round(1000 * one / len(sent), 1) for name, one in spent.by_duty().items()}
        figures["duplicated"] += max(0, _count(url, "applications_case") - before - int(_RATE * seconds))
        inserts = _inserts_per_second(url, 2.0)
        signing = documents(Path(folder) / "signing", 40)
    return figures | {
        "rate_asked_per_s": _RATE,
        "seconds": seconds,
        "killed": "worker-1, half-way, with -9",
        "limit_signing_per_s": signing["documents_per_core_s"],
        "limit_insert_per_s": round(inserts),
    }


async def _send(city: Launched, people: list[str], seconds: float, spent: ProcessorTime) -> dict[str, float]:
    """Send at the rate; for each acknowledged case's number when it was sent, in Unix seconds."""
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    acknowledged: dict[str, float] = {}
    running: list[asyncio.Task[None]] = []
    began = time.monotonic()
    killed = False
    following = asyncio.create_task(spent.follow())

    async def one(turn: int) -> None:
        connection = idle.get_nowait() if not idle.empty() else Connection(city.url)
        key, sent = f"bench-{turn}-{os.getpid()}", time.time()
        status, body = await connection.ask("POST", "/api/v1/cases", headers(people[turn % len(people)], key), _BODY)
        idle.put_nowait(connection)
        if status == 201:  # noqa: PLR2004 -- created
            acknowledged[json.loads(body)["number"]] = sent

    for turn in range(int(_RATE * seconds)):
        await asyncio.sleep(max(0.0, began + turn / _RATE - time.monotonic()))
        running.append(asyncio.create_task(one(turn)))
        if not killed and time.monotonic() - began > seconds / 2:
            os.kill(city.pid_of("worker-1"), signal.SIGKILL)
            killed = True
    await asyncio.gather(*running)
    following.cancel()
    return acknowledged


def _figures(url: str, sent: dict[str, float], seconds: float) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        while (found := _issued(connection, list(sent))) and len(found) < len(sent) and time.monotonic() < deadline:
            time.sleep(0.5)
        [(twice,)] = connection.execute(
            'SELECT count(*) FROM (SELECT 1 FROM certificates_certificate GROUP BY "case" HAVING count(*) > 1) AS twice'
        ).fetchall()
    waits = [issued - sent[number] for number, issued in found.items()]
    last = max(issued for issued in found.values())
    first = min(sent.values())
    return {
        "applications_per_s": round(len(found) / max(seconds, last - first), 1),
        "p95_s": round(quantiles(waits, n=20)[-1], 2),
        "median_s": round(quantiles(waits, n=2)[0], 2),
        "slowest_s": round(max(waits), 2),
        "acknowledged": len(sent),
        "lost": len(sent) - len(found),
        "duplicated": twice,
    }


def _count(url: str, table: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 -- a table of ours
    return int(row[0]) if row else 0


def _issued(connection: psycopg.Connection[Any], numbers: list[str]) -> dict[str, float]:
    question = "SELECT number, extract(epoch FROM issued)::float FROM certificates_certificate WHERE number = ANY(%s)"
    rows = connection.execute(question, [numbers]).fetchall()
    return dict(rows)


def _inserts_per_second(url: str, seconds: float) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE bench_rows (id bigserial PRIMARY KEY, body text)")
        count, began = 0, time.monotonic()
        while time.monotonic() - began < seconds:
            connection.execute("INSERT INTO bench_rows (body) VALUES (%s)", [str(count)])
            count += 1
        took = time.monotonic() - began
        connection.execute("DROP TABLE bench_rows")
    return count / took
