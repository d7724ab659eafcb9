"""The sandbox bank: no real money, but the manners of a real one. Played at ``/bank``.

For the city (with the shared secret as bearer token): ``POST /bank/api/payments``, ``GET /bank/api/payments/<ref>``,
``POST …/refund``, ``GET /bank/api/days/<day>``. For people: ``/bank/pay/<ref>``, reached as
``/sandbox-bank/pay/<ref>``. When somebody decides, the bank sends the city a signed notice.

A file ``<instance>/outside/faults/bank`` breaks it, without a restart: ``down`` answers 503, ``hang`` does what it was
asked and says nothing for longer than anybody waits, ``slow 2`` takes so many seconds, ``double`` sends every notice
twice, ``silent`` sends none.
"""

import hmac
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import parse_qs

import httpx
from django.conf import settings

from madang.kernel import clock
from madang.services.payments import facade as payments
from madang.simulation import bank_page

_HANG_SECONDS: Final = 8.0
_NOTICE_WAITS: Final = (0.0, 1.0, 5.0, 30.0)
_LONGEST_BODY: Final = 16 * 1024
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS payment (
    reference TEXT PRIMARY KEY, attempt TEXT UNIQUE NOT NULL, bill TEXT NOT NULL, amount INTEGER NOT NULL,
    what TEXT NOT NULL, return_url TEXT NOT NULL, notice_url TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: str
    body: bytes = b""
    kind: str = "application/json"
    location: str = ""
    cache: str = "no-store"


_NOTHING_HERE: Final = Answer("404 Not Found", b'{"code":"nothing_here"}')
_REFUSED: Final = Answer("401 Unauthorized", b'{"code":"secret_needed"}')


@cache
def _hangul() -> bytes:
    """A typeface from a wheel, for devices that have none for Hangul."""
    return (files("pylopdf_fonts_ko") / "NotoSansKR-Regular.otf").read_bytes()


_FILES: Final[Mapping[str, Callable[[], Answer]]] = {
    "bank.css": lambda: Answer("200 OK", bank_page.STYLE, "text/css; charset=utf-8"),
    "hangul.otf": lambda: Answer("200 OK", _hangul(), "font/otf", cache="public, max-age=604800"),
}


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    fault, _, seconds = _fault().partition(" ")
    if fault == "slow":
        time.sleep(float(seconds or 1))
    answer = Answer("503 Service Unavailable", b'{"code":"down"}') if fault == "down" else _answered(environ)
    if fault == "hang":
        time.sleep(_HANG_SECONDS)
    headers = {"Content-Type": answer.kind, "Content-Length": str(len(answer.body)), "Cache-Control": answer.cache}
    start_response(answer.status, [*headers.items(), *([("Location", answer.location)] if answer.location else [])])
    return [answer.body]


def _answered(environ: Mapping[str, Any]) -> Answer:
    path = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).strip("/").split("/")
    try:
        match [environ.get("REQUEST_METHOD", "GET"), *path]:
            case [method, "bank", "api", *rest]:
                return _for_city(method, rest, environ) if _is_city(environ) else _REFUSED
            case ["GET", "bank", name] if name in _FILES:
                return _FILES[name]()
            case ["GET" | "HEAD", "bank", "pay", reference]:
                return _page(reference, environ)
            case ["POST", "bank", "pay", reference]:
                return _decided(reference, _form(environ).get("decision", ""))
    except (ValueError, KeyError, TypeError) as wrong:
        return Answer("400 Bad Request", json.dumps({"code": "malformed", "what": str(wrong)}).encode())
    return _NOTHING_HERE


def _for_city(method: str, path: list[str], environ: Mapping[str, Any]) -> Answer:
    match [method, *path]:
        case ["POST", "payments"]:
            return _json(_begun(json.loads(_body(environ))))
        case ["GET", "payments", reference]:
            held = _held(reference)
            return _json(held) if held else _NOTHING_HERE
        case ["POST", "payments", reference, "refund"]:
            return _json(_moved(reference, ("paid",), "refunded"))
        case ["GET", "days", day]:
            with _books() as books:
                rows = books.execute(
                    "SELECT * FROM payment WHERE state IN ('paid', 'refunded') AND substr(at, 1, 10) = ?", [day]
                )
                return _json({"payments": [dict(row) for row in rows]})
    return _NOTHING_HERE


