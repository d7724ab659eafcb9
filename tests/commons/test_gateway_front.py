"""A real Envoy in front of a small real web process."""

import gzip
import json
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
import pytest
from cryptography import x509

from madang.commons.db.processes import free_port
from madang.commons.gateway import envoy
from madang.commons.gateway.envoy import Front, Running
from madang.commons.gateway.front import certificates, headers, routes
from madang.commons.gateway.front.routes import Way
from madang.commons.gateway.policy.rulebook import Rulebook
from madang.kernel import clock
from madang.kernel.manifest import Limit

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LIMITS = (
    Limit("/", requests_per_second=1000), Limit("/api/", requests_per_second=1000, body_kilobytes=64),
    Limit("/rare/", requests_per_second=3), Limit("/api/rare/", requests_per_second=3),
    Limit("/slow/", requests_per_second=100, seconds=0.3),
)


class _Web(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 512


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


def echo(environ, start_response):
    """What arrived behind the front."""
    if environ["PATH_INFO"].startswith("/slow"):
        time.sleep(1)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    told = {"path": environ["PATH_INFO"], "size": len(body), "filler": "마당" * 500,
            **{name[5:].lower(): value for name, value in environ.items() if name.startswith("HTTP_")}}
    given = [("Content-Type", "text/html" if environ["PATH_INFO"] == "/page" else "application/json")]
    if environ["PATH_INFO"].endswith(".woff2"):
        given = [("Content-Type", "font/woff2"), ("Cache-Control", "max-age=60")]
    start_response("200 OK", [*given, ("Server", "secret/1.0"), ("X-Request-Id", "from-behind")])
    return [json.dumps(told).encode()]


def web_process(port: int, application=echo) -> _Web:
    web = make_server("127.0.0.1", port, application, _Web, _Quiet)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    return web


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    front = Front(
        folder=folder / "envoy", keys=folder / "keys", port=free_port(), web_port=free_port(), admin_port=free_port(),
        outside_port=free_port(), plain_port=free_port(), threads=1,
    )
    behind = [web_process(front.web_port), web_process(front.outside_port or 0)]
    running = envoy.start(front, Rulebook(limits=LIMITS), clock.now())
    yield front
    running.stop()
    for web in behind:
        web.shutdown()
        web.server_close()


def trusted(front: Front) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificates.authority_file(front.keys)))


@pytest.fixture
def client(front: Front) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"https://localhost:{front.port}", verify=trusted(front)) as client:
        yield client


def test_tls_is_1_2_or_1_3_with_a_certificate_that_its_authority_vouches_for(front):
    spoken = ssl.TLSVersion
    for version, is_spoken in ((spoken.TLSv1_1, False), (spoken.TLSv1_2, True), (spoken.TLSv1_3, True)):
        context = trusted(front)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        assert (handshake(front, context) is not None) is is_spoken


def handshake(front: Front, context: ssl.SSLContext) -> str | None:
    try:
        with socket.create_connection(("127.0.0.1", front.port), 5) as raw, \
                context.wrap_socket(raw, server_hostname="localhost") as tls:
            return tls.selected_alpn_protocol() or tls.version()
    except ssl.SSLError:
        return None


@pytest.mark.parametrize("offered", ["h2", "http/1.1"])
def test_http_2_and_1_by_alpn(front, offered):
    context = trusted(front)
    context.set_alpn_protocols([offered])
    assert handshake(front, context) == offered


@pytest.mark.parametrize("path", ["/page", "/api/x", "/rare/%2F", "/static/a.css"])
def test_every_answer_has_the_security_headers_once(client, path):
    given = client.get(path).headers
    for name, value in headers.security(envoy.LOCAL_HOSTS, ()).items():
        assert given.get_list(name) == [value]
    assert "unsafe" not in given["content-security-policy"]
    assert given["server"] == "madang"


def test_the_front_alone_says_who_asks_and_under_which_number(client):
    forged = {"X-Request-Id": "evil", "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Host": "evil.example",
              "Forwarded": "for=1.2.3.4", "X-Real-Ip": "1.2.3.4", "X-Forwarded-Proto": "http"}
    answer = client.get("/api/x", headers=forged)
    behind = answer.json()
    assert UUID.fullmatch(behind["x_request_id"])
    assert answer.headers.get_list("x-request-id") == [behind["x_request_id"]]
    assert "1.2.3.4" not in behind["x_forwarded_for"]
    assert "," not in behind["x_forwarded_for"]
    assert behind["x_forwarded_proto"] == "https"
    assert not {"x_forwarded_host", "forwarded", "x_real_ip"} & set(behind)


@pytest.mark.parametrize(("accepted", "used"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)])
def test_text_is_compressed_as_the_client_can(client, accepted, used):
    with client.stream("GET", "/page", headers={"Accept-Encoding": accepted}) as answer:
        assert answer.headers.get("content-encoding") == used
        raw = b"".join(answer.iter_raw())
    if used == "gzip":
        assert len(raw) < len(gzip.decompress(raw)) / 5


