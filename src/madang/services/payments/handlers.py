"""What wakes payments."""

from datetime import datetime

from madang.commons.events.contracts import on
from madang.services.applications.contracts import CaseWithdrawn, FeeDue
from madang.services.payments import facade
from madang.services.payments.contracts import PaymentReceived


@on(FeeDue)
def make_bill(event: FeeDue, now: datetime) -> None:
    """A case waits for its fee: the resident gets a bill."""
    facade.make_bill(event.case, now)


@on(PaymentReceived)
def hand_on(event: PaymentReceived, now: datetime) -> None:
    """The fee is there: the case goes on."""
    facade.hand_on(event.case, now)


@on(CaseWithdrawn)
def cancel(event: CaseWithdrawn, now: datetime) -> None:  # noqa: ARG001 -- the bus's signature
    """A case was taken back: nothing is owed."""
    facade.cancel(event.case)
