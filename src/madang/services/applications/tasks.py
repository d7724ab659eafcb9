"""The timed work of applications."""

from datetime import datetime

from madang.commons.work.facade import every
from madang.services.applications import facade


@every("20 3 * * *", "applications.forget")
def forget(now: datetime) -> None:
    """Every night at 03:20, erase what may be kept no longer."""
    while facade.forget(now):
        pass
