"""What identity does by itself: write letters (``post``), and forget what is over."""

from datetime import datetime

from madang.commons.identity import post
from madang.commons.identity.facade import acting
from madang.commons.work.facade import every

__all__ = ["forget_old_delegations", "post"]


@every("17 4 * * *", "identity.forget_old_delegations")
def forget_old_delegations(now: datetime) -> None:
    """Once a day: unanswered offers end, and what was over longer ago than the profile says is deleted."""
    acting.forget_old(now)
