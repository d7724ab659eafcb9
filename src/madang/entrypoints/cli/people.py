"""List roles and accounts, make one, give or take back a role, take a department's list, review access."""

import argparse
import getpass
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from madang.kernel.actors import Actor


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what can be done with people."""
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    for name, summary in (("roles", "the roles of the profile"), ("list", "who can sign in")):
        what.add_parser(name, help=summary).add_argument("--json", action="store_true", help="one JSON object")
    make = what.add_parser("make", help="make an account for staff; the password is asked for")
    make.add_argument("email")
    make.add_argument("--role", required=True)
    make.add_argument("--department", default="", help="as residents read it: 'Civil Affairs Division'")
    make.add_argument("--post", default="", help="what records show instead of a name: 'officer 14'")
    listed = what.add_parser("import", help="bring accounts of staff to a department's list: who joins, moves, leaves")
    listed.add_argument("file", help="CSV with email, department, post, title; posts are in the profile's staff.yaml")
    listed.add_argument("--source", default="staff", help="the name of the list; only its own accounts are closed")
    listed.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    listed.add_argument("--all-leavers", action="store_true", help="yes, so many leave")
    listed.add_argument("--json", action="store_true", help="one JSON object")
    what.add_parser("review", help="roles that nobody uses, for the yearly review").add_argument(
        "--json", action="store_true", help="one JSON object",
    )
    what.add_parser("leave", help="end somebody's service at once").add_argument("email")
    for name, summary in (("grant", "give a role"), ("withdraw", "take a role back")):
        move = what.add_parser(name, help=summary)
        move.add_argument("email")
        move.add_argument("role")


def run(asked: argparse.Namespace) -> int:
    """Do what was asked."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.entrypoints.django_settings")
    import django

    django.setup()
    verbs = {
        "roles": _roles, "list": _list, "make": _make, "grant": _grant, "withdraw": _withdraw, "import": _import,
        "review": _review, "leave": _leave,
    }
    return verbs[asked.what](asked)


def _roles(asked: argparse.Namespace) -> int:
    from madang.commons.identity import facade as identity
    from madang.entrypoints.rooms import rooms

    declared = {str(one) for room in rooms() for one in room.permissions or ()}
    lost = identity.undeclared_permissions(declared)
    if asked.json:
        print(json.dumps({"roles": {name: sorted(role.permissions) for name, role in identity.policy().roles.items()},
                          "undeclared": lost}))
        return 0
    for name, role in identity.policy().roles.items():
        print(f"{name:12} {role.kind:9} {', '.join(sorted(role.permissions))}")
        for permission in lost.get(name, ()):
            print(f"{'':12} no room declares {permission}: a slip of the pen, or a room that is not built yet")
    return 0


def _list(asked: argparse.Namespace) -> int:
    from madang.commons.identity import facade as identity
    from madang.kernel import clock

    found = identity.accounts(_operator(), clock.now())
    if asked.json:
        print(json.dumps({"accounts": [asdict(account) for account in found]}, default=str))
        return 0
    for account in found:
        post = ", ".join(part for part in (account.department, account.post) if part)
        print(f"{account.email:34} {', '.join(account.roles):14} {post}")
    return 0


def _make(asked: argparse.Namespace) -> int:
    from madang.commons.identity import facade as identity
    from madang.commons.identity.contracts import NewAccount
    from madang.kernel import clock

    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    new = NewAccount(asked.email, password, asked.role, department=asked.department, post=asked.post)
    account = identity.make_account(_operator(), new, clock.now())
    print(f"{account.email} can sign in; the second factor is set up there: /accounts/2fa/")
    return 0


def _grant(asked: argparse.Namespace) -> int:
    from madang.commons.identity import facade as identity
    from madang.kernel import clock

    account = identity.grant(_operator(), asked.email, asked.role, clock.now())
    print(f"{account.email}: {', '.join(account.roles)}")
    return 0


def _withdraw(asked: argparse.Namespace) -> int:
    from madang.commons.identity import facade as identity
    from madang.kernel import clock

    account = identity.withdraw(_operator(), asked.email, asked.role, clock.now())
    print(f"{account.email}: {', '.join(account.roles) or 'no role'}")
    return 0


def _import(asked: argparse.Namespace) -> int:
    from madang.commons.identity.facade import staff
    from madang.kernel import clock

    with Path(asked.file).open(encoding="utf-8-sig", newline="") as lines:
        members = staff.members_in(lines)
    do = staff.planned if asked.dry_run else staff.take_list
    changes = do(_operator(), members, asked.source, clock.now(), all_leavers=asked.all_leavers)
    if asked.json:
        print(json.dumps({"dry_run": asked.dry_run, "changes": [asdict(change) for change in changes]}))
        return 0
    for change in changes:
        lost = f"; loses {', '.join(change.lost)}" if change.lost else ""
        print(f"{change.move:7} {change.email:34} {', '.join(change.roles) or 'no role'}{lost}")
    return 0


def _review(asked: argparse.Namespace) -> int:
    from madang.commons.identity.facade import staff
    from madang.kernel import clock

    found = staff.unused(_operator(), clock.now())
    if asked.json:
        print(json.dumps({"unused": [asdict(one) for one in found]}, default=str))
        return 0
    for one in found:
        print(f"{one.email:34} {one.role:16} nothing done in {', '.join(one.rooms)} since {one.since:%Y-%m-%d}")
    return 0


def _leave(asked: argparse.Namespace) -> int:
    from madang.commons.identity.contracts import AccountUnknown
    from madang.commons.identity.facade import staff
    from madang.kernel import clock

    if not staff.leave(_operator(), asked.email, clock.now()):
        raise AccountUnknown(email=asked.email)
    print(f"{asked.email} cannot sign in any more; sessions, tokens, factors and roles have ended")
    return 0


def _operator() -> Actor:
    """Whoever may run commands on this machine is its operator; the record says so."""
    from madang.commons.identity.contracts import Permission

    return Actor.system("command line", frozenset(Permission))
