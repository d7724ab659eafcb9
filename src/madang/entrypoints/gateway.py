"""The gateway's wiring: the rules of all rooms, the front before them, and the process that it asks about partners."""

import os
import sys
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from madang.entrypoints.instance import Ports
from madang.entrypoints.settings import Settings
from madang.entrypoints.supervisor import Duty, Supervisor
from madang.kernel import clock


def write_rules(settings: Settings) -> None:
    """Write what manifests and profile say now. Needs Django to be set up. Raises PlansWrong."""
    from madang.commons.gateway.policy import rulebook
    from madang.entrypoints.rooms import rooms

    rulebook.write(folder(settings), rulebook.of_city(rooms(), settings.profile))


def folder(settings: Settings) -> Path:
    """Where the gateway's configuration, routes and logs lie."""
    return settings.instance / "gateway"


def take_up(settings: Settings) -> bool:
    """Let the front take up rules and shares as they are now; whether anything is different for it."""
    from madang.commons.gateway import envoy
    from madang.commons.gateway.policy import rulebook

    found = envoy.described(folder(settings))
    return envoy.take_up(found, rulebook.read(found.folder), clock.now())


def start(settings: Settings, ports: Ports, supervisor: Supervisor, logs: Path) -> None:
    """Start the policy processes and the front. Two: when one falls, the front asks the other."""
    from madang.commons.gateway import envoy
    from madang.commons.gateway.front.certificates import Certificate
    from madang.commons.gateway.policy import rulebook

    write_rules(settings)
    public = urlsplit(settings.public_url).hostname or "localhost"
    front = envoy.Front(
        folder=folder(settings),
        keys=settings.instance / "keys",
        port=settings.port,
        web_port=ports.web,
        admin_port=ports.gateway_admin,
        outside_port=None if os.environ.get("MADANG_OUTSIDE_URL") else ports.outside,
        policy_ports=ports.policies,
        certificate=Certificate(*settings.tls) if settings.tls else None,
        staff_networks=settings.staff_networks,
        hosts=tuple(dict.fromkeys((public, *envoy.LOCAL_HOSTS))),
    )
    command = (sys.executable, "-m", "madang.entrypoints.policy")
    for number, port in enumerate(ports.policies, 1):
        environ = {"MADANG_INSTANCE": str(settings.instance), "MADANG_POLICY_PORT": str(port)}
        supervisor.start(Duty(f"policy-{number}", command, logs / f"policy-{number}.log", environ))
    configuration = envoy.write_configuration(front, rulebook.read(front.folder), clock.now())
    let_finish = partial(envoy.drain, front)
    supervisor.start(Duty("gateway", envoy.command(front, configuration), logs / "gateway.log", farewell=let_finish))
