"""The door to credentials that are presented."""

import hmac
import json
import secrets
from collections.abc import Mapping
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
    Standing,
)
from madang.commons.identity.wallets.models import QuestionRow
from madang.commons.identity.wallets.store import issuers, keys, presentations, questions

_BYTES: Final = 32
_DIGITS: Final = 4
_TRIES: Final = 3
BACK: Final = "/accounts/wallet/back/"
WAIT: Final = "/accounts/wallet/wait/"


def begin(means: Means, now: datetime) -> Mapping[str, str]:
    """Ask any wallet who is there: what the browser's session keeps, and nobody else ever sees."""
    handle, nonce, state, secret = (secrets.token_urlsafe(_BYTES) for _ in range(4))
    with transaction():
        questions.add(Question(handle, _hashed(secret), means, nonce, state, now + LASTS, Standing.WAITING))
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
    asked = rules.query(foreign.issuers().values())
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
        said = _identity(found, form, now)
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


def come_back(kept: Mapping[str, str], code: str, now: datetime) -> Identity:
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


def come_in(kept: Mapping[str, str], number: str, now: datetime) -> Identity:
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


def _identity(question: Question, form: Mapping[str, str], now: datetime) -> Identity:
    if "error" in form:
        raise NotTaken("refused")
    issuer, shown = rules.presentation_in(_json(form.get("vp_token", "")), foreign.issuers())
    rules.require_issuer(issuer, presentations.claims_unread(shown))
    presented = presentations.taken_apart(shown, lambda kid: issuers.key(issuer, kid))
    rules.require_issuer(issuer, presented.signed)
    rules.require_holds(presented, now)
    rules.require_bound(presented, question, keys.client(), now)
    issuers.require_not_taken_back(issuer, presented.signed, now)
    return rules.identity_from(issuer, presented, question.means, now)


def _mine(kept: Mapping[str, str], now: datetime) -> QuestionRow:
    row = questions.lock(kept.get("handle", ""))
    if row is None or row.ends <= now or not _is_of(row.browser, kept):
        raise QuestionOver
    return row


def _said(row: QuestionRow, now: datetime) -> Identity:
    if row.refused:
        raise CredentialNotTaken(why=row.refused)
    return questions.identity_in(row, now)


def _is_of(browser: str, kept: Mapping[str, str]) -> bool:
    return hmac.compare_digest(browser, _hashed(kept.get("secret", "")))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NotTaken("vp_token") from None


def _hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()

