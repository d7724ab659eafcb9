"""The timed work of payments."""

from datetime import datetime

from madang.commons.work.facade import every
from madang.services.payments import facade


@every("* * * * * */15", "payments.ask_again")
def ask_again(now: datetime) -> None:
    """Every 15 seconds, ask providers about payments whose fate is not known, and have refunds done."""
    facade.ask_again(now)
