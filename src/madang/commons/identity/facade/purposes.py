"""The door to purposes: saying what one opens a person's data for, and how the person reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.http import HttpRequest

from madang.commons.audit.contracts import STATED
from madang.commons.identity.contracts.purposes import Purpose, Said
from madang.commons.identity.rules import purposes as rules
from madang.commons.identity.store import purposes as rows
from madang.kernel.actors import WHATEVER_IS_ASKED, Actor, Stated
from madang.kernel.languages import Language

_SESSION_KEY = "identity_purposes"
_MOST = 20
"""So many that were said last stay in a session."""

policy = rows.policy


def choices(actor: Actor, door: str) -> dict[str, Purpose]:
    """What may be said by somebody who comes in by the permission ``door``. Raises SignInNeeded, NotPermitted."""
    actor.require(door)
    return {name: one for name, one in policy().purposes.items() if door in one.doors}


def state(request: HttpRequest, actor: Actor, said: Said, now: datetime) -> None:
    """Keep in this browser's session what one case or person is opened for; each opening will be recorded with it.

    Raises PurposeUnknown, LineNeeded, SignInNeeded, NotPermitted.
    """
    kept = rules.stated(said.about, said.purpose, said.line, choices(actor, said.door))
    until = (now + policy().holds).isoformat()
    entry = {"about": kept.about, "purpose": kept.purpose, "line": kept.line, "until": until}
    others = [one for one in _held(request, now) if one["about"] != kept.about]
    request.session[_SESSION_KEY] = [*others, entry][-_MOST:]


def stated_in(request: HttpRequest, now: datetime) -> Sequence[Stated]:
    """What was said in this browser's session and still holds."""
    known = policy().purposes if _SESSION_KEY in request.session else {}
    return [
        Stated(one["about"], one["purpose"], one["line"], known[one["purpose"]].doors)
        for one in _held(request, now) if one["purpose"] in known
    ]


def stating(actor: Actor, purpose: str, line: str) -> Actor:
    """A program's actor with what it says for this one request; ``line`` is percent-encoded UTF-8 (RFC 3986, 2005).

    Raises PurposeUnknown, LineNeeded.
    """
    allowed = {name: one for name, one in policy().purposes.items() if any(actor.may(door) for door in one.doors)}
    return replace(actor, stated=[rules.stated(WHATEVER_IS_ASKED, purpose.strip(), unquote(line), allowed)])


def name_of(recorded: str, language: Language) -> str:
    """How a recorded purpose that somebody stated is called; empty for one that nobody stated.

    One that the profile has lost is still read by the name under which it was recorded.
    """
    if not recorded.startswith(STATED):
        return ""
    name = recorded.removeprefix(STATED)
    known = policy().purposes.get(name)
    return known.name.into(language) if known else name


def _held(request: HttpRequest, now: datetime) -> list[Mapping[str, Any]]:
    held: list[Mapping[str, Any]] = request.session.get(_SESSION_KEY, [])
    return [one for one in held if datetime.fromisoformat(one["until"]) > now]
