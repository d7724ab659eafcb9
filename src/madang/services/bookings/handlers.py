"""What wakes bookings."""

from datetime import datetime

from madang.commons.events.contracts import on
from madang.services.applications.contracts import CaseReady, CaseWithdrawn
from madang.services.bookings import facade


@on(CaseReady)
def settle(event: CaseReady, now: datetime) -> None:
    """A request is complete and paid: a place that was kept for it is the resident's."""
    facade.settle(event.case, now)


@on(CaseWithdrawn)
def release(event: CaseWithdrawn, now: datetime) -> None:
    """A request was taken back: its place goes to the next in line."""
    facade.release(event.case, now)
