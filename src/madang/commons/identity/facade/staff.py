"""The door to staff as their departments list them: joiners, movers and leavers, and roles that nobody uses."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.identity import store
from madang.commons.identity.contracts import EmailTaken, NewAccount, Permission
from madang.commons.identity.contracts.staff import Change, Member, Move, Unused
from madang.commons.identity.rules import staff as rules
from madang.commons.identity.store import centre, delegations
from madang.commons.identity.store import staff as rows
from madang.kernel.actors import Actor
from madang.kernel.ids import AccountId

members_in = rules.members_in


def take_list(
    actor: Actor, members: Sequence[Member], source: str, now: datetime, *, all_leavers: bool = False
) -> Sequence[Change]:
    """Bring accounts to what a whole list says: all of it, or nothing.

    A joiner sets a password by the link of a forgotten one. A mover loses the roles of before at once. A leaver's
    sessions, tokens, factors, roles and delegations end in this transaction, so that the next request of an open
    browser is a stranger's. Accounts that were made by hand, and residents', are never touched. Raises NotPermitted,
    TooManyLeave, EmailTaken for an address of somebody who is not on this list.
    """
    found = planned(actor, members, source, now, all_leavers=all_leavers)
    by_email = {member.email: member for member in members}
    with transaction():
        for change in found:
            if change.move is Move.LEAVES:
                _leave(actor, change, now)
            elif change.move is not Move.STAYS:
                _settle(actor, by_email[change.email], change, source, now)
    return found


def planned(
    actor: Actor, members: Sequence[Member], source: str, now: datetime, *, all_leavers: bool = False
) -> Sequence[Change]:
    """What ``take_list`` would do. Changes nothing."""
    actor.require(Permission.MAKE_ACCOUNTS)
    actor.require(Permission.GRANT_ROLES)
    known = rows.of_source(source, now)
    found = rules.changes(members, known, rows.policy())
    if not all_leavers:
        rules.refuse_mass_leave(found, len(known), rows.policy())
    return found


def leave(actor: Actor, email: str, now: datetime) -> bool:
    """End somebody's service at once, whatever list they are on; False for an address that nobody signs in with."""
    actor.require(Permission.GRANT_ROLES)
    account = store.account_of_email(email, now)
    if account is None or account.resident is not None:
        return False
    with transaction():
        _leave(actor, Change(account.email, Move.LEAVES, (), account.roles), now)
    return True


def posts_of_directories() -> Sequence[str]:
    """The posts that a directory may give by itself; the others take an operator's hand."""
    return rows.policy().posts_of_directories


def appoint(
    actor: Actor, member: Member, posts: Sequence[str], source: str, now: datetime
) -> AccountId:
    """Let somebody of a directory work where, and as what, it says: with these posts' roles and no others, at once.

    An account that the directory closed opens again. Posts that a directory may not give are passed over. Raises
    NotPermitted, and EmailTaken for the address of somebody who did not come from there.
    """
    actor.require(Permission.MAKE_ACCOUNTS)
    actor.require(Permission.GRANT_ROLES)
    policy = rows.policy()
    roles = [role for post in posts if post in policy.posts_of_directories for role in policy.roles_of[post]]
    known = member.email in rows.of_source(source, now)
    if not known and store.account_of_email(member.email, now):
        raise EmailTaken(email=member.email)
    change = Change(member.email, Move.MOVES if known else Move.JOINS, tuple(dict.fromkeys(roles)), ())
    with transaction():
        _settle(actor, member, change, source, now)
    found = store.account_of_email(member.email, now)
    if found is None:
        message = "an account that was just placed is not there"
        raise RuntimeError(message)
    return found.id


def rename(account: AccountId, email: str) -> None:
    """Let somebody sign in with another address. Raises EmailTaken."""
    with transaction():
        rows.rename(account, email)


def unused(actor: Actor, now: datetime, limit: int = 1000) -> Sequence[Unused]:
    """Roles of staff with rooms in which they did nothing for as long as the profile says, for the yearly review."""
    actor.require(Permission.SEE_ACCOUNTS)
    since, roles = now - rows.policy().unused_after, store.policy().roles
    found: list[Unused] = []
    for account in store.accounts(now, limit):
        if account.resident is not None:
            continue
        used, last = audit.rooms_used_by(account.id, since), rows.last_sign_in(account.id)
        idle = {name: rules.unused_rooms(roles[name].permissions, used) for name in account.roles if name in roles}
        found += [
            Unused(account.id, account.email, account.department, name, rooms, since, last)
            for name, rooms in idle.items() if rooms
        ]
    return found


def _settle(actor: Actor, member: Member, change: Change, source: str, now: datetime) -> None:
    known = store.account_of_email(member.email, now) if change.move is Move.MOVES else None
    account = known.id if known else rows.closed_account(member.email, source) or _join(member, now)
    rows.end_every_grant(account, now)
    rows.place(account, member.department, member.title, source)
    for role in change.roles:
        store.add_grant(account, role, member.department, now, None)
    audit.record(actor, f"identity.staff_{change.move}", purpose="bring an account to its department's list",
                 about=account)


def _join(member: Member, now: datetime) -> AccountId:
    new = NewAccount(
        member.email, secrets.token_urlsafe(32), "", department=member.department, post=member.title,
    )
    return store.add_account(new, now).id


def _leave(actor: Actor, change: Change, now: datetime) -> None:
    account = store.account_of_email(change.email, now)
    if account is None:
        return
    centre.close_account(account.id, now)
    centre.remove_factors(account.id)
    centre.end_sessions(account.id)
    delegations.end_all_of(account.id, now)
    audit.record(actor, "identity.staff_leaves", purpose="end somebody's service", about=account.id)
