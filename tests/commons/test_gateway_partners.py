"""Partner systems through a real Envoy and a real policy process."""

import time
from collections.abc import Iterator

import pytest

from madang.commons.gateway import facade
from madang.commons.gateway.contracts import State
from madang.commons.gateway.policy import passes
from madang.kernel import clock
from tests.commons.gateway_policy import COUNTS, OPERATOR, Gate, gate, partner
from tests.commons.identity.provider.relying import add, token

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def _folder(tmp_path_factory):
    return tmp_path_factory.mktemp("gate")


@pytest.fixture(scope="module")
def open_gate(_folder, django_db_setup, django_db_blocker) -> Iterator[Gate]:
    with django_db_blocker.unblock(), gate(_folder) as one:
        yield one


@pytest.fixture
def the_gate(open_gate, db, settings) -> Gate:
    settings.MADANG_INSTANCE = open_gate.instance
    return open_gate


def known(client, path="/api/v1/counts", seconds=3.0):
    """The first answer to a key that the policy process has heard of."""
    until = time.monotonic() + seconds
    while (answer := client.get(path)).status_code == 401 and time.monotonic() < until:
        time.sleep(0.02)
    return answer


def test_a_key_with_its_scope_passes_and_the_room_learns_who_it_is(the_gate, settings):
    made, key = partner(settings, the_gate.instance)
    with the_gate.client(key) as client:
        answer = known(client)
    assert answer.status_code == 200
    told = passes.opened(answer.json()["x_madang_pass"], passes.seal_key("a secret of the tests"), time.time())
    assert told is not None
    assert (told.partner, told.scopes) == (made.id, ("trees.count", "trees.read"))
    assert answer.headers["ratelimit-policy"] == '"second";q=100000;w=1, "day";q=10000000;w=86400'
    assert '"day";r=9999999' in answer.headers["ratelimit"]
    assert answer.headers["madang-client"] == str(made.id)


def test_a_bearer_key_is_as_good_as_the_header(the_gate, settings):
    _, key = partner(settings, the_gate.instance)
    with the_gate.client(authorization=f"Bearer {key}") as client:
        assert known(client).status_code == 200


@pytest.mark.parametrize(("language", "says"), [("en", "not known"), ("ko", "알 수 없"), ("vi-VN,vi", "không")])
def test_a_key_that_nobody_has_is_refused_with_what_to_do(the_gate, language, says):
    with the_gate.client("madang_" + "a" * 64) as client:
        answer = client.get("/api/v1/counts", headers={"accept-language": language})
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert (problem["code"], problem["status"]) == ("gateway.api_key_not_known", 401)
    assert says in problem["detail"]
    assert problem["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    assert "X-Api-Key" in answer.headers["www-authenticate"]


def test_a_route_without_the_scope_or_without_any_is_closed(the_gate, settings):
    _, key = partner(settings, the_gate.instance, scopes=())
    with the_gate.client(key, **{"accept-language": "en"}) as client:
        assert known(client, "/api/v1/open").status_code == 200
        missing, closed = client.get("/api/v1/counts"), client.get("/api/v1/cases")
        disguised = client.get("/api/v1/c%6funts")
    assert (missing.status_code, missing.json()["facts"]) == (403, {"scope": COUNTS.name})
    assert (closed.status_code, closed.json()["code"]) == (403, "gateway.closed_to_partners")
    assert disguised.json()["code"] == "gateway.scope_missing"


def test_nobody_passes_with_a_pass_of_their_own(the_gate):
    with the_gate.client() as client:
        assert "x_madang_pass" not in client.get("/api/v1/counts", headers={"x-madang-pass": "mine"}).json()


def test_a_revoked_key_a_stopped_partner_and_one_after_its_sunset_stay_outside(the_gate, settings):
    made, key = partner(settings, the_gate.instance)
    second = facade.make_key(OPERATOR, made.id, clock.now())
    with the_gate.client(key) as client, the_gate.client(second.text) as other:
        assert known(client).status_code == known(other).status_code == 200
        first = next(one for one in facade.keys_of(OPERATOR, made.id) if key.startswith(one.prefix))
        facade.revoke_key(OPERATOR, made.id, first.id, clock.now())
        assert becomes(client, 401)
        assert other.get("/api/v1/counts").status_code == 200
        facade.set_sunset(OPERATOR, made.id, clock.now())
        assert becomes(other, 403)
        facade.set_sunset(OPERATOR, made.id, None)
        assert becomes(other, 200)
        facade.change_partner(OPERATOR, made.id, state=State.STOPPED)
        assert becomes(other, 403)


def test_a_partner_asks_only_from_the_addresses_that_it_named(the_gate, settings):
    made, key = partner(settings, the_gate.instance, addresses=("10.0.0.0/8",))
    with the_gate.client(key) as client:
        assert becomes(client, 403)
        assert client.get("/api/v1/counts").json()["code"] == "gateway.address_not_allowed"
        facade.change_partner(OPERATOR, made.id, addresses=["10.0.0.0/8", "127.0.0.1"])
        assert becomes(client, 200)


def becomes(client, status: int, seconds: float = 3.0) -> bool:
    until = time.monotonic() + seconds
    while client.get("/api/v1/counts").status_code != status and time.monotonic() < until:
        time.sleep(0.02)
    return client.get("/api/v1/counts").status_code == status


def test_a_token_of_the_citys_own_is_as_good_as_a_key_within_its_scopes(the_gate, settings):
    system, secret = add(scopes=["openid", "trees.count", "reports.read"])
    made, _ = partner(settings, the_gate.instance)
    facade.link_oauth_client(OPERATOR, made.id, system)
    whole, narrow = (
        token(system, secret, grant_type="client_credentials", scope=scope)[1]["access_token"]
        for scope in (None, "reports.read")
    )
    with the_gate.client(authorization=f"Bearer {whole}") as client:
        assert becomes(client, 200, seconds=20)
        assert client.get("/api/v1/counts").headers["madang-client"] == str(made.id)
    with the_gate.client(authorization=f"Bearer {narrow}") as client:
        assert known(client).json()["code"] == "gateway.scope_missing"
        assert client.get("/api/v1/open").status_code == 200
    with the_gate.client(authorization="Bearer mat_forged") as client:
        assert client.get("/api/v1/counts").status_code == 401
