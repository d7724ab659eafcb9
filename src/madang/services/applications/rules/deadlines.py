"""Until when the city promises a decision, counted as the law counts.

민원 처리에 관한 법률 (Civil Petitions Treatment Act, 2022), article 19: a period of up to five days runs in office
hours from the moment of receipt, a day being eight of them; a longer one runs in days, the first included;
Saturdays and public holidays (which Sundays are) do not count.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from madang.kernel.clock import SEOUL, in_seoul

_COUNTED_IN_HOURS: Final = 5  # the Act, article 19 (1), 2022
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When the offices are open, and on which days they are not."""

    opens: time
    closes: time
    holidays: Collection[date]
    """Public holidays with their substitutes; weekends need not be in it."""

    def is_working(self, day: date) -> bool:
        """Whether the offices are open on this day."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def next_working(self, day: date) -> date:
        """The first working day after ``day``."""
        following = day + _DAY
        while not self.is_working(following):
            following += _DAY
        return following


def due(received: datetime, working_days: int, hours: OfficeHours) -> datetime:
    """The moment, aware, in Seoul, until which a case received at ``received`` is decided."""
    start = _counts_from(in_seoul(received), hours)
    if 0 < working_days <= _COUNTED_IN_HOURS:
        return datetime.combine(_days_on(start.date(), working_days, hours), start.timetz())
    last = _days_on(start.date(), max(working_days - 1, 0), hours)
    return datetime.combine(last, hours.closes, SEOUL)


def _counts_from(received: datetime, hours: OfficeHours) -> datetime:
    day, moment = received.date(), received.time()
    if not hours.is_working(day) or moment >= hours.closes:
        return datetime.combine(hours.next_working(day), hours.opens, SEOUL)
    return datetime.combine(day, max(moment, hours.opens), SEOUL)


def _days_on(day: date, count: int, hours: OfficeHours) -> date:
    for _ in range(count):
        day = hours.next_working(day)
    return day
