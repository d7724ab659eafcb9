"""A question back to the resident: what is asked, how the city's time stands still meanwhile, and how it ends.

민원 처리에 관한 법률 (Civil Petitions Treatment Act, 2022), article 22(1): what is missing is asked for with a fair
time to give it; its Decree (2022), article 24: when the time has passed it may be asked for once more, with ten days.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from unicodedata import category

from madang.kernel.actors import Actor
from madang.kernel.languages import to_translate
from madang.services.applications.contracts import Case, Standing
from madang.services.applications.contracts.further import (
    Allowed,
    AnswerMissing,
    Ask,
    DateNotAllowed,
    NothingAsked,
)
from madang.services.applications.rules import deadlines, moves

ANSWERED = to_translate("You gave what was asked for. An officer goes on.")
LAPSED = to_translate("We asked twice and nothing came. An officer decides how it goes on.")

_FEWEST_LETTERS = 2


def readable(given: str, field: str = "words") -> str:
    """Words as they will be read. Raises AnswerMissing when there are none, too many, or some that cannot be read."""
    words = "\n".join(" ".join(line.split()) for line in given.strip().splitlines())
    broken = any(category(letter) in {"Cc", "Cs", "Cf"} and letter != "\n" for letter in words)
    if broken or len(words) > AnswerMissing.longest or sum(one.isalnum() for one in words) < _FEWEST_LETTERS:
        raise AnswerMissing(field=field)
    return words


def last_day(now: datetime, days: int | None, allowed: Allowed, hours: deadlines.OfficeHours) -> datetime:
    """Until when something is asked for. Raises DateNotAllowed for no day, or more than the city allows."""
    wanted = allowed.ask_days if days is None else days
    if not 1 <= wanted <= allowed.ask_most_days:
        raise DateNotAllowed(now + timedelta(days=1), now + timedelta(days=allowed.ask_most_days))
    return deadlines.end_of_day_after(now, wanted, hours)


def asked(case: Case, ask: Ask, actor: Actor, now: datetime) -> Case:
    """The case off the desk until its resident answers; its time stands still. Only a person asks (NotPermitted)."""
    waits = moves.moved(case, Standing.AWAITING_RESIDENT, actor, now)
    return replace(waits, asks=(*case.asks, ask), paused=now)


def answered(case: Case, answer: str, actor: Actor, now: datetime, hours: deadlines.OfficeHours) -> Case:
    """The case back on the desk with what the resident gave; its time goes on. Raises NothingAsked."""
    done = replace(the_open(case), answered=now, answer=answer)
    return _back(_with(case, done), actor, now, hours, ANSWERED)


def the_open(case: Case) -> Ask:
    """What the case's resident is asked for. Raises NothingAsked."""
    if case.standing is not Standing.AWAITING_RESIDENT or case.open_ask is None:
        raise NothingAsked(case=case.number)
    return case.open_ask


def is_to_remind(ask: Ask, now: datetime, allowed: Allowed) -> bool:
    """Whether the last day is near and nobody said so yet."""
    return ask.reminded is None and now >= ask.until - timedelta(days=allowed.remind_days_before)


def reminded(case: Case, now: datetime) -> Case:
    """The case with a note that its resident was reminded."""
    return _with(case, replace(the_open(case), reminded=now))


def overdue(case: Case, actor: Actor, now: datetime, allowed: Allowed, hours: deadlines.OfficeHours) -> Case:
    """The case after a last day has passed: asked once more; after the second, back on the desk for an officer.

    What happens there is the officer's decision: nothing is refused by time.
    """
    ask = the_open(case)
    if ask.again is None:
        until = deadlines.end_of_day_after(now, allowed.again_days, hours)
        return _with(case, replace(ask, again=now, until=until, reminded=None))
    return _back(_with(case, replace(ask, lapsed=now)), actor, now, hours, LAPSED)


def _back(case: Case, actor: Actor, now: datetime, hours: deadlines.OfficeHours, note: str) -> Case:
    back = moves.moved(case, Standing.WITH_OFFICER, actor, now, note=note)
    return replace(back, paused=None, due=_due_again(case, now, hours))


def _due_again(case: Case, now: datetime, hours: deadlines.OfficeHours) -> datetime | None:
    if case.due is None or case.paused is None:
        return case.due
    return deadlines.after_office_time(now, deadlines.office_time(case.paused, case.due, hours), hours)


def _with(case: Case, ask: Ask) -> Case:
    asks: Sequence[Ask] = tuple(ask if one.id == ask.id else one for one in case.asks)
    return replace(case, asks=asks)
