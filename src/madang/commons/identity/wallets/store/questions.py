"""Questions to wallets in PostgreSQL."""

from datetime import datetime

from madang.commons.identity.foreign.contracts import Identity
from madang.commons.identity.wallets.contracts import Means, Question, Shown, Standing
from madang.commons.identity.wallets.models import QuestionRow
from madang.kernel.assurance import Assurance
from madang.kernel.clock import in_seoul


def add(question: Question) -> None:
    """Keep a new question."""
    QuestionRow.objects.create(
        handle=question.handle, browser=question.browser, means=question.means, nonce=question.nonce,
        state=question.state, ends=question.ends, claims=list(question.claims),
    )


def find(handle: str) -> Question | None:
    """A question by its handle."""
    row = QuestionRow.objects.filter(handle=handle).first()
    return None if row is None else _question(row)


def lock(handle: str) -> QuestionRow | None:
    """A question's row, locked until the transaction ends."""
    return QuestionRow.objects.select_for_update().filter(handle=handle).first()


def answer(handle: str, shown: Shown, code: str, number: str) -> bool:
    """Note the one answer that a question takes; False if there is one already."""
    who = shown.identity
    return bool(QuestionRow.objects.filter(handle=handle, is_answered=False).update(
        is_answered=True, response_code=code, number=number, provider=who.provider, subject=who.subject,
        assurance=int(who.assurance), resident=who.resident, told=dict(shown.claims),
    ))


def refuse(handle: str, why: str) -> None:
    """Note that what was shown was not taken, unless there is an answer already."""
    QuestionRow.objects.filter(handle=handle, is_answered=False).update(is_answered=True, refused=why)


def number_by(code: str, now: datetime) -> str:
    """The number that belongs to an answer from another phone; empty when there is none."""
    found = QuestionRow.objects.filter(response_code=code, means=Means.CROSS_DEVICE, refused="", ends__gt=now)
    return found.values_list("number", flat=True).first() or ""


def shown_in(row: QuestionRow, now: datetime) -> Shown:
    """Who was shown, and what."""
    return Shown(Identity(row.provider, row.subject, Assurance(row.assurance), row.resident, now), row.told)


def remove_ended(now: datetime) -> int:
    """Delete questions that are over; how many."""
    return QuestionRow.objects.filter(ends__lt=now).delete()[0]


def _question(row: QuestionRow) -> Question:
    standing = Standing.ANSWERED if row.is_answered else Standing.WAITING
    return Question(
        row.handle, row.browser, Means(row.means), row.nonce, row.state, in_seoul(row.ends), standing,
        row.refused, row.claims,
    )
