"""Find what is wrong with this machine or this instance, and say how to mend it."""

import argparse
import json
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import psutil
import psycopg

from madang.entrypoints.city import ready_file
from madang.entrypoints.instance import Lock, set_django_up
from madang.entrypoints.settings import Settings

_DISK_GB = 5
_MEMORY_GB = 3
_OLD_OUTBOX = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``remedy`` is empty when it is well."""

    what: str
    well: bool
    found: str
    remedy: str = ""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How to print."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(asked: argparse.Namespace) -> int:
    """Look at everything; 1 when something is not well."""
    settings = Settings.read()
    findings = [*_machine(settings), *_instance(settings)]
    well = all(finding.well for finding in findings)
    if asked.json:
        print(json.dumps({"well": well, "findings": [asdict(finding) for finding in findings]}, ensure_ascii=False))
        return 0 if well else 1
    for finding in findings:
        print(f"  {'well ' if finding.well else 'WRONG'}  {finding.what:<24} {finding.found}")
        if finding.remedy:
            print(f"         {'':<24} -> {finding.remedy}")
    print("All is well." if well else "Something is wrong: see the arrows above.")
    return 0 if well else 1


def _machine(settings: Settings) -> Iterator[Finding]:
    yield _judged(
        "Python", sys.version_info[:2] == (3, 11), sys.version.split()[0], "make the environment with Python 3.11"
    )
    settings.instance.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.instance).free / 2**30
    yield _judged("disk", free >= _DISK_GB, f"{free:.0f} GB free", f"free {_DISK_GB} GB, or set MADANG_INSTANCE")
    memory = psutil.virtual_memory().available / 2**30
    yield _judged("memory", memory >= _MEMORY_GB, f"{memory:.1f} GB available", f"the city wants {_MEMORY_GB} GB")
    yield _judged("instance folder", os.access(settings.instance, os.W_OK), str(settings.instance), "make it writable")
    browser = shutil.which("chromium") or "not here; only the browser tests need it"
    yield Finding("chromium", well=True, found=browser)


def _instance(settings: Settings) -> Iterator[Finding]:
    if not Lock(settings.instance).is_held_by_another():
        yield Finding("city", well=True, found="not running; `madang up` starts it")
        yield _port(settings.port)
        return
    yield from _processes(settings)
    yield _asked("database", lambda: _database(settings.database_url))
    yield _asked("events", lambda: _events(settings.database_url))
    yield _asked("registers", _registers)
    yield _asked("gateway", lambda: _listens("127.0.0.1", settings.port))


def _processes(settings: Settings) -> Iterator[Finding]:
    file = ready_file(settings.instance)
    if not file.exists():
        yield Finding("city", well=False, found="still starting", remedy=f"look into {settings.instance}/logs")
        return
    pids: dict[str, int] = json.loads(file.read_text(encoding="utf-8"))["pids"]
    for name, pid in pids.items():
        log = settings.instance / ("logs" if name not in {"postgres", "nats"} else name)
        yield _judged(f"process {name}", psutil.pid_exists(pid), f"pid {pid}", f"it is being started again; see {log}")


def _port(port: int) -> Finding:
    try:
        _listens("127.0.0.1", port)
    except OSError:
        return Finding("port", well=True, found=f"{port} is free")
    return Finding("port", well=False, found=f"{port} is taken", remedy="set MADANG_PORT to another, for example 9443")


def _listens(host: str, port: int) -> str:
    with socket.create_connection((host, port), timeout=3):
        return f"answers on {host}:{port}"


def _database(url: str) -> str:
    with psycopg.connect(url, connect_timeout=3) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return f"PostgreSQL {row[0]}" if row else "no answer"


def _events(url: str) -> str:
    with psycopg.connect(url, connect_timeout=3) as connection:
        waiting, dead = (
            (connection.execute(question).fetchone() or (0,))[0]
            for question in (
                "SELECT count(*) FROM events_outbox",
                "SELECT count(*) FROM events_dead_letter WHERE replayed IS NULL",
            )
        )
    if waiting > _OLD_OUTBOX or dead:
        message = f"{waiting} wait, {dead} dead letters: `madang events dead` tells why, `replay` tries again"
        raise RuntimeError(message)
    return f"{waiting} wait, no dead letters"


def _registers() -> str:
    set_django_up()
    from django.db import DatabaseError

    from madang.records.registers import facade
    from madang.records.registers.contracts import LineState

    try:
        lines = facade.state()
    except DatabaseError as wrong:
        raise RuntimeError(str(wrong)) from wrong
    if silent := [f"{line.register} ({line.why})" for line in lines if line.state is not LineState.CLOSED]:
        message = f"no answer from {', '.join(silent)}: their cases wait and go on by themselves"
        raise RuntimeError(message)
    return "nothing against any of them"


def _asked(what: str, question: Callable[[], str]) -> Finding:
    try:
        return Finding(what, well=True, found=question())
    except (OSError, psycopg.Error, RuntimeError) as failure:
        return Finding(what, well=False, found=str(failure).strip(), remedy="see the instance's logs")


def _judged(what: str, well: bool, found: str, remedy: str) -> Finding:  # noqa: FBT001 -- the judgement is the point
    return Finding(what, well, found, "" if well else remedy)
