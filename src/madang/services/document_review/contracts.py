"""What document review says to the rest of the city."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from madang.kernel.errors import Conflict, Invalid
from madang.records.catalogue.contracts import ServiceId
from madang.services.applications.contracts import CaseId


class Permission(StrEnum):
    """What one may be allowed to do here."""

    SEE_DESK = "document_review.see_desk"
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
    """One check: by which rule, what it read, what it found, and why in the case's language."""

    kind: Kind
    rule: str
    read: str
    finding: Finding
    reason: str


class Verdict(StrEnum):
    """What the checks together lead to. There is no automatic refusal."""

    APPROVE = "approve"
    HAND_TO_PERSON = "hand_to_person"


@dataclass(frozen=True, slots=True)
class Review:
    """The checks of a case and what they led to; ``overruled_by`` is the officer's post when one overruled it."""

    case: CaseId
    checks: Sequence[Check]
    verdict: Verdict
    at: datetime


@dataclass(frozen=True, slots=True)
class DeskItem:
    """One line of the desk's queue. ``due`` is aware; ``failing`` counts the checks that did not hold."""

    case: CaseId
    number: str
    service: ServiceId
    submitted: datetime
    due: datetime
    failing: int


@dataclass(eq=False)
class ReasonMissing(Invalid):
    """An officer decides with a reason that the resident can read."""

    code = "document_review.reason_missing"
    message = "Give the reason in a sentence that the resident can read."


@dataclass(eq=False)
class AlreadyDecided(Conflict):
    """Somebody else decided this case first."""

    case: str

    code = "document_review.already_decided"
    message = "Request {case} has been decided already."
