"""A load on one address: keep-alive HTTP/1.1 over TLS, bounded in count and time.

Written on bare asyncio streams because it shares the machine's two cores with what it measures: the usual
clients cost more a request than the pages do.
"""

import asyncio
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from statistics import quantiles
from urllib.parse import urlsplit


@dataclass(slots=True)
class Result:
    """What a load saw: the latencies of good answers in seconds, and the others by status."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Good answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    @property
    def p95(self) -> float:
        """The 95th percentile of the latency, in seconds."""
        return quantiles(self.latencies, n=20)[-1] if len(self.latencies) > 1 else float("nan")


class Connection:
    """One kept-alive connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 443
        self._authority = parts.netloc
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, bytes]:
        """One request; the status and the body. Raises OSError or asyncio.IncompleteReadError when cut."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, ssl=_trusting())
        reader, writer = self._streams
        lines = [f"{method} {path} HTTP/1.1", f"host: {self._authority}", *(f"{k}: {v}" for k, v in headers.items())]
        lines.append(f"content-length: {len(body)}")
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head.split(b" ", 2)[1])
        if b"transfer-encoding: chunked" in head:
            return status, await _chunks(reader)
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        return status, await reader.readexactly(int(length or 0))

    def close(self) -> None:
        """Leave."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def load(
    url: str, paths: Sequence[str], *, connections: int, seconds: float, headers: dict[str, str] | None = None
) -> Result:
    """Ask for the paths in turn on so many connections for so long."""
    result = Result()
    began = time.monotonic()
    await asyncio.gather(
        *(_one(Connection(url), paths, offset, began + seconds, headers or {}, result) for offset in range(connections))
    )
    result.seconds = time.monotonic() - began
    return result


async def paced(
    url: str, path: str, ways: Sequence[dict[str, str]], *, per_second: float, seconds: float, connections: int = 16
) -> list[Result]:
    """Ask at a steady rate, whatever the answers take, with each way's headers in turn; a result for each way.

    A request that could not leave at its moment, because an earlier answer was late, counts from that moment.
    """
    results = [Result(seconds=seconds) for _ in ways]
    opened = [Connection(url) for _ in range(connections)]
    await asyncio.gather(*(one.ask("GET", path, dict(ways[0])) for one in opened))
    count = int(per_second * seconds)
    began = time.monotonic()

    async def one(first: int, connection: Connection) -> None:
        for number in range(first, count, connections):
            due = began + number / per_second
            if (early := due - time.monotonic()) > 0:
                await asyncio.sleep(early)
                due = time.monotonic()
            # the way changes with each round too, or a connection would know one way only
            which = (number + number // connections) % len(ways)
            status, _ = await connection.ask("GET", path, dict(ways[which]))
            _note(results[which], status, due)
        connection.close()

    await asyncio.gather(*(one(*each) for each in enumerate(opened)))
    return results


def _note(result: Result, status: int, since: float) -> None:
    if status < 300:  # noqa: PLR2004 -- the 2xx
        result.latencies.append(time.monotonic() - since)
    else:
        result.refused[status] = result.refused.get(status, 0) + 1


async def _one(
    connection: Connection, paths: Sequence[str], offset: int, until: float, headers: dict[str, str], result: Result
) -> None:
    turn = offset
    while (now := time.monotonic()) < until:
        status, _ = await connection.ask("GET", paths[turn % len(paths)], headers)
        turn += 1
        _note(result, status, now)
    connection.close()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int((await reader.readuntil(b"\r\n")).strip() or b"0", 16):
        parts.append((await reader.readexactly(size + 2))[:-2])
    await reader.readuntil(b"\r\n")
    return b"".join(parts)


@cache
def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
