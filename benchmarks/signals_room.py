"""The room of traffic signals with a whole city in it: the run of every five minutes by step, and each page.

A made-up city of 12,800 intersections and 42,000 detectors over a PostgreSQL of its own. Minutes of counts come in by
the door, three runs follow, the second after an approval; a month of measured delays lies behind ``before_after``.
``written_mb`` is what one run wrote to the write-ahead log, the measure of what it stores; ``kept_mb_a_month`` what the
profile's retention lets lie. Pages are asked of the web process without the gateway, signed in, in Korean.
``limit_seconds`` is the planner alone over the same state, in the same run.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import psutil

from madang.commons.db import embedded

INTERSECTIONS, QUICK = 12_800, 1_600
PAST_DAYS = 29
AIM_MS = 1_000
"""The slowest page of a whole city that an engineer would wait for."""


def measure(*, quick: bool) -> dict[str, Any]:
    """A city of its own in a process of its own, for Django is set up once a process."""
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as folder:
        server = embedded.start(Path(folder) / "postgres")
        size = QUICK if quick else INTERSECTIONS
        known = {
            "MADANG_INSTANCE": folder, "MADANG_DATABASE_URL": server.url, "MADANG_SIGNALS": str(size),
            "DJANGO_SETTINGS_MODULE": "madang.entrypoints.django_settings", "OMP_NUM_THREADS": "1",
        }
        try:
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.signals_room", "3" if quick else "5"], env=os.environ | known,
                check=True, stdout=subprocess.PIPE,
            )
        finally:
            server.stop()
    found: dict[str, Any] = msgspec.json.decode(done.stdout.splitlines()[-1])
    return found


class _Steps:
    """Wall and processor seconds of each step, the last time that it was taken."""

    def __init__(self) -> None:
        self.found: dict[str, list[float]] = {}

    @contextmanager
    def step(self, name: str) -> Any:
        wall, own = time.perf_counter(), time.process_time()
        yield
        self.found[name] = [round(time.perf_counter() - wall, 2), round(time.process_time() - own, 2)]

    def around(self, holder: Any, name: str, step: str) -> None:
        """Measure a function of the room where it stands."""
        inner: Callable[..., Any] = getattr(holder, name)

        def measured(*given: Any, **named: Any) -> Any:
            with self.step(step):
                return inner(*given, **named)

        setattr(holder, name, measured)


def _main(times: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from madang.kernel import clock
    from madang.streets.traffic_signals import facade
    from madang.streets.traffic_signals.facade import engine as engines

    steps = _Steps()
    with steps.step("network laid out, once a process"):
        engine = engines.current()
    now = clock.now().replace(second=0, microsecond=0)
    line = _runs(steps, engine, now)
    figures: dict[str, Any] = {
        "intersections": len(facade.network().intersections), "detectors": len(facade.network().detectors),
        "run_seconds": steps.found["the whole run"][0], "run_processor_seconds": steps.found["the whole run"][1],
        "limit_seconds": steps.found["limit: the planner alone"][0], "steps": steps.found,
    }
    return figures | _stored() | _pages(line, times) | {
        "aim_ms": AIM_MS, "peak_rss_mb": round(psutil.Process().memory_info().rss / 2**20),
    }


def _runs(steps: _Steps, engine: Any, now: datetime) -> Any:
    from madang.streets.traffic_signals import facade
    from madang.streets.traffic_signals.facade import runs
    from madang.streets.traffic_signals.facade.engine import Engine

    for holder, name, step in (
        (Engine, "take_in", "counts taken in, state estimated"), (Engine, "leave", "memory kept"),
        (runs, "_checked", "plans proposed and checked"), (runs, "_save", "run and measurements saved"),
        (runs, "_watched", "data watched"), (runs, "settle", "failed data settled"),
    ):
        steps.around(holder, name, step)
    _report(now - timedelta(minutes=10), 8)
    with steps.step("the first run"):
        line = facade.run(now - timedelta(minutes=10))
    with steps.step("approved and published"):
        facade.approve(_engineer(), line.id, now - timedelta(minutes=9))
    _report(now - timedelta(minutes=5), 5)
    facade.run(now - timedelta(minutes=5))
    with steps.step("five minutes of counts reported"):
        _report(now, 5)
    taken = _kept_answers(Engine, "take_in")
    before = _written()
    with steps.step("the whole run"):
        line = facade.run(now)
    steps.found["written_mb"] = [round((_written() - before) / 2**20, 1)]
    with steps.step("another process takes over"):
        other = Engine(engine.network, engine.profile)
        other.take_in(engine.fixed, now)
    traffic = taken[0].traffic
    with steps.step("limit: the planner alone"):
        engine.planner.propose(traffic, engine.fixed, now)
    return line


def _kept_answers(holder: Any, name: str) -> list[Any]:
    """What a function of the room answers from now on."""
    inner, found = getattr(holder, name), []

    def kept(*given: Any) -> Any:
        found.append(inner(*given))
        return found[-1]

    setattr(holder, name, kept)
    return found


def _report(until: datetime, minutes: int) -> None:
    from madang.simulation.street import Street
    from madang.streets.traffic_signals import facade
    from madang.streets.traffic_signals.contracts import DetectorMinute

    street = Street(facade.network())
    for ago in range(minutes, 0, -1):
        begin = until - timedelta(minutes=ago, seconds=30)
        facade.report(_engineer(), [
            DetectorMinute(area, begin, 60.0, *map(tuple, one.values())) for area, one in street.minute(begin).items()
        ], until)


def _stored() -> dict[str, Any]:
    """Bytes of the room's tables as they lie on disk after three runs and one publication."""
    from django.db import connection

    sizes = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' "
            "AND relname LIKE 'traffic_signals_%'")
        sizes = {name.removeprefix("traffic_signals_"): round(size / 2**20, 1) for name, size in cursor.fetchall()}
    return {"tables_mb": dict(sorted(sizes.items(), key=lambda pair: -pair[1])[:8])}


