"""What the law adds to a bill that is not paid in time. The terms are data of the profile, with their source."""

from dataclasses import dataclass
from datetime import date

from madang.kernel.money import Won

_WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Terms:
    """What is added, in ten-thousandths of the amount: at once when the day is over, and for each whole month after.

    ``monthly`` is added for at most ``months``, and only to amounts of ``monthly_from`` or more. Sums are rounded down
    to ``step`` won. ``source`` is the law, its article and year.
    """

    source: str
    at_once: int
    monthly: int
    months: int
    monthly_from: Won
    step: int


def surcharge(terms: Terms, amount: Won, due: date, today: date) -> Won:
    """What is added to ``amount`` when it is paid on ``today``; nothing up to and on ``due``."""
    if today <= due:
        return Won(0)
    months = min(months_late(due, today), terms.months) if amount >= terms.monthly_from else 0
    added = amount.amount * (terms.at_once + terms.monthly * months) // _WHOLE
    return Won(added // terms.step * terms.step)


def months_late(due: date, today: date) -> int:
    """The whole months that have passed since ``due``."""
    months = (today.year - due.year) * 12 + today.month - due.month
    return max(0, months - (today.day < due.day))
