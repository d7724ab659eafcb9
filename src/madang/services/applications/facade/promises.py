"""The promised time: who is warned as it goes, who is told when it is over, and a later date with its reason."""

from collections.abc import Sequence
from datetime import date, datetime, time

from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.kernel.actors import Actor
from madang.kernel.clock import SEOUL
from madang.records.catalogue import facade as catalogue
from madang.services.applications import store
from madang.services.applications.contracts import Case, CaseDateMoved, CaseEscalated, CaseId, Permission
from madang.services.applications.facade import desks, told
from madang.services.applications.rules import asking, deadlines, targets

_CLOCK = Actor.system("applications", {Permission.REVIEW})
_AT_ONCE = 500
_MOST = 200


def late(actor: Actor) -> Sequence[Case]:
    """Undecided cases of the officer's department whose promised time is going or gone, the nearest date first."""
    return store.warned_of(desks.services_of(actor), targets.UNDECIDED, _MOST)


def latest_date(case: Case, now: datetime) -> datetime:
    """The latest date to which an officer may move the case's own."""
    longer = catalogue.service(case.service).time.working_days
    return deadlines.due(max(case.due or now, now), longer, told.hours(now))


def delay(actor: Actor, number: str, reason: str, until: date, now: datetime) -> Case:
    """Promise a later date, once, with the reason; the resident is told both.

    Raises AnswerMissing, DateNotAllowed, DelayedBefore, MoveNotAllowed, CaseUnknown, PurposeNeeded, NotPermitted.
    """
    seen, purpose = desks.found(actor, number)
    with transaction():
        case = store.lock(seen.id)
        end = datetime.combine(until, store.promises().closes, SEOUL)
        said = asking.readable(reason, "reason")
        latest = datetime.combine(latest_date(case, now).date(), time.max, SEOUL)
        after = store.save(targets.delayed(case, said, end, actor, now, latest), now)
        events.emit(CaseDateMoved(after.id, after.service))
        told.tell(after, "case_delayed", due=told.day(after), reason=said)
        desks.record(actor, "applications.delay", after, purpose)
    return after


def watch(now: datetime) -> int:
    """Warn of every undecided case whose promised time reached a mark, and escalate what is over; how many were noted.

    Each mark is noted once a case, under its lock: run twice, the second time nothing happens.
    """
    noted, last = 0, None
    while found := store.under_way(targets.UNDECIDED, max(store.promises().allowed.warn_at), _AT_ONCE, last):
        last = found[-1].id
        reached = [case.id for case in found if _warned(case, now) != case]
        noted += sum(_note(case_id, now) for case_id in reached)
    return noted


def _note(case_id: CaseId, now: datetime) -> bool:
    with transaction():
        case = store.lock(case_id)
        after = _warned(case, now)
        if after == case:
            return False
        store.save(after, now)
        if len(after.history) > len(case.history):
            events.emit(CaseEscalated(after.id, after.service))
            told.record(_CLOCK, "applications.escalate", after)
    return True


def _warned(case: Case, now: datetime) -> Case:
    return targets.warned(case, _CLOCK, now, store.promises().allowed, told.hours(now))
