"""What the platform register does by itself."""

from datetime import datetime

from madang.commons.work.facade import every
from madang.stewardship.platform_register import facade


@every("41 5 * * *", "platform_register.note_share")
def note_share(now: datetime) -> None:
    """Once a day: the month's share as it stands; the last of a month stays."""
    facade.note_share(now)