def _begun(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """The payment that this attempt began; begun before, the same."""
    fields = [str(asked[name]) for name in ("attempt", "bill", "what", "return_url", "notice_url")]
    attempt, bill, what, return_url, notice_url = fields
    with _books() as books:
        books.execute(
            "INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?, ?, 'open', ?) ON CONFLICT (attempt) DO NOTHING",
            [token_urlsafe(18), attempt, bill, int(asked["amount"]), what, return_url, notice_url, _now()],
        )
        held = dict(books.execute("SELECT * FROM payment WHERE attempt = ?", [attempt]).fetchone())
    return {**held, "url": f"{settings.MADANG_PUBLIC_URL}/sandbox-bank/pay/{held['reference']}"}


def _held(reference: str) -> Mapping[str, Any]:
    with _books() as books:
        row = books.execute("SELECT * FROM payment WHERE reference = ?", [reference]).fetchone()
    return dict(row) if row else {}


def _moved(reference: str, standing: tuple[str, ...], to: str) -> Mapping[str, Any]:
    """The payment, moved on if it stood so; what was decided once stays decided."""
    if (held := _held(reference)) and held["state"] in standing:
        with _books() as books:
            # the day of a refunded payment stays the day on which it was taken
            at = held["at"] if to == "refunded" else _now()
            books.execute(
                "UPDATE payment SET state = ?, at = ? WHERE reference = ? AND state = ?",
                [to, at, reference, held["state"]],
            )
    return _held(reference)


def _page(reference: str, environ: Mapping[str, Any]) -> Answer:
    held = _held(reference)
    if not held:
        return Answer("404 Not Found", bank_page.unknown(_language(environ)), "text/html; charset=utf-8")
    return Answer("200 OK", bank_page.page(held, _language(environ)), "text/html; charset=utf-8")


def _decided(reference: str, decision: str) -> Answer:
    states = {"pay": "paid", "decline": "declined"}
    before = _held(reference)
    if not before or decision not in states:
        return _NOTHING_HERE
    after = _moved(reference, ("open",), states[decision])
    if before["state"] == "open":
        threading.Thread(target=_tell, args=(after,), daemon=True).start()
    return Answer("303 See Other", location=after["return_url"])


def _tell(held: Mapping[str, Any]) -> None:
    """Send the city a notice until it takes it; what it refuses is not sent again."""
    fault = _fault()
    if fault == "silent":
        return
    body = json.dumps(held).encode()
    for _ in range(2 if fault == "double" else 1):
        for wait in _NOTICE_WAITS:
            time.sleep(wait)
            if _is_taken(str(held["notice_url"]), body):
                break


def _is_taken(url: str, body: bytes) -> bool:
    moment = str(int(time.time()))
    mac = hmac.new(payments.sandbox_secret(), f"{moment}.".encode() + body, "sha256").hexdigest()
    authority = Path(settings.MADANG_INSTANCE) / "keys" / "authority.pem"
    try:
        answer = httpx.post(
            url, content=body, verify=str(authority) if authority.exists() else True, timeout=5,
            headers={"X-Notice-Signature": f"t={moment},v1={mac}", "Content-Type": "application/json"},
        )
    except (httpx.HTTPError, OSError):
        return False
    return answer.status_code < 500  # noqa: PLR2004 -- the server's own failures begin here


@contextmanager
def _books() -> Iterator[sqlite3.Connection]:
    file = Path(settings.MADANG_INSTANCE) / "outside" / "bank.sqlite"
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file, timeout=10)) as books:
        books.row_factory = sqlite3.Row
        books.execute(_TABLE)
        with books:
            yield books


def _fault() -> str:
    try:
        return (Path(settings.MADANG_INSTANCE) / "outside" / "faults" / "bank").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def _is_city(environ: Mapping[str, Any]) -> bool:
    return hmac.compare_digest(environ.get("HTTP_AUTHORIZATION", ""), f"Bearer {payments.sandbox_secret().hex()}")


def _body(environ: Mapping[str, Any]) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if not 0 <= length <= _LONGEST_BODY:
        message = "the body is too long"
        raise ValueError(message)
    read: bytes = environ["wsgi.input"].read(length)
    return read


def _form(environ: Mapping[str, Any]) -> Mapping[str, str]:
    return {name: values[0] for name, values in parse_qs(_body(environ).decode("utf-8", "replace")).items()}


def _language(environ: Mapping[str, Any]) -> str:
    asked = parse_qs(environ.get("QUERY_STRING", "")).get("lang", [""])[0]
    accepted = environ.get("HTTP_ACCEPT_LANGUAGE", "ko")
    return asked if asked in bank_page.LANGUAGES else ("ko" if accepted[:2].lower() == "ko" else "en")


def _json(told: Mapping[str, Any]) -> Answer:
    return Answer("200 OK", json.dumps(told).encode()) if told else _NOTHING_HERE


def _now() -> str:
    return clock.now().isoformat()
