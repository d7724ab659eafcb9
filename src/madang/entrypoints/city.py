"""The whole city as processes: what is started, in which order, and when it is ready."""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import httpx

from madang.entrypoints import gateway, instance
from madang.entrypoints.settings import Settings, addresses_file
from madang.entrypoints.sign_ins import SignIn
from madang.entrypoints.supervisor import Duty, Supervisor

_WEB_PROCESSES = 2
_WEB_THREADS = 8
_WORKERS = 2
_READY_SECONDS = 60.0


class Progress(Protocol):
    """Where the start tells how far it is."""

    def step(self, what: str) -> None:
        """Something begins."""

    def done(self, note: str = "") -> None:
        """What began last is done."""

    def say(self, line: str) -> None:
        """Something happened that an operator wants to know."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What a running city says of itself in ``run/ready.json``; only its owner may read it."""

    url: str
    seconds: float
    pids: Mapping[str, int]
    sign_ins: tuple[SignIn, ...]


class CityDidNotStart(RuntimeError):
    """A process did not become ready; the message names its log."""


def ready_file(folder: Path) -> Path:
    """Where a running city says that it is ready, and how it is entered."""
    return folder / "run" / "ready.json"


@contextmanager
def running(settings: Settings, progress: Progress) -> Iterator[tuple[Supervisor, Ready]]:
    """Run the whole city while the block runs; everything that was started is stopped at its end."""
    began = time.monotonic()
    with instance.Lock(settings.instance):
        ready_file(settings.instance).unlink(missing_ok=True)  # left by a city that was killed
        instance.require_free(settings.port)
        supervisor = Supervisor(announce=progress.say)
        try:
            sign_ins = _start(settings, supervisor, progress)
            ready = Ready(settings.public_url, round(time.monotonic() - began, 1), supervisor.pids(), sign_ins)
            _publish(settings.instance, ready)
            yield supervisor, ready
        finally:
            ready_file(settings.instance).unlink(missing_ok=True)
            supervisor.stop()
            addresses_file(settings.instance).unlink(missing_ok=True)


def publish_pids(folder: Path, ready: Ready, supervisor: Supervisor) -> None:
    """Say anew which processes there are, after one was started again."""
    _publish(folder, Ready(ready.url, ready.seconds, supervisor.pids(), ready.sign_ins))


def _start(settings: Settings, supervisor: Supervisor, progress: Progress) -> tuple[SignIn, ...]:
    ports = instance.Ports()
    progress.step("PostgreSQL and NATS")
    addresses = instance.start_servers(settings, ports, supervisor)
    instance.publish_addresses(settings.instance, addresses)
    progress.done()
    progress.step("tables")
    instance.set_django_up()
    made = instance.bring_tables_up_to_date()
    progress.done(f"{made} migrations" if made else "up to date")
    progress.step("static files")
    progress.done("gathered" if instance.collect_static(settings) else "up to date")
    sign_ins = _people(settings, progress)
    _start_processes(settings, ports, supervisor, progress)
    _bring_into_the_audience(progress)
    return sign_ins


def _bring_into_the_audience(progress: Progress) -> None:
    """After the registers are there to be asked; a city whose registers are silent opens all the same."""
    from madang.entrypoints import audience
    from madang.kernel import clock
    from madang.kernel.errors import Unavailable

    progress.step("residents with an account into the audience of broadcasts")
    try:
        progress.done(f"{audience.take_over_account_holders(clock.now()):,} residents")
    except Unavailable as silent:
        progress.done(f"not now: {silent} Later: madang notify take-over --account-holders")


def _people(settings: Settings, progress: Progress) -> tuple[SignIn, ...]:
    from madang.entrypoints import demonstration

    progress.step("synthetic residents and demonstration accounts")
    count, sign_ins = demonstration.prepare(settings)
    progress.done(f"{count:,} residents")
    return sign_ins


def _start_processes(settings: Settings, ports: instance.Ports, supervisor: Supervisor, progress: Progress) -> None:
    progress.step("processes: outside world, stream, workers, web, policy, gateway")
    folder = settings.instance / "logs"
    environ = {"MADANG_INSTANCE": str(settings.instance), "PYTHONUNBUFFERED": "1"}

    def python(name: str, *arguments: str) -> None:
        supervisor.start(Duty(name, (sys.executable, "-m", *arguments), folder / f"{name}.log", environ))

    if not os.environ.get("MADANG_OUTSIDE_URL"):
        python("outside", "madang.entrypoints.outside")
    python("web", *_granian(settings, ports))
    python("stream", "madang.entrypoints.stream")
    for number in range(1, _WORKERS + 1):
        python(f"worker-{number}", "madang.entrypoints.worker", f"worker-{number}")
    gateway.start(settings, ports, supervisor, folder)
    _await(settings, f"http://127.0.0.1:{ports.web}/health/", folder / "web.log")
    _await(settings, f"https://127.0.0.1:{settings.port}/health/", folder / "gateway.log")
    progress.done()


def _granian(settings: Settings, ports: instance.Ports) -> tuple[str, ...]:
    return (
        "granian", "madang.entrypoints.web:application", "--interface", "wsgi",
        "--host", "127.0.0.1", "--port", str(ports.web),
        "--workers", str(_WEB_PROCESSES), "--blocking-threads", str(_WEB_THREADS), "--respawn-failed-workers",
        "--static-path-route", "/static", "--static-path-mount", str(settings.instance / "static"),
        "--static-path-expires", "31536000", "--no-ws", "--log-level", "warning",
    )


def _await(settings: Settings, url: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    with httpx.Client(verify=False, timeout=5) as client:  # noqa: S501 -- our own gateway on loopback, asked for its health
        while time.monotonic() < deadline:
            try:
                if client.get(url, headers={"host": settings.public_url.partition("://")[2]}).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
    message = f"{url} did not answer within {_READY_SECONDS:.0f} s; look into {log}"
    raise CityDidNotStart(message)


def _publish(folder: Path, ready: Ready) -> None:
    file = ready_file(folder)
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(ready)), encoding="utf-8")
    fresh.replace(file)
