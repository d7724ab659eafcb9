"""Real servers for tests, each on loopback and gone afterwards."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from madang.commons.db.processes import child_of_ours, free_port
from madang.commons.events import embedded


@dataclass
class Nats:
    """A NATS server that a test may kill and start again."""

    server: embedded.Server
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return self.server.url

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def start_again(self) -> None:
        self.process = _spawn(self.server)


def _spawn(server: embedded.Server) -> subprocess.Popen[bytes]:
    with server.log.open("ab") as log:
        return subprocess.Popen(server.command, stdout=log, stderr=log, preexec_fn=child_of_ours)  # noqa: PLW1509


@contextmanager
def nats_server(folder: Path) -> Iterator[Nats]:
    server = embedded.prepare(folder, free_port())
    running = Nats(server, _spawn(server))
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()
