"""The timed work of payments."""

from datetime import datetime

from madang.commons.work.facade import every
from madang.services.payments import facade
from madang.services.payments.facade import arrears


@every("* * * * * */15", "payments.ask_again")
def ask_again(now: datetime) -> None:
    """Every 15 seconds, ask providers about payments whose fate is not known, and have refunds done."""
    facade.ask_again(now)


@every("7 0 * * *", "payments.grow")
def grow(now: datetime) -> None:
    """Once a day, add what the law adds to bills that are late."""
    arrears.grow(now)


@every("10 9 * * *", "payments.remind")
def remind(now: datetime) -> None:
    """Once a day, in the morning, remind those whose bill is due soon or late."""
    arrears.remind(now)
