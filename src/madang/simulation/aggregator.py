"""A message aggregator: text messages and business messages over HTTP, as Korean aggregators sell them.

``POST /aggregator/v1/messages`` takes up to 500 messages, each with the sender's own ``clientMessageId``; the same id
again is the same message, not a second one. Each gets a status: 2000 taken, 3014 no such number, 3040 not the approved
text, 4290 too fast. What became of it is reported to ``reportUrl``, signed. ``GET /aggregator/v1/counts`` counts.

Numbers that end in 0000 belong to nobody; those that end in 9999 are switched off, which is reported later.
A file ``<instance>/outside/faults/aggregator`` breaks it: ``down``, ``hang``, ``cut`` (keeps the messages and answers
503), ``silent`` (no reports).
"""

import hmac
import json
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
from django.conf import settings

from madang.commons.notify import facade as notify
from madang.kernel.clock import now

_MOST: Final = 500
_LONGEST_BODY: Final = 8 * 1024 * 1024
_HANG_SECONDS: Final = 12.0
_REPORT_WAITS: Final = (0.2, 1.0, 5.0, 30.0)
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS message (
    client TEXT PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL, receiver TEXT NOT NULL, body TEXT NOT NULL,
    status TEXT NOT NULL, times INTEGER NOT NULL, at TEXT NOT NULL
)
"""
_TAKE: Final = """
INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (client) DO UPDATE SET times = times + 1
RETURNING client, id, status, times
"""
_one_at_a_time = threading.Lock()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    status, told = _answer(environ)
    body = json.dumps(told).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def counts() -> Mapping[str, int]:
    """How many messages there are, how many were handed in more than once, and by kind."""
    with _one_at_a_time:
        books = _books()
        total, again = books.execute("SELECT count(*), coalesce(sum(times > 1), 0) FROM message").fetchone()
        kinds = dict(books.execute("SELECT kind, count(*) FROM message GROUP BY kind").fetchall())
    return {"messages": total, "handed_in_again": again, **kinds}


def empty() -> None:
    """Forget everything."""
    with _one_at_a_time, _books() as books:
        books.execute("DELETE FROM message")


def messages_to(receiver: str) -> list[Mapping[str, Any]]:
    """What a phone shows, oldest first."""
    with _one_at_a_time:
        rows = _books().execute("SELECT * FROM message WHERE receiver = ? ORDER BY rowid", [receiver]).fetchall()
    return [dict(row) for row in rows]


def _answer(environ: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    path, fault = environ.get("PATH_INFO", "").rstrip("/"), _fault()
    if fault == "down":
        return "503 Service Unavailable", {"errorCode": "Down"}
    if fault == "hang":
        time.sleep(_HANG_SECONDS)
    match environ.get("REQUEST_METHOD"), path:
        case "GET", "/aggregator/v1/counts":
            return "200 OK", counts()
        case "POST", "/aggregator/v1/messages":
            if not _is_known(environ.get("HTTP_AUTHORIZATION", "")):
                return "403 Forbidden", {"errorCode": "SignatureDoesNotMatch"}
            return _taken(environ, fault)
    return "404 Not Found", {"errorCode": "NotFound"}


def _taken(environ: Mapping[str, Any], fault: str) -> tuple[str, Mapping[str, Any]]:
    try:
        asked = json.loads(environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), _LONGEST_BODY)))
        given: list[Mapping[str, Any]] = asked["messages"]
        told = _keep(given[:_MOST])
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        return "400 Bad Request", {"errorCode": "ValidationError", "errorMessage": repr(wrong)}
    if fault != "silent" and asked.get("reportUrl"):
        threading.Thread(target=_report, args=(str(asked["reportUrl"]), told), daemon=True).start()
    if fault == "cut":
        return "503 Service Unavailable", {"errorCode": "Cut"}
    return "200 OK", {"messages": told}


def _keep(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    at = now().isoformat()
    rows = [
        (str(one["clientMessageId"]), uuid4().hex, str(one["type"]), str(one["to"]), str(one["text"]), _status(one), at)
        for one in given
    ]
    told = []
    with _one_at_a_time:
        books = _books()
        with books:
            for row in rows:
                client, number, status, times = books.execute(_TAKE, row).fetchone()
                told.append({
                    "clientMessageId": client, "messageId": number, "statusCode": status,
                    "statusMessage": _WORDS.get(status, ""), "duplicate": times > 1,
                })
    return told


_WORDS: Final = {"2000": "taken", "3014": "no such number", "3040": "not the approved text", "3058": "switched off"}


def _status(message: Mapping[str, Any]) -> str:
    if str(message["to"]).endswith("0000"):
        return "3014"
    if message["type"] == "ATA" and not _is_approved(message):
        return "3040"
    return "2000"


def _is_approved(message: Mapping[str, Any]) -> bool:
    approved = _approved().get(str(message["kakaoOptions"]["templateId"]))
    return bool(approved and approved.fullmatch(str(message["text"])))


@cache
def _approved() -> Mapping[str, re.Pattern[str]]:
    """The approved texts by code; what varies is written ``#{name}`` in them."""
    return {
        code: re.compile(re.sub(r"\\#\\\{\w+\\\}", "(?s:.{1,500}?)", re.escape(text)))
        for code, text in notify.texts_for_approval().items()
    }


