"""A real Envoy, a real policy process and a small web process behind them, for tests of partner systems."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from django.db import connection

from madang.commons.db.processes import child_of_ours, free_port
from madang.commons.gateway import envoy, facade
from madang.commons.gateway.contracts import NewPartner, Partner, Permission, Plan, Visitors
from madang.commons.gateway.envoy import Front, Running
from madang.commons.gateway.policy import rulebook
from madang.commons.gateway.policy.rulebook import Rulebook
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.languages import Language, Text
from madang.kernel.manifest import Limit, Scope
from tests.commons.test_gateway_front import trusted, web_process

OPERATOR = Actor.system("command line", frozenset(Permission))
COUNTS = Scope("trees.count", "/api/v1/counts", "Report counts", methods=("GET", "POST"))
OPEN = Scope("trees.read", "/api/v1/open", "Read what is public", is_open=True)


def plan(name: str, per_second: int, per_day: int, *, self_service: bool = False) -> Plan:
    return Plan(name, Text({Language.KO: name, Language.EN: name}), per_second, per_day, self_service)


PLANS = [
    plan("wide", 100_000, 10_000_000), plan("day-300", 100_000, 300), plan("second-25", 25, 1_000_000),
    plan("small", 5, 10, self_service=True),
]
BOOK = Rulebook(
    plans={one.name: one for one in PLANS}, scopes=(COUNTS, OPEN),
    visitors=Visitors(burst=40, per_second=20, larger={"127.0.0.1": 100_000}),
    limits=(Limit("/", 100_000), Limit("/api/", 100_000, body_kilobytes=64)), back_office=("/desk/",),
)


@dataclass
class Policy:
    """The policy process of one instance folder; it may be killed and started again."""

    instance: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        parts = connection.settings_dict  # the test's own database
        url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**parts)
        own = {"MADANG_INSTANCE": str(self.instance), "MADANG_POLICY_PORT": str(self.port), "MADANG_DATABASE_URL": url,
               "MADANG_SECRET_KEY": "a secret of the tests"}
        log = (self.instance / "policy.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "madang.entrypoints.policy"], env=os.environ | own, stdout=log, stderr=log,
            preexec_fn=child_of_ours,  # noqa: PLW1509
        )

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def metrics(self) -> str:
        return httpx.get(f"http://127.0.0.1:{self.port}/metrics").text

    def await_ready(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/check/").status_code != 503:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        raise TimeoutError((self.instance / "policy.log").read_text())


@dataclass
class Gate:
    """Everything between a partner and a web process."""

    instance: Path
    policies: Sequence[Policy]
    fronts: Sequence[Front]
    runnings: Sequence[Running]

    def url(self, which: int = 0) -> str:
        return f"https://localhost:{self.fronts[which].port}"

    def client(self, key: str = "", which: int = 0, **headers: str) -> httpx.Client:
        given = {"x-api-key": key} if key else {}
        return httpx.Client(base_url=self.url(which), verify=trusted(self.fronts[which]), headers=given | headers)


@contextmanager
def gate(folder: Path, *, fronts: int = 1, book: Rulebook = BOOK, **how: object) -> Iterator[Gate]:
    """Run so many fronts, each with a policy process of its own, before one web process."""
    rulebook.write(folder / "gateway", book)
    web_port = free_port()
    web = web_process(web_port)
    policies = [Policy(folder) for _ in range(fronts)]
    made, running = [], []
    try:
        for number, policy in enumerate(policies):
            policy.start()
            front = Front(
                folder=folder / f"front-{number}", keys=folder / "keys", port=free_port(), web_port=web_port,
                admin_port=free_port(), policy_ports=(policy.port,), threads=1, **how,  # type: ignore[arg-type]
            )
            made.append(front)
            running.append(envoy.start(front, book, clock.now()))
        for policy in policies:
            policy.await_ready()
        yield Gate(folder, policies, made, running)
    finally:
        for one in running:
            one.process.kill()
            one.process.wait()
        for policy in policies:
            policy.kill()
        web.shutdown()
        web.server_close()


def partner(settings, folder: Path, plan: str = "wide", scopes: Sequence[str] = (COUNTS.name,),
            **more: object) -> tuple[Partner, str]:
    """A registered partner and its key."""
    settings.MADANG_INSTANCE = folder
    new = NewPartner("Detectors", "Traffic Division", plan, department="Traffic Division", scopes=scopes, **more)  # type: ignore[arg-type]
    made = facade.register_partner(OPERATOR, new, clock.now())
    return made, facade.make_key(OPERATOR, made.id, clock.now()).text


def statuses(answers: Sequence[httpx.Response]) -> Mapping[int, int]:
    found: dict[int, int] = {}
    for answer in answers:
        found[answer.status_code] = found.get(answer.status_code, 0) + 1
    return found
