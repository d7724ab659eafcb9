"""What wakes document review."""

from datetime import datetime

from madang.commons.events.contracts import on
from madang.services.applications.contracts import CaseDateMoved, CaseErased, CasePaused, CaseReady, CaseWithdrawn
from madang.services.document_review import facade, tasks


@on(CaseReady)
def review_ready(event: CaseReady, now: datetime) -> None:  # noqa: ARG001 -- the bus's signature
    """A case is complete: have it reviewed, by whichever worker is free."""
    tasks.review.defer(case=event.case)


@on(CaseWithdrawn)
def clear_desk(event: CaseWithdrawn, now: datetime) -> None:  # noqa: ARG001 -- the bus's signature
    """Nobody need decide about what was taken back."""
    facade.leave_desk(event.case)


@on(CasePaused)
def set_aside(event: CasePaused, now: datetime) -> None:  # noqa: ARG001 -- the bus's signature
    """A case waits for its resident: nobody need decide about it now."""
    facade.follow(event.case)


@on(CaseDateMoved)
def take_up(event: CaseDateMoved, now: datetime) -> None:  # noqa: ARG001 -- the bus's signature
    """A case has another date, and may lie on the desk again."""
    facade.follow(event.case)


@on(CaseErased)
def forget_erased(event: CaseErased, now: datetime) -> None:  # noqa: ARG001 -- the bus's signature
    """What was read for a case goes when its answers go."""
    facade.forget(event.case)
