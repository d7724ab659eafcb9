"""The door to identities that others keep."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

from django.conf import settings

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.identity import store as people
from madang.commons.identity.contracts import Account
from madang.commons.identity.foreign import rules
from madang.commons.identity.foreign.contracts import (
    KEPT,
    AnswerNotRight,
    Begun,
    ForeignLink,
    Identity,
    Issuer,
    LinkedElsewhere,
    Provider,
    ProviderUnknown,
    Wallet,
)
from madang.commons.identity.foreign.store import links, profile, talk
from madang.commons.identity.models import AccountRow
from madang.kernel.actors import Actor
from madang.kernel.errors import SignInNeeded
from madang.kernel.ids import AccountId

_BYTES: Final = 32
_LASTS: Final = timedelta(minutes=10)
"""How long an answer waits for the other side's proof: as long as a person needs to sign in."""
CALLBACK: Final = "/accounts/foreign/back/"


def providers() -> Sequence[Provider]:
    """The ways in that the profile names."""
    return list(profile.providers().values())


def issuers() -> Mapping[str, Issuer]:
    """Whose credentials are taken, by name."""
    return profile.issuers()


def wallets() -> Sequence[Wallet]:
    """The wallets that a page may call."""
    return list(profile.wallets().values())


def way(name: str) -> Provider | Issuer:
    """Who keeps an identity, by name. Raises ProviderUnknown."""
    return profile.issuers().get(name) or profile.provider(name)


def begin(name: str, now: datetime) -> Begun:
    """Ask a provider who is there (authorization code, PKCE S256, nonce). Raises ProviderUnknown, ProviderSilent."""
    provider = profile.provider(name)
    state, nonce, verifier = (secrets.token_urlsafe(_BYTES) for _ in range(3))
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode("ascii")
    asked = {
        "response_type": "code", "client_id": provider.client_id, "redirect_uri": _callback(), "scope": provider.scope,
        "state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256",
        "acr_values": provider.asks_for, "prompt": "login",
    }
    kept = {"provider": name, "state": state, "nonce": nonce, "verifier": verifier, "at": now.isoformat()}
    return Begun(f"{talk.metadata(provider)['authorization_endpoint']}?{urlencode(asked)}", kept)


def come_back(kept: Mapping[str, str], answer: Mapping[str, str], now: datetime) -> Identity:
    """What the provider has said, checked. ``kept`` is what the session held of our question; it is good once.

    Raises AnswerNotRight, ProviderSilent, ProviderUnknown.
    """
    if not kept or not hmac.compare_digest(answer.get("state", "").encode(), kept["state"].encode()):
        raise AnswerNotRight(why="state")
    if now - datetime.fromisoformat(kept["at"]) > _LASTS:
        raise AnswerNotRight(why="too late")
    provider = profile.provider(kept["provider"])
    _require_issuer(provider, answer)
    if "error" in answer or not answer.get("code"):
        raise AnswerNotRight(why="refused")
    token = talk.id_token(provider, {
        "grant_type": "authorization_code", "code": answer["code"], "redirect_uri": _callback(),
        "code_verifier": kept["verifier"],
    })
    return rules.identity_from(provider, talk.read(provider, token), kept["nonce"], now)


def account_of(identity: Identity, now: datetime) -> Account | None:
    """The account with which an identity is linked, for signing in by it alone; None when there is no link.

    Raises NotSurelyEnough, and SomebodyElse when the provider names another resident than the account's.
    """
    linked = links.account_of(identity)
    account = people.account(linked, now) if linked else None
    if account is None:
        return None
    rules.require_enough(identity)
    rules.require_same_person(account, identity)
    return account


def user_of(account: Account, now: datetime) -> AccountRow | None:
    """The account as Django's own sign-in takes it."""
    return people.row(account.id, now)


def method_of(identity: Identity) -> str:
    """What a browser's session notes as proved; identity's rules say what it is worth."""
    return rules.method(identity.assurance)


def secret_at(name: str) -> str:
    """The city's secret at a provider; the demonstration's stand-in asks for it. Raises ProviderUnknown."""
    return talk.client_secret(profile.provider(name))


def waits(identity: Identity, now: datetime) -> bool:
    """Whether an answer is still fresh enough to be linked."""
    return now - identity.at <= _LASTS


def link(actor: Actor, identity: Identity, now: datetime) -> None:
    """Link an identity that was just proved with the account that was just proved; linked already, nothing changes.

    Raises SignInNeeded, SomebodyElse, NotSurelyEnough, LinkedElsewhere.
    """
    account = _account(actor, now)
    rules.require_enough(identity)
    rules.require_same_person(account, identity)
    with transaction():
        held = links.account_of(identity)
        if held == account.id:
            return
        if held is not None:
            raise LinkedElsewhere
        links.add(identity, account.id, now)
        audit.record(actor, "identity_foreign.link", purpose=f"sign in by {identity.provider}",
                     subject=account.resident, about=account.id)


def unlink(actor: Actor, name: str, now: datetime) -> None:
    """End a link. Raises SignInNeeded, ProviderUnknown when there is none."""
    account = _account(actor, now)
    with transaction():
        if not links.remove(name, account.id):
            raise ProviderUnknown
        audit.record(actor, "identity_foreign.unlink", purpose=f"sign in by {name} no more",
                     subject=account.resident, about=account.id)


def end_old(now: datetime) -> int:
    """End the links that were kept as long as was declared; how many. Proof of both sides links anew."""
    with transaction():
        return links.end_older(now - KEPT)


def links_of(account: AccountId) -> Sequence[ForeignLink]:
    """The identities that an account is linked with, of providers that the profile still names."""
    known: Mapping[str, Provider | Issuer] = {**profile.providers(), **profile.issuers()}
    return [ForeignLink(known[name], at) for name, at in links.of_account(account).items() if name in known]


def _require_issuer(provider: Provider, answer: Mapping[str, str]) -> None:
    """Who answers must be whom we asked, or an attacker's provider is handed the other's code (RFC 9207, 2022)."""
    must = talk.metadata(provider).get("authorization_response_iss_parameter_supported") is True
    if answer.get("iss", "" if must else provider.issuer) != provider.issuer:
        raise AnswerNotRight(why="iss")


def _account(actor: Actor, now: datetime) -> Account:
    account = people.account(actor.account, now) if actor.account else None
    if account is None:
        raise SignInNeeded
    return account


def _callback() -> str:
    return f"{settings.MADANG_PUBLIC_URL}{CALLBACK}"