def test_a_hashed_file_is_kept_for_ever_and_not_compressed_when_it_is_already(client):
    hashed = client.get("/static/fonts/a.0123456789ab.woff2").headers
    assert hashed["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in hashed
    assert client.get("/static/fonts/a.woff2").headers["cache-control"] == "public, max-age=300"


def test_a_body_over_the_limit_is_refused_before_it_reaches_the_city(client):
    answer = client.post("/api/x", content=b"x" * 70_000)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["code"] == "front.too_large"
    assert client.post("/api/x", content=b"x" * 60_000).json()["size"] == 60_000
    page = client.post("/page", content=b"x" * 300_000)
    assert (page.status_code, page.headers["content-type"]) == (413, "text/html; charset=UTF-8")
    assert "줄여서" in page.text
    assert "smaller" in page.text


def test_too_many_requests_are_told_when_to_come_again(client):
    answers = [client.get("/rare/x") for _ in range(6)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].headers["retry-after"] == "1"
    assert answers[0].status_code == 200
    problems = [answer for answer in (client.get("/api/rare/x") for _ in range(6)) if answer.status_code == 429]
    assert problems[0].json()["status"] == 429


def test_headers_that_are_too_large_or_strange_are_refused(client):
    assert client.get("/page", headers={"Big": "x" * 20_000}).status_code == 431
    assert client.get("/page", headers=[(f"h{n}", "x") for n in range(150)]).status_code == 431
    assert "under_score" not in client.get("/page", headers={"under_score": "x"}).json()
    assert client.get("/a%2Fb").status_code == 400
    assert client.get("/page", headers={"Host": "evil.example"}).status_code == 421


def test_the_sandbox_bank_lies_outside(client):
    assert client.get("/sandbox-bank/pay/7?x=1").json()["path"] == "/bank/pay/7"


def test_the_plain_listener_only_leads_to_tls(front):
    answer = httpx.get(f"http://localhost:{front.plain_port}/page?a=b")
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://localhost:{front.port}/page?a=b")


def test_an_answer_that_takes_too_long_is_given_up(client):
    answer = client.get("/slow/x")
    assert answer.status_code == 504
    assert "My requests" in answer.text


def test_who_sends_a_head_drop_by_drop_is_cut_off(front):
    with socket.create_connection(("127.0.0.1", front.port), 20) as raw, \
            trusted(front).wrap_socket(raw, server_hostname="localhost") as tls:
        tls.sendall(b"GET /page HTTP/1.1\r\nHost: localhost\r\n")
        began = time.monotonic()
        answer = tls.recv(4096)
        assert b" 408 " in answer.partition(b"\r\n")[0]
        assert 4 < time.monotonic() - began < 8


def test_while_the_city_is_away_the_front_says_so(tmp_path):
    front = Front(folder=tmp_path / "envoy", keys=tmp_path / "keys", port=free_port(), web_port=free_port(),
                  admin_port=free_port(), threads=1)
    running = envoy.start(front, Rulebook(), clock.now())
    try:
        with httpx.Client(base_url=f"https://127.0.0.1:{front.port}", verify=trusted(front)) as client:
            page, problem = client.get("/"), client.get("/api/v1/services")
            assert (page.status_code, page.headers["retry-after"]) == (503, "5")
            assert "안전하게 보관" in page.text
            assert "kept safe" in page.text
            assert (problem.json()["status"], problem.json()["code"]) == (503, "front.away")
            web = web_process(front.web_port)
            assert client.get("/page").status_code == 200
            drains_what_is_under_way(running, client)
            web.shutdown()
            web.server_close()
    finally:
        running.process.kill()
        running.process.wait()
    told = [json.loads(line) for line in front.access_log.read_text(encoding="utf-8").splitlines()]
    assert {"/", "/api/v1/services"} <= {line["path"] for line in told}


def drains_what_is_under_way(running: Running, client: httpx.Client) -> None:
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(client.get("/slow/").status_code))
    asking.start()
    time.sleep(0.2)
    running.stop()
    asking.join()
    assert answers == [200]


def test_a_front_that_cannot_start_says_why(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        front = Front(folder=tmp_path / "envoy", keys=tmp_path / "keys", port=taken.getsockname()[1],
                      web_port=1, admin_port=free_port(), threads=1)
        with pytest.raises(envoy.FrontDidNotStart, match=r"(?i)bind|address"):
            envoy.start(front, Rulebook(), clock.now())


def test_a_prefix_bound_twice_is_named():
    with pytest.raises(routes.LimitGivenTwice, match="/x"):
        routes.virtual_hosts(Way(("localhost",)), Rulebook(limits=(Limit("/x", 1), Limit("/x", 2))), clock.now())


def test_a_certificate_is_kept_until_a_month_before_its_end_and_renewed_under_the_same_authority(tmp_path):
    now = datetime(2026, 11, 22, tzinfo=UTC)
    first = serial(certificates.ensure(tmp_path, envoy.LOCAL_HOSTS, now).chain)
    authority = certificates.authority_file(tmp_path).read_bytes()
    assert serial(certificates.ensure(tmp_path, envoy.LOCAL_HOSTS, now + timedelta(days=360)).chain) == first
    assert serial(certificates.ensure(tmp_path, envoy.LOCAL_HOSTS, now + timedelta(days=370)).chain) != first
    assert certificates.authority_file(tmp_path).read_bytes() == authority
    certificates.ensure(tmp_path, ("city.example",), now)
    assert certificates.authority_file(tmp_path).read_bytes() != authority
    for secret in ("authority.key", "front.pem"):
        assert (tmp_path / secret).stat().st_mode & 0o777 == 0o600


def serial(chain: Path) -> int:
    return x509.load_pem_x509_certificate(chain.read_bytes()).serial_number


def test_a_running_front_takes_up_a_renewed_certificate(front):
    before = served(front)
    certificates.renew(front.keys, clock.now() + timedelta(days=380))
    deadline = time.monotonic() + 5
    while served(front) == before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert served(front) != before


def served(front: Front) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", front.port), 5) as raw, context.wrap_socket(raw) as tls:
        return tls.getpeercert(binary_form=True) or b""


def test_the_configuration_is_one_that_envoy_takes_without_a_warning(front):
    assert "warning" not in front.log.read_text(encoding="utf-8")
    checked = subprocess.run(
        [*envoy.command(front, front.folder / "envoy.json"), "--mode", "validate"], capture_output=True, check=False,
    )
    assert checked.returncode == 0
