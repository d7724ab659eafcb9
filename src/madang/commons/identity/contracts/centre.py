"""What identity says about the counter: proofs in person, recoveries, and roles taken in an emergency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType
from uuid import UUID

from madang.kernel.errors import Conflict, Invalid, NotFound
from madang.kernel.events import Event
from madang.kernel.ids import AccountId, ResidentId
from madang.kernel.languages import Text, to_translate

RecoveryId = NewType("RecoveryId", UUID)
EmergencyId = NewType("EmergencyId", UUID)

PROVING = to_translate("Proving at a centre who you are")
RECOVERING = to_translate("Giving you a way back into your account, at a centre")
OPENING = to_translate("Opening your account, at a centre")


@dataclass(frozen=True, slots=True)
class CentrePolicy:
    """The profile's ``proofing.yaml``."""

    documents: Mapping[str, Text]
    papers: Mapping[str, Text]
    """What proves that somebody is a guardian."""
    proof_lasts: timedelta
    code_lasts: timedelta
    two_officers_for_high: bool
    emergency_roles: Sequence[str]
    emergency_lasts: timedelta
    review_within: timedelta


@dataclass(frozen=True, slots=True)
class AtCounter:
    """Who stands at the counter, by the account's e-mail address; which kind of document was seen, and where."""

    email: str
    document: str
    centre: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery. Times are aware; it waits for a second officer while ``needs_second``."""

    id: RecoveryId
    account: AccountId
    email: str
    officer: AccountId
    centre: str
    asked: datetime
    expires: datetime
    needs_second: bool


@dataclass(frozen=True, slots=True)
class Emergency:
    """A role taken in an emergency. Times are aware; ``reviewed`` is empty while nobody has looked at it."""

    id: EmergencyId
    account: AccountId
    who: str
    role: str
    reason: str
    since: datetime
    until: datetime
    review_due: datetime
    reviewed: datetime | None
    was_right: bool | None
    finding: str


@dataclass(frozen=True, slots=True)
class AccountRecovered(Event):
    """Somebody was given, at a centre, a way back into an account; its holder is told by every way there is."""

    topic = "identity.account_recovered"
    account: AccountId
    resident: ResidentId | None
    recovery: RecoveryId


@dataclass(eq=False)
class DocumentUnknown(Invalid):
    """The profile does not name this kind of document."""

    field: str = "document"

    code = "identity.document_unknown"
    message = "Choose the kind of document that you have seen."


@dataclass(eq=False)
class ResidentUnknown(Invalid):
    """The register has no resident under this number, or they have an account already."""

    field: str = "resident"

    code = "identity.resident_unknown"
    message = "The register has nobody under this number, or this person has an account already."


@dataclass(eq=False)
class SecondOfficerNeeded(Conflict):
    """The same officer may not be both."""

    code = "identity.second_officer_needed"
    message = "Another officer must confirm this: nobody does it alone for an account of the highest level."


@dataclass(eq=False)
class RecoveryUnknown(NotFound):
    """There is no such recovery, or it is over."""

    code = "identity.recovery_unknown"
    message = "There is no such recovery, or its time is over. Begin a new one."


@dataclass(eq=False)
class RecoveryCodeWrong(Invalid):
    """The e-mail address or the printed code is wrong, used or too old: the answer is the same."""

    field: str = "code"

    code = "identity.recovery_code_wrong"
    message = "The e-mail address or the code is not right, or the code is too old."


@dataclass(eq=False)
class PresenceCodeWrong(Invalid):
    """The code that was read out is wrong, used, too old, or for somebody else: the answer is the same."""

    field: str = "code"

    code = "identity.presence_code_wrong"
    message = "This code is not right or is too old. Send a new one."


@dataclass(eq=False)
class RoleNotForEmergency(Invalid):
    """The profile does not let anybody take this role in an emergency."""

    field: str = "role"

    code = "identity.role_not_for_emergency"
    message = "This role cannot be taken in an emergency."


@dataclass(eq=False)
class ReasonNeeded(Invalid):
    """What is done in an emergency, and what was found about it, is said in a sentence at least."""

    field: str = "reason"

    code = "identity.reason_needed"
    message = "Please say why, in a sentence."


@dataclass(eq=False)
class EmergencyUnknown(NotFound):
    """There is no such emergency, or it was reviewed."""

    code = "identity.emergency_unknown"
    message = "There is no such emergency, or it was reviewed already."


@dataclass(eq=False)
class NotYourOwnReview(Conflict):
    """Nobody reviews what they did themselves."""

    code = "identity.not_your_own_review"
    message = "Another person must review this."
