"""Appeals: made by the resident or at a counter, decided by another officer than the first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.kernel.actors import Actor
from madang.kernel.ids import new_id
from madang.kernel.languages import to_translate
from madang.records.catalogue import facade as catalogue
from madang.services.applications import store
from madang.services.applications.contracts import (
    AppealDecided,
    Case,
    CaseAppealed,
    CaseApproved,
    Permission,
    Reason,
    Standing,
)
from madang.services.applications.contracts.further import Appeal
from madang.services.applications.facade import desks, residents, told
from madang.services.applications.facade.steps import completed
from madang.services.applications.rules import appeals, asking, deadlines, numbers

AT_A_COUNTER = to_translate("Writing down an appeal that you made at a counter")
_MOST = 200


def appeal_open_until(case: Case) -> datetime | None:
    """Until when the resident may appeal (aware); None when there is nothing to appeal against."""
    if case.decided is None:
        return None
    return appeals.open_until(case, store.promises().allowed, told.hours(case.decided))


def appeal(actor: Actor, number: str, words: str, now: datetime) -> Case:
    """Appeal against a refusal, or against what a machine decided. Appealed before, the case as it is.

    Raises NothingToAppeal, AppealTooLate, AnswerMissing, CaseUnknown, NumberMistyped.
    """
    actor.require(Permission.APPLY)
    with transaction():
        case = residents.locked_own(actor, number)
        return case if case.standing is Standing.APPEALED else _made(actor, case, words, now, "")


def enter_appeal(actor: Actor, number: str, words: str, now: datetime) -> Case:
    """Write down at a counter the appeal of a resident who is there in person; recorded. Raises as ``appeal`` does."""
    actor.require(Permission.ENTER_FOR_RESIDENT)
    with transaction():
        case = store.lock(store.find_numbered(numbers.read_number(number)).id)
        if case.standing is Standing.APPEALED:
            return case
        after = _made(actor, case, words, now, actor.name)
        desks.record(actor, "applications.enter_appeal", after, AT_A_COUNTER)
    return after


def appeals_waiting(actor: Actor) -> Sequence[Case]:
    """Cases of the officer's department with an appeal to be decided, the nearest date first."""
    return store.appealed_of(desks.services_of(actor), _MOST)


def open_appeal(actor: Actor, number: str) -> Case:
    """A case with an appeal, opened to decide about it; recorded. Raises DecidedItFirst, CaseUnknown, PurposeNeeded."""
    case, purpose = desks.found(actor, number)
    appeals.require_another(case, actor)
    with transaction():
        desks.record(actor, "applications.open_appeal", case, purpose)
    return case


def decide_appeal(actor: Actor, number: str, *, overturn: bool, reason: str, now: datetime) -> Case:
    """Decide about an appeal, with a reason: overturned, the case goes the way of every approved one.

    Raises AnswerMissing, DecidedItFirst for whoever took the first decision, MoveNotAllowed, CaseUnknown,
    PurposeNeeded, NotPermitted.
    """
    seen, purpose = desks.found(actor, number)
    with transaction():
        case = store.lock(seen.id)
        reasons = [Reason("officer", asking.readable(reason, "reason"))]
        after = appeals.decided(case, actor, now, reasons, overturned=overturn)
        store.save(after, now)
        events.emit(AppealDecided(after.id, after.service, overturn))
        told.tell(after, "appeal_decided", about=after.appeals[-1].id)
        desks.record(actor, "applications.decide_appeal", after, purpose)
        if overturn:
            after = _on_the_road(actor, after, now)
    return after


def _on_the_road(actor: Actor, case: Case, now: datetime) -> Case:
    events.emit(CaseApproved(case.id, case.service, case.resident, automatic=False))
    return completed(actor, case, None, now) if catalogue.service(case.service).outcome is None else case


def _made(actor: Actor, case: Case, words: str, now: datetime, entered_by: str) -> Case:
    allowed, hours = store.promises().allowed, told.hours(now)
    due = deadlines.end_of_day_after(now, allowed.appeal_decided_days, hours)
    made = Appeal(
        new_id(), asking.readable(words), now, due, case.standing is Standing.REFUSED, entered_by=entered_by
    )
    after = store.save(replace(appeals.appealed(case, made, actor, allowed, hours), due=due), now)
    events.emit(CaseAppealed(after.id, after.service))
    told.tell(after, "appeal_received", about=made.id, due=due.isoformat())
    told.record(actor, "applications.appeal", after)
    return after
