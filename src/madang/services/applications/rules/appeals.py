"""An appeal: within the days of the law, decided by another officer than the first.

민원 처리에 관한 법률 (Civil Petitions Treatment Act, 2022), article 35: against a refusal within 60 days of
receiving it; decided within ten days. 개인정보 보호법 (Personal Information Protection Act, 2024), article 37-2: what
a machine decided a person looks at when asked.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from madang.kernel.actors import Actor
from madang.services.applications.contracts import Case, MoveNotAllowed, Reason, Standing
from madang.services.applications.contracts.further import (
    Allowed,
    Appeal,
    AppealTooLate,
    DecidedItFirst,
    NothingToAppeal,
)
from madang.services.applications.rules import deadlines, moves


def open_until(case: Case, allowed: Allowed, hours: deadlines.OfficeHours) -> datetime | None:
    """Until when one may appeal, or None when there is nothing to appeal against."""
    decided_against = case.standing is Standing.REFUSED
    by_machine = case.standing is Standing.COMPLETED and case.automatic is True
    if case.decided is None or case.appeals or not (decided_against or by_machine):
        return None
    return deadlines.end_of_day_after(case.decided, allowed.appeal_days, hours)


def appealed(
    case: Case, appeal: Appeal, actor: Actor, allowed: Allowed, hours: deadlines.OfficeHours
) -> Case:
    """The case with its appeal. Raises NothingToAppeal, AppealTooLate."""
    until = open_until(case, allowed, hours)
    if until is None:
        raise NothingToAppeal(case=case.number)
    if appeal.made > until:
        raise AppealTooLate(case=case.number, ended=until)
    return replace(moves.moved(case, Standing.APPEALED, actor, appeal.made), appeals=(*case.appeals, appeal))


def decided(
    case: Case, actor: Actor, now: datetime, reasons: Sequence[Reason], *, overturned: bool
) -> Case:
    """The case with its appeal decided: approved, or as it was decided first; the first decision stays in its history.

    Raises MoveNotAllowed without an appeal, DecidedItFirst for whoever decided first, NotPermitted for a machine.
    """
    appeal = case.open_appeal
    if case.standing is not Standing.APPEALED or appeal is None:
        raise MoveNotAllowed(case=case.number, standing=case.standing, wanted=Standing.APPROVED)
    require_another(case, actor)
    before = Standing.REFUSED if appeal.against_refusal else Standing.COMPLETED
    moved = moves.moved(case, Standing.APPROVED if overturned else before, actor, now, reasons)
    done = replace(appeal, overturned=overturned, decided=now, by=actor.name, reason=reasons[0].text)
    appeals = tuple(done if one.id == done.id else one for one in case.appeals)
    if not overturned:
        return replace(moved, appeals=appeals)
    return replace(moved, appeals=appeals, decided=now, automatic=False, decided_by=actor.account)


def require_another(case: Case, actor: Actor) -> None:
    """Raise DecidedItFirst for the officer whose decision the appeal is against.

    By account; a decision from before accounts were noted is known by the post that took it.
    """
    if case.decided_by is not None and case.decided_by == actor.account:
        raise DecidedItFirst
    first = next((line.by for line in case.history if line.standing is Standing.REFUSED), "")
    if case.decided_by is None and first and first == actor.name:
        raise DecidedItFirst
