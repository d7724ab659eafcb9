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
_LAST_SECOND: Final = time(23, 59, 59)


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


def end_of_day_after(moment: datetime, days: int, hours: OfficeHours) -> datetime:
    """The end of a period of ``days`` that begins with the day after ``moment``: the last second of its last day.

    민법 (Civil Act, 2023), articles 157, 159 and 161: the first day does not count, the last one runs to its end, and
    when it is a Saturday or a public holiday the next working day is the last.
    """
    last = in_seoul(moment).date() + days * _DAY
    return datetime.combine(last if hours.is_working(last) else hours.next_working(last), _LAST_SECOND, SEOUL)


def office_time(begin: datetime, end: datetime, hours: OfficeHours) -> timedelta:
    """How long the offices are open between two moments; nothing when ``end`` is not after ``begin``."""
    first, last = in_seoul(begin), in_seoul(end)
    day, total = first.date(), timedelta(0)
    while day <= last.date():
        if hours.is_working(day):
            opens = max(first, datetime.combine(day, hours.opens, SEOUL))
            total += max(min(last, datetime.combine(day, hours.closes, SEOUL)) - opens, timedelta(0))
        day += _DAY
    return total


def after_office_time(begin: datetime, time_left: timedelta, hours: OfficeHours) -> datetime:
    """The first moment at which the offices have been open for ``time_left`` since ``begin``.

    So the time that a resident took does not count: 행정절차법 시행령 (Decree of the Administrative Procedures Act,
    2022), article 11.
    """
    at = _counts_from(in_seoul(begin), hours)
    while time_left > (today := datetime.combine(at.date(), hours.closes, SEOUL) - at):
        time_left -= today
        at = datetime.combine(hours.next_working(at.date()), hours.opens, SEOUL)
    return at + time_left
