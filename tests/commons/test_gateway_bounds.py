"""What the front bears: floods, slow senders, web processes that fail, parts of the API that end."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from madang.commons.db.processes import free_port
from madang.commons.gateway import envoy
from madang.commons.gateway.contracts import Visitors
from madang.commons.gateway.envoy import Canary, Front
from madang.commons.gateway.front import certificates, headers
from madang.commons.gateway.policy.rulebook import Rulebook
from madang.kernel import clock
from madang.kernel.languages import Language
from madang.kernel.manifest import Limit, Sunset
from tests.commons.test_gateway_front import served, trusted, web_process

LONG_AGO = clock.now() - timedelta(days=400)
ENDING = Sunset("/api/v0/ending", LONG_AGO, clock.now() + timedelta(days=30), "/api/v1/new")
ENDED = Sunset("/api/v0/ended", LONG_AGO, clock.now() - timedelta(days=1), "/api/v1/new")
BOOK = Rulebook(
    limits=(Limit("/", 10_000), Limit("/api/", 10_000, body_kilobytes=8)), sunsets=(ENDING, ENDED),
    visitors=Visitors(burst=30, per_second=10, larger={"127.0.0.1": 100_000}), back_office=("/desk/",),
)


@pytest.fixture(scope="module")
def front(tmp_path_factory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("bounds")
    front = Front(
        folder=folder / "envoy", keys=folder / "keys", port=free_port(), web_port=free_port(), admin_port=free_port(),
        address="0.0.0.0", hosts=("localhost", "127.0.0.1"), threads=1, staff_networks=("127.0.0.9/32",),  # noqa: S104
    )
    web = web_process(front.web_port)
    running = envoy.start(front, BOOK, clock.now())
    yield front
    running.process.kill()
    running.process.wait()
    web.shutdown()
    web.server_close()


def from_(source: str, front: Front, **headers: str) -> httpx.Client:
    """A client whose address is ``source``, one of loopback's many."""
    transport = httpx.HTTPTransport(verify=trusted(front), local_address=source)
    return httpx.Client(base_url=f"https://localhost:{front.port}", transport=transport, headers=headers)


def test_a_flood_from_one_source_does_not_starve_another(front):
    with from_("127.0.0.2", front) as flood, from_("127.0.0.3", front) as neighbour:
        flooded = Counter(flood.get("/page").status_code for _ in range(80))
        assert {neighbour.get("/page").status_code for _ in range(25)} == {200}
    assert 30 <= flooded[200] < 60
    assert flooded[429] > 15


def test_the_back_office_is_open_from_the_citys_network_alone(front):
    with from_("127.0.0.9", front) as staff, from_("127.0.0.1", front, **{"accept-language": "en"}) as other:
        assert staff.get("/desk/x").status_code == 200
        refused = other.get("/desk/x")
        assert other.get("/page").status_code == 200
    assert refused.status_code == 403
    assert "only from the city&#" in refused.text or "only from the city's own network" in refused.text


def test_a_part_that_will_end_says_when_and_one_that_has_ended_is_gone(front):
    with from_("127.0.0.1", front, **{"accept-language": "en"}) as client:
        ending, ended, other = client.get("/api/v0/ending/x"), client.get("/api/v0/ended"), client.get("/api/v1/x")
    assert ending.status_code == 200
    assert ending.headers["deprecation"] == f"@{int(LONG_AGO.timestamp())}"
    assert ending.headers["sunset"].endswith(" GMT")
    assert 'rel="successor-version"' in ending.headers["link"]
    assert (ended.status_code, ended.json()["code"]) == (410, "front.ended")
    assert "deprecation" not in other.headers


@pytest.mark.parametrize(("language", "says"), [
    ("ko", "크기를 줄여서"), ("en", "something smaller"), ("zh-TW", "请缩小"), ("ja", "小さくして"), ("vi", "nhỏ hơn"),
    ("th", "ลดขนาด"), ("mn", "багасгаж"), ("ru-RU,ru;q=0.9", "меньше"),
])
def test_the_front_speaks_eight_languages_by_itself(front, language, says):
    with from_("127.0.0.1", front, **{"accept-language": language}) as client:
        problem, page = client.post("/api/x", content=b"x" * 9000), client.post("/page", content=b"x" * 300_000)
    assert says in problem.json()["detail"]
    assert says in page.text
    code = Language(language[:2]).tag
    assert f'<html lang="{code}">' in page.text


def test_the_language_chosen_on_the_device_goes_before_the_browsers(front):
    with from_("127.0.0.1", front, **{"accept-language": "ru", "cookie": "a=b; madang_language=vi"}) as client:
        assert "nhỏ hơn" in client.post("/page", content=b"x" * 300_000).text


