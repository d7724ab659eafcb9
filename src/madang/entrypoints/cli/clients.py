"""List, add, rotate and remove the systems that rely on the city's sign-in."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from madang.kernel.actors import Actor


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what can be done with systems."""
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    for name, given, summary in (
        ("list", "", "who relies on the city's sign-in, and when somebody last signed in there"),
        ("add", "file", "register the system that a YAML file describes; its secret is shown this once"),
        ("rotate", "system", "give a system another secret; the one before works for a day too"),
        ("remove", "system", "take a system away with its tokens and consents"),
    ):
        verb = what.add_parser(name, help=summary)
        if given:
            verb.add_argument(given, help="see profiles/seoul/clients/" if given == "file" else "")
        verb.add_argument("--json", action="store_true", help="one JSON object")


def run(asked: argparse.Namespace) -> int:
    """Do what was asked."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.entrypoints.django_settings")
    import django

    django.setup()
    verbs = {"list": _list, "add": _add, "rotate": _rotate, "remove": _remove}
    return verbs[asked.what](asked)


def _list(asked: argparse.Namespace) -> int:
    from madang.commons.identity.provider import facade

    found = facade.systems(_operator())
    if asked.json:
        print(json.dumps({"systems": [asdict(system) for system in found]}, default=_plain, ensure_ascii=False))
        return 0
    for system in found:
        last = f"{system.last_sign_in:%Y-%m-%d %H:%M}" if system.last_sign_in else "never"
        print(f"{system.id:28} {system.people:10} last sign-in {last:17} {' '.join(sorted(system.scopes))}")
    if not found:
        print("no system relies on the city's sign-in yet: `madang clients add FILE`")
    return 0


def _add(asked: argparse.Namespace) -> int:
    import yaml

    from madang.commons.identity.provider import facade

    try:
        told = yaml.safe_load(Path(asked.file).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as wrong:
        print(f"madang clients: {asked.file} cannot be read: {wrong}", file=sys.stderr)
        return 2
    return _shown(asked, asdict(facade.add_system(_operator(), told)))


def _rotate(asked: argparse.Namespace) -> int:
    from madang.commons.identity.provider import facade
    from madang.kernel import clock

    return _shown(asked, asdict(facade.rotate_secret(_operator(), asked.system, clock.now())))


def _remove(asked: argparse.Namespace) -> int:
    from madang.commons.identity.provider import facade

    facade.remove_system(_operator(), asked.system)
    print(json.dumps({"removed": asked.system}) if asked.json else f"{asked.system} is taken away")
    return 0


def _shown(asked: argparse.Namespace, made: dict[str, Any]) -> int:
    if asked.json:
        print(json.dumps(made, default=_plain))
        return 0
    print(f"client_id      {made['system']}")
    print(f"client_secret  {made['secret'] or 'none: it can keep no secret'}   (shown this once)")
    if made["old_until"]:
        print(f"the secret before works until {made['old_until']:%Y-%m-%d %H:%M}")
    return 0


def _plain(fact: Any) -> Any:
    return sorted(fact) if isinstance(fact, frozenset) else str(fact)


def _operator() -> Actor:
    """Whoever may run commands on this machine is its operator; the record says so."""
    from madang.commons.identity.provider.contracts import Permission

    return Actor.system("command line", frozenset(Permission))
