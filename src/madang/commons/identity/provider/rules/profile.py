"""What the profile's ``openid.yaml`` and a system's registration say, read strictly."""

import re
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from madang.commons.identity.provider.contracts import (
    Grant,
    People,
    PersonScope,
    ProviderPolicy,
    ProviderPolicyWrong,
    System,
    SystemId,
    SystemNotRight,
)
from madang.commons.identity.provider.rules.claims import CLAIMS
from madang.kernel.assurance import Assurance
from madang.kernel.languages import Language, Text

_Count = Annotated[int, msgspec.Meta(ge=1)]
_Words = dict[Language, str]
_NAME = re.compile(r"[a-z][a-z0-9-]{2,62}")
_ROOM_SCOPE = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class _Lasts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code_seconds: _Count
    access_token_minutes: _Count
    system_token_minutes: _Count
    id_token_minutes: _Count
    refresh_days: _Count
    consent_days: _Count
    old_secret_hours: _Count


class _Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    announced_hours: _Count
    last_days: _Count


class _Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: _Words
    claims: list[str] = []


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lasts: _Lasts
    keys: _Keys
    scopes: dict[str, _Scope]


class _System(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: _Words
    department: _Words
    purpose: _Words
    people: People
    grants: list[Grant] = []
    scopes: list[str] = []
    redirect_uris: list[str] = []
    post_logout_redirect_uris: list[str] = []
    backchannel_logout_uri: str = ""
    sector: str = ""
    least_assurance: Annotated[int, msgspec.Meta(ge=1, le=3)] = 1
    public: bool = False


def policy_from(told: Any) -> ProviderPolicy:
    """The policy that a parsed ``openid.yaml`` tells. Raises ProviderPolicyWrong with the place of a mistake."""
    try:
        given = msgspec.convert(told, _Told)
    except msgspec.ValidationError as wrong:
        raise ProviderPolicyWrong(str(wrong)) from None
    lasts, keys = given.lasts, given.keys
    return ProviderPolicy(
        scopes={name: _scope(name, scope) for name, scope in given.scopes.items()},
        code_lasts=timedelta(seconds=lasts.code_seconds),
        access_token_lasts=timedelta(minutes=lasts.access_token_minutes),
        system_token_lasts=timedelta(minutes=lasts.system_token_minutes),
        id_token_lasts=timedelta(minutes=lasts.id_token_minutes),
        refresh_lasts=timedelta(days=lasts.refresh_days),
        consent_lasts=timedelta(days=lasts.consent_days),
        secret_overlap=timedelta(hours=lasts.old_secret_hours),
        key_announced=timedelta(hours=keys.announced_hours),
        key_lasts=timedelta(days=keys.last_days),
    )


def _scope(name: str, told: _Scope) -> PersonScope:
    if missing := [language for language in Language if language not in told.name]:
        message = f"scopes.{name}.name lacks {', '.join(missing)}"
        raise ProviderPolicyWrong(message)
    if unknown := sorted(set(told.claims) - set(CLAIMS)):
        message = f"scopes.{name}.claims: {', '.join(unknown)} is nothing that the city can tell"
        raise ProviderPolicyWrong(message)
    return PersonScope(name, Text(told.name), frozenset(told.claims))


def system_from(told: Any, policy: ProviderPolicy) -> System:
    """The system that a registration tells. Raises SystemNotRight with the place and how to mend it."""
    try:
        given = msgspec.convert(told, _System)
    except msgspec.ValidationError as wrong:
        raise SystemNotRight(why=str(wrong)) from None
    for words in (given.name, given.department, given.purpose):
        if Language.KO not in words:
            raise SystemNotRight(why="name, department and purpose are told in Korean (ko) at least")
    _require_names(given, policy)
    _require_addresses(given)
    first = given.redirect_uris[0] if given.redirect_uris else ""
    return System(
        SystemId(given.id), Text(given.name), Text(given.department), Text(given.purpose), given.people,
        frozenset(given.grants), frozenset(given.scopes), tuple(given.redirect_uris),
        tuple(given.post_logout_redirect_uris), given.backchannel_logout_uri,
        given.sector or (urlsplit(first).hostname or ""), Assurance(given.least_assurance), given.public,
    )


def _require_names(given: _System, policy: ProviderPolicy) -> None:
    if not _NAME.fullmatch(given.id):
        raise SystemNotRight(why=f"id {given.id!r} is not 3 to 63 small letters, digits and hyphens")
    strange = [one for one in given.scopes if one not in policy.scopes and not _ROOM_SCOPE.fullmatch(one)]
    if strange:
        raise SystemNotRight(why=f"scopes: {', '.join(strange)} is neither of {', '.join(policy.scopes)} nor room.verb")
    if not set(given.grants) <= {Grant.CODE, Grant.CREDENTIALS} or not given.grants:
        raise SystemNotRight(why="grants: give authorization_code, client_credentials or both")
    if Grant.CODE in given.grants and "openid" not in given.scopes:
        raise SystemNotRight(why="scopes: authorization_code needs openid")
    if Grant.CREDENTIALS in given.grants and given.public:
        raise SystemNotRight(why="grants: client_credentials needs a secret, and a public system can keep none")


def _require_addresses(given: _System) -> None:
    if Grant.CODE in given.grants and not given.redirect_uris:
        raise SystemNotRight(why="redirect_uris: authorization_code needs one at least")
    last = [given.backchannel_logout_uri] if given.backchannel_logout_uri else []
    for uri in (*given.redirect_uris, *given.post_logout_redirect_uris, *last):
        if not _is_safe(uri):
            raise SystemNotRight(why=f"{uri!r} is not https://host/path, without fragment, user or wildcard "
                                     "(http only on loopback)")
    hosts = {urlsplit(uri).hostname for uri in given.redirect_uris}
    if len(hosts) > 1 and not given.sector:
        raise SystemNotRight(why="sector: redirect_uris on several hosts need one")


def _is_safe(uri: str) -> bool:
    parts = urlsplit(uri)
    scheme_fits = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    plain = not parts.fragment and "#" not in uri and "@" not in parts.netloc and "*" not in uri
    return scheme_fits and bool(parts.hostname) and plain and not any(letter.isspace() for letter in uri)
