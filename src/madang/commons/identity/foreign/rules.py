"""What an answer of a provider must say to be believed, and what it proves."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal

import msgspec

from madang.commons.identity.contracts import Account
from madang.commons.identity.foreign.contracts import (
    AnswerNotRight,
    ClientAuth,
    Identity,
    Issuer,
    NotSurelyEnough,
    Provider,
    ProvidersWrong,
    SomebodyElse,
    Wallet,
)
from madang.kernel.assurance import Assurance
from madang.kernel.languages import Language, Text

_SKEW = timedelta(seconds=30)
"""Between their clock and ours."""
_LONGEST_LIFE = timedelta(minutes=10)
"""An answer is for the moment of the sign-in; OpenID Connect Core 1.0 (2014), section 3.1.3.7, leaves it to us."""


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: dict[Language, str]
    issuer: str
    client_id: str
    levels: dict[str, Annotated[int, msgspec.Meta(ge=1, le=3)]]
    resident_claim: str
    auth: ClientAuth = ClientAuth.SECRET
    scope: str = "openid"


class _ToldIssuer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: dict[Language, str]
    issuer: str
    types: Annotated[list[str], msgspec.Meta(min_length=1)]
    resident_claim: str
    levels: dict[Literal["same_device", "cross_device"], Annotated[int, msgspec.Meta(ge=1, le=3)]]


class _ToldWallet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: dict[Language, str]
    offer: str
    present: str


def providers_from(told: Any, public_url: str, *, with_demonstration: bool) -> Mapping[str, Provider]:
    """The providers that a parsed ``identity_providers.yaml`` tells. Raises ProvidersWrong with the place.

    ``{public_url}`` in an issuer is the city's own address: the demonstration's stand-in lives there.
    """
    given: Mapping[str, _Told] = _converted(told, dict[str, _Told])
    kept = {name: one for name, one in given.items() if with_demonstration or "{public_url}" not in one.issuer}
    return {name: _provider(name, one, public_url) for name, one in kept.items()}


def issuers_from(told: Any, public_url: str) -> Mapping[str, Issuer]:
    """The issuers that a parsed ``credential_issuers.yaml`` tells. Raises ProvidersWrong with the place."""
    return {
        name: Issuer(
            name, _title(name, one.name), (at := one.issuer.replace("{public_url}", public_url)),
            [each.replace("{issuer}", at) for each in one.types], one.resident_claim,
            {means: Assurance(level) for means, level in one.levels.items()},
        )
        for name, one in _converted(told, dict[str, _ToldIssuer]).items()
    }


def wallets_from(told: Any, public_url: str, *, with_demonstration: bool) -> Mapping[str, Wallet]:
    """The wallets that a parsed ``wallets.yaml`` tells. Raises ProvidersWrong with the place."""
    given: Mapping[str, _ToldWallet] = _converted(told, dict[str, _ToldWallet])
    return {
        name: Wallet(
            _title(name, one.name), one.offer.replace("{public_url}", public_url),
            one.present.replace("{public_url}", public_url),
        )
        for name, one in given.items() if with_demonstration or "{public_url}" not in one.offer + one.present
    }


def _converted(told: Any, into: Any) -> Any:
    try:
        return msgspec.convert(told or {}, into)
    except msgspec.ValidationError as wrong:
        raise ProvidersWrong(str(wrong)) from None


def _title(name: str, told: Mapping[Language, str]) -> Text:
    if missing := [language for language in Language if language not in told]:
        message = f"{name}.name lacks {', '.join(missing)}"
        raise ProvidersWrong(message)
    return Text(told)


def _provider(name: str, told: _Told, public_url: str) -> Provider:
    title = _title(name, told.name)
    levels = {acr: Assurance(level) for acr, level in told.levels.items()}
    if not levels:
        message = f"{name}.levels is empty: say what each acr is worth"
        raise ProvidersWrong(message)
    highest_first = sorted(levels, key=lambda acr: -levels[acr])
    return Provider(
        name, title, told.issuer.replace("{public_url}", public_url), told.client_id, told.auth, told.scope,
        levels, " ".join(highest_first), told.resident_claim,
    )


def identity_from(provider: Provider, claims: Mapping[str, Any], nonce: str, now: datetime) -> Identity:
    """What an ID token says, whose signature was checked. Raises AnswerNotRight (Core 1.0, section 3.1.3.7)."""
    _require(claims.get("iss") == provider.issuer, "iss")
    audience = claims.get("aud")
    _require(audience in (provider.client_id, [provider.client_id]), "aud")
    _require(claims.get("azp", provider.client_id) == provider.client_id, "azp")
    _require(bool(nonce) and claims.get("nonce") == nonce, "nonce")
    issued, ends = _moment(claims.get("iat"), now), _moment(claims.get("exp"), now)
    _require(ends is not None and now < ends + _SKEW, "exp")
    _require(issued is not None and now - _LONGEST_LIFE < issued < now + _SKEW, "iat")
    subject = claims.get("sub")
    _require(isinstance(subject, str) and bool(subject), "sub")
    level = provider.levels.get(str(claims.get("acr", "")), Assurance.NONE)
    return Identity(
        provider.name, subject_key(provider, str(subject)), level, str(claims.get(provider.resident_claim, "")), now,
    )


def subject_key(provider: Provider | Issuer, subject: str) -> str:
    """What is kept of a subject: enough to know it again, too little to ask the provider about it."""
    return sha256(f"{provider.issuer}\n{subject}".encode()).hexdigest()


def require_same_person(account: Account, identity: Identity) -> None:
    """Raise SomebodyElse unless the identity is that of the account's resident, by the registers' own id.

    Staff accounts name no person of the registers: no identity proves that it is theirs.
    """
    if not identity.resident or account.resident is None or identity.resident != str(account.resident):
        raise SomebodyElse


def require_enough(identity: Identity) -> None:
    """Raise NotSurelyEnough for less than two factors: no way around an account's second factor."""
    if identity.assurance < Assurance.SUBSTANTIAL:
        raise NotSurelyEnough


def method(assurance: Assurance) -> str:
    """What a session notes as proved."""
    return f"foreign_{assurance.name.lower()}"


def _moment(told: Any, now: datetime) -> datetime | None:
    is_number = isinstance(told, int | float) and not isinstance(told, bool) and 0 < told < 1e11  # noqa: PLR2004 -- the year 5138
    return datetime.fromtimestamp(told, now.tzinfo) if is_number else None


def _require(holds: bool, what: str) -> None:  # noqa: FBT001 -- the fact is the argument
    if not holds:
        raise AnswerNotRight(why=what)
