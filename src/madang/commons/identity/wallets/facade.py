"""The door to credentials that are presented."""

import hmac
import json
import secrets
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from django.conf import settings

from madang.commons.db.transactions import transaction
from madang.commons.identity.foreign import facade as foreign
from madang.commons.identity.foreign.contracts import Identity
from madang.commons.identity.wallets import rules
from madang.commons.identity.wallets.contracts import (
    LASTS,
    Asking,
    CredentialNotTaken,
    Means,
    NotTaken,
    NumberWrong,
    Question,
    QuestionOver,
    Shown,
    Standing,
)
from madang.commons.identity.wallets.models import QuestionRow
from madang.commons.identity.wallets.store import issuers, keys, presentations, questions
from madang.kernel.assurance import Assurance

_BYTES: Final = 32
_DIGITS: Final = 4
_TRIES: Final = 3
_WANTED: Final = "identity_wallets_wanted"
_SHOWN: Final = "identity_wallets_shown"

Session = MutableMapping[str, Any]
"""A browser's session, kept by the city: nothing of it is the browser's own word."""

BEGIN: Final = "/accounts/wallet/"
BACK: Final = "/accounts/wallet/back/"
WAIT: Final = "/accounts/wallet/wait/"


def want(session: Session, claims: Sequence[str], labels: Sequence[str], goal: str) -> str:
    """Have a browser's next question ask for ``claims`` too, as evidence, and lead back to ``goal``, a path of ours.

    ``labels`` tell the person what that is. Where the question begins; ``fetched`` gives what was shown.
    """
    session[_WANTED] = {"claims": list(claims), "labels": list(labels), "goal": goal}
    return f"{BEGIN}?evidence=1"


def fetched(session: Session, now: datetime) -> Shown | None:
    """What was shown as evidence in this browser a moment ago; once."""
    kept = session.pop(_SHOWN, None)
    if kept is None or now - datetime.fromisoformat(kept["at"]) > LASTS:
        return None
    who = Identity(
        kept["provider"], kept["subject"], Assurance(kept["assurance"]), kept["resident"],
        datetime.fromisoformat(kept["at"]),
    )
    return Shown(who, kept["claims"])


def keep_evidence(session: Session, shown: Shown) -> str:
    """Keep what was shown until the page that wanted it fetches it; where that is."""
    who = shown.identity
    session[_SHOWN] = {
        "provider": who.provider, "subject": who.subject, "assurance": int(who.assurance), "resident": who.resident,
        "at": who.at.isoformat(), "claims": dict(shown.claims),
    }
    return str(session.pop(_WANTED, {}).get("goal", "/my/"))


def wanted(session: Session, *, as_evidence: bool) -> Mapping[str, Sequence[str]]:
    """What a question of this browser is to ask as evidence; whatever waited before is forgotten for a sign-in."""
    if not as_evidence:
        session.pop(_WANTED, None)
    kept: Mapping[str, Sequence[str]] = session.get(_WANTED, {})
    return kept


def begin(means: Means, now: datetime, claims: Sequence[str] = ()) -> Mapping[str, str]:
    """Ask any wallet who is there: what the browser's session keeps, and nobody else ever sees.

    With ``claims`` they are asked for as evidence, and the answer opens no account.
    """
    handle, nonce, state, secret = (secrets.token_urlsafe(_BYTES) for _ in range(4))
    with transaction():
        questions.add(Question(
            handle, _hashed(secret), means, nonce, state, now + LASTS, Standing.WAITING, claims=claims,
        ))
    return {"handle": handle, "secret": secret}


def asking(kept: Mapping[str, str], now: datetime) -> Asking:
    """The question of this browser, to be shown. Raises QuestionOver."""
    found = questions.find(kept.get("handle", ""))
    if found is None or found.ends <= now or not _is_of(found.browser, kept):
        raise QuestionOver
    at = f"{settings.MADANG_PUBLIC_URL}/wallets/questions/{found.handle}"
    return Asking(rules.link_query(keys.client(), at), found.means, found.standing, found.ends, found.refused)


def request_object(handle: str, wallet_nonce: str, now: datetime) -> str:
    """The question, signed, as a wallet reads it; ``wallet_nonce`` goes back to it. Raises NotTaken."""
    found = questions.find(handle)
    if found is None or found.ends <= now or found.standing is not Standing.WAITING:
        raise NotTaken("over", 404)
    answer_at = f"{settings.MADANG_PUBLIC_URL}/wallets/answers/{handle}"
    asked = rules.query(foreign.issuers().values(), found.claims)
    told = rules.request(found, keys.client(), answer_at, asked, now)
    return keys.signed(told | ({"wallet_nonce": wallet_nonce} if wallet_nonce else {}))


