"""The process of the demonstration's outside world: registers, a bank and a mail server, on loopback."""

import os
import signal
import socketserver
import threading
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer, make_server

import django

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_LONGEST_LINE = 8192
_READ_WHOLE = ("/push/", "/aggregator/")
"""Places that read every body to its end, so that the connection can be used again."""
_PLACES = {
    "/registers": "madang.simulation.registers", "/bank": "madang.simulation.bank",
    "/aggregator": "madang.simulation.aggregator", "/push": "madang.simulation.push_service",
    "/mobile-id": "madang.simulation.mobile_id", "/wallet": "madang.simulation.wallet",
}


class _Threads(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


class _KeptAlive(ServerHandler):
    http_version = "1.1"


class _Quiet(WSGIRequestHandler):
    """Keeps connections for further questions, as real registers do; after anything with a body it hangs up."""

    server: _Threads
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle(self) -> None:
        """Answer until the other side hangs up."""
        while line := self.rfile.readline(_LONGEST_LINE):
            self.raw_requestline = line
            if not self.parse_request():
                return
            reads_all = self.command == "GET" or self.path.startswith(_READ_WHOLE)
            keep = reads_all and not self.close_connection
            kind: Any = _KeptAlive if keep else ServerHandler
            handler = kind(self.rfile, self.wfile, self.get_stderr(), self.get_environ(), multithread=True)
            handler.request_handler = self
            handler.run(self.server.get_app())
            if not keep:
                return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's signature
        """Say nothing: the platform's own records tell what was asked."""


def application() -> Application:
    """One WSGI application for all places outside, by the first part of the path."""
    places = {prefix: import_module(name).application for prefix, name in _PLACES.items() if find_spec(name)}

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        prefix = "/" + environ.get("PATH_INFO", "/").split("/")[1]
        place = places.get(prefix)
        if place is None:
            start_response("404 Not Found", [("Content-Length", "0")])
            return [b""]
        answered: Iterable[bytes] = place(environ, start_response)
        return answered

    return answer


def main() -> None:
    """Serve until told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.entrypoints.django_settings")
    django.setup()
    from madang.entrypoints import streets
    from madang.entrypoints.logs import keep_values_out
    from madang.entrypoints.settings import current

    keep_values_out()
    settings = current()
    web, post = urlsplit(settings.outside_url), urlsplit(settings.smtp_url)
    server = make_server(web.hostname or "127.0.0.1", web.port or 0, application(), _Threads, _Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stop = threading.Event()
    streets.start(settings, stop)
    mail = import_module("madang.simulation.mail").start(post.hostname, post.port, settings.instance / "mail")
    stop = threading.Event()
    letters = (settings.instance / "outbound" / "letters", stop)
    printing = import_module("madang.simulation.print_house").keep_taking
    threading.Thread(target=printing, args=letters, daemon=True).start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    stop.set()
    stop.set()
    mail.stop()
    server.shutdown()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
