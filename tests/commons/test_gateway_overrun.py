"""What the front does when web is slow, and what a partner notices of a change: nothing but the change."""

import asyncio
import threading
import time
from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.load import Connection
from madang.commons.db.processes import free_port
from madang.commons.gateway import envoy, facade
from madang.commons.gateway.envoy import Front
from madang.commons.gateway.policy import rulebook
from madang.commons.gateway.policy.rulebook import Rulebook
from madang.kernel import clock
from madang.kernel.manifest import Limit
from tests.commons.gateway_policy import BOOK, OPERATOR, Gate, gate, partner, plan
from tests.commons.test_gateway_bounds import from_
from tests.commons.test_gateway_front import web_process
from tests.commons.test_gateway_partners import known

MOST = 256 + 512
"""Requests that the front lets wait for a slow web at most: its connections and those that wait for one."""


def test_beyond_what_may_wait_for_a_slow_web_each_is_told_at_once_and_then_all_is_well(tmp_path):
    front = Front(folder=tmp_path / "e", keys=tmp_path / "k", port=free_port(), web_port=free_port(),
                  admin_port=free_port(), threads=1)
    open_again = threading.Event()

    def stuck(environ, start_response):
        open_again.wait(20)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"late"]

    web = web_process(front.web_port, stuck)
    running = envoy.start(front, Rulebook(limits=(Limit("/api/", 100_000, seconds=30),)), clock.now())
    try:
        found, first, last = asyncio.run(overrun(front, open_again, MOST + 40))
        with from_("127.0.0.1", front) as client:
            assert client.get("/api/v1/x").status_code == 200
    finally:
        open_again.set()
        running.process.kill()
        running.process.wait()
        web.shutdown()
        web.server_close()
    assert found[200] + found[503] == MOST + 40
    assert found[503] >= 40
    assert found[200] >= 256
    assert b'"code":"front.away"' in first.replace(b": ", b":")
    assert "Dịch vụ đang tạm gián đoạn" in first.decode()
    assert last < 5


async def overrun(front: Front, open_again: threading.Event, count: int) -> tuple[Counter[int], bytes, float]:
    """How many had each status, the first refusal, and how many seconds the slowest refusal took."""
    found: Counter[int] = Counter()
    refusals: list[bytes] = []
    times: list[float] = []
    enough = asyncio.Event()

    async def one() -> None:
        connection = Connection(f"https://localhost:{front.port}")
        await connection.ask("GET", "/.well-known/madang-front", {})
        began = time.monotonic()
        status, body = await connection.ask("GET", "/api/v1/x", {"accept-language": "vi"})
        found[status] += 1
        if status == 503:
            refusals.append(body)
            times.append(time.monotonic() - began)
            if len(times) == count - MOST:
                enough.set()
        connection.close()

    asked = [asyncio.create_task(one()) for _ in range(count)]
    await asyncio.wait([asyncio.create_task(enough.wait())], timeout=15)
    open_again.set()
    await asyncio.gather(*asked)
    return found, refusals[0], max(times, default=99.0)


@pytest.fixture(scope="module")
def open_gate(tmp_path_factory, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), gate(tmp_path_factory.mktemp("changes")) as one:
        yield one


def asking(gate: Gate, key: str, done: threading.Event, found: Counter[int]) -> None:
    """Ask without a pause."""
    with gate.client(key) as client:
        while not done.is_set():
            found[client.get("/api/v1/counts").status_code] += 1


def seconds_until(client, status: int, most: float = 5.0) -> float:
    began = time.monotonic()
    while client.get("/api/v1/counts").status_code != status:
        assert time.monotonic() - began < most
        time.sleep(0.01)
    return time.monotonic() - began


@pytest.mark.django_db(transaction=True)
def test_a_key_a_plan_and_the_rules_change_within_a_second_under_load_and_no_request_is_lost(open_gate, settings):
    _, busy = partner(settings, open_gate.instance)
    changing, key = partner(settings, open_gate.instance, plan="day-300")
    done, found = threading.Event(), Counter[int]()
    with open_gate.client(busy) as client:
        assert known(client).status_code == 200
    load = threading.Thread(target=asking, args=(open_gate, busy, done, found))
    load.start()
    try:
        with open_gate.client(key) as client:
            assert known(client).status_code == 200
            fresh = facade.make_key(OPERATOR, changing.id, clock.now())
            with open_gate.client(fresh.text) as newer:
                assert seconds_until(newer, 200) < 1
            facade.change_partner(OPERATOR, changing.id, plan="small")
            assert seconds_until(client, 429) < 1.5
            facade.change_partner(OPERATOR, changing.id, plan="day-300")
            assert seconds_until(client, 200) < 1.5
            narrowed = BOOK.plans | {"day-300": plan("day-300", 100_000, 1)}
            rulebook.write(open_gate.instance / "gateway", replace(BOOK, plans=narrowed))
            assert seconds_until(client, 429) < 2
            assert '"day";q=1;' in client.get("/api/v1/counts").headers["ratelimit-policy"]
    finally:
        rulebook.write(open_gate.instance / "gateway", BOOK)
        done.set()
        load.join()
    assert set(found) == {200}
    assert found[200] > 10
