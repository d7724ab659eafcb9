"""The HTTP dialect of Korean message aggregators: batches of messages, each with our id, and reports by callback.

Decision 24 says why this one. The shape follows what aggregators publish (2025): a key and an HMAC-SHA256 over date
and salt in ``Authorization``, up to 500 messages a request, a status for each.
"""

import hmac
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

import httpx
import msgspec
from django.conf import settings
from django.utils.crypto import salted_hmac

from madang.commons.notify.contracts import Carried, DeliveryState, Letter
from madang.kernel import clock

_ACCEPTED: Final = "2000"
_NO_SUCH_NUMBER: Final = "3014"
_SECONDS: Final = 10.0
_DEMONSTRATION: Final = "madang"
REPORTS: Final = "/messages/receipts/aggregator"


@dataclass(frozen=True, slots=True)
class Account:
    """The city's account at the aggregator, from ``MADANG_AGGREGATOR_URL``."""

    url: str
    key: str
    secret: bytes

    @classmethod
    def read(cls, url: str) -> Self:
        """From ``http(s)://key:secret@host/path``; without them, the demonstration's own. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            message = "MADANG_AGGREGATOR_URL is not set or not an address: give https://key:secret@host/path"
            raise ValueError(message)
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
        secret = unquote(parts.password).encode() if parts.password else demonstration_secret()
        return cls(f"{parts.scheme}://{host}{parts.path}", unquote(parts.username or _DEMONSTRATION), secret)

    def authorization(self) -> str:
        """The header of one request, good for some minutes."""
        date, salt = clock.now().isoformat(timespec="seconds"), secrets.token_hex(16)
        mac = hmac.new(self.secret, f"{date}{salt}".encode(), "sha256").hexdigest()
        return f"HMAC-SHA256 apiKey={self.key}, date={date}, salt={salt}, signature={mac}"


def demonstration_secret() -> bytes:
    """What the demonstration's aggregator and the city share."""
    return salted_hmac("madang.notify.aggregator", "secret", algorithm="sha256").digest()


def account() -> Account:
    """The city's account. Raises ValueError."""
    return Account.read(settings.MADANG_AGGREGATOR_URL)


def is_report_genuine(signature: str, body: bytes) -> bool:
    """Whether the aggregator signed a report: ``t=<unix seconds>,v1=<hex>`` over ``t.body``, at most 5 minutes old."""
    try:
        parts = dict(part.split("=", 1) for part in signature.split(","))
        moment, mac = int(parts["t"]), parts["v1"]
        made = hmac.new(account().secret, f"{moment}.".encode() + body, "sha256").hexdigest()
    except (ValueError, KeyError):
        return False
    return hmac.compare_digest(made, mac) and abs(clock.now().timestamp() - moment) <= 300  # noqa: PLR2004 -- seconds


def send(letters: Sequence[Letter], messages: Sequence[Mapping[str, Any]]) -> Iterator[Carried]:
    """Hand a batch over and tell what became of each; a failure of the whole is a failure of each."""
    try:
        ours = account()
        answer = _client().post(
            f"{ours.url}/v1/messages", headers={"Authorization": ours.authorization()},
            content=msgspec.json.encode({"messages": messages, "reportUrl": settings.MADANG_PUBLIC_URL + REPORTS}),
        )
        answer.raise_for_status()
        told = {one["clientMessageId"]: one for one in answer.json()["messages"]}
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as failure:
        later = Carried(DeliveryState.FAILED_WILL_RETRY, f"{type(failure).__name__}: {failure}"[:500])
        yield from [later] * len(letters)
        return
    for letter in letters:
        yield _outcome(told.get(str(letter.id)))


def _outcome(told: Mapping[str, Any] | None) -> Carried:
    if told is None:
        return Carried(DeliveryState.FAILED_WILL_RETRY, "the aggregator said nothing of this message")
    code, words = str(told.get("statusCode")), str(told.get("statusMessage", ""))[:300]
    if code == _ACCEPTED:
        return Carried(DeliveryState.SENT, provider=str(told.get("messageId", ""))[:100])
    state = DeliveryState.GIVEN_UP if code.startswith("3") else DeliveryState.FAILED_WILL_RETRY
    return Carried(state, f"{code} {words}", bounced=code == _NO_SUCH_NUMBER)


@cache
def _client() -> httpx.Client:
    return httpx.Client(timeout=_SECONDS, headers={"Content-Type": "application/json"})
