"""The timed work of bookings."""

from datetime import datetime

from madang.commons.work.facade import every
from madang.services.bookings import facade


@every("*/10 * * * *", "bookings.lay_out")
def lay_out(now: datetime) -> None:
    """Every ten minutes, lay out what can be booked from now on; once it is there this takes a query a service."""
    facade.lay_out(now)


@every("* * * * * */20", "bookings.tidy")
def tidy(now: datetime) -> None:
    """Every 20 seconds, give back what was not paid or answered in time, and offer it on."""
    facade.tidy(now)


@every("* * * * *", "bookings.draw")
def draw(now: datetime) -> None:
    """Every minute, hold the draws whose hour has come."""
    while facade.draw_due(now):
        pass


@every("50 3 * * *", "bookings.forget")
def forget(now: datetime) -> None:
    """Every night at 03:50, erase what may be kept no longer."""
    facade.forget(now)
