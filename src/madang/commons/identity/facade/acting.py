"""The door to acting for another: who may, since when, in what; and beginning and stopping to."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.identity import post, store
from madang.commons.identity import rules as own_rules
from madang.commons.identity.contracts import Account
from madang.commons.identity.contracts.delegations import (
    ActingToken,
    Consent,
    Delegation,
    DelegationId,
    DelegationNotAllowed,
    DelegationPolicy,
    DelegationUnknown,
    Kind,
    MayNotAct,
    Minor,
    NotForYourself,
    NotYourChild,
    Standing,
)
from madang.commons.identity.contracts.guardians import EndsAtACounter
from madang.commons.identity.rules import delegations as rules
from madang.commons.identity.store import delegations as rows
from madang.kernel.actors import Actor
from madang.kernel.assurance import Assurance
from madang.kernel.errors import BeyondDelegation, NotPermitted, SignInNeeded
from madang.kernel.ids import AccountId, ResidentId, new_id
from madang.kernel.languages import to_translate

SESSION_KEY = "identity_acting"
_TOKEN_BYTES = 32
ACTING_FOR = to_translate("Somebody who may act for you used this permission")
AGREEING = to_translate("Letting somebody act for another")


@dataclass(frozen=True, slots=True)
class Invitation:
    """What somebody offers: that the holder of an e-mail address may act for them, in what, until which last day."""

    kind: Kind
    email: str
    scopes: Sequence[str]
    last_day: date


def policy() -> DelegationPolicy:
    """What the profile allows."""
    return rows.policy()


def concerning(actor: Actor, now: datetime) -> Sequence[Delegation]:
    """Everything that concerns somebody and holds or waits for an answer, from both sides. Raises SignInNeeded."""
    account = _account(actor, now)
    found = rows.of(account.resident, account.id, account.email)
    return [one for one in found if one.until > now]


def minors_of(actor: Actor, now: datetime) -> Sequence[Minor]:
    """The children for whom a resident may act by law and does not yet. Asks the registers; nothing for staff."""
    account = _account(actor, now)
    if account.resident is None:
        return ()
    known = {one.represented for one in concerning(actor, now) if one.kind is Kind.PARENT}
    return [one for one in rows.families().minors_of(account.resident) if one.resident not in known]


def act_as_parent(actor: Actor, child: ResidentId, now: datetime) -> Delegation:
    """Let a parent act for a child whom the register shows in the household; asked twice, the same delegation.

    From the age in the profile the child is asked first. Raises NotYourChild, AssuranceTooLow, BeyondDelegation.
    """
    parent = _surely(actor, now)
    if parent.resident is None:
        raise NotPermitted
    minor = next((one for one in rows.families().minors_of(parent.resident) if one.resident == child), None)
    if minor is None:
        raise NotYourChild
    if held := rows.standing_between(child, parent.id, Kind.PARENT, now):
        return held
    kind, name = policy().kinds[Kind.PARENT], rows.families().name_of(parent.resident)
    consent = rules.parent_consent(minor, policy(), now)
    made = Delegation(
        DelegationId(new_id()), Kind.PARENT, child, minor.name, parent.id, parent.resident, name, kind.scopes,
        kind.services, now, rules.parent_until(minor, policy(), now), consent,
        Standing.ACTIVE if consent else Standing.OFFERED, awaits_delegate=False,
    )
    return keep(actor, made, now)


def invite(actor: Actor, asked: Invitation, now: datetime) -> Delegation:
    """Offer somebody to act for the resident whom ``actor`` is. The answer tells nothing of who has an account.

    Raises DelegationNotAllowed, TimeNotAllowed, NotForYourself, AssuranceTooLow, BeyondDelegation.
    """
    account, email = _surely(actor, now), asked.email.strip().lower()
    kind = policy().kinds[asked.kind]
    if account.resident is None:
        raise NotPermitted
    if email == account.email:
        raise NotForYourself
    if Consent.OWN_SIGN_IN not in kind.consent or asked.kind is Kind.PARENT:
        raise DelegationNotAllowed(field="kind")
    rules.refuse_beyond(kind, asked.scopes, Consent.OWN_SIGN_IN)
    until = rules.until_from(kind, asked.last_day, now)
    made = Delegation(
        DelegationId(new_id()), asked.kind, account.resident, rows.families().name_of(account.resident), None, None,
        email, tuple(asked.scopes), kind.services, now, until, Consent.OWN_SIGN_IN, Standing.OFFERED,
        awaits_delegate=True,
    )
    kept = keep(actor, made, now, email)
    post.write_invitation.defer(email=email)
    return kept


def accept(actor: Actor, delegation: UUID, now: datetime) -> Delegation:
    """Say yes: as the one invited, or as the one who would be represented.

    Raises DelegationUnknown, AssuranceTooLow.
    """
    account = _surely(actor, now)
    name = rows.families().name_of(account.resident) if account.resident else account.post
    with transaction():
        offered, invited = _offered_to(account, delegation, now)
        if offered.awaits_delegate:
            answered = replace(offered, delegate=account.id, delegate_name=name or invited)
        else:
            answered = replace(offered, consent=Consent.OWN_SIGN_IN)
        rows.save(replace(answered, standing=Standing.ACTIVE), now)
        _record(actor, "identity.delegation_accepted", offered)
    return answered


def refuse(actor: Actor, delegation: UUID, now: datetime) -> None:
    """Say no to an offer. Raises DelegationUnknown."""
    account = _account(actor, now)
    with transaction():
        offered, _ = _offered_to(account, delegation, now)
        rows.save(replace(offered, standing=Standing.REFUSED), now)
        _record(actor, "identity.delegation_refused", offered)


def end(actor: Actor, delegation: UUID, now: datetime) -> None:
    """End a delegation at once, from either side. Ended before, it stays so.

    Raises DelegationUnknown, and EndsAtACounter for a ward: a guardianship is the court's to end.
    """
    account = _account(actor, now)
    with transaction():
        held, _ = rows.lock(DelegationId(delegation))
        if not _is_side_of(account, held):
            raise DelegationUnknown
        if held.standing in {Standing.ENDED, Standing.REFUSED}:
            return
        if held.kind is Kind.GUARDIAN and held.delegate != account.id:
            raise EndsAtACounter
        rows.save(replace(held, standing=Standing.ENDED), now)
        _record(actor, "identity.delegation_ended", held)
        _tell_represented(held, "delegation_ended", now)


def begin(request: HttpRequest, actor: Actor, delegation: UUID, now: datetime) -> Delegation:
    """From the next request on, this browser's session acts under the delegation. Raises DelegationUnknown."""
    account = _account(actor, now)
    held = rows.find(DelegationId(delegation))
    if held is None or held.delegate != account.id or not held.holds(now):
        raise DelegationUnknown
    request.session.cycle_key()
    request.session[SESSION_KEY] = str(held.id)
    with transaction():
        _record(actor, "identity.acting_begun", held)
    return held


