"""What applications, which lie below bookings, let happen when a case is sent."""

from datetime import datetime

from madang.services.applications.contracts import Case
from madang.services.bookings import facade as bookings


def book(case: Case, now: datetime) -> None:
    """Take the place that a case asks for. Raises AnswersWrong when it is gone."""
    bookings.take(case, now)
