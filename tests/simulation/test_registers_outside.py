"""The world outside keeps connections, as the platform's clients rely on."""

import socket
import threading
from wsgiref.simple_server import make_server

import httpx
import pytest

from madang.entrypoints import outside


@pytest.fixture
def somewhere():
    def place(environ, start_response):
        size = len(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        start_response("200 OK", [("Content-Length", "6")])
        return [f"{size:>6}".encode()]

    server = make_server("127.0.0.1", 0, place, outside._Threads, outside._Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_questions_share_a_connection_and_bodies_do_not_confuse_it(somewhere):
    with httpx.Client(trust_env=False) as client:
        ports = set()
        for _ in range(5):
            with client.stream("GET", somewhere) as answer:
                ports.add(answer.extensions["network_stream"].get_extra_info("client_addr")[1])
                assert answer.read() == b"     0"
        assert len(ports) == 1
        assert client.post(somewhere, content=b"x" * 70_000).text == " 70000"
        assert client.get(somewhere, headers={"Connection": "close"}).text == "     0"
        assert client.get(somewhere).text == "     0"


def test_what_is_no_request_is_refused_and_the_next_one_answered(somewhere):
    host, port = somewhere.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as wire:
        wire.sendall(b"nonsense and more of it\r\n\r\n")
        assert b"400" in wire.recv(200)
    assert httpx.get(somewhere, trust_env=False).status_code == 200
