"""The sandbox bank over HTTP: no real money, but the manners of a real one."""

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
from django.conf import settings

from madang.kernel.clock import in_seoul
from madang.kernel.money import Won
from madang.services.payments.contracts import (
    Bill,
    BillId,
    Checkout,
    Confirmation,
    NoticeForged,
    ProviderUnavailable,
    Settled,
)
from madang.services.payments.rules import notices
from madang.services.payments.store import profile

NAME: Final = "sandbox"
_SECONDS: Final = 5.0
"""How long the bank may think before its answer counts as unknown."""


class Sandbox:
    """The adapter. Whatever the bank answers that is no answer of a bank counts as none."""

    name = NAME

    def begin(self, bill: Bill, return_url: str, attempt: UUID) -> Checkout:
        """Begin a payment; the same attempt gives the same one."""
        answer = self._ask("POST", "/payments", {
            "attempt": str(attempt), "bill": str(bill.id), "amount": bill.amount.amount, "what": bill.what,
            "return_url": return_url, "notice_url": f"{settings.MADANG_PUBLIC_URL}/api/v1/payments/notices/{NAME}",
        })
        return Checkout(_text(answer, "reference"), _text(answer, "url"))

    def ask(self, reference: str) -> Confirmation | None:
        """What became of a payment, or None while it is open."""
        answer = self._ask("GET", f"/payments/{reference}")
        return None if answer.get("state") == "open" else self._confirmation(answer)

    def read_notice(self, body: bytes, signature: str, now: datetime) -> Confirmation:
        """A notice of the bank's, if it signed it just now. Raises NoticeForged."""
        if not notices.is_genuine(body, signature, secret(), now, profile.patience().notice):
            raise NoticeForged
        try:
            told = json.loads(body)
            return self._confirmation(told if isinstance(told, dict) else {})
        except (ValueError, ProviderUnavailable) as strange:
            raise NoticeForged from strange

    def refund(self, reference: str) -> None:
        """Give a payment back."""
        self._ask("POST", f"/payments/{reference}/refund", {})

    def settled_on(self, day: date) -> Sequence[Settled]:
        """Every payment of that day."""
        listed = self._ask("GET", f"/days/{day.isoformat()}").get("payments", [])
        return [
            Settled(_text(one, "reference"), Won(one["amount"]), refunded=one["state"] == "refunded") for one in listed
        ]

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        try:
            answer = _client().request(
                method, f"{settings.MADANG_OUTSIDE_URL}/bank/api{path}", json=body,
                headers={"Authorization": f"Bearer {secret().hex()}"},
            )
            answer.raise_for_status()
            told = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as silent:
            raise ProviderUnavailable(provider=NAME) from silent
        if not isinstance(told, dict):
            raise ProviderUnavailable(provider=NAME)
        return told

    def _confirmation(self, told: Mapping[str, Any]) -> Confirmation:
        try:
            return Confirmation(
                reference=_text(told, "reference"), bill=BillId(UUID(told["bill"])), amount=Won(told["amount"]),
                paid=told["state"] in {"paid", "refunded"}, at=in_seoul(datetime.fromisoformat(told["at"])),
            )
        except (KeyError, TypeError, ValueError) as strange:
            raise ProviderUnavailable(provider=NAME) from strange


@cache
def secret() -> bytes:
    """What the bank and the city share, made by whichever comes first; only the instance's owner may read it."""
    file = Path(settings.MADANG_INSTANCE) / "keys" / "sandbox-bank"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(f".sandbox-bank-{os.getpid()}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(secrets.token_bytes(32))
    try:
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return file.read_bytes()


@cache
def _client() -> httpx.Client:
    return httpx.Client(timeout=_SECONDS)


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderUnavailable(provider=NAME)
    return value
