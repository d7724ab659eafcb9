"""Exactly as many requests pass as a quota says."""

import asyncio
import struct
import time
from collections import Counter

import pytest

from benchmarks.load import Connection
from madang.commons.gateway.models import QuotaRow
from tests.commons.gateway_policy import Gate, Policy, gate, partner
from tests.commons.test_gateway_partners import known

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 200


@pytest.fixture(scope="module")
def two_gates(tmp_path_factory, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), gate(tmp_path_factory.mktemp("gates"), fronts=2) as one:
        yield one


async def flood(gate: Gate, key: str, requests: int) -> dict[int, int]:
    """So many requests by 200 clients at once, half of them through each front; how many had each status."""
    found: Counter[int] = Counter()

    async def one(number: int) -> None:
        connection = Connection(gate.url(number % 2))
        for _ in range(requests // CLIENTS):
            status, _ = await connection.ask("GET", "/api/v1/counts", {"x-api-key": key})
            found[status] += 1
        connection.close()

    await asyncio.gather(*(one(number) for number in range(CLIENTS)))
    return found


def both_know(gate: Gate, key: str) -> None:
    """Wait until each policy process has heard of the key; that takes one request of each."""
    for which in (0, 1):
        with gate.client(key, which) as client:
            assert known(client).status_code == 200


def held(gate: Gate, policy: Policy) -> int:
    """How many units the policy process has taken ahead and not used."""
    content = (gate.instance / "gateway" / f"purse-{policy.port}").read_bytes()
    return sum(left for _, _, left in struct.iter_unpack("<16sII", content))


def test_of_600_at_once_through_two_gateways_exactly_the_days_300_pass(two_gates, settings):
    _, key = partner(settings, two_gates.instance, plan="day-300")
    both_know(two_gates, key)
    assert asyncio.run(flood(two_gates, key, 600)) == {200: 298, 429: 302}
    with two_gates.client(key) as client:
        refused = client.get("/api/v1/counts")
    assert refused.json()["facts"]["quota"] == 300
    assert int(refused.headers["retry-after"]) == refused.json()["facts"]["seconds"] <= 86_400
    assert '"day";r=0' in refused.headers["ratelimit"]


def test_of_600_in_one_second_exactly_25_pass_and_in_the_next_again(two_gates, settings):
    made, key = partner(settings, two_gates.instance, plan="second-25")
    both_know(two_gates, key)
    time.sleep(2.2)  # what was taken ahead for the real second is over, and was not renewed
    # no process goes back behind a second that another has begun: this one lasts for a minute
    QuotaRow.objects.filter(partner=made.id).update(second=int(time.time()) + 60, second_used=0)
    assert asyncio.run(flood(two_gates, key, 600)) == {200: 25, 429: 575}
    QuotaRow.objects.filter(partner=made.id).update(second=0, second_used=0)
    with two_gates.client(key) as client:
        again = client.get("/api/v1/counts")
    assert again.status_code == 200
    assert '"second";r=24' in again.headers["ratelimit"]


def test_what_one_gateway_took_ahead_and_did_not_use_is_the_others_two_seconds_later(two_gates, settings):
    _, key = partner(settings, two_gates.instance, plan="day-300")
    both_know(two_gates, key)
    passed = 2
    with two_gates.client(key, 0) as first, two_gates.client(key, 1) as second:
        passed += first.get("/api/v1/counts").status_code == 200
        until = time.monotonic() + 20
        while passed < 300 and time.monotonic() < until:
            passed += second.get("/api/v1/counts").status_code == 200
        assert passed == 300
        time.sleep(2.2)
        assert {one.get("/api/v1/counts").status_code for one in (first, second) for _ in range(20)} == {429}


def test_a_counter_that_is_killed_in_the_middle_counts_on_where_it_was(two_gates, settings):
    _, key = partner(settings, two_gates.instance, plan="day-300")
    policy = two_gates.policies[0]
    with two_gates.client(key, 0) as client:
        passed = int(known(client).status_code == 200)
        passed += sum(client.get("/api/v1/counts").status_code == 200 for _ in range(99))
        until = time.monotonic() + 10
        while not held(two_gates, policy) and time.monotonic() < until:  # a second may just have ended
            passed += client.get("/api/v1/counts").status_code == 200
        assert held(two_gates, policy) > 0
        policy.kill()
        policy.start()
        began = time.monotonic()
        passed += client.get("/api/v1/counts").status_code == 200
        assert time.monotonic() - began < 2.5
        passed += sum(client.get("/api/v1/counts").status_code == 200 for _ in range(250))
    assert passed == 300
