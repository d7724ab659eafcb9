"""The archive follows the bus through kills, cuts and restarts, and has every event exactly once."""

import asyncio
import os
import random
import subprocess
import sys
import time
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

import nats
import pytest
from django.db import connection

from madang.commons.lake import facade
from madang.commons.lake.archiver import Archiver
from madang.kernel.ids import new_id

CHILD = """
import asyncio, os, django, nats
django.setup()
from madang.commons.lake.archiver import Archiver
async def main():
    client = await nats.connect(os.environ["MADANG_NATS_URL"])
    await Archiver(client.jetstream(), batch=int(os.environ["BATCH"]), linger=0.05, delay=0).run(asyncio.Event())
asyncio.run(main())
"""


async def publish(url, many, *, headers=True, body=b'{"lamp":1}'):
    client = await nats.connect(url)
    stream = client.jetstream(publish_async_max_pending=5000)
    try:
        await stream.add_stream(name="CITY", subjects=["city.>"])
        told = [
            await stream.publish_async(
                "city.tests.lamp_lit", body,
                headers={"Nats-Msg-Id": str(new_id()), "Madang-At": datetime.now(UTC).isoformat()} if headers else None,
            )
            for _ in range(many)
        ]
        await asyncio.gather(*told)
    finally:
        await client.close()


@asynccontextmanager
async def archiving(url):
    client = await nats.connect(url, reconnect_time_wait=0.05, max_reconnect_attempts=-1)
    stop = asyncio.Event()
    duty = asyncio.create_task(Archiver(client.jetstream(timeout=1), linger=0.2, delay=0).run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(duty, 20)
        await client.close()


async def until_archived(sequence, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        at = await asyncio.to_thread(_position)
        if at and at.sequence >= sequence:
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(sequence)


def _position():
    try:
        return facade.position()
    finally:
        connection.close()


def test_everything_on_the_bus_is_archived_also_what_is_not_of_our_making(lake, server):
    async def story():
        await publish(server.url, 1_000)
        async with archiving(server.url):
            await until_archived(1_000)
            await publish(server.url, 10, headers=False, body=b"\xff\xfe")
            await until_archived(1_010)

    asyncio.run(story())
    state = facade.check()
    assert (state.events, state.whole, state.behind) == (1_010, True, 0)
    assert facade.count_events(topic="tests.lamp_lit") == 1_010


def test_it_goes_on_by_itself_when_the_bus_was_away(lake, server):
    async def story():
        await publish(server.url, 500)
        async with archiving(server.url):
            await until_archived(500)
            await asyncio.to_thread(server.stop)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(server.start)
            await publish(server.url, 500)
            await until_archived(1_000)

    asyncio.run(story())
    assert (facade.check().events, facade.check().whole) == (1_000, True)


@contextmanager
def child(environment):
    started = subprocess.Popen([sys.executable, "-c", CHILD], env=environment)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def wait_while(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while condition() and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.mark.long
def test_killed_again_and_again_it_archives_every_event_once(lake, server, tmp_path):
    kills, many = 8, 20_000
    asyncio.run(publish(server.url, many))
    parts = connection.settings_dict
    database = f"postgresql://{parts['USER']}:{parts['PASSWORD']}@{parts['HOST']}:{parts['PORT']}/{parts['NAME']}"
    environment = {
        **os.environ, "MADANG_DATABASE_URL": database, "MADANG_INSTANCE": str(tmp_path), "MADANG_NATS_URL": server.url,
        "BATCH": "100",
    }
    chance = random.Random(20261122)
    for _ in range(kills):
        before = facade.position()
        with child(environment):
            wait_while(lambda before=before: facade.position() == before)
            time.sleep(chance.uniform(0, 0.15))
    cut = facade.position()
    assert cut is not None
    assert 0 < cut.sequence < many, "it was killed in the middle"
    with child(environment | {"BATCH": "5000"}):
        wait_while(lambda: facade.position().sequence < many)
    state = facade.check()
    assert (state.events, state.twice, state.holes, state.behind) == (many, 0, [], 0)