def token_for(actor: Actor, own_token: str, delegation: UUID, now: datetime) -> ActingToken:
    """A token with which a program acts under the delegation, and does nothing else; recorded.

    It ends with the delegation or with the token that it was asked for with. Raises MayNotAct for a delegation that is
    not the actor's, has ended, or needs the person present; BeyondDelegation for a token that acts already.
    """
    account = _account(actor, now)
    held = rows.find(DelegationId(delegation))
    if held is None or held.delegate != account.id or not held.holds(now) or held.kind is Kind.NAVIGATOR:
        raise MayNotAct
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with transaction():
        expires = store.add_acting_session(
            own_rules.token_key(own_token), own_rules.token_key(token), held.id, held.until
        )
        if expires is None:
            raise SignInNeeded
        _record(actor, "identity.acting_begun", held)
    return ActingToken(token, held, expires)


def by_token(own: Actor, delegation: UUID, now: datetime) -> Actor:
    """Who a program is whose token acts under the delegation. Raises MayNotAct once that has ended."""
    held = rows.find(DelegationId(delegation))
    if held is None or held.delegate != own.account or not held.holds(now):
        raise MayNotAct
    return rules.acting(own, held, rows.policy(), store.policy())


def stop(request: HttpRequest) -> None:
    """From the next request on, this browser's session acts for itself again."""
    if request.session.pop(SESSION_KEY, None):
        request.session.cycle_key()


def forget_old(now: datetime) -> int:
    """End offers that nobody answered and delete what was over long ago; how many were deleted."""
    with transaction():
        rows.end_unanswered(now - policy().offer_lasts, now)
        return rows.forget(now - policy().keep)


def _account(actor: Actor, now: datetime) -> Account:
    """The account of somebody who acts for themselves. Raises SignInNeeded, BeyondDelegation."""
    if actor.acting:
        raise BeyondDelegation
    account = store.account(actor.account, now) if actor.account else None
    if account is None:
        raise SignInNeeded
    return account


def require_surely(actor: Actor, now: datetime) -> None:
    """Raise what keeps somebody from letting others act, before a form is shown."""
    _surely(actor, now)


def _surely(actor: Actor, now: datetime) -> Account:
    account = _account(actor, now)
    actor.require_assurance(Assurance.SUBSTANTIAL)
    return account


def keep(
    actor: Actor, made: Delegation, now: datetime, invited: str = "", officer: AccountId | None = None
) -> Delegation:
    """Keep a delegation that was decided on, record it, and tell the person represented."""
    with transaction():
        rows.add(made, invited, officer, now)
        _record(actor, "identity.delegation_made", made)
        _tell_represented(made, "delegation_made", now)
    return made


def _offered_to(account: Account, delegation: UUID, now: datetime) -> tuple[Delegation, str]:
    offered, invited = rows.lock(DelegationId(delegation))
    is_asked = invited == account.email if offered.awaits_delegate else offered.represented == account.resident
    if not is_asked or offered.standing is not Standing.OFFERED or offered.until <= now:
        raise DelegationUnknown
    if offered.awaits_delegate and offered.represented == account.resident:
        raise DelegationUnknown
    return offered, invited


def _is_side_of(account: Account, held: Delegation) -> bool:
    return held.delegate == account.id or (account.resident is not None and held.represented == account.resident)


def _record(actor: Actor, action: str, held: Delegation) -> None:
    purpose = ACTING_FOR if action == "identity.acting_begun" else AGREEING
    by = rules.CAPACITIES[held.kind] if held.delegate == actor.account else actor.name
    who = Actor(actor.kind, by, actor.account)
    audit.record(who, action, purpose=purpose, subject=held.represented, about=held.id)


def _tell_represented(held: Delegation, change: str, now: datetime) -> None:
    if account := store.account_of_resident(held.represented, now):
        post.write_change_letter.defer(account=account.id, change=change, language=account.language)
