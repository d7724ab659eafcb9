"""The durable work of certificates."""

from datetime import datetime
from uuid import UUID

from madang.commons.work.contracts import Retry
from madang.commons.work.facade import every, task
from madang.kernel import clock
from madang.services.applications.contracts import CaseId
from madang.services.certificates import facade
from madang.services.certificates.facade import credentials

PATIENCE = Retry(waits=(1, 2, 5, 10, 20, 60, 120, 300), attempts=None)
"""Seconds between tries; for ever, because an approved case has a right to its document."""


@task("certificates.issue", retry=PATIENCE)
def issue(case: UUID) -> None:
    """Make a case's document. After a worker that died in here another goes on: ``facade.issue`` asks how far it is."""
    facade.issue(CaseId(case), clock.now())


@every("41 3 * * *", "certificates.end_old_credentials")
def end_old_credentials(now: datetime) -> None:
    """Once a day: offers whose time is over and credentials that have expired are deleted."""
    credentials.end_old(now)
