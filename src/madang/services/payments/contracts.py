"""What payments says to the rest of the city."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol
from uuid import UUID

from madang.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from madang.kernel.events import Event
from madang.kernel.ids import ResidentId
from madang.kernel.money import Won
from madang.services.applications.contracts import CaseId

BillId = NewType("BillId", UUID)


class Permission(StrEnum):
    """What one may be allowed to do here."""

    PAY = "payments.pay"
    SEE_OWN = "payments.see_own"
    BILL = "payments.bill"
    CONFIRM = "payments.confirm"


class BillStanding(StrEnum):
    """Where a bill stands."""

    DUE = "due"
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Bill:
    """What a resident owes for one case. Times are aware; ``receipt`` is set when paid."""

    id: BillId
    case: CaseId
    resident: ResidentId
    what: str
    amount: Won
    standing: BillStanding
    made: datetime
    paid: datetime | None
    receipt: str


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


class PaymentProvider(Protocol):
    """A bank or card company. One class a provider, registered by name; the profile chooses."""

    name: str

    def begin(self, bill: Bill, return_url: str, attempt: UUID) -> Checkout:
        """Begin a payment; the same ``attempt`` gives the same checkout. Raises ProviderUnavailable."""

    def ask(self, reference: str) -> Confirmation | None:
        """What became of a payment, or None while it is open. Raises ProviderUnavailable."""

    def read_notice(self, body: bytes, signature: str) -> Confirmation:
        """A provider's own notice. Raises NoticeForged."""


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
class BillNotDue(Conflict):
    """The bill was paid or cancelled before."""

    bill: str
    standing: BillStanding

    code = "payments.bill_not_due"
    message = "This bill is “{standing}”; there is nothing to pay."


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