def _report(url: str, told: Sequence[Mapping[str, Any]]) -> None:
    """Report what became of messages until the city takes it."""
    reports = [{**one, "statusCode": _fate(one)} for one in told if one["statusCode"] == "2000"]
    body = json.dumps({"reports": [
        {**one, "statusMessage": _WORDS.get(one["statusCode"], "delivered")} for one in reports
    ]}).encode()
    for wait in _REPORT_WAITS:
        time.sleep(wait)
        if not reports or _is_reported(url, body):
            return


def _fate(one: Mapping[str, Any]) -> str:
    with _one_at_a_time:
        found = _books().execute("SELECT receiver FROM message WHERE client = ?", [one["clientMessageId"]]).fetchone()
    return "3058" if found and found[0].endswith("9999") else "4000"


def _is_reported(url: str, body: bytes) -> bool:
    moment = str(int(time.time()))
    mac = hmac.new(notify.report_secret(), f"{moment}.".encode() + body, "sha256").hexdigest()
    authority = Path(settings.MADANG_INSTANCE) / "keys" / "authority.pem"
    try:
        answer = httpx.post(
            url, content=body, verify=str(authority) if authority.exists() else True, timeout=5,
            headers={"X-Report-Signature": f"t={moment},v1={mac}", "Content-Type": "application/json"},
        )
    except (httpx.HTTPError, OSError):
        return False
    return answer.status_code < 500  # noqa: PLR2004 -- the server's own failures begin here


def _is_known(header: str) -> bool:
    parts = dict(re.findall(r"(\w+)=([^,\s]+)", header))
    made = hmac.new(
        notify.report_secret(), f"{parts.get('date', '')}{parts.get('salt', '')}".encode(), "sha256"
    ).hexdigest()
    return header.startswith("HMAC-SHA256 ") and hmac.compare_digest(made, parts.get("signature", ""))


@cache
def _books() -> sqlite3.Connection:
    file = Path(settings.MADANG_INSTANCE) / "outside" / "aggregator.sqlite"
    file.parent.mkdir(parents=True, exist_ok=True)
    books = sqlite3.connect(file, timeout=10, check_same_thread=False)
    books.row_factory = sqlite3.Row
    books.execute("PRAGMA journal_mode = WAL")
    books.execute("PRAGMA synchronous = NORMAL")
    books.execute(_TABLE)
    return books


def _fault() -> str:
    try:
        return (Path(settings.MADANG_INSTANCE) / "outside" / "faults" / "aggregator").read_text("utf-8").strip()
    except FileNotFoundError:
        return ""