def _pages(line: Any, times: int) -> dict[str, Any]:
    from django.conf import settings
    from django.test import Client

    from madang.commons.gateway import callers
    from madang.streets.traffic_signals import facade

    engineer, network = _engineer(), facade.network()
    known: Any = SimpleNamespace(actor_of_token=lambda _: engineer, actor_of=lambda _: engineer)
    callers.identity = known
    published = next(one for one in facade.publications(engineer) if one.how == "approved")
    at = next(iter(network.intersections.values()))
    _measured_month(published.at)
    paths = {
        "network": "", "district": f"areas/{at.area}/", "intersection": f"intersections/{at.id}/",
        "corridor": f"corridors/{network.corridors[0].id}/", "detectors": "detectors/", "run": f"runs/{line.id}/",
        "on the street": "street/", "before and after": f"street/{published.id}/", "roll-out": "roll-out/",
    }
    client = Client(headers={"Authorization": "Bearer bench", "Accept-Language": "ko"})
    client.cookies[settings.SESSION_COOKIE_NAME] = "bench"
    found = {name: _page(client, f"/streets/signals/{path}", times) for name, path in paths.items()}
    return {"pages": found, "slowest_page_ms": max(one["p95_ms"] for one in found.values())}


def _page(client: Any, path: str, times: int) -> Mapping[str, float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        answer = client.get(path)
        took.append((time.perf_counter() - began) * 1_000)
        if answer.status_code != 200:  # noqa: PLR2004 -- HTTP
            message = f"{path} answered {answer.status_code}: nothing is measured"
            raise RuntimeError(message)
    took.sort()
    return {"median_ms": round(took[len(took) // 2]), "p95_ms": round(took[-1]), "kb": round(len(answer.content) / 1e3)}


def _measured_month(around: datetime) -> None:
    """The last run's measurements again for every five minutes of a day before and after, and hourly for a month."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns WHERE "
                       "table_name = 'traffic_signals_delay' AND column_name NOT IN ('id', 'at')")
        columns = cursor.fetchone()[0]
        for begin, end, step in ((PAST_DAYS, 1, "1 hour"), (1, -1, "5 minutes")):
            cursor.execute(
                f"INSERT INTO traffic_signals_delay (at, {columns}) "  # noqa: S608 -- names of columns, from the database
                f"SELECT moment, {columns} FROM traffic_signals_delay, "
                "generate_series(date_trunc('hour', %s::timestamptz), %s::timestamptz, %s::interval) moment "
                "WHERE at = (SELECT max(at) FROM traffic_signals_delay WHERE at <= %s) ON CONFLICT DO NOTHING",
                [around - timedelta(days=begin), around - timedelta(days=end), step, around + timedelta(minutes=20)])


def _written() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")
        return int(cursor.fetchone()[0])


def _engineer() -> Any:
    from madang.kernel.actors import Actor, ActorKind
    from madang.streets.traffic_signals.contracts import Permission

    return Actor(ActorKind.OFFICER, "engineer", permissions=frozenset(Permission))


if __name__ == "__main__":
    print(msgspec.json.encode(_main(int(sys.argv[1]))).decode())
