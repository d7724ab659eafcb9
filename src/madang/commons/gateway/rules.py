"""Who of the partner systems is let in, by which key, to which route. Time, chance and address come in as arguments."""

import re
from base64 import b32encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from datetime import time as clock_time
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Any, Final
from uuid import UUID

from madang.commons.gateway.contracts import (
    AddressMalformed,
    AddressNotAllowed,
    ClosedToPartners,
    EndNotAhead,
    Granted,
    Key,
    KeyFormWrong,
    KeyNotKnown,
    NameMissing,
    Partner,
    PartnerStopped,
    PathNotOfTheApi,
    Plan,
    PlanUnknown,
    QuotaSpent,
    ReasonMissing,
    Request,
    ScopeMissing,
    ScopeUnknown,
    State,
    Use,
)
from madang.kernel.clock import SEOUL, in_seoul
from madang.kernel.errors import CityError
from madang.kernel.manifest import Scope

KEY_MARK: Final = "madang_"
"""Every key begins so: a scanner of leaked secrets knows it by that, and the front whom to ask."""
KEY_BYTES: Final = 40
MOST_KEYS: Final = 5
MOST_PARTNERS: Final = 10
LONGEST_REASON: Final = 500
_LONGEST_NAME: Final = 100
_SHOWN: Final = 8
_LONGEST_ROUTE: Final = 200
_WORD: Final = re.compile(r"[a-z][a-z_-]{0,40}|v[0-9]{1,3}")
_REFUSED: Final = frozenset({401, 403, 429})
_TRIED: Final = re.compile(r"/api/v1/[!-~]{0,500}")
_KEY: Final = re.compile(rf"{KEY_MARK}[a-z2-7]{{64}}")


def key_text(random: bytes) -> str:
    """A key from ``KEY_BYTES`` random bytes: 320 bits, so that a plain SHA-256 of it is enough to keep."""
    return KEY_MARK + b32encode(random).decode().lower()


def digest(text: str) -> bytes:
    """What is kept of a key."""
    return sha256(text.encode()).digest()


def prefix(text: str) -> str:
    """The part of a key that may be seen again, to tell one's keys apart."""
    return text[: len(KEY_MARK) + _SHOWN]


def is_key(text: str) -> bool:
    """Whether it has a key's form; anything else need not be looked up."""
    return _KEY.fullmatch(text) is not None


def networks(given: Iterable[str]) -> list[str]:
    """Addresses and networks in their usual form. Raises AddressMalformed for what is neither."""
    found = []
    for one in given:
        try:
            found.append(str(ip_network(one.strip(), strict=False)))
        except ValueError:
            raise AddressMalformed(address=one) from None
    return found


def require_name(field: str, text: str) -> str:
    """A name without blanks at its ends. Raises NameMissing."""
    name = text.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise NameMissing(field=field)
    return name


def require_reason(text: str) -> str:
    """A reason without blanks at its ends. Raises ReasonMissing."""
    reason = text.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise ReasonMissing(most=LONGEST_REASON)
    return reason


def end_of(text: str, now: datetime) -> datetime | None:
    """Midnight in Seoul at the beginning of a day after today, from ``2027-03-01``; None from nothing.

    Raises EndNotAhead.
    """
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise EndNotAhead from None
    if day <= in_seoul(now).date():
        raise EndNotAhead
    return datetime.combine(day, clock_time(), SEOUL)


def require_try(key: str, path: str) -> None:
    """Raise KeyFormWrong or PathNotOfTheApi for what no developer's first request should be made of."""
    if not is_key(key):
        raise KeyFormWrong
    if not _TRIED.fullmatch(path):
        raise PathNotOfTheApi


def require_plan(name: str, plans: Mapping[str, Plan], *, by_themselves: bool) -> None:
    """Raise PlanUnknown for a plan that there is not, or that a developer may not choose without the city."""
    plan = plans.get(name)
    if plan is None or (by_themselves and not plan.is_self_service):
        raise PlanUnknown(plan=name)


def require_scopes(names: Iterable[str], scopes: Iterable[Scope]) -> list[str]:
    """The scopes, each once and sorted. Raises ScopeUnknown."""
    known = {scope.name for scope in scopes}
    wanted = sorted(set(names))
    lost = next((name for name in wanted if name not in known), None)
    if lost is not None:
        raise ScopeUnknown(scope=lost)
    return wanted


