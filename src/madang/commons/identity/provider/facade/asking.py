"""A system asks who is there: what is missing, and what it is answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from oauthlib.oauth2.rfc6749.errors import FatalClientError, OAuth2Error

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.identity.provider import tokens
from madang.commons.identity.provider.contracts import Ask, AskNotRight, Need, PersonScope, Presence, TellBack
from madang.commons.identity.provider.protocol import server
from madang.commons.identity.provider.rules import asking, subjects
from madang.commons.identity.provider.store import consents, keys, profile, sign_ins, systems
from madang.kernel.actors import Actor
from madang.kernel.ids import AccountId

_LONGEST_AGE: Final = timedelta(days=365)

_SILENT: Final = {
    Need.SIGN_IN: "login_required", Need.SIGN_IN_AGAIN: "login_required", Need.CONSENT: "consent_required",
    Need.MORE_ASSURANCE: "unmet_authentication_requirements", Need.NOT_THEIRS: "access_denied",
}
"""What a system is told instead of a page: OpenID Connect Core 1.0 (2014), section 3.1.2.6, and its error codes."""


def question(uri: str) -> Ask:
    """The question in an authorization request's path and query.

    Raises AskNotRight when nobody may be sent back to where it says, and TellBack with every other mistake.
    """
    asked = dict(parse_qsl(urlsplit(uri).query))
    try:
        scopes, facts = server().validate_authorization_request(uri, "GET")
    except FatalClientError as wrong:
        raise AskNotRight(why=wrong.description or wrong.error) from None
    except OAuth2Error as wrong:
        # its address was found right before anything else was looked at
        raise TellBack(_with_issuer(_added(wrong.redirect_uri, dict(wrong.twotuples)))) from None
    except ValueError:
        raise AskNotRight(why="unreadable") from None
    system = systems.system_from(facts["request"].client)
    prompts, age = frozenset(asked.get("prompt", "").split()), _age(asked.get("max_age", ""))
    needed = max(asking.asked_assurance(asked.get("acr_values", "")), system.least_assurance)
    wants_fresh = asking.wants_fresh_sign_in(prompts, age)
    return Ask(
        system, frozenset(scopes), prompts, needed, age, wants_fresh, asked.get("id_token_hint", ""), uri,
    )


def missing(ask: Ask, present: Presence | None, asked_at: datetime, now: datetime) -> Need:
    """What is still needed. Raises TellBack for a silent question, and for one that is about somebody else."""
    allowed = consents.allowed(present.account, ask.system.id, now) if present else frozenset()
    need = asking.missing(ask, present, consented=allowed, asked_at=asked_at, now=now)
    if ask.is_silent and need is not Need.NOTHING:
        raise TellBack(tell_why(ask, _SILENT[need]))
    if present and ask.hint and not _is_about(ask, present.account):
        raise TellBack(tell_why(ask, "login_required"))
    return need


def may_learn(ask: Ask) -> Sequence[PersonScope]:
    """What the system asks to learn, in the profile's order."""
    return [scope for name, scope in profile.policy().scopes.items() if name in ask.scopes]


def consent_until(now: datetime) -> datetime:
    """Until when a consent that is given now holds."""
    return now + profile.policy().consent_lasts


def let(actor: Actor, ask: Ask, present: Presence, now: datetime) -> str:
    """Remember that the person allows what was asked, and answer; where to go on to."""
    with transaction():
        consent = consents.put(present.account, ask.system.id, ask.scopes, now, consent_until(now))
        audit.record(actor, "identity_provider.consent", purpose=f"let {ask.system.id} learn who somebody is",
                     subject=actor.subject, about=consent, fields=sorted(ask.scopes))
        return answer(actor, ask, present, now)


def answer(actor: Actor, ask: Ask, present: Presence, now: datetime) -> str:
    """Note that the person signs in at the system; where to go on to, with a code that is good once."""
    with transaction():
        sign_in = sign_ins.add_sign_in(ask.system, present, ask.scopes, now, now + profile.policy().refresh_lasts)
        audit.record(actor, "identity_provider.sign_in", purpose=f"sign in at {ask.system.id}",
                     subject=actor.subject, about=sign_in)
        return _with_issuer(_code(ask, sign_in))


def refuse(ask: Ask) -> str:
    """Where to go on to when the person does not want the system to learn anything."""
    return tell_why(ask, "access_denied")


def tell_why(ask: Ask, error: str) -> str:
    """Where a system is told an error."""
    asked = dict(parse_qsl(urlsplit(ask.uri).query))
    back = asked.get("redirect_uri") or ask.system.redirect_uris[0]
    state = {"state": asked["state"]} if "state" in asked else {}
    return _with_issuer(_added(back, {"error": error, **state}))


def _code(ask: Ask, sign_in: UUID) -> str:
    facts: dict[str, Any] = {"sign_in_id": sign_in}
    headers, _, _ = server().create_authorization_response(ask.uri, "GET", scopes=sorted(ask.scopes), credentials=facts)
    return str(headers["Location"])


def _is_about(ask: Ask, account: AccountId) -> bool:
    hinted = tokens.read_hint(ask.hint)
    own = subjects.subject(account, ask.system.sector, keys.subject_salt())
    return hinted is not None and hinted.get("sub") == own and hinted.get("aud") == ask.system.id


def _with_issuer(uri: str) -> str:
    """Every answer says who gives it, so that no system takes it for another provider's (RFC 9207, 2022)."""
    return _added(uri, {"iss": tokens.issuer()})


def _added(uri: str, facts: dict[str, str]) -> str:
    parts = urlsplit(uri)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in facts]
    return urlunsplit(parts._replace(query=urlencode([*query, *facts.items()])))


def _age(told: str) -> timedelta | None:
    return min(timedelta(seconds=int(told[:9])), _LONGEST_AGE) if told.isascii() and told.isdecimal() else None
