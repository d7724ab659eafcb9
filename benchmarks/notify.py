"""An emergency broadcast to a district: written for everybody by two statements, handed over by two workers.

Real PostgreSQL, the city's own worker processes, the demonstration's aggregator, push service and mail server. One
worker is killed with -9 in the middle and started again, as the supervisor does. Counted by the stand-ins: what they
received, what they received again under the same id, and what a person would see twice. The limit: a bare HTTP client
that hands the same batches to the same aggregator, with no database and no city behind it.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from madang.commons.db import embedded
from madang.commons.db.processes import child_of_ours, free_port

DISTRICT, ELSEWHERE = "11110", "11140"
_SHARES = {"push": 0.10, "email": 0.03}
"""Of all messages; the rest are text messages. Estimates: few residents subscribe, nearly all have a phone."""
_LANGUAGES = ("ko",) * 13 + ("en", "zh", "zh", "ja", "vi", "vi", "th", "mn", "ru")
_PATIENCE_SECONDS = 300.0
_START_SECONDS = 60.0
_LIMIT_BATCHES = 40


@dataclass(frozen=True, slots=True)
class World:
    """What a broadcast is tried on: a database, the outside, and where its things lie."""

    folder: Path
    database: str
    outside: str
    environ: Mapping[str, str]


def measure(*, quick: bool) -> dict[str, Any]:
    """100,000 messages (10,000 when quick) through two workers, one of which is killed."""
    with world() as made:
        limit = _bare()
        return broadcast(made, 10_000 if quick else 100_000) | {"bare_client_messages_per_s": limit}


@contextmanager
def world() -> Iterator[World]:
    """A database with its tables and the demonstration's outside, and Django set up in this process."""
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as name:
        folder = Path(name)
        server = embedded.start(folder / "postgres")
        outside, mail = free_port(), free_port()
        given = {
            "MADANG_INSTANCE": name, "MADANG_DATABASE_URL": server.url,
            "MADANG_OUTSIDE_URL": f"http://127.0.0.1:{outside}", "MADANG_SMTP_URL": f"smtp://127.0.0.1:{mail}",
            "MADANG_PUBLIC_URL": "https://localhost:9",
            "DJANGO_SETTINGS_MODULE": "madang.entrypoints.django_settings",
        }
        os.environ.update(given)
        faults = folder / "outside" / "faults"
        faults.mkdir(parents=True)
        (faults / "aggregator").write_text("silent", encoding="utf-8")  # nobody is there to hear its reports
        _set_up()
        played = _start(given, "madang.entrypoints.outside", folder)
        try:
            _until_open(outside)
            yield World(folder, server.url, given["MADANG_OUTSIDE_URL"], given)
        finally:
            played.kill()
            played.wait()
            server.stop()


