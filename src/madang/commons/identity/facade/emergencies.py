"""The door to emergencies: take a role for a short time, with a reason; another person looks at it afterwards."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.identity import post, store
from madang.commons.identity.contracts import Permission
from madang.commons.identity.contracts.centre import (
    Emergency,
    EmergencyId,
    NotYourOwnReview,
    RoleNotForEmergency,
)
from madang.commons.identity.rules import centre as rules
from madang.commons.identity.store import centre as rows
from madang.kernel.actors import Actor
from madang.kernel.assurance import Assurance
from madang.kernel.errors import SignInNeeded
from madang.kernel.ids import AccountId

_PURPOSE = "take a role in an emergency"


def take(actor: Actor, role: str, reason: str, now: datetime) -> EmergencyId:
    """Take a role that one lacks, for the profile's time; supervisors are told at once, and a review is opened.

    Until it ends, everything that the account does is recorded as done in an emergency. Raises RoleNotForEmergency,
    ReasonNeeded, NotPermitted, AssuranceTooLow.
    """
    account = _who(actor, Permission.TAKE_EMERGENCY)
    said = rules.reason_in(reason)
    if role not in rows.policy().emergency_roles:
        raise RoleNotForEmergency
    with transaction():
        taken = rows.add_emergency(account, role, said, now)
        store.add_grant(account, role, f"{actor.department}, emergency", now, now + rows.policy().emergency_lasts)
        audit.record(actor, "identity.take_emergency", purpose=f"{_PURPOSE}: {role}", about=taken)
        for supervisor in store.who_may(Permission.REVIEW_EMERGENCY, now):
            if supervisor.id != account:
                post.write_change_letter.defer(account=supervisor.id, change="emergency", language=supervisor.language)
    return taken


def open_reviews(actor: Actor) -> Sequence[Emergency]:
    """Emergencies that nobody has reviewed, the most urgent first. Raises NotPermitted."""
    actor.require(Permission.REVIEW_EMERGENCY)
    return rows.open_reviews()


def review(actor: Actor, emergency: UUID, finding: str, now: datetime, *, was_right: bool) -> None:
    """Close a review with what was found; nobody reviews their own. A role that still runs ends when it was wrong.

    Raises NotYourOwnReview, EmergencyUnknown, ReasonNeeded, NotPermitted, AssuranceTooLow.
    """
    reviewer, said = _who(actor, Permission.REVIEW_EMERGENCY), rules.reason_in(finding)
    with transaction():
        held = rows.lock_open(EmergencyId(emergency))
        if held.account == reviewer:
            raise NotYourOwnReview
        rows.close_review(held.id, reviewer, now, said, was_right=was_right)
        if not was_right and held.until > now:
            rows.end_emergency(held.id, now)
        audit.record(actor, "identity.review_emergency", purpose="review what was done in an emergency", about=held.id)


def escalate(now: datetime) -> int:
    """Write to every reviewer about reviews that are late, once each; how many are."""
    with transaction():
        late = rows.escalate(now)
        for one in late:
            for reviewer in store.who_may(Permission.REVIEW_EMERGENCY, now):
                if reviewer.id != one.account:
                    post.write_change_letter.defer(
                        account=reviewer.id, change="emergency_late", language=reviewer.language,
                    )
    return len(late)


def _who(actor: Actor, permission: Permission) -> AccountId:
    actor.require(permission)
    actor.require_assurance(Assurance.SUBSTANTIAL)
    if actor.account is None:
        raise SignInNeeded
    return actor.account
