"""What presented credentials do by themselves: delete questions that nobody waits for."""

from datetime import datetime

from madang.commons.identity.wallets import facade
from madang.commons.work.facade import every


@every("*/10 * * * *", "identity_wallets.end_old_questions")
def end_old_questions(now: datetime) -> None:
    """Every ten minutes: what is over is deleted, well within what the manifest says."""
    facade.end_old(now)
