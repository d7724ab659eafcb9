"""What payments says to the rest of the city."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType, Protocol
from uuid import UUID

from madang.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from madang.kernel.events import Event
from madang.kernel.ids import ResidentId
from madang.kernel.money import Won
from madang.services.applications.contracts import CaseId

NOTHING: Final = Won(0)
BillId = NewType("BillId", UUID)


class Permission(StrEnum):
    """What one may be allowed to do here."""

    PAY = "payments.pay"
    SEE_OWN = "payments.see_own"
    BILL = "payments.bill"
    CONFIRM = "payments.confirm"
    RAISE = "payments.raise"
    """Hand over bills that a department of the city raised."""
    SEE_ANY = "payments.see_any"
    REFUND = "payments.refund"
    GRANT_TIME = "payments.grant_time"
    """Let somebody pay in parts or later."""
    RECONCILE = "payments.reconcile"


class BillStanding(StrEnum):
    """Where a bill stands."""

    DUE = "due"
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class PaymentStanding(StrEnum):
    """Where an attempt to pay stands."""

    BEGINNING = "beginning"
    """The provider was asked to begin it; whether it did is not known yet."""
    OPEN = "open"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    GIVEN_UP = "given_up"
    """The provider never said what became of it."""
    TO_REFUND = "to_refund"
    """The money came and is not the city's: a second payment, a wrong amount, a request taken back."""
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Bill:
    """What a resident owes: the fee of a case, or what the city raised, which has no case.

    Times are aware; ``receipt`` is set when paid; ``what`` is a service's id. ``amount`` is all that is to be paid and
    holds ``surcharge``, which grows by law after ``due``. ``refunded`` is what went back of a bill that stays paid.
    """

    id: BillId
    case: CaseId | None
    resident: ResidentId
    what: str
    amount: Won
    standing: BillStanding
    made: datetime
    paid: datetime | None
    receipt: str
    number: str = ""
    """The number of its case, or the electronic payment number of a bill that the city raised."""
    due: date | None = None
    surcharge: Won = NOTHING
    about: str = ""
    """What it is for, more closely: the year and half of a tax, a place and a day."""
    part: int = 1
    parts: int = 1
    refunded: Won = NOTHING
    debt: UUID | None = None

    @property
    def is_raised(self) -> bool:
        """Whether the city raised it without anybody's request."""
        return self.debt is not None


class DebtKind(StrEnum):
    """By which law a bill that the city raised is collected."""

    LOCAL_TAX = "local_tax"
    CHARGE = "charge"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Assessed:
    """What a department has assessed and hands over for collection. ``number`` has digits only and names it for ever.

    ``what`` is the service by which it can be paid; ``about`` is printed on the bill. ``due`` is the last day.
    """

    number: str
    kind: DebtKind
    what: str
    resident: ResidentId
    amount: Won
    due: date
    about: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A payment begun at a provider: where the resident goes to pay."""

    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a provider says of a payment. ``paid`` False means that it was declined or given up."""

    reference: str
    bill: BillId
    amount: Won
    paid: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to pay a bill. ``attempt`` is ours; ``reference`` and ``url`` are the provider's, at first empty."""

    id: UUID
    bill: BillId
    provider: str
    attempt: UUID
    amount: Won
    standing: PaymentStanding
    begun: datetime
    return_url: str
    reference: str = ""
    url: str = ""
    settled: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """A payment in a provider's list of a day."""

    reference: str
    amount: Won
    refunded: bool


class Mismatch(StrEnum):
    """How the provider's books and ours differ over one payment."""

    ONLY_THEIRS = "only_theirs"
    ONLY_OURS = "only_ours"
    AMOUNT = "amount"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that a person must look at. Amounts are None where one side has no such payment."""

    reference: str
    mismatch: Mismatch
    theirs: Won | None
    ours: Won | None


class PaymentProvider(Protocol):
    """A bank or card company. One class a provider, registered by name; the profile chooses."""

    name: str

    def begin(self, bill: Bill, return_url: str, attempt: UUID) -> Checkout:
        """Begin a payment; the same ``attempt`` gives the same checkout. Raises ProviderUnavailable."""

    def ask(self, reference: str) -> Confirmation | None:
        """What became of a payment, or None while it is open. Raises ProviderUnavailable."""

    def read_notice(self, body: bytes, signature: str, now: datetime) -> Confirmation:
        """A provider's own notice. Raises NoticeForged, also for one whose time is not near ``now``."""

    def refund(self, reference: str) -> None:
        """Give a payment back; asked again it is given back once. Raises ProviderUnavailable."""

    def settled_on(self, day: date) -> Sequence[Settled]:
        """Every payment that the provider took on that day in Seoul. Raises ProviderUnavailable."""


@dataclass(frozen=True, slots=True)
class PaymentReceived(Event):
    """A bill was paid, once."""

    topic = "payments.received"
    bill: BillId
    case: CaseId
    resident: ResidentId
    amount: int


@dataclass(frozen=True, slots=True)
class PaymentDeclined(Event):
    """A provider declined; the bill is still due."""

    topic = "payments.declined"
    bill: BillId
    case: CaseId


@dataclass(eq=False)
class BillUnknown(NotFound):
    """There is no such bill, or it is somebody else's."""

    bill: str

    code = "payments.bill_unknown"
    message = "You have no bill with the number {bill}."


@dataclass(eq=False)
class AssessedWrong(Invalid):
    """A bill that was handed over cannot be collected."""

    number: str
    why: str

    code = "payments.assessed_wrong"
    message = "The bill {number} cannot be taken: {why}."


@dataclass(eq=False)
class BillNotDue(Conflict):
    """The bill was paid or cancelled before."""

    bill: str
    standing: BillStanding

    code = "payments.bill_not_due"
    message = "There is nothing to pay on this bill any more."


@dataclass(eq=False)
class NoticeForged(Invalid):
    """A notice that its provider did not sign."""

    code = "payments.notice_forged"
    message = "The notice's signature is not the provider's."


@dataclass(eq=False)
class ProviderUnavailable(Unavailable):
    """The provider does not answer; the bill stays due."""

    provider: str

    code = "payments.provider_unavailable"
    message = "The payment provider does not answer at the moment. Nothing was charged."


@dataclass(eq=False)
class ProviderUnknown(NotFound):
    """The city works with no such provider."""

    provider: str

    code = "payments.provider_unknown"
    message = "The city works with no payment provider called “{provider}”."


@dataclass(eq=False)
class AttemptUsed(Conflict):
    """The same attempt was used for another bill."""

    code = "payments.attempt_used"
    message = "This attempt belongs to another bill. Open the bill again and retry."
