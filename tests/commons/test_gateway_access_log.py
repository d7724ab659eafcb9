"""Every request through the front is told to the bus and counted once."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from madang.commons.events.bus import Bus
from madang.commons.gateway import facade, rules
from madang.commons.gateway.access_log import STREAM, SUBJECT, AccessLog
from madang.kernel import clock
from tests.commons.gateway_policy import OPERATOR, gate, partner
from tests.commons.test_gateway_partners import known
from tests.servers import nats_server


@pytest.mark.django_db(transaction=True)
def test_every_request_is_told_once_and_counted_once_though_the_log_is_turned(settings, tmp_path):
    with nats_server(tmp_path / "nats") as bus, gate(tmp_path) as one:
        made, key = partner(settings, tmp_path, plan="small")
        with one.client(key) as client:
            known(client)
            answers = [client.get("/api/v1/open/81?name=secret") for _ in range(14)]
            for _ in range(3):
                client.get("/page", headers={"x-api-key": ""})
        lines_of(one.fronts[0].traffic_log, 18)
        told = asyncio.run(carry(bus.url, one.fronts[0].folder))
        told += asyncio.run(carry(bus.url, one.fronts[0].folder))
    refused = sum(answer.status_code == 429 for answer in answers)
    assert refused >= 5
    assert len(told) == 18
    assert {request["client"] for request in told} == {str(made.id), ""}
    assert "/api/v1/open/*" in {request["route"] for request in told}
    assert "secret" not in json.dumps(told)
    assert {request["network"] for request in told} == {"127.0.0.0/16"}
    today, [use] = facade.use_of(OPERATOR, made.id, clock.now())
    assert (use.requests, use.refused, today) == (15, refused, 15 - refused)
    assert facade.traffic_by_client_since(clock.now())[str(made.id)] == 15
    assert facade.forget_old_use(clock.now()) == 0


async def carry(url: str, folder) -> list[dict[str, object]]:
    """Carry what there is, with every kilobyte a new file; what lies on the bus afterwards is read and taken away."""
    bus = await Bus.connect(url)
    follower = AccessLog(folder, bus.jetstream, rotated_from=1000)
    await follower._ensure_stream()
    with ThreadPoolExecutor(1) as thread:
        while await follower.step(asyncio.get_running_loop(), thread):
            pass
        await follower.step(asyncio.get_running_loop(), thread)
    info = await bus.jetstream.stream_info(STREAM)
    told = []
    for number in range(info.state.first_seq, info.state.last_seq + 1):
        message = await bus.jetstream.get_msg(STREAM, number)
        assert message.subject == SUBJECT
        told += json.loads(message.data or b"")["requests"]
    await bus.jetstream.purge_stream(STREAM)
    await bus.close()
    return told


def lines_of(file, count: int) -> None:
    until = time.monotonic() + 10
    while file.read_text().count("\n") < count and time.monotonic() < until:
        time.sleep(0.1)


@pytest.mark.parametrize(("path", "route"), [
    ("/api/v1/cases/0191-77/bills", "/api/v1/cases/*/bills"), ("/verify/7KQF-M2", "/verify/*"), ("/my/", "/my/"),
    ("/a/%EA%B9%80", "/a/*"), ("/search?q=kim", "/search"),
])
def test_a_route_tells_no_number_code_or_name(path, route):
    assert rules.route_of(path) == route
