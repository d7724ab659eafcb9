"""What wakes certificates."""

from datetime import datetime

from madang.commons.events.contracts import on
from madang.services.applications.contracts import CaseApproved, CaseErased
from madang.services.certificates import facade, tasks


@on(CaseApproved)
def issue_approved(event: CaseApproved, now: datetime) -> None:  # noqa: ARG001 -- the bus's signature
    """A case was decided for the resident: have its document made, by whichever worker is free."""
    tasks.issue.defer(case=event.case)


@on(CaseErased)
def forget_erased(event: CaseErased, now: datetime) -> None:  # noqa: ARG001 -- the bus's signature
    """What a document says of its holder goes when the case's answers go."""
    facade.forget(event.case)
