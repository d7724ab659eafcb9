"""What applications says to the rest of the city."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol
from uuid import UUID

from madang.kernel.assurance import Assurance
from madang.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from madang.kernel.events import Event
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language, Text
from madang.kernel.money import Won
from madang.records.catalogue.contracts import ServiceId
from madang.services.applications.contracts.further import Appeal, Ask, Delay

CaseId = NewType("CaseId", UUID)


class Permission(StrEnum):
    """What one may be allowed to do here."""

    APPLY = "applications.apply"
    SEE_OWN = "applications.see_own"
    SEE_ANY = "applications.see_any"
    REVIEW = "applications.review"
    """Move a case on: hand it over, approve, refuse."""
    COMPLETE = "applications.complete"
    TAKE_PAYMENT = "applications.take_payment"
    SEE_FIGURES = "applications.see_figures"
    """See how the requests of one's own department go, as counts."""
    LEAD = "applications.lead"
    """See what is late in every department, and work on appeals and questions of others with a stated purpose."""
    ENTER_FOR_RESIDENT = "applications.enter_for_resident"
    """Write down at a counter what a resident says who has no device."""


class Standing(StrEnum):
    """Where a case stands; ``rules`` says which may follow which."""

    DRAFT = "draft"
    AWAITING_SIGNATURES = "awaiting_signatures"
    AWAITING_PAYMENT = "awaiting_payment"
    IN_REVIEW = "in_review"
    WAITING_FOR_REGISTER = "waiting_for_register"
    WITH_OFFICER = "with_officer"
    AWAITING_RESIDENT = "awaiting_resident"
    APPROVED = "approved"
    REFUSED = "refused"
    APPEALED = "appealed"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class AnswerFrom(StrEnum):
    """Whose word an answer is."""

    RESIDENT = "resident"
    REGISTER = "register"
    CREDENTIAL = "credential"
    """Shown from the resident's wallet, signed by an issuer that the city trusts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and whose word it is.

    ``register`` names the register that gave it, or the issuer of the credential. With the resident's word it names
    the register that says otherwise, and ``corrects`` is what that register said. A register's answer without a value
    is one that the register could not give yet: it is read when the case is reviewed.
    """

    value: str
    by: AnswerFrom = AnswerFrom.RESIDENT
    register: str = ""
    corrects: str = ""

    @property
    def awaits_register(self) -> bool:
        """Whether the register will answer later, so that the resident need not."""
        return self.by is AnswerFrom.REGISTER and not self.value


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one answer, and how to mend it. ``message`` is an English text with a translation."""

    field: str
    code: str
    message: str
    facts: Mapping[str, str]

    def said(self, translate: Callable[[str], str]) -> str:
        """The message with its facts, in the language that ``translate`` (gettext) speaks."""
        return translate(self.message).format(**self.facts)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a case went the way it did, kept so that it can be read in any of the eight languages later.

    ``rule`` names the rule that spoke. ``text`` is an English text with a translation, its ``facts`` filled in
    where it is read; or an officer's own words, which have neither. ``question`` names the field that it is about.
    ``wording`` is the service's own wording as it stood that day; where there is one, it is what is read.
    """

    rule: str
    text: str
    facts: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    wording: Text | None = None

    def said(self, language: Language, translate: Callable[[str], str]) -> str:
        """The reason in ``language``, which is also the one that ``translate`` (gettext) speaks."""
        if self.wording is not None:
            return self.wording.into(language)
        return translate(self.text).format(**self.facts) if self.facts else translate(self.text)


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a case's history, for the resident to read. ``note`` is an English text with a translation.

    ``facts`` fill the note; ``by`` is the post or room that did it.
    """

    at: datetime
    standing: Standing
    by: str
    note: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def said(self, translate: Callable[[str], str]) -> str:
        """The note with its facts, in the language that ``translate`` (gettext) speaks."""
        return translate(self.note).format(**self.facts) if self.facts else translate(self.note)


@dataclass(frozen=True, slots=True)
class Case:
    """A request on its way. Times are aware; ``document`` is the certificate that it ended in."""

    id: CaseId
    number: str
    """What people say on the phone: ``2026-K7QF-3M9F``."""
    service: ServiceId
    resident: ResidentId
    language: Language
    standing: Standing
    answers: Mapping[str, Answer]
    fee: Won
    begun: datetime
    submitted: datetime | None
    due: datetime | None
    """Until when the city promises a decision."""
    decided: datetime | None
    reasons: Sequence[Reason]
    document: UUID | None
    history: Sequence[Happening]
    waits_for: str = ""
    """The register that the case waits for."""
    assurance: Assurance = Assurance.NONE
    """How surely the resident was known when they sent it."""
    automatic: bool | None = None
    """Whether a machine approved it; None while undecided."""
    decided_by: UUID | None = None
    """The account of the officer who decided, so that another one decides about an appeal."""
    paused: datetime | None = None
    """Since when the city's time stands still, because the resident is asked for something."""
    warned: int = 0
    """The last share of the promised time, in per cent, at which somebody was warned."""
    asks: Sequence[Ask] = ()
    appeals: Sequence[Appeal] = ()
    delays: Sequence[Delay] = ()

    @property
    def open_ask(self) -> Ask | None:
        """What the resident is asked for now."""
        return next((ask for ask in self.asks if ask.is_open), None)

    @property
    def open_appeal(self) -> Appeal | None:
        """The appeal that is to be decided."""
        return next((appeal for appeal in self.appeals if appeal.decided is None), None)

    @property
    def is_closed(self) -> bool:
        """Whether nothing follows any more."""
        return self.standing in {Standing.REFUSED, Standing.COMPLETED, Standing.WITHDRAWN}

    @property
    def values(self) -> Mapping[str, str]:
        """The answers' values by question, those that stand."""
        return {name: answer.value for name, answer in self.answers.items() if answer.value}


