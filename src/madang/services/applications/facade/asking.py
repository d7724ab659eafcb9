"""Asking a resident for something more, and their answer."""

from dataclasses import dataclass, replace
from datetime import datetime

from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.kernel.actors import Actor
from madang.kernel.ids import new_id
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Field, Service
from madang.services.applications import store
from madang.services.applications.contracts import AnswersWrong, Case, CaseDateMoved, CaseId, CasePaused, Permission
from madang.services.applications.contracts.further import AnswerMissing, Ask, AskKind
from madang.services.applications.facade import desks, residents, told
from madang.services.applications.rules import answers, asking

_CLOCK = Actor.system("applications", {Permission.REVIEW})
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer asks for: the thing, in words that the resident reads, and how many days they have."""

    kind: AskKind
    words: str
    question: str = ""
    days: int | None = None
    """None for as many as the city usually gives."""


def ask(actor: Actor, number: str, wanted: Wanted, now: datetime) -> Case:
    """Ask the resident for a named thing; the case leaves the desk and its time stands still until they answer.

    Raises AnswerMissing, DateNotAllowed, MoveNotAllowed when it does not lie on a desk, CaseUnknown, PurposeNeeded,
    NotPermitted.
    """
    seen, purpose = desks.found(actor, number)
    with transaction():
        case = store.lock(seen.id)
        after = store.save(asking.asked(case, _new(wanted, case, actor, now), actor, now), now)
        events.emit(CasePaused(after.id, after.service))
        asked = asking.the_open(after)
        told.tell(after, "case_asked", about=asked.id, until=asked.until.isoformat())
        desks.record(actor, "applications.ask", after, purpose)
    return after


def answer(actor: Actor, number: str, given: str, now: datetime) -> Case:
    """Give what was asked for: the case goes back to the desk and its time goes on.

    Raises AnswersWrong when a question of the form was asked and the answer does not fit it, AnswerMissing,
    NothingAsked, CaseUnknown, NumberMistyped.
    """
    actor.require(Permission.APPLY)
    with transaction():
        case = residents.locked_own(actor, number)
        asked = asking.the_open(case)
        if asked.kind is AskKind.QUESTION:
            case = _answered_question(case, asked, given)
            said = given.strip()
        else:
            said = asking.readable(given, "answer")
        after = store.save(asking.answered(case, said, actor, now, told.hours(now)), now)
        events.emit(CaseDateMoved(after.id, after.service))
        told.record(actor, "applications.answer", after)
    return after


def question_of(service: Service, asked: Ask) -> Field | None:
    """The question of the form that is asked once more, if that is what is asked for."""
    return next((one for one in service.fields() if one.name == asked.question), None)


def questions(service: Service, language: Language) -> list[tuple[str, str]]:
    """The questions of a form that an officer may ask once more, with their labels; not those that are a register's."""
    return [(one.name, one.label.into(language)) for one in service.fields() if not one.locked]


def look_after_asked(now: datetime) -> int:
    """Remind, ask once more, or put back on a desk what waits for its resident; how many were moved.

    A case is looked at under its lock and by the time that it holds itself: run twice, the second finds nothing to do.
    """
    moved, last = 0, None
    while found := store.asked_cases(_AT_ONCE, last):
        last = found[-1]
        for case_id in found:
            with transaction():
                moved += _looked_after(case_id, now)
    return moved


def _looked_after(case_id: CaseId, now: datetime) -> int:
    case, allowed = store.lock(case_id), store.promises().allowed
    asked = case.open_ask
    if asked is None:
        return 0
    if now > asked.until:
        after = store.save(asking.overdue(case, _CLOCK, now, allowed, told.hours(now)), now)
        if after.open_ask is None:
            events.emit(CaseDateMoved(after.id, after.service))
        else:
            told.tell(after, "case_asked_reminder", about=new_id(), until=after.open_ask.until.isoformat())
        told.record(_CLOCK, "applications.ask_again", after)
        return 1
    if not asking.is_to_remind(asked, now, allowed):
        return 0
    reminder = new_id() if asked.again else asked.id
    told.tell(case, "case_asked_reminder", about=reminder, until=asked.until.isoformat())
    store.save(asking.reminded(case, now), now)
    return 1


def _new(wanted: Wanted, case: Case, actor: Actor, now: datetime) -> Ask:
    until = asking.last_day(now, wanted.days, store.promises().allowed, told.hours(now))
    made = Ask(new_id(), wanted.kind, asking.readable(wanted.words), now, actor.name, until, question=wanted.question)
    asks_a_question = wanted.kind is AskKind.QUESTION
    service = catalogue.service(case.service)
    if asks_a_question and wanted.question not in dict(questions(service, Language.KO)):
        raise AnswerMissing(field="question")
    return made if asks_a_question else replace(made, question="")


def _answered_question(case: Case, asked: Ask, given: str) -> Case:
    service = catalogue.service(case.service)
    merged = answers.merged(service, case.answers, {asked.question: given})
    if merged.mistakes:
        raise AnswersWrong(mistakes=merged.mistakes)
    return replace(case, answers=merged.answers)
