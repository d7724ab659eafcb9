"""The door to guardianships: recorded at a counter from a paper decision, by two officers where most can be lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.identity import post, store
from madang.commons.identity.contracts import Account, AccountUnknown, Permission
from madang.commons.identity.contracts.centre import SecondOfficerNeeded
from madang.commons.identity.contracts.delegations import (
    Consent,
    Delegation,
    DelegationId,
    Kind,
    NotForYourself,
    Standing,
)
from madang.commons.identity.contracts.guardians import (
    LOOKING,
    RECORDING,
    AlreadyGuardian,
    Guardianship,
    Recorded,
    WardUnknown,
)
from madang.commons.identity.rules import centre as of_counter
from madang.commons.identity.rules import delegations as rules
from madang.commons.identity.store import centre, delegations
from madang.commons.identity.store import guardians as rows
from madang.kernel.actors import Actor
from madang.kernel.assurance import Assurance
from madang.kernel.errors import NotFound, SignInNeeded
from madang.kernel.ids import AccountId, ResidentId, new_id


def require_counter(actor: Actor) -> AccountId:
    """The officer's account; raises what keeps somebody from this page, before it is shown."""
    actor.require(Permission.RECORD_GUARDIANS)
    actor.require_assurance(Assurance.SUBSTANTIAL)
    if actor.account is None:
        raise SignInNeeded
    return actor.account


def record(actor: Actor, asked: Guardianship, now: datetime) -> Delegation:
    """Record that the one at the counter is somebody's guardian.

    It holds at once; where the account of either has the highest level, once a second officer has confirmed it
    (``Standing.AWAITS_OFFICER``). Raises AccountUnknown, WardUnknown, DocumentUnknown, PaperUnknown,
    DelegationNotAllowed, TimeNotAllowed, NotForYourself, AlreadyGuardian, NotPermitted, AssuranceTooLow.
    """
    officer, kind = require_counter(actor), delegations.policy().kinds[Kind.GUARDIAN]
    of_counter.refuse_document(asked.at.document, centre.policy())
    of_counter.refuse_paper(asked.paper, asked.decided, now.date(), centre.policy())
    rules.refuse_beyond(kind, asked.scopes, Consent.IN_PERSON)
    until = rules.until_from(kind, asked.last_day, now)
    guardian = _guardian(asked, now)
    ward, own = _name_of_ward(asked.ward), delegations.families().name_of(asked_resident(guardian))
    standing = Standing.AWAITS_OFFICER if _needs_two(guardian, asked.ward, now) else Standing.ACTIVE
    made = Delegation(
        DelegationId(new_id()), Kind.GUARDIAN, asked.ward, ward, guardian.id, guardian.resident, own,
        tuple(asked.scopes), kind.services, now, until, Consent.IN_PERSON, standing, awaits_delegate=False,
    )
    with transaction():
        rows.add(made, asked, officer, now)
        _record(actor, "identity.guardian_recorded", made, [asked.paper])
        if standing is Standing.ACTIVE:
            _tell_both(made, "made", now)
    return made


def waiting(actor: Actor, now: datetime) -> Sequence[Recorded]:
    """Guardianships that wait for a second officer, other than this one's own. Raises NotPermitted."""
    officer = require_counter(actor)
    return [one for one in rows.waiting(now) if one.officer != officer]


def answer(actor: Actor, delegation: DelegationId, now: datetime, *, confirm: bool) -> None:
    """Confirm, or refuse, what another officer recorded. Raises SecondOfficerNeeded, DelegationUnknown."""
    officer = require_counter(actor)
    with transaction():
        held, first = rows.lock(delegation, Standing.AWAITS_OFFICER, now)
        if officer in {first, held.delegate}:
            raise SecondOfficerNeeded
        delegations.save(replace(held, standing=Standing.ACTIVE if confirm else Standing.REFUSED), now)
        rows.note_second(delegation, officer)
        _record(actor, "identity.guardian_confirmed" if confirm else "identity.guardian_refused", held)
        if confirm:
            _tell_both(held, "made", now)


def of_ward(actor: Actor, ward: ResidentId, now: datetime) -> Sequence[Recorded]:
    """Who is somebody's guardian; that it was looked at is recorded. Raises NotPermitted, AssuranceTooLow."""
    require_counter(actor)
    with transaction():
        audit.record(actor, "identity.see_guardians", purpose=LOOKING, subject=ward)
        return rows.of_ward(ward, now)


def end(actor: Actor, delegation: DelegationId, now: datetime) -> None:
    """Record that a guardianship has ended; the next request under it is refused. Raises DelegationUnknown."""
    require_counter(actor)
    with transaction():
        held, _ = rows.lock(delegation, Standing.ACTIVE, now)
        delegations.save(replace(held, standing=Standing.ENDED), now)
        _record(actor, "identity.delegation_ended", held)
        _tell_both(held, "ended", now)


def asked_resident(guardian: Account) -> ResidentId:
    """The resident whose account it is. Raises AccountUnknown for staff."""
    if guardian.resident is None:
        raise AccountUnknown(email=guardian.email)
    return guardian.resident


def _guardian(asked: Guardianship, now: datetime) -> Account:
    account = store.account_of_email(asked.at.email, now)
    if account is None or account.resident is None:
        raise AccountUnknown(email=asked.at.email)
    if account.resident == asked.ward:
        raise NotForYourself
    if delegations.standing_between(asked.ward, account.id, Kind.GUARDIAN, now):
        raise AlreadyGuardian
    return account


def _name_of_ward(ward: ResidentId) -> str:
    try:
        return delegations.families().name_of(ward)
    except NotFound:
        raise WardUnknown from None


def _needs_two(guardian: Account, ward: ResidentId, now: datetime) -> bool:
    of_ward = store.account_of_resident(ward, now)
    proofed = [centre.is_proofed(one.id, now) for one in (guardian, of_ward) if one]
    return of_counter.needs_two(centre.policy(), *proofed)


def _record(actor: Actor, action: str, held: Delegation, fields: Sequence[str] = ()) -> None:
    audit.record(actor, action, purpose=RECORDING, subject=held.represented, about=held.id, fields=fields)


def _tell_both(held: Delegation, change: str, now: datetime) -> None:
    if ward := store.account_of_resident(held.represented, now):
        post.write_change_letter.defer(account=ward.id, change=f"delegation_{change}", language=ward.language)
    guardian = store.account(held.delegate, now) if held.delegate else None
    if guardian:
        post.write_change_letter.defer(
            account=guardian.id, change=f"delegation_guardian_{change}", language=guardian.language,
        )
