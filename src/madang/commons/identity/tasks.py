"""What identity does by itself: write letters (``post``), and forget what is over."""

from datetime import datetime

from madang.commons.identity import facade, post
from madang.commons.identity.facade import acting, emergencies
from madang.commons.work.facade import every

__all__ = ["escalate_reviews", "forget_old_attempts", "forget_old_delegations", "post"]


@every("*/5 * * * *", "identity.forget_old_attempts")
def forget_old_attempts(now: datetime) -> None:
    """Every five minutes: of addresses where nothing was tried of late, nothing is kept."""
    facade.forget_old_attempts(now)


@every("*/15 * * * *", "identity.escalate_reviews")
def escalate_reviews(now: datetime) -> None:
    """Four times an hour: reviewers are told once of each review that is late."""
    emergencies.escalate(now)


@every("17 4 * * *", "identity.forget_old_delegations")
def forget_old_delegations(now: datetime) -> None:
    """Once a day: unanswered offers end, and what was over longer ago than the profile says is deleted."""
    acting.forget_old(now)
