"""The front's questions over HTTP/1.1 on loopback, kept-alive, one at a time on a connection: Envoy's own dialect.

Written on asyncio's protocol: between the front and a decision of some microseconds a framework would be most of it.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final, cast

from madang.commons.gateway.policy.door import CHECK, Answer, Question
from madang.commons.gateway.policy.metrics import Metrics

_LONGEST_HEAD: Final = 64 * 1024
_END: Final = b"\r\n\r\n"
_REASON: Final = {200: b"OK", 401: b"Unauthorized", 403: b"Forbidden", 404: b"Not Found", 429: b"Too Many Requests"}


class Asked(asyncio.Protocol):
    """One connection of the front's."""

    def __init__(
        self, answer: "Callable[[Question], Answer | asyncio.Future[Answer]]", metrics: Metrics
    ) -> None:
        self._answer = answer
        self._metrics = metrics
        self._transport: asyncio.Transport | None = None
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The front came."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- asyncio's signature
        """The front left; what is under way has nobody to hear it."""
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Part of a question or the whole of it; the check's own requests have no body."""
        self._got += data
        end = self._got.find(_END)
        if end < 0:
            if len(self._got) > _LONGEST_HEAD and self._transport:
                self._transport.close()
            return
        head, self._got = self._got[:end], self._got[end + len(_END):]
        self._ask(_question(head))

    def _ask(self, question: Question) -> None:
        if not question.path.startswith(CHECK):
            self._tell(self._metrics.page() if question.path == "/metrics" else Answer(404, {}))
            return
        began = time.perf_counter()
        answer = self._answer(question)
        if isinstance(answer, Answer):
            self._done(answer, began)
        else:
            answer.add_done_callback(lambda told: self._done(told.result(), began))

    def _done(self, answer: Answer, began: float) -> None:
        self._metrics.took(time.perf_counter() - began)
        self._tell(answer)

    def _tell(self, answer: Answer) -> None:
        if self._transport is None:
            return
        lines = [b"HTTP/1.1 %d %s" % (answer.status, _REASON.get(answer.status, b"Later"))]
        lines += [f"{name}: {value}".encode() for name, value in answer.headers.items()]
        lines.append(b"content-length: %d" % len(answer.body))
        self._transport.write(b"\r\n".join(lines) + _END + answer.body)


def _question(head: bytes) -> Question:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Question(method, rest.rpartition(" ")[0], headers)