def answered(handle: str, form: Mapping[str, str], now: datetime) -> str:
    """Take a wallet's answer; where it leads its holder. A question takes one answer. Raises NotTaken, ProviderSilent.

    A holder who says no is led back to the page that waits. What is wrong with a credential is noted, so that the page
    can say it; whoever does not know the question's ``state`` notes nothing.
    """
    found = questions.find(handle)
    if found is None or found.ends <= now or found.standing is not Standing.WAITING:
        raise NotTaken("over", 404)
    if not hmac.compare_digest(form.get("state", "").encode(), found.state.encode()):
        raise NotTaken("state")
    code = secrets.token_urlsafe(_BYTES)
    try:
        said = _shown(found, form, now)
    except NotTaken as refused:
        with transaction():
            questions.refuse(handle, refused.why)
        if "error" in form:
            return f"{settings.MADANG_PUBLIC_URL}{WAIT}"
        raise
    number = f"{secrets.randbelow(10 ** _DIGITS):0{_DIGITS}}"
    with transaction():
        if not questions.answer(handle, said, _hashed(code), number):
            raise NotTaken("over", 404)
    return f"{settings.MADANG_PUBLIC_URL}{BACK}?response_code={code}"


def come_back(kept: Mapping[str, str], code: str, now: datetime) -> Shown:
    """Who was shown by the wallet on this very device, which leads back with a code; good once.

    Raises QuestionOver, CredentialNotTaken.
    """
    with transaction():
        row = _mine(kept, now)
        if row.means != Means.SAME_DEVICE or not hmac.compare_digest(row.response_code, _hashed(code)):
            raise QuestionOver
        row.delete()
    return _said(row, now)


def number_for(code: str, now: datetime) -> str:
    """The number that a phone shows to its holder, to be typed where the question was asked; empty for none."""
    return questions.number_by(_hashed(code), now)


def come_in(kept: Mapping[str, str], number: str, now: datetime) -> Shown:
    """Who was shown by a wallet on another phone, for the number that is read there; after three wrong ones nobody.

    Raises QuestionOver, CredentialNotTaken, NumberWrong.
    """
    with transaction():
        row = _mine(kept, now)
        if row.means != Means.CROSS_DEVICE or not row.is_answered:
            raise QuestionOver
        is_right = bool(row.refused) or hmac.compare_digest(row.number.encode(), number.strip().encode())
        row.tries += 1
        if is_right or row.tries >= _TRIES:
            row.delete()
        else:
            row.save(update_fields=["tries"])
    if is_right:
        return _said(row, now)
    raise QuestionOver if row.tries >= _TRIES else NumberWrong


def end_old(now: datetime) -> int:
    """Delete questions that are over; how many."""
    with transaction():
        return questions.remove_ended(now)


def _shown(question: Question, form: Mapping[str, str], now: datetime) -> Shown:
    if "error" in form:
        raise NotTaken("refused")
    issuer, shown = rules.presentation_in(_json(form.get("vp_token", "")), foreign.issuers())
    rules.require_issuer(issuer, presentations.claims_unread(shown))
    presented = presentations.taken_apart(shown, lambda kid: issuers.key(issuer, kid))
    rules.require_issuer(issuer, presented.signed)
    rules.require_holds(presented, now)
    rules.require_bound(presented, question, keys.client(), now)
    issuers.require_not_taken_back(issuer, presented.signed, now)
    who = rules.identity_from(issuer, presented, question.means, now)
    return Shown(who, rules.claims_in(presented, question.claims))


def _mine(kept: Mapping[str, str], now: datetime) -> QuestionRow:
    row = questions.lock(kept.get("handle", ""))
    if row is None or row.ends <= now or not _is_of(row.browser, kept):
        raise QuestionOver
    return row


def _said(row: QuestionRow, now: datetime) -> Shown:
    if row.refused:
        raise CredentialNotTaken(why=row.refused)
    return questions.shown_in(row, now)


def _is_of(browser: str, kept: Mapping[str, str]) -> bool:
    return hmac.compare_digest(browser, _hashed(kept.get("secret", "")))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NotTaken("vp_token") from None


def _hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()

