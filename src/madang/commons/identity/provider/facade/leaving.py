"""Signing out: asked for by a system, and told to the systems."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

import httpx

from madang.commons.identity.provider import tokens
from madang.commons.identity.provider.contracts import Presence
from madang.commons.identity.provider.store import sign_ins, systems

_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where to go after signing out (empty: the city's own page), and whether the person must be asked first."""

    back: str
    must_ask: bool


def logout_of(asked: Mapping[str, str], present: Presence | None) -> Leaving:
    """What a system asks for with ``id_token_hint``, ``client_id``, ``post_logout_redirect_uri`` and ``state``.

    Only with a hint that the city signed for this very session is nobody asked: else any page could sign people out
    (OpenID Connect RP-Initiated Logout 1.0, 2022, section 2). Nobody is sent to an address that the system named by
    the hint, or by ``client_id``, did not register.
    """
    claims = tokens.read_hint(asked.get("id_token_hint", "")) or {}
    named = str(claims.get("aud") or asked.get("client_id", ""))
    if claims and asked.get("client_id", named) != named:
        named = ""
    system = systems.system(named) if named else None
    wanted = asked.get("post_logout_redirect_uri", "")
    back = wanted if system and wanted in system.post_logout_redirect_uris else ""
    if back and "state" in asked:
        back = _with_state(back, asked["state"])
    return Leaving(back, must_ask=present is not None and not _is_of(claims, present))


def send_logout(sign_in: UUID, now: datetime) -> None:
    """Tell a system that somebody's session has ended. Raises OSError, to be tried again, when it does not answer."""
    held = sign_ins.sign_in(sign_in)
    system = systems.system(held.system) if held else None
    if held is None or system is None or not system.backchannel_logout_uri:
        return
    told = {"logout_token": tokens.logout_token(held, now)}
    try:
        answer = httpx.post(system.backchannel_logout_uri, data=told, timeout=_PATIENCE_S, follow_redirects=False)
    except httpx.HTTPError as silent:
        message = f"{system.id} does not answer at its logout address"
        raise OSError(message) from silent
    if answer.is_server_error:
        message = f"{system.id} answers {answer.status_code} at its logout address"
        raise OSError(message)


def _is_of(claims: Mapping[str, Any], present: Presence) -> bool:
    try:
        sid = UUID(str(claims.get("sid", "")))
    except ValueError:
        return False
    return sid in sign_ins.open_in_session(present.session)


def _with_state(uri: str, state: str) -> str:
    parts = urlsplit(uri)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("state", state)]
    return urlunsplit(parts._replace(query=urlencode(query)))
