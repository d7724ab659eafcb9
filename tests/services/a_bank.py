"""The playing bank on loopback, and somebody who sits before its page."""

import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx

from madang.simulation import bank as simulated


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's signature
        pass


class Bank:
    """The playing bank on loopback, and somebody who sits before its page."""

    def __init__(self, folder: Path) -> None:
        self._faults = folder / "outside" / "faults" / "bank"
        self._faults.parent.mkdir(parents=True, exist_ok=True)
        self._server = make_server("127.0.0.1", 0, simulated.application, _Threads, _Quiet)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def suffers(self, fault: str) -> None:
        self._faults.write_text(fault)

    def is_well(self) -> None:
        self._faults.unlink(missing_ok=True)

    def decide(self, reference: str, decision: str = "pay") -> httpx.Response:
        return httpx.post(f"{self.url}/bank/pay/{reference}", data={"decision": decision})

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
