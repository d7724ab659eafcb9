"""What may follow once a request was sent: a question back, an appeal, a later date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from madang.kernel.errors import Conflict, Invalid, NotPermitted


class AskKind(StrEnum):
    """What an officer asks a resident for."""

    QUESTION = "question"
    """A question of the form once more: its answer is checked as the form checks it."""
    WORDS = "words"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Ask:
    """A named thing that an officer asks for. Times are aware; ``until`` is the end of the last day.

    ``question`` names the form's question, for that kind; ``words`` are the officer's, as the resident reads them.
    """

    id: UUID
    kind: AskKind
    words: str
    asked: datetime
    by: str
    until: datetime
    question: str = ""
    reminded: datetime | None = None
    again: datetime | None = None
    """When it was asked once more, because the first date had passed; ``until`` is the second date from then on."""
    lapsed: datetime | None = None
    answered: datetime | None = None
    answer: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it still waits for the resident."""
        return self.answered is None and self.lapsed is None


@dataclass(frozen=True, slots=True)
class Appeal:
    """An objection to a decision, in the resident's words. Times are aware; ``due`` is when it is decided by.

    ``entered_by`` is the post of the officer who wrote it down at a counter; empty when the resident sent it.
    """

    id: UUID
    words: str
    made: datetime
    due: datetime
    against_refusal: bool
    """False when it is against what a machine decided."""
    entered_by: str = ""
    overturned: bool | None = None
    decided: datetime | None = None
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Delay:
    """A later date that an officer promised, with the reason. Times are aware."""

    at: datetime
    by: str
    reason: str
    before: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class Allowed:
    """The days and shares that the city's profile (``cases.yaml``) allows for what may follow; days of the calendar."""

    ask_days: int
    ask_most_days: int
    again_days: int
    remind_days_before: int
    appeal_days: int
    appeal_decided_days: int
    warn_at: Sequence[int]
    """Shares of the promised time in per cent at which a case is warned about, rising; at the last it is escalated."""


@dataclass(eq=False)
class NothingAsked(Conflict):
    """Nothing is asked of the resident at the moment."""

    case: str

    code = "applications.nothing_asked"
    message = "Nothing is asked of you for request {case} at the moment."


@dataclass(eq=False)
class AnswerMissing(Invalid):
    """An answer, or an officer's words, that are empty, too long, or cannot be read."""

    field: str = "words"
    longest: int = 2000

    code = "applications.answer_missing"
    message = "Write it in a sentence that can be read, in at most {longest} characters."


@dataclass(eq=False)
class DateNotAllowed(Invalid):
    """A date that lies outside of what the law and the city allow."""

    earliest: datetime
    latest: datetime
    field: str = "until"

    code = "applications.date_not_allowed"
    message = "Choose a day from {earliest:%Y-%m-%d} to {latest:%Y-%m-%d}."


@dataclass(eq=False)
class AppealTooLate(Conflict):
    """The days within which one may appeal are over."""

    case: str
    ended: datetime

    code = "applications.appeal_too_late"
    message = "The time to appeal ended on {ended:%Y-%m-%d}. Call 120: other ways remain."


@dataclass(eq=False)
class NothingToAppeal(Conflict):
    """There is no refusal and no automatic decision, or it was appealed against before."""

    case: str

    code = "applications.nothing_to_appeal"
    message = "There is no decision about request {case} that an appeal could be made against."


@dataclass(eq=False)
class DecidedItFirst(NotPermitted):
    """Whoever decided first does not decide about the appeal."""

    code = "applications.decided_it_first"
    message = "You took the decision that this appeal is against. A colleague decides about it."


@dataclass(eq=False)
class DelayedBefore(Conflict):
    """The promised date was moved once; a second time needs the resident's consent."""

    case: str

    code = "applications.delayed_before"
    message = "The date of request {case} was moved once already."