class Alongside(Protocol):
    """What another room does in the very transaction in which a case is sent; the wiring names it (settings)."""

    def __call__(self, case: Case, now: datetime) -> None:
        """Do that room's part. Raises AnswersWrong when it cannot be done, and then the case is not sent."""


@dataclass(frozen=True, slots=True)
class FeeDue(Event):
    """A submitted case waits for its fee."""

    topic = "applications.fee_due"
    case: CaseId
    service: ServiceId
    resident: ResidentId
    amount: int


@dataclass(frozen=True, slots=True)
class CaseReady(Event):
    """A case is complete, paid if need be, and waits to be reviewed."""

    topic = "applications.case_ready"
    case: CaseId
    service: ServiceId
    resident: ResidentId


@dataclass(frozen=True, slots=True)
class CaseHandedOver(Event):
    """A case lies on an officer's desk."""

    topic = "applications.case_handed_over"
    case: CaseId
    service: ServiceId


@dataclass(frozen=True, slots=True)
class CasePaused(Event):
    """A case left the desk: its resident is asked for something, and the city's time stands still."""

    topic = "applications.case_paused"
    case: CaseId
    service: ServiceId


@dataclass(frozen=True, slots=True)
class CaseDateMoved(Event):
    """A case has another date: it came back to the desk, or an officer promised a later one."""

    topic = "applications.case_date_moved"
    case: CaseId
    service: ServiceId


@dataclass(frozen=True, slots=True)
class CaseEscalated(Event):
    """The promised time is over and nothing was decided: the head of the department sees it."""

    topic = "applications.case_escalated"
    case: CaseId
    service: ServiceId


@dataclass(frozen=True, slots=True)
class CaseAppealed(Event):
    """A resident appeals against a decision."""

    topic = "applications.case_appealed"
    case: CaseId
    service: ServiceId


@dataclass(frozen=True, slots=True)
class AppealDecided(Event):
    """Another officer than the first decided about an appeal."""

    topic = "applications.appeal_decided"
    case: CaseId
    service: ServiceId
    overturned: bool


@dataclass(frozen=True, slots=True)
class CaseApproved(Event):
    """A case was decided for the resident; whoever makes its outcome makes it now."""

    topic = "applications.case_approved"
    case: CaseId
    service: ServiceId
    resident: ResidentId
    automatic: bool


@dataclass(frozen=True, slots=True)
class CaseRefused(Event):
    """An officer decided against the resident, with reasons and a way to appeal."""

    topic = "applications.case_refused"
    case: CaseId
    service: ServiceId
    resident: ResidentId


@dataclass(frozen=True, slots=True)
class CaseCompleted(Event):
    """The resident has what they asked for."""

    topic = "applications.case_completed"
    case: CaseId
    service: ServiceId
    resident: ResidentId


@dataclass(frozen=True, slots=True)
class CaseWithdrawn(Event):
    """The resident took the request back."""

    topic = "applications.case_withdrawn"
    case: CaseId
    service: ServiceId
    resident: ResidentId


@dataclass(frozen=True, slots=True)
class CaseErased(Event):
    """A closed case's answers were erased, because their time was over; whoever keeps a part of them does the same."""

    topic = "applications.case_erased"
    case: CaseId
    service: ServiceId


@dataclass(eq=False)
class CaseUnknown(NotFound):
    """There is no such case, or it is somebody else's: the answer is the same."""

    case: str

    code = "applications.case_unknown"
    message = "You have no request with the number {case}."


@dataclass(eq=False)
class NumberMistyped(NotFound):
    """No case can have this number: its check character does not fit, so it was heard or typed wrongly."""

    given: str

    code = "applications.number_mistyped"
    message = "A request's number looks like {example}, and {given} is not one. Please compare it once more."

    @property
    def data(self) -> dict[str, str]:
        """What was given, and what a number looks like."""
        return {"given": self.given, "example": "2026-K7QF-3M9F"}


@dataclass(eq=False)
class AnswersWrong(Invalid):
    """Some answers must be mended before the request can be sent; ``mistakes`` says which and how."""

    mistakes: Sequence[Mistake]

    code = "applications.answers_wrong"
    message = "Some answers need another look before this can be sent."


@dataclass(eq=False)
class ChangedMeanwhile(Conflict):
    """A draft was changed elsewhere since somebody looked at it; ``mistakes`` says what it says now, by question."""

    mistakes: Sequence[Mistake]

    code = "applications.changed_meanwhile"
    message = "Some answers were changed meanwhile, perhaps on another device. Compare, and send once more."


@dataclass(eq=False)
class MoveNotAllowed(Conflict):
    """The case's standing does not allow this step."""

    case: str
    standing: Standing
    wanted: Standing

    code = "applications.move_not_allowed"
    message = "Request {case} has moved on; this step is no longer open. Its page shows where it stands."


@dataclass(eq=False)
class ShownBySomebodyElse(NotPermitted):
    """A credential is another person's than the request."""

    code = "applications.shown_by_somebody_else"
    message = "What was shown is somebody else’s, so it proves nothing for this request."
