"""Who joins, moves and leaves, by comparing a department's list with the accounts that came from it."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from madang.commons.identity.contracts import Account, PolicyWrong
from madang.commons.identity.contracts.staff import (
    Change,
    Member,
    Move,
    StaffListWrong,
    StaffPolicy,
    TooManyLeave,
)

_COLUMNS = ("email", "department", "post", "title")


def members_in(lines: Iterable[str]) -> list[Member]:
    """The members of a list: CSV with a header of email, department, post and title. Raises StaffListWrong."""
    reader = csv.DictReader(lines)
    if missing := [name for name in _COLUMNS if name not in (reader.fieldnames or ())]:
        raise StaffListWrong(line=1, what=f"the header lacks {', '.join(missing)}")
    found: dict[str, Member] = {}
    for number, row in enumerate(reader, 2):
        email, department, post, title = ((row[name] or "").strip() for name in _COLUMNS)
        if "@" not in email or not department:
            raise StaffListWrong(line=number, what="it needs an e-mail address and a department")
        if email.lower() in found:
            raise StaffListWrong(line=number, what=f"{email} stands there twice")
        found[email.lower()] = Member(email.lower(), department, post, title)
    return list(found.values())


def changes(members: Sequence[Member], known: Mapping[str, Account], allowed: StaffPolicy) -> list[Change]:
    """What the list does with everybody; ``known`` are the accounts that came from it, by e-mail address.

    Somebody whose department or post changed loses every role of before at once and gets those of the new post.
    """
    listed = [_change(member, known.get(member.email), allowed) for member in members]
    gone = [known[email] for email in sorted(set(known) - {member.email for member in members})]
    return listed + [Change(one.email, Move.LEAVES, (), tuple(one.roles)) for one in gone]


def refuse_mass_leave(found: Sequence[Change], known: int, allowed: StaffPolicy) -> None:
    """Raise TooManyLeave when more leave than the profile holds for usual; one leaver is always usual."""
    leavers = sum(one.move is Move.LEAVES for one in found)
    if leavers > 1 and leavers > known * allowed.most_leavers_share:
        raise TooManyLeave(leavers=leavers, known=known)


def unused_rooms(permissions: Iterable[str], used: frozenset[str]) -> list[str]:
    """The rooms of some permissions in which nothing was done."""
    return sorted({permission.partition(".")[0] for permission in permissions} - used)


def policy_from(told: Any) -> StaffPolicy:
    """The policy of a parsed ``staff.yaml``. Raises PolicyWrong."""
    try:
        return StaffPolicy(
            roles_of={str(post): tuple(str(role) for role in roles) for post, roles in told["posts"].items()},
            most_leavers_share=float(told["most_leavers_share"]),
            unused_after=timedelta(days=int(told["unused_days"])),
            posts_of_directories=[post for post in told["posts_of_directories"] if told["posts"][post] is not None],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        message = f"it lacks or misspells {wrong}"
        raise PolicyWrong(message) from wrong


def _change(member: Member, held: Account | None, allowed: StaffPolicy) -> Change:
    roles = tuple(allowed.roles_of.get(member.post, ()))
    if held is None:
        return Change(member.email, Move.JOINS, roles, ())
    same_place = (held.department, held.post) == (member.department, member.title)
    if same_place and set(held.roles) == set(roles):
        return Change(member.email, Move.STAYS, roles, ())
    kept = set(roles) if same_place else set()
    return Change(member.email, Move.MOVES, roles, tuple(role for role in held.roles if role not in kept))
