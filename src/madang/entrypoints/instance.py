"""An instance: its folder, its lock, its servers, and what must be in place before anyone is let in."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from madang.commons.db import embedded as postgres
from madang.commons.db.processes import as_ordinary_user, free_port
from madang.commons.events import embedded as nats
from madang.entrypoints.settings import HOUSE, Settings, SettingsWrong, addresses_file
from madang.entrypoints.supervisor import Duty, Supervisor


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the instance's own processes listen, all on loopback."""

    postgres: int = field(default_factory=free_port)
    nats: int = field(default_factory=free_port)
    web: int = field(default_factory=free_port)
    outside: int = field(default_factory=free_port)
    mail: int = field(default_factory=free_port)
    gateway_admin: int = field(default_factory=free_port)
    policies: tuple[int, ...] = field(default_factory=lambda: (free_port(), free_port()))


class InstanceBusy(SettingsWrong):
    """Another process runs this instance already."""


class Lock:
    """Held for as long as an instance runs; the kernel lets go of it however its holder dies."""

    def __init__(self, instance: Path) -> None:
        self._file = instance / "run" / "lock"
        self._held: IO[str] | None = None

    def is_held_by_another(self) -> bool:
        """Whether the instance runs, as far as anybody can tell from outside."""
        if not self._file.exists():
            return False
        with self._file.open("a", encoding="ascii") as probe:
            try:
                fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def __enter__(self) -> Self:
        """Take the lock. Raises InstanceBusy."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._held = self._file.open("a", encoding="ascii")
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = (
                f"the instance {self._file.parent.parent} is running already. Stop it with Ctrl-C where it runs, "
                "or give this one a folder of its own: MADANG_INSTANCE=/path MADANG_PORT=9443 make up"
            )
            raise InstanceBusy(message) from None
        return self

    def __exit__(self, *_: object) -> None:
        """Let go."""
        if self._held is not None:
            self._held.close()


def require_free(port: int) -> None:
    """Raise SettingsWrong when somebody else listens where the city's door should be."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as taken:
            message = f"port {port} is taken on this machine: choose another, for example MADANG_PORT=9443 make up"
            raise SettingsWrong(message) from taken


def start_servers(settings: Settings, ports: Ports, supervisor: Supervisor) -> Mapping[str, str]:
    """Start the embedded PostgreSQL and NATS that the settings do not name elsewhere; how everything is reached."""
    found = {
        "port": str(settings.port),
        "database_url": os.environ.get("MADANG_DATABASE_URL", ""),
        "nats_url": os.environ.get("MADANG_NATS_URL", ""),
        "outside_url": os.environ.get("MADANG_OUTSIDE_URL", f"http://127.0.0.1:{ports.outside}"),
        "smtp_url": os.environ.get("MADANG_SMTP_URL", f"smtp://127.0.0.1:{ports.mail}"),
    }
    if not found["nats_url"]:
        bus = nats.prepare(settings.instance / "nats", ports.nats)
        supervisor.start(Duty("nats", bus.command, bus.log))
        found["nats_url"] = bus.url
    if not found["database_url"]:
        found["database_url"] = _start_postgres(settings, ports, supervisor)
    return found


def _start_postgres(settings: Settings, ports: Ports, supervisor: Supervisor) -> str:
    server = postgres.prepare(settings.instance / "postgres", ports.postgres)
    supervisor.start(
        Duty("postgres", server.command, server.log, postgres.environment(), as_ordinary_user(), postgres.STOP_SIGNAL)
    )
    postgres.wait_until_ready(server, is_alive=lambda: supervisor.is_alive("postgres"))
    return server.url


def publish_addresses(instance: Path, addresses: Mapping[str, str]) -> None:
    """Tell the instance's processes, and the owner's other commands, how its servers are reached."""
    file = addresses_file(instance)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(dict(addresses)), encoding="utf-8")


@contextmanager
def opened() -> Iterator[Settings]:
    """The instance's database and bus for a command: those of the running city, or started for the while.

    Sets Django up; nothing of Django may have been imported before.
    """
    settings = Settings.read()
    if Lock(settings.instance).is_held_by_another():
        set_django_up()
        yield settings
        return
    supervisor = Supervisor(announce=lambda _: None)
    with Lock(settings.instance):
        try:
            publish_addresses(settings.instance, start_servers(settings, Ports(), supervisor))
            set_django_up()
            bring_tables_up_to_date()
            yield Settings.read()
        finally:
            supervisor.stop()
            addresses_file(settings.instance).unlink(missing_ok=True)


def bring_tables_up_to_date() -> int:
    """Apply the migrations that the database lacks; how many there were."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", verbosity=0, interactive=False)
    return len(plan)


def collect_static(settings: Settings) -> bool:
    """Gather the static files of all rooms with hashed names, if any changed since; whether they had to be."""
    from django.core.management import call_command

    target = settings.instance / "static"
    newest = max((file.stat().st_mtime for file in (HOUSE / "src").rglob("static/**/*") if file.is_file()), default=0)
    stamp = target / ".collected"
    if stamp.exists() and stamp.stat().st_mtime >= newest:
        return False
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.touch()
    return True


def set_django_up() -> None:
    """Set Django up in this process; nothing of it may have been used before."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.entrypoints.django_settings")
    import django

    django.setup()
