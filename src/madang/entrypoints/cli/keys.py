"""List and rotate the keys by which the city signs who has signed in."""

import argparse
import json
import os

from madang.kernel.actors import Actor


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what can be done with keys."""
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    what.add_parser("list", help="which key signs, is announced or kept").add_argument(
        "--json", action="store_true", help="one JSON object")
    rotate = what.add_parser("rotate", help="announce a new key; it signs a day later, the old one is kept meanwhile")
    rotate.add_argument("--at-once", action="store_true", help="delete the others: somebody may have read them")
    rotate.add_argument("--json", action="store_true", help="one JSON object")


def run(asked: argparse.Namespace) -> int:
    """Do what was asked."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.entrypoints.django_settings")
    import django

    django.setup()
    from madang.commons.identity.provider import facade
    from madang.kernel import clock

    if asked.what == "rotate":
        facade.rotate_key(_operator(), clock.now(), at_once=asked.at_once)
    states = facade.key_states(_operator(), clock.now())
    if asked.json:
        told = [{"kid": state.kid, "made": state.made.isoformat(), "standing": state.standing} for state in states]
        print(json.dumps({"keys": told}))
        return 0
    for state in states:
        print(f"{state.kid}  made {state.made:%Y-%m-%d %H:%M}  {state.standing}")
    return 0


def _operator() -> Actor:
    """Whoever may run commands on this machine is its operator; the record says so."""
    from madang.commons.identity.provider.contracts import Permission

    return Actor.system("command line", frozenset(Permission))
