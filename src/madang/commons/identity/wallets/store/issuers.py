"""What an issuer announces: its keys, and which of its credentials are taken back."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from jwcrypto import jwk
from jwcrypto.common import JWException

from madang.commons.identity.foreign.contracts import Issuer, ProviderSilent
from madang.commons.identity.foreign.store import talk
from madang.commons.identity.wallets import rules
from madang.commons.identity.wallets.contracts import NotTaken
from madang.commons.identity.wallets.store.presentations import read
from madang.kernel import status_list
from madang.kernel.languages import Language

_PATIENCE_S: Final = 8.0
_KEYS_KEPT_S: Final = 600.0
_LIST_KEPT_S: Final = 600.0
_LONGEST: Final = 4 * 1024 * 1024

_keys: dict[str, tuple[float, Mapping[str, Any]]] = {}
_lists: dict[str, tuple[float, Mapping[str, Any]]] = {}


def key(issuer: Issuer, kid: str) -> Any:
    """An issuer's key by its name, asked for anew every ten minutes, and at once for a new name once in ten seconds.

    None for one that it does not announce. Raises ProviderSilent.
    """
    known = _keys.get(issuer.issuer)
    age = time.monotonic() - known[0] if known else _KEYS_KEPT_S
    if known is None or age >= _KEYS_KEPT_S or (kid not in known[1] and age > 10):  # noqa: PLR2004 -- as the docstring says
        known = _keys[issuer.issuer] = time.monotonic(), _announced(issuer)
    return known[1].get(kid)


def require_not_taken_back(issuer: Issuer, signed: Mapping[str, Any], now: datetime) -> None:
    """Raise NotTaken for a credential that its issuer has taken back, ProviderSilent when that cannot be known."""
    place = rules.status_of(signed)
    if place is None:
        return
    uri, at = place
    try:
        is_gone = status_list.is_taken_back(_list(issuer, uri, now).get("status_list"), at)
    except status_list.StatusListWrong:
        raise NotTaken("status") from None
    if is_gone:
        raise NotTaken("revoked")


def _list(issuer: Issuer, uri: str, now: datetime) -> Mapping[str, Any]:
    known = _lists.get(uri)
    if known is None or time.monotonic() >= known[0]:
        text = _got(issuer, uri).text.strip()
        told = read(text, "statuslist+jwt", lambda kid: key(issuer, kid))
        lasts = told.get("ttl", _LIST_KEPT_S)
        kept = min(float(lasts), _LIST_KEPT_S) if isinstance(lasts, int | float) else 0.0
        known = _lists[uri] = time.monotonic() + kept, told
    rules.require_list(known[1], uri, now)
    return known[1]


def _announced(issuer: Issuer) -> Mapping[str, Any]:
    at = urlsplit(issuer.issuer)
    try:
        told = _got(issuer, f"{at.scheme}://{at.netloc}/.well-known/jwt-vc-issuer{at.path.rstrip('/')}").json()
        given = told["jwks"]["keys"] if told["issuer"] == issuer.issuer else []
        return {one["kid"]: jwk.JWK(**one) for one in given if one.get("crv") == "P-256" and "d" not in one}
    except (ValueError, KeyError, TypeError, AttributeError, JWException) as wrong:
        raise _silent(issuer) from wrong


def _got(issuer: Issuer, url: str) -> httpx.Response:
    if not talk.is_safe(issuer, url):
        raise _silent(issuer)
    try:
        answer = httpx.get(url, timeout=_PATIENCE_S, verify=talk.trust(issuer)).raise_for_status()
    except httpx.HTTPError as silent:
        raise _silent(issuer) from silent
    if len(answer.content) > _LONGEST:
        raise _silent(issuer)
    return answer


def _silent(issuer: Issuer) -> ProviderSilent:
    return ProviderSilent(provider=issuer.title.into(Language.EN))
