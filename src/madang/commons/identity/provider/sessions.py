"""The browser's session as the provider reads it: who is there, how they proved it, and since when they were asked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid4

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from madang.commons.identity import rules, store
from madang.commons.identity.contracts import Proof
from madang.commons.identity.models import AccountRow
from madang.commons.identity.provider import facade, tasks
from madang.commons.identity.provider.contracts import Presence
from madang.kernel import clock
from madang.kernel.actors import VISITOR, Actor
from madang.kernel.clock import in_seoul

_SESSION: Final = "identity_provider_session"
_ASKED: Final = "identity_provider_asked"
_QUESTIONS_KEPT: Final = 8

_METHODS: Final[Mapping[tuple[str, str], Sequence[str]]] = {
    ("password", ""): ("pwd",), ("mfa", "totp"): ("otp", "mfa"), ("mfa", "recovery_codes"): ("otp", "mfa"),
    ("mfa", "webauthn"): ("pop", "user", "mfa"),
}
"""What allauth notes, in the names of RFC 8176 (2017)."""


def actor_of(request: HttpRequest) -> Actor:
    """Who asks: always the account's holder, also while they act for another in the city's own services."""
    if not isinstance(request.user, AccountRow):
        return VISITOR
    proofs = [Proof(one["method"], datetime.fromtimestamp(one["at"], UTC)) for one in _records(request)]
    return rules.actor_for(store.account_from(request.user), store.policy(), proofs, clock.now())


def presence(request: HttpRequest) -> Presence | None:
    """Who is in this browser, or None for a visitor."""
    actor = actor_of(request)
    if actor.account is None:
        return None
    records = _records(request)
    named = [_METHODS.get((one["method"], one.get("type", "")), ()) for one in records]
    last = max((one["at"] for one in records), default=0.0)
    return Presence(
        actor.account, actor.kind, actor.assurance, tuple(dict.fromkeys(name for names in named for name in names)),
        in_seoul(datetime.fromtimestamp(last, UTC)), _id(request),
    )


def asked_at(request: HttpRequest, uri: str, now: datetime) -> datetime:
    """When this question first came in this session: a proof since then answers ``prompt=login``."""
    digest = sha256(uri.encode()).hexdigest()[:32]
    asked: dict[str, str] = request.session.get(_ASKED, {})
    if digest not in asked:
        latest = dict(list(asked.items())[1 - _QUESTIONS_KEPT:])
        request.session[_ASKED] = asked = latest | {digest: now.isoformat()}
    return datetime.fromisoformat(asked[digest])


def forget_question(request: HttpRequest, uri: str) -> None:
    """It was answered: the same question later is another one."""
    digest = sha256(uri.encode()).hexdigest()[:32]
    asked = request.session.get(_ASKED, {})
    if digest in asked:
        request.session[_ASKED] = {key: at for key, at in asked.items() if key != digest}


def ended(request: HttpRequest | None = None, **_: object) -> None:
    """Somebody signs out of this browser: what it opened at systems ends too."""
    session = getattr(request, "session", None)
    if session is not None and _SESSION in session:
        facade.end_session(UUID(session[_SESSION]), clock.now(), lambda one: tasks.tell_system.defer(sign_in=one))


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return found


def _id(request: HttpRequest) -> UUID:
    if _SESSION not in request.session:
        request.session[_SESSION] = str(uuid4())
    return UUID(request.session[_SESSION])
