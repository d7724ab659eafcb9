"""App push by Web Push: RFC 8030 (2016), message encryption RFC 8291 (2017), VAPID RFC 8292 (2017)."""

import base64
import http.client
import json
import os
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from madang.commons.notify import profile
from madang.commons.notify.contracts import Carried, DeliveryState, Letter, Urgency

_CURVE: Final = ec.SECP256R1()
_RECORD: Final = 4096  # RFC 8030, section 7.2: services take at least 4,096 octets
_LONGEST_BODY: Final = 1_000
_TTL_S: Final = {Urgency.EMERGENCY: 6 * 3600, Urgency.LEGAL: 28 * 86400, Urgency.ORDINARY: 3 * 86400}
_TOKEN_S: Final = 12 * 3600  # RFC 8292, section 2: at most 24 hours
_SECONDS: Final = 5.0
_GONE: Final = (404, 410)
_HARD: Final = (400, 401, 403, 413)


class Push:
    """Encrypted messages to the browsers and apps that the resident subscribed with."""

    name = "push"
    at_once = False
    batch = 200
    repeatable = True
    """The ``Topic`` is the delivery's id: a message with the same topic takes the place of the one before."""

    def carry(self, letters: Sequence[Letter]) -> Iterator[Carried]:
        """One request a message, over one kept connection a push service."""
        services = _Services()
        try:
            for letter in letters:
                yield services.send(letter)
        finally:
            services.close()


class _Services:
    def __init__(self) -> None:
        self._open: dict[str, http.client.HTTPConnection] = {}

    def close(self) -> None:
        """Hang up."""
        for connection in self._open.values():
            connection.close()

    def send(self, letter: Letter) -> Carried:
        """One message; what became of it."""
        try:
            subscription = json.loads(letter.address)
            parts = urlsplit(str(subscription["endpoint"]))
            body = encrypt(_payload(letter), subscription["keys"])
        except (ValueError, KeyError, TypeError) as wrong:
            return Carried(DeliveryState.GIVEN_UP, f"not a push subscription: {wrong!r}"[:300], bounced=True)
        try:
            status = self._post(f"{parts.scheme}://{parts.netloc}", parts.path, body, letter)
        except (OSError, http.client.HTTPException) as broken:
            return Carried(DeliveryState.FAILED_WILL_RETRY, f"{type(broken).__name__}: {broken}"[:300])
        if 200 <= status < 300:  # noqa: PLR2004 -- HTTP's classes
            return Carried(DeliveryState.SENT)
        state = DeliveryState.GIVEN_UP if status in (*_GONE, *_HARD) else DeliveryState.FAILED_WILL_RETRY
        return Carried(state, f"the push service answered {status}", bounced=status in _GONE)

    def _post(self, origin: str, path: str, body: bytes, letter: Letter) -> int:
        headers = {
            "Authorization": authorization(origin), "Content-Encoding": "aes128gcm", "TTL": str(_ttl(letter)),
            "Urgency": "normal" if letter.message.urgency is Urgency.ORDINARY else "high", "Topic": letter.id.hex,
            "Content-Type": "application/octet-stream",
        }
        fresh = origin not in self._open
        if fresh:
            self._open[origin] = _connect(origin)
        try:
            return _asked(self._open[origin], path, body, headers)
        except (OSError, http.client.HTTPException):
            self._open.pop(origin).close()
            if fresh:
                raise
        return self._post(origin, path, body, letter)


def _asked(connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> int:
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _connect(origin: str) -> http.client.HTTPConnection:
    parts = urlsplit(origin)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=_SECONDS)


def _ttl(letter: Letter) -> int:
    return _TTL_S[letter.message.urgency]


def _payload(letter: Letter) -> bytes:
    message = letter.message
    return json.dumps({
        "title": message.title, "body": message.body[:_LONGEST_BODY], "link": message.link, "tag": letter.id.hex,
        "lang": message.language.tag, "sender": profile.voice().sender.into(message.language),
    }, ensure_ascii=False).encode()


def encrypt(plain: bytes, keys: dict[str, Any]) -> bytes:
    """One record of aes128gcm for the browser with these ``keys`` (RFC 8291, section 3.4). Raises ValueError."""
    theirs, secret = _unpadded(keys["p256dh"]), _unpadded(keys["auth"])
    ours = ec.generate_private_key(_CURVE)
    point = ours.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    shared = ours.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, theirs))
    salt = os.urandom(16)
    key, nonce = _content_keys(_derive(shared, secret, b"WebPush: info\x00" + theirs + point, 32), salt)
    sealed = AESGCM(key).encrypt(nonce, plain + b"\x02", None)
    return salt + _RECORD.to_bytes(4, "big") + len(point).to_bytes(1, "big") + point + sealed


def _content_keys(material: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """The key and the nonce of the one record (RFC 8188, 2017, section 2.2)."""
    return (
        _derive(material, salt, b"Content-Encoding: aes128gcm\x00", 16),
        _derive(material, salt, b"Content-Encoding: nonce\x00", 12),
    )


def _derive(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256 (RFC 5869, 2010)."""
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)


def authorization(origin: str) -> str:
    """The VAPID header for one push service, made anew every hour."""
    return _signed(origin, int(time.time()) // 3600)


def public_key() -> str:
    """The city's public key, as browsers ask for it when somebody subscribes."""
    raw = _key().public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return _padless(raw)


def _padless(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unpadded(text: str) -> bytes:
    """The bytes of base64url with or without padding. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@cache
def _signed(origin: str, hour: int) -> str:
    claims = {"aud": origin, "exp": hour * 3600 + _TOKEN_S, "sub": f"mailto:{profile.voice().address}"}
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in ({"typ": "JWT", "alg": "ES256"}, claims)]
    signed = ".".join(_padless(part) for part in parts)
    first, second = decode_dss_signature(_key().sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    signature = _padless(first.to_bytes(32, "big") + second.to_bytes(32, "big"))
    return f"vapid t={signed}.{signature}, k={public_key()}"


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    """The city's own key; a new one would end every subscription, so it is made once an instance."""
    file = Path(settings.MADANG_INSTANCE) / "keys" / "vapid.pem"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = ec.generate_private_key(_CURVE).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(made)
        try:
            os.link(fresh, file)  # whoever is first; nobody's key is written over
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        message = f"{file} is not an elliptic-curve key"
        raise TypeError(message)
    return key