def scopes_of(path: str, method: str, scopes: Sequence[Scope]) -> list[Scope]:
    """The scopes that open a route: those of the longest prefix that fits, for this method."""
    fitting = [one for one in scopes if method in one.methods and _lies_under(path, one.prefix)]
    longest = max((len(one.prefix) for one in fitting), default=0)
    return [one for one in fitting if len(one.prefix) == longest]


def held_by(partner: Partner, scopes: Iterable[Scope]) -> frozenset[str]:
    """Every scope that the partner's actor has: its own, and those that everybody has."""
    return frozenset(partner.scopes) | {one.name for one in scopes if one.is_open}


def why_not(
    partner: Partner | None, key: Key | None, scopes: Sequence[Scope], asked: tuple[str, str, str], now: datetime
) -> CityError | None:
    """Why a request is refused, or None. ``asked`` is its method, its path without the query, and its address.

    ``key`` is None for one that came with a token; ``partner`` is None when neither was known.
    """
    method, path, source = asked
    if partner is None or (key is not None and not key.is_good(now)):
        return KeyNotKnown()
    if partner.state is not State.ACTIVE or (partner.sunset is not None and partner.sunset <= now):
        return PartnerStopped()
    if not _is_allowed(source, partner.addresses):
        return AddressNotAllowed()
    needed = scopes_of(path, method, scopes)
    if not needed:
        return ClosedToPartners()
    held = held_by(partner, scopes)
    return None if any(one.name in held for one in needed) else ScopeMissing(scope=needed[0].name)


def quota_fields(plan: Plan, granted: Granted) -> dict[str, str]:
    """``RateLimit-Policy`` and ``RateLimit`` (IETF draft-ietf-httpapi-ratelimit-headers-10, 2025)."""
    return {
        "ratelimit-policy": f'"second";q={plan.per_second};w=1, "day";q={plan.per_day};w=86400',
        "ratelimit": f'"second";r={granted.second_left};t=1, "day";r={granted.day_left};t={granted.day_resets_in}',
    }


def spent(plan: Plan, granted: Granted) -> QuotaSpent:
    """Which quota is used up, and for how many seconds."""
    if granted.day_left <= 0:
        return QuotaSpent(quota=plan.per_day, seconds=granted.day_resets_in)
    return QuotaSpent(quota=plan.per_second, seconds=1)


def request_of(line: Mapping[str, Any]) -> Request:
    """A line of the front's log as a request. Raises KeyError, TypeError or ValueError for one that is none."""
    return Request(
        at=in_seoul(datetime.fromisoformat(line["at"])), client=line["client"] or "", method=line["method"] or "",
        route=route_of(line["path"] or ""), status=int(line["status"] or 0), ms=int(line["ms"] or 0),
        bytes_in=int(line["bytes_in"] or 0), bytes_out=int(line["bytes_out"] or 0), network=line["network"] or "",
    )


def route_of(path: str) -> str:
    """A path of which only plain words remain: numbers of cases, codes of documents and the like become ``*``."""
    parts = path.partition("?")[0].split("/")
    return "/".join(part if not part or _WORD.fullmatch(part) else "*" for part in parts)[:_LONGEST_ROUTE]


def use_by_day(requests: Iterable[Request]) -> Mapping[tuple[UUID, date], Use]:
    """What each partner asked on each day in Seoul; requests of people are not counted by anybody's name."""
    found: dict[tuple[UUID, date], Use] = {}
    for one in requests:
        if not one.client:
            continue
        key = UUID(one.client), one.at.date()
        before = found.get(key, Use(key[1], 0, 0, 0))
        found[key] = Use(
            key[1], before.requests + 1, before.refused + (one.status in _REFUSED), before.bytes_out + one.bytes_out
        )
    return found


def _lies_under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix if prefix.endswith("/") else f"{prefix}/")


def _is_allowed(source: str, addresses: Sequence[str]) -> bool:
    if not addresses:
        return True
    try:
        found = ip_address(source)
    except ValueError:
        return False
    return any(found in ip_network(network) for network in addresses)
