"""A lake of its own for each test, and a real NATS server."""

import asyncio
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nats
import pytest
from django.db import connection

from madang.commons.db.processes import child_of_ours, free_port
from madang.commons.lake.store import table


def clear_catalogue() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('lake.iceberg_tables')")
        if cursor.fetchone()[0]:
            cursor.execute("TRUNCATE lake.iceberg_tables, lake.iceberg_namespace_properties")


@pytest.fixture
def lake(transactional_db, tmp_path, settings):
    settings.MADANG_INSTANCE = tmp_path
    clear_catalogue()
    yield tmp_path / "lake"
    clear_catalogue()
    # The catalogue's own connections would keep the test database from being dropped.
    table.dispose()


class Nats:
    """A server on loopback that can be stopped and started on the same store."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        binary = Path(sys.executable).parent / "nats-server"
        self.process = subprocess.Popen(
            [binary, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", self.folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=child_of_ours,  # noqa: PLW1509 -- so that it never outlives the tests
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                asyncio.run(self._knock())
            except (OSError, nats.errors.Error):
                time.sleep(0.02)
            else:
                return
        raise TimeoutError(self.url)

    async def _knock(self) -> None:
        client = await nats.connect(
            self.url, allow_reconnect=False, connect_timeout=1, max_reconnect_attempts=1, reconnect_time_wait=0.02
        )
        await client.jetstream().account_info()
        await client.close()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(tmp_path, settings):
    started = Nats(tmp_path / "nats")
    settings.MADANG_NATS_URL = started.url
    yield started
    started.stop()
    shutil.rmtree(started.folder, ignore_errors=True)
