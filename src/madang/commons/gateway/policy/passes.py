"""What the policy process gives a partner's request to take behind the front: who asks, sealed, for a few minutes.

The front forgets any such header from outside. The seal keeps out what reaches a web process by another way: a program
on the same machine is not the gateway.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec

HEADER: Final = "x-madang-pass"
KEY_HEADER: Final = "x-api-key"
LASTS_S: Final = 300


@dataclass(frozen=True, slots=True)
class Pass:
    """A partner as the rooms' actor is made of it. ``until`` is Unix time in seconds."""

    partner: UUID
    name: str
    scopes: tuple[str, ...]
    department: str
    until: int


def seal_key(secret: str) -> bytes:
    """The key of the seals, from the instance's secret."""
    return hmac.digest(secret.encode(), b"madang gateway pass", sha256)


def sealed(one: Pass, key: bytes) -> str:
    """A pass as a header's value."""
    body = urlsafe_b64encode(msgspec.json.encode(one)).decode()
    return f"{body}.{_seal(body, key)}"


def opened(value: str, key: bytes, now: float) -> Pass | None:
    """The pass in a header's value; None when it is not ours or too old. ``now`` is Unix time in seconds."""
    body, _, seal = value.rpartition(".")
    if not hmac.compare_digest(seal.encode(), _seal(body, key).encode()):
        return None
    one = msgspec.json.decode(urlsafe_b64decode(body), type=Pass)
    return one if now < one.until else None


def _seal(body: str, key: bytes) -> str:
    return hmac.new(key, body.encode(), sha256).hexdigest()