def test_a_hundred_slow_senders_hold_up_nobody(front):
    slow = []
    for _ in range(100):
        raw = socket.create_connection(("127.0.0.1", front.port), 5)
        tls = trusted(front).wrap_socket(raw, server_hostname="localhost")
        tls.sendall(b"POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000\r\n\r\nx")
        slow.append(tls)
    try:
        with from_("127.0.0.1", front) as client:
            began = time.monotonic()
            assert {client.get("/page").status_code for _ in range(20)} == {200}
            assert time.monotonic() - began < 3
    finally:
        for tls in slow:
            tls.close()


def test_a_web_process_that_is_gone_is_left_out_and_nobody_notices(tmp_path):
    gone, web_port = free_port(), free_port()
    front = Front(folder=tmp_path / "e", keys=tmp_path / "k", port=free_port(), web_port=web_port,
                  web_also=(f"127.0.0.1:{gone}",), admin_port=free_port(), threads=1)
    web = web_process(web_port)
    running = envoy.start(front, Rulebook(), clock.now())
    try:
        with from_("127.0.0.1", front) as client:
            assert {client.get("/page").status_code for _ in range(40)} == {200}
    finally:
        running.process.kill()
        running.process.wait()
        web.shutdown()
        web.server_close()


def test_a_canarys_share_stays_with_it_and_goes_home_when_the_canary_falls(tmp_path):
    front = Front(folder=tmp_path / "e", keys=tmp_path / "k", port=free_port(), web_port=free_port(),
                  admin_port=free_port(), threads=1)
    canary_port = free_port()
    web, canary = web_process(front.web_port), web_process(canary_port, canary_web)
    running = envoy.start(front, Rulebook(), clock.now())
    failed: list[int] = []
    done = threading.Event()
    load = threading.Thread(target=under_load, args=(front, done, failed))
    load.start()
    try:
        envoy.set_canary(front.folder, Canary(f"127.0.0.1:{canary_port}", 30))
        assert envoy.take_up(front, Rulebook(), clock.now())
        assert not envoy.take_up(front, Rulebook(), clock.now())
        time.sleep(1.5)
        chosen = [key for key in map(str, range(100)) if goes_to_canary(front, key)]
        assert 15 <= len(chosen) <= 45
        assert all(goes_to_canary(front, key) for key in chosen)
        canary.shutdown()
        canary.server_close()
        with from_("127.0.0.1", front) as client:
            assert {client.get("/page", headers={"x-api-key": key}).status_code for key in chosen} == {200}
    finally:
        done.set()
        load.join()
        running.process.kill()
        running.process.wait()
        web.shutdown()
        web.server_close()
    assert failed == []


def under_load(front: Front, done: threading.Event, failed: list[int]) -> None:
    """Ask without a pause, and remember everything that is not well."""
    with from_("127.0.0.1", front) as client:
        while not done.is_set():
            status = client.get("/page").status_code
            if status != 200:
                failed.append(status)


def canary_web(environ, start_response):
    """Another release: it says so."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"canary"]


def goes_to_canary(front: Front, key: str) -> bool:
    with from_("127.0.0.1", front) as client:
        return client.get("/page", headers={"x-api-key": key}).text == "canary"


def test_the_citys_own_certificate_is_taken_up_anew_when_its_files_are_replaced(tmp_path):
    bought, renewed = tmp_path / "bought", tmp_path / "renewed"
    made = certificates.ensure(bought, ("localhost", "127.0.0.1"), clock.now())
    front = Front(folder=tmp_path / "e", keys=tmp_path / "k", port=free_port(), web_port=free_port(),
                  admin_port=free_port(), threads=1, certificate=made)
    running = envoy.start(front, Rulebook(), clock.now())
    try:
        before = served(front)
        certificates.ensure(renewed, ("localhost", "127.0.0.1"), clock.now()).chain.replace(made.chain)
        until = time.monotonic() + 5
        while served(front) == before and time.monotonic() < until:
            time.sleep(0.1)
        assert served(front) != before
    finally:
        running.process.kill()
        running.process.wait()


@pytest.mark.parametrize("path", ["/page", "/api/v1/x", "/static/a.css", "/api/v0/ended", "/desk/x", "/a%2Fb"])
def test_every_kind_of_answer_also_the_fronts_own_refusals_has_the_security_headers(front, path):
    with from_("127.0.0.1", front) as client:
        given = client.get(path).headers
    for name, value in headers.security(front.hosts, ()).items():
        assert given.get_list(name) == [value]
    assert "unsafe" not in given["content-security-policy"]
    assert given["strict-transport-security"].startswith("max-age=")
