"""Registers over HTTP: ``GET <outside>/registers/<register>/<resident>?fields=a,b``."""

import time
from collections.abc import Collection, Iterator

import httpx

from madang.kernel.ids import ResidentId
from madang.records.registers.contracts import Entry, NoAnswer, Register
from madang.records.registers.rules import answers

_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=30.0)


class Outside:
    """The adapter that asks over HTTP. Threads share one pool of kept-alive connections."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(
            base_url=url.rstrip("/") + "/registers/", limits=_LIMITS, headers={"Accept": "application/json"},
            follow_redirects=False, trust_env=False,
        )

    def fetch(
        self, register: Register, resident: ResidentId, fields: Collection[str], seconds: float
    ) -> Entry | None:
        """As RegisterAdapter says."""
        deadline = time.monotonic() + seconds
        path, query = f"{register}/{resident}", {"fields": ",".join(fields)}
        try:
            with self._client.stream("GET", path, params=query, timeout=seconds) as answer:
                return _understand(answer.status_code, _body(answer, deadline), fields)
        except httpx.TimeoutException as wrong:
            raise NoAnswer(why=f"no answer in {seconds:.2f} s", passing=True) from wrong
        except httpx.HTTPError as wrong:
            raise NoAnswer(why=f"{type(wrong).__name__}: {wrong}", passing=True) from wrong


def _body(answer: httpx.Response, deadline: float) -> bytes:
    """The body, as far as it comes in time and is not too long."""
    return b"".join(_in_time(answer, deadline))


def _in_time(answer: httpx.Response, deadline: float) -> Iterator[bytes]:
    length = 0
    for piece in answer.iter_bytes():
        length += len(piece)
        if length > answers.LONGEST_ANSWER:
            raise NoAnswer(why="the answer is too long", passing=False)
        if time.monotonic() > deadline:
            raise NoAnswer(why="the answer dripped until the time was up", passing=True)
        yield piece


def _understand(status: int, body: bytes, fields: Collection[str]) -> Entry | None:
    try:
        match status:
            case httpx.codes.OK:
                return answers.read(body, fields)
            case httpx.codes.NOT_FOUND:
                answers.refuse_other_absence(body)
                return None
    except answers.Malformed as wrong:
        raise NoAnswer(why=f"malformed: {wrong}", passing=False) from wrong
    passing = status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR
    raise NoAnswer(why=f"HTTP status {status}", passing=passing)
