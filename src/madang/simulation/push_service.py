"""A push service and the browsers behind it: it checks VAPID, and each browser decrypts what it is sent.

``POST /push/subscriptions`` subscribes a browser and gives what its page would hand to the city. ``POST /push/to/<id>``
is RFC 8030 (2016): 201 for a message that the browser can read, 400, 401 or 403 for what is not right, 410 for one
that unsubscribed. A message with the ``Topic`` of an earlier one takes its place (section 5.4). ``GET /push/counts``
counts.
"""

import base64
import json
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from os import urandom
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_CURVE: Final = ec.SECP256R1()
_LONGEST: Final = 4096
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS browser (
    id TEXT PRIMARY KEY, key BLOB NOT NULL, secret BLOB NOT NULL, gone INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS message (
    browser TEXT NOT NULL, topic TEXT NOT NULL, body TEXT NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (browser, topic)
);
"""
Answer = tuple[str, Mapping[str, Any]]
_one_at_a_time = threading.Lock()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    status, told = _answer(environ, body)
    said = json.dumps(told).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(said)))])
    return [said]


def subscribe(origin: str) -> str:
    """A new browser's subscription as JSON, as its page hands it to the city."""
    return subscribe_many(origin, 1)[0]


def subscribe_many(origin: str, browsers: int) -> list[str]:
    """So many new browsers' subscriptions."""
    made = [(uuid4().hex, ec.generate_private_key(_CURVE), urandom(16)) for _ in range(browsers)]
    with _one_at_a_time, _books() as books:
        books.executemany("INSERT INTO browser VALUES (?, ?, ?, 0)", [
            (browser, key.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ), secret)
            for browser, key, secret in made
        ])
    return [
        json.dumps({"endpoint": f"{origin}/push/to/{browser}", "keys": {
            "auth": _base64url(secret), "p256dh": _base64url(_point(key)),
        }}, separators=(",", ":"))
        for browser, key, secret in made
    ]


def unsubscribe(subscription: str) -> None:
    """The browser is gone; the service answers 410 from now on."""
    browser = str(json.loads(subscription)["endpoint"]).rpartition("/")[2]
    with _one_at_a_time, _books() as books:
        books.execute("UPDATE browser SET gone = 1 WHERE id = ?", [browser])
    _browser.cache_clear()


def shown_on(subscription: str) -> list[Mapping[str, Any]]:
    """What the browser shows."""
    browser = str(json.loads(subscription)["endpoint"]).rpartition("/")[2]
    with _one_at_a_time:
        rows = _books().execute("SELECT body FROM message WHERE browser = ?", [browser]).fetchall()
    return [json.loads(body) for (body,) in rows]


def counts() -> Mapping[str, int]:
    """How many messages browsers hold, and how many were handed in more than once."""
    with _one_at_a_time:
        total, again = _books().execute("SELECT count(*), coalesce(sum(times > 1), 0) FROM message").fetchone()
    return {"messages": total, "handed_in_again": again}


def _answer(environ: Mapping[str, Any], body: bytes) -> Answer:
    origin = f"http://{environ.get('HTTP_HOST', '')}"
    match environ.get("REQUEST_METHOD"), environ.get("PATH_INFO", "").strip("/").split("/"):
        case "GET", ["push", "counts"]:
            return "200 OK", counts()
        case "POST", ["push", "subscriptions"]:
            return "201 Created", json.loads(subscribe(origin))
        case "POST", ["push", "to", browser]:
            return _pushed(environ, browser, origin, body)
    return "404 Not Found", {}


def _pushed(environ: Mapping[str, Any], browser: str, origin: str, body: bytes) -> Answer:
    known = _browser(browser)
    topic = str(environ.get("HTTP_TOPIC", "")) or uuid4().hex
    if known is None:
        return "410 Gone", {}
    if refused := _refused(environ, origin, topic, len(body)):
        return refused
    try:
        plain = _decrypted(body, *known)
    except (ValueError, InvalidTag):
        return "400 Bad Request", {"reason": "the browser cannot read this"}
    with _one_at_a_time, _books() as books:
        books.execute(
            "INSERT INTO message VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET body = excluded.body, times = times + 1",
            [browser, topic, plain.decode()],
        )
    return "201 Created", {}


def _refused(environ: Mapping[str, Any], origin: str, topic: str, length: int) -> Answer | None:
    if not str(environ.get("HTTP_TTL", "")).isdecimal() or environ.get("HTTP_CONTENT_ENCODING") != "aes128gcm":
        return "400 Bad Request", {"reason": "TTL and aes128gcm are needed"}
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", topic):
        return "400 Bad Request", {"reason": "Topic has at most 32 letters of base64url"}
    if length > _LONGEST:
        return "413 Payload Too Large", {}
    if not environ.get("HTTP_AUTHORIZATION"):
        return "401 Unauthorized", {"reason": "VAPID is needed"}
    if not _is_signed(str(environ["HTTP_AUTHORIZATION"]), origin, int(time.time()) // 600):
        return "403 Forbidden", {"reason": "VAPID does not hold"}
    return None


def _decrypted(body: bytes, key: ec.EllipticCurvePrivateKey, secret: bytes) -> bytes:
    salt, length = body[:16], body[20]
    theirs, sealed = body[21:21 + length], body[21 + length:]
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, theirs))
    material = _derived(shared, secret, b"WebPush: info\x00" + _point(key) + theirs, 32)
    content_key = _derived(material, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(material, salt, b"Content-Encoding: nonce\x00", 12)
    plain = AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\x00")
    if plain[-1:] != b"\x02":
        message = "the last record ends with 2 (RFC 8188, section 2)"
        raise ValueError(message)
    return plain[:-1]


@lru_cache(maxsize=64)
def _is_signed(header: str, origin: str, minutes: int) -> bool:
    """Whether the VAPID token is signed by the key beside it, for this service, and not too old (RFC 8292)."""
    found = re.fullmatch(r"vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)", header)
    if found is None:
        return False
    head, claims, signature, key = found.groups()
    try:
        raw, told = _bytes(signature), json.loads(_bytes(claims))
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, _bytes(key)).verify(
            encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")),
            f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()),
        )
    except (ValueError, InvalidSignature):
        return False
    left = told["exp"] - minutes * 600
    return bool(urlsplit(told["aud"]).netloc == urlsplit(origin).netloc and 0 < left <= 86_400 + 600)


@lru_cache(maxsize=100_000)
def _browser(browser: str) -> tuple[ec.EllipticCurvePrivateKey, bytes] | None:
    with _one_at_a_time:
        row = _books().execute("SELECT key, secret FROM browser WHERE id = ? AND NOT gone", [browser]).fetchone()
    if row is None:
        return None
    key = serialization.load_der_private_key(row[0], None)
    return (key, row[1]) if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


@cache
def _books() -> sqlite3.Connection:
    file = Path(settings.MADANG_INSTANCE) / "outside" / "push.sqlite"
    file.parent.mkdir(parents=True, exist_ok=True)
    books = sqlite3.connect(file, timeout=10, check_same_thread=False)
    books.execute("PRAGMA journal_mode = WAL")
    books.execute("PRAGMA synchronous = NORMAL")
    books.executescript(_TABLES)
    return books
