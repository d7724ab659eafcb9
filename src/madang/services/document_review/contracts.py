"""What document review says to the rest of the city."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from madang.kernel.errors import Conflict, Invalid, NotFound
from madang.kernel.languages import Language, Text
from madang.records.catalogue.contracts import ServiceId
from madang.services.applications.contracts import CaseId, Reason


class Permission(StrEnum):
    """What one may be allowed to do here."""

    SEE_DESK = "document_review.see_desk"
    SEE_EVERY_DESK = "document_review.see_every_desk"
    """The desks of other departments, too."""
    DECIDE = "document_review.decide"
    REVIEW = "document_review.review"


class Kind(StrEnum):
    """What a check looks at."""

    FORMAT = "format"
    CONSISTENCY = "consistency"
    CROSS_REFERENCE = "cross_reference"
    POLICY = "policy"


class Finding(StrEnum):
    """What a check found."""

    HOLDS = "holds"
    FAILS = "fails"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: by which rule, what it read, what it found, and why.

    ``read`` names answers and register fields (``vehicles.plate, answers.plate``); ``found`` is what stood there.
    ``reason`` is an English text with a translation, which ``facts`` fill; where the service has a ``wording`` of
    its own, that is what is read. ``question`` names the field of the form that it is about.
    """

    kind: Kind
    rule: str
    read: str
    finding: Finding
    reason: str
    found: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    wording: Text | None = None

    def as_reason(self) -> Reason:
        """The check as a reason that the resident reads: without what stood in the registers."""
        return Reason(self.rule, self.reason, self.facts, self.question, self.wording)

    def said(self, language: Language, translate: Callable[[str], str]) -> str:
        """Why, in ``language``, which is also the one that ``translate`` (gettext) speaks."""
        return self.as_reason().said(language, translate)


class Verdict(StrEnum):
    """What the checks together lead to. There is no automatic refusal."""

    APPROVE = "approve"
    HAND_TO_PERSON = "hand_to_person"


class Suggestion(StrEnum):
    """What the machine tells the officer that the checks come to. The officer decides."""

    APPROVE = "approve"
    LOOK_CLOSER = "look_closer"
    AGAINST = "against"


@dataclass(frozen=True, slots=True)
class Decision:
    """What an officer decided. ``by`` is the post; ``overruled`` says that the machine had suggested otherwise."""

    approved: bool
    by: str
    at: datetime
    overruled: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Review:
    """The checks of a case and what they led to; ``decision`` is the officer's once there is one. Times are aware."""

    case: CaseId
    checks: Sequence[Check]
    verdict: Verdict
    at: datetime
    decision: Decision | None = None
    waits: bool = False
    """Whether the case lies on the desk."""

    @property
    def open_checks(self) -> Sequence[Check]:
        """The checks that did not hold, those that failed first."""
        return sorted(
            (check for check in self.checks if check.finding is not Finding.HOLDS),
            key=lambda check: check.finding is not Finding.FAILS,
        )

    @property
    def held(self) -> int:
        """How many checks held."""
        return sum(check.finding is Finding.HOLDS for check in self.checks)

    @property
    def suggestion(self) -> Suggestion:
        """What the checks come to: nothing against it, something unclear, or something that fails."""
        if any(check.finding is Finding.FAILS for check in self.checks):
            return Suggestion.AGAINST
        unclear = [check for check in self.checks if check.finding is Finding.UNCLEAR]
        return Suggestion.LOOK_CLOSER if any(check.kind is not Kind.POLICY for check in unclear) else Suggestion.APPROVE


@dataclass(frozen=True, slots=True)
class DeskItem:
    """One line of the desk's queue. Times are aware; ``failing`` and ``unclear`` count the checks that did not hold."""

    case: CaseId
    number: str
    service: ServiceId
    submitted: datetime
    due: datetime
    failing: int
    unclear: int = 0
    suggestion: Suggestion = Suggestion.LOOK_CLOSER


@dataclass(eq=False)
class ReviewUnknown(NotFound):
    """There is no such case on this officer's desk, or it is another department's: the answer is the same."""

    case: str

    code = "document_review.unknown"
    message = "There is no request {case} on your desk."


@dataclass(eq=False)
class ReasonMissing(Invalid):
    """An officer who refuses, or decides against the checks, gives a reason that the resident can read."""

    field: str = "reason"
    longest: int = 2000

    code = "document_review.reason_missing"
    message = "Give the reason in a sentence that the resident can read, in at most {longest} characters."


@dataclass(eq=False)
class AlreadyDecided(Conflict):
    """Somebody else decided this case first; ``by`` is their post, ``at`` when."""

    case: str
    by: str
    at: datetime

    code = "document_review.already_decided"
    message = "Request {case} has been decided already, by {by} on {at}. Nothing of yours was kept."
