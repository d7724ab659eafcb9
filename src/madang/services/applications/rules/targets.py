"""How much of the promised time has gone, when somebody is warned, and how far an officer may move the date.

민원 처리에 관한 법률 시행령 (Decree of the Civil Petitions Treatment Act, 2022), article 21: the time may be made
longer once, by at most as much again, and the resident is told the reason and the new date without delay.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from madang.kernel.actors import Actor
from madang.kernel.languages import to_translate
from madang.services.applications.contracts import Case, Happening, MoveNotAllowed, Standing
from madang.services.applications.contracts.further import Allowed, DateNotAllowed, Delay, DelayedBefore
from madang.services.applications.rules import deadlines

OVER = to_translate("The promised time is over. The head of the department has been told.")
MOVED = to_translate("An officer promised a later date: {reason}")

UNDECIDED: Final = frozenset({Standing.IN_REVIEW, Standing.WAITING_FOR_REGISTER, Standing.WITH_OFFICER})
"""Where the city's time runs."""


def began(case: Case) -> datetime | None:
    """When the city's time began: received, or paid where there was a fee."""
    return next((line.at for line in case.history if line.standing is Standing.IN_REVIEW), None)


def used(case: Case, now: datetime, hours: deadlines.OfficeHours) -> int:
    """How much of the promised time has gone, in whole per cent; time that stood still does not count."""
    begin = began(case)
    if begin is None or case.due is None or case.paused is not None:
        return 0
    if now >= case.due:
        return 100
    left = deadlines.office_time(now, case.due, hours)
    gone = deadlines.office_time(begin, now, hours) - _stood_still(case, hours)
    whole = gone + left
    return int(100 * gone / whole) if whole else 100


def warned(case: Case, actor: Actor, now: datetime, allowed: Allowed, hours: deadlines.OfficeHours) -> Case:
    """The case with the highest mark that it has reached; at the last one the line that its resident reads."""
    share = used(case, now, hours)
    reached = max((mark for mark in allowed.warn_at if mark <= share), default=0)
    if case.standing not in UNDECIDED or reached <= case.warned:
        return case
    if reached < max(allowed.warn_at):
        return replace(case, warned=reached)
    line = Happening(now, case.standing, actor.name, note=OVER)
    return replace(case, warned=reached, history=(*case.history, line))


def delayed(
    case: Case, reason: str, until: datetime, actor: Actor, now: datetime, latest: datetime
) -> Case:
    """The case with a later date and why. Raises DelayedBefore, DateNotAllowed, MoveNotAllowed once it is decided."""
    if case.standing not in UNDECIDED or case.due is None:
        raise MoveNotAllowed(case=case.number, standing=case.standing, wanted=case.standing)
    if case.delays:
        raise DelayedBefore(case=case.number)
    earliest = max(case.due, now)
    if not earliest < until <= latest:
        raise DateNotAllowed(earliest + timedelta(days=1), latest)
    line = Happening(now, case.standing, actor.name, note=MOVED, facts={"reason": reason})
    delay = Delay(now, actor.name, reason, case.due, until)
    return replace(case, due=until, delays=(delay,), warned=0, history=(*case.history, line))


def _stood_still(case: Case, hours: deadlines.OfficeHours) -> timedelta:
    stops = ((ask.asked, ask.answered or ask.lapsed) for ask in case.asks)
    return sum((deadlines.office_time(at, end, hours) for at, end in stops if end), timedelta(0))