def broadcast(made: World, messages: int) -> dict[str, Any]:
    """Broadcast so many messages; what became of them, counted outside."""
    _fill(made, messages)
    workers = [_start(made.environ, "madang.entrypoints.worker", made.folder, f"worker-{number}") for number in (1, 2)]
    try:
        _until_working(made.database)
        began = time.monotonic()
        number = _approve()
        killed_at = _until_handed(made.database, messages * 2 // 5)
        workers[0].send_signal(signal.SIGKILL)
        workers[0].wait()
        workers[0] = _start(made.environ, "madang.entrypoints.worker", made.folder, "worker-1")
        handed = _until_handed(made.database, messages)
        seconds = time.monotonic() - began
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    return _figures(made, number, messages, seconds) | {"killed_at": killed_at, "handed_after_kill": handed - killed_at}


def _figures(made: World, number: UUID, messages: int, seconds: float) -> dict[str, Any]:
    from madang.commons.notify import facade
    from madang.commons.notify.contracts import Permission
    from madang.kernel.actors import Actor
    from madang.simulation import aggregator, push_service

    told = facade.report_of(Actor.system("bench", frozenset(Permission)), number)
    texts, pushed, mails = aggregator.counts(), push_service.counts(), _mails(made.folder / "mail")
    received = texts["messages"] + pushed["messages"] + mails["different"]
    return {
        "messages": messages, "seconds": round(seconds, 1), "messages_per_s": round(messages / seconds, 1),
        "lost": messages - received, "duplicated": mails["files"] - mails["different"],
        "handed_in_again_and_recognised": texts["handed_in_again"] + pushed["handed_in_again"],
        "killed_and_resumed": told.handed_over - told.residents == messages, "residents": told.residents,
        "by_channel": {"sms": texts["messages"], "push": pushed["messages"], "email": mails["different"]},
    }


def _mails(folder: Path) -> dict[str, int]:
    files = list(folder.rglob("*.eml"))
    ids = {
        line for file in files for line in file.read_bytes().partition(b"\r\n\r\n")[0].splitlines()
        if line.lower().startswith(b"message-id:")
    }
    return {"files": len(files), "different": len(ids)}


def _fill(made: World, messages: int) -> None:
    """Synthetic residents of one district whose contact points make so many messages, and some who live elsewhere."""
    from madang.commons.notify import facade
    from madang.commons.notify.contracts import Permission
    from madang.kernel import clock
    from madang.kernel.actors import Actor
    from madang.kernel.ids import new_id
    from madang.simulation import push_service

    pushed, mailed = int(messages * _SHARES["push"]), int(messages * _SHARES["email"])
    browsers = push_service.subscribe_many(made.outside, pushed)

    def lines() -> Iterator[tuple[UUID, str, str, str, str]]:
        for number in range(messages - pushed - mailed):
            person, language = new_id(), _LANGUAGES[number % len(_LANGUAGES)]
            yield person, language, DISTRICT, "sms", f"+8210{2_000 + number // 7_000:04}{1_001 + number % 7_000:04}"
            if number < pushed:
                yield person, language, DISTRICT, "push", browsers[number]
            if number < mailed:
                yield person, language, DISTRICT, "email", f"bench{number}@seoul.example"
        for number in range(messages // 50):
            yield new_id(), "ko", ELSEWHERE, "sms", f"+82109{number:07}"

    facade.take_over(Actor.system("bench", frozenset(Permission)), lines(), clock.now())


def _approve() -> UUID:
    from madang.commons.notify import facade
    from madang.commons.notify.contracts import Draft, Permission
    from madang.kernel import clock
    from madang.kernel.actors import Actor, ActorKind
    from madang.kernel.ids import AccountId, new_id
    from madang.kernel.languages import Language, Text

    writer, other = (
        Actor(ActorKind.OFFICER, f"officer {n}", account=AccountId(new_id()), permissions=frozenset(Permission))
        for n in (1, 2)
    )
    said = {
        Language.KO: "중랑천 수위가 높아지고 있습니다. 하천변에서 즉시 나와 높은 곳으로 이동해 주세요.",
        Language.EN: "The stream is rising fast. Leave the banks at once and go to higher ground.",
    }
    draft = Draft(Text({Language.KO: "홍수 경보", Language.EN: "Flood warning"}), Text(said), [DISTRICT])
    number = facade.write(writer, draft, clock.now()).id
    facade.approve(other, number, clock.now())
    return number


def _bare() -> float:
    """Messages a second of a client that only speaks the protocol: one connection, batches of 500."""
    import httpx
    import msgspec

    from madang.commons.notify.channels import aggregator
    from madang.kernel.ids import new_id

    account = aggregator.account()
    batches = [
        msgspec.json.encode({"messages": [
            {"clientMessageId": str(new_id()), "type": "SMS", "from": "120", "to": "+821055555555", "text": "bench"}
            for _ in range(500)
        ]})
        for _ in range(_LIMIT_BATCHES)
    ]
    with httpx.Client(timeout=20) as client:
        began = time.monotonic()
        for batch in batches:
            client.post(
                f"{account.url}/v1/messages", content=batch, headers={"Authorization": account.authorization()}
            ).raise_for_status()
        seconds = time.monotonic() - began
    from madang.simulation import aggregator as played

    played.empty()
    return round(500 * _LIMIT_BATCHES / seconds, 1)


def _set_up() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def _start(environ: Mapping[str, str], *words_and_folder: str | Path) -> subprocess.Popen[bytes]:
    module, folder, *words = words_and_folder
    with (Path(folder) / f"{str(module).rpartition('.')[2]}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", str(module), *map(str, words)], env={**os.environ, **environ},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=child_of_ours,  # noqa: PLW1509 -- it only asks the kernel for a signal
        )


def _until_open(port: int) -> None:
    import httpx

    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            httpx.get(f"http://127.0.0.1:{port}/aggregator/v1/counts", timeout=2)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    message = "the outside did not start"
    raise RuntimeError(message)


def _until_working(database: str) -> None:
    """Return once both workers' hearts beat. Raises RuntimeError."""
    deadline = time.monotonic() + _START_SECONDS
    with psycopg.connect(database, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = connection.execute("SELECT count(*) FROM procrastinate_workers").fetchone()
            if row and row[0] >= 2:  # noqa: PLR2004 -- two workers
                return
            time.sleep(0.1)
    message = "the workers did not start"
    raise RuntimeError(message)


def _until_handed(database: str, enough: int) -> int:
    """How many deliveries providers have taken, once they are enough; or when we gave up waiting."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    handed = 0
    with psycopg.connect(database, autocommit=True) as connection:
        while handed < enough and time.monotonic() < deadline:
            time.sleep(0.2)
            row = connection.execute(
                "SELECT count(*) FROM notify_delivery WHERE state = 'sent' AND channel <> 'inbox'"
            ).fetchone()
            handed = int(row[0]) if row else 0
    return handed
