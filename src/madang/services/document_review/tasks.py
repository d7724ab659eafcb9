"""The durable work of document review."""

from uuid import UUID

from madang.commons.work.contracts import Retry
from madang.commons.work.facade import task
from madang.kernel import clock
from madang.services.applications.contracts import CaseId
from madang.services.document_review import facade

PATIENCE = Retry(waits=(1, 2, 5, 10, 20, 60, 120, 300), attempts=None)
"""Seconds between tries: quick at first, because most outages are short; and for ever, because no case is lost."""


@task("document_review.review", retry=PATIENCE)
def review(case: UUID, waited: int = 0) -> None:
    """Review a case; while a register that it needs does not answer, come back later, ``waited`` times so far.

    A worker that dies in here is followed by another with the same case: ``facade.review`` asks how far it is.
    """
    if facade.review(CaseId(case), clock.now()):
        review.defer_in(PATIENCE.waits[min(waited, len(PATIENCE.waits) - 1)], case=case, waited=waited + 1)
