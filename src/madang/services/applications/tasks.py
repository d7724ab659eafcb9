"""The timed work of applications."""

from datetime import datetime

from madang.commons.work.facade import every
from madang.services.applications import facade


@every("20 3 * * *", "applications.forget")
def forget(now: datetime) -> None:
    """Every night at 03:20, erase what may be kept no longer."""
    while facade.forget(now):
        pass


@every("*/10 * * * *", "applications.look_after_asked")
def look_after_asked(now: datetime) -> None:
    """Every ten minutes, see to what waits for its resident, and to invitations whose time is over."""
    facade.look_after_asked(now)
    facade.end_invitations(now)


@every("5-59/10 * * * *", "applications.watch")
def watch(now: datetime) -> None:
    """Every ten minutes, warn of promised time that is going and tell the department's head when it is over."""
    facade.watch(now)
