"""List roles and accounts, make an account, give or take back a role."""

import argparse
import getpass
import json
import os
import sys
from dataclasses import asdict

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
    for name, summary in (("grant", "give a role"), ("withdraw", "take a role back")):
        move = what.add_parser(name, help=summary)
        move.add_argument("email")
        move.add_argument("role")


def run(asked: argparse.Namespace) -> int:
    """Do what was asked."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.entrypoints.django_settings")
    import django

    django.setup()
    verbs = {"roles": _roles, "list": _list, "make": _make, "grant": _grant, "withdraw": _withdraw}
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


def _operator() -> Actor:
    """Whoever may run commands on this machine is its operator; the record says so."""
    from madang.commons.identity.contracts import Permission

    return Actor.system("command line", frozenset(Permission))
