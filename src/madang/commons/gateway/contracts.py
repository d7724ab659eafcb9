"""What the gateway says to the rooms."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from madang.kernel.errors import CityError, Conflict, Invalid

KEPT_FOR: Final = timedelta(hours=24)
"""How long an answer is kept under its Idempotency-Key."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with an Idempotency-Key: whose, where, which key, and the SHA-256 of everything that it asks."""

    account: UUID
    route: str
    key: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given."""

    status: int
    media_type: str
    body: bytes


@dataclass(eq=False)
class KeyReused(Invalid):
    """The Idempotency-Key was used for another request."""

    field: str = "Idempotency-Key"

    code = "gateway.key_reused"
    message = "This Idempotency-Key was used for another request. Use a new key for a new request."


@dataclass(eq=False)
class KeyMalformed(Invalid):
    """The Idempotency-Key is empty, longer than 200 characters, or not visible ASCII."""

    field: str = "Idempotency-Key"

    code = "gateway.key_malformed"
    message = "An Idempotency-Key has 1 to 200 visible ASCII characters, for example a UUID."


@dataclass(eq=False)
class KeyBusy(Conflict):
    """The same request with the same Idempotency-Key is still being answered."""

    code = "gateway.key_busy"
    message = "The same request is still being worked on. Please ask again in a few seconds."


@dataclass(eq=False)
class BodyTooLarge(CityError):
    """The body is larger than this address takes."""

    code = "gateway.body_too_large"
    message = "What you sent is larger than this address takes."


@dataclass(eq=False)
class MediaTypeUnknown(CityError):
    """The body is not ``application/json``."""

    media_type: str

    code = "gateway.media_type_unknown"
    message = "Send the body as application/json, not as “{media_type}”."
