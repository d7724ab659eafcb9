"""Messages: how deliveries stand, services of departments with their keys and templates, contact points taken over.

madang notify standing; madang notify report BROADCAST; madang notify service make "Parking permits";
madang notify key make "Parking permits" production; madang notify template save "Parking permits" --kind sms
--name reminder --body FILE; madang notify take-over contacts.csv; madang notify take-over --account-holders;
madang notify try-again email.
"""

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from madang.entrypoints.instance import opened

_DAILY_LIMIT = 25_000


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    acts.add_parser("standing", help="how many deliveries stand where, by channel")
    acts.add_parser("report", help="where a broadcast stands").add_argument("broadcast", type=UUID)
    acts.add_parser("try-again", help="put given-up deliveries of a channel back").add_argument("channel")
    acts.add_parser("check", help="every template, topic and channel of the profile")
    taken = acts.add_parser("take-over", help="contact points from a file: resident,language,district,channel,address")
    taken.add_argument("file", type=Path, nargs="?", help="left out with --account-holders")
    taken.add_argument("--account-holders", action="store_true", help="residents with an account, by their registers")
    service = acts.add_parser("service", help="a department's service that sends by /v2")
    service.add_argument("verb", choices=["make", "list", "number"])
    service.add_argument("name", nargs="?", default="")
    service.add_argument("--daily-limit", type=int, default=_DAILY_LIMIT)
    service.add_argument("--number", default="", help="with `number`: where people send texts to it; empty for none")
    service.add_argument("--callback-url", default="", help="https address that hears of its messages")
    key = acts.add_parser("key", help="a key of a service; shown once")
    key.add_argument("verb", choices=["make", "revoke"])
    key.add_argument("service")
    key.add_argument("name")
    key.add_argument("--test", action="store_true", help="a key that sends nothing")
    template = acts.add_parser("template", help="a template of a service; the same name again is its next version")
    template.add_argument("verb", choices=["save", "list"])
    template.add_argument("service")
    template.add_argument("--kind", choices=["sms", "email", "letter"])
    template.add_argument("--name")
    template.add_argument("--subject", default="")
    template.add_argument("--body", type=Path, help="a file with the text; ((name)) is filled in")
    for one in acts.choices.values():
        one.add_argument("--json", action="store_true", help="print one JSON object")


def run(asked: argparse.Namespace) -> int:
    """Do it; 0 done, 2 could not be done."""
    with opened():
        found = _ACTS[asked.act](asked)
    if asked.json:
        print(json.dumps(found, ensure_ascii=False, default=str))
        return 0
    for name, value in found.items():
        print(f"  {name:<24} {value}")
    return 0


def _standing(_: argparse.Namespace) -> dict[str, Any]:
    from madang.commons.notify import facade as notify

    found: dict[str, dict[str, int]] = {}
    for (channel, state), many in sorted(notify.standing().items()):
        found.setdefault(channel, {})[state.value] = many
    return found


def _report(asked: argparse.Namespace) -> dict[str, Any]:
    from madang.commons.notify import facade as notify

    told = notify.report_of(_operator(), asked.broadcast)
    channels = {name: {state.value: many for state, many in states.items()} for name, states in told.by_channel.items()}
    return asdict(told) | {
        "by_channel": channels, "by_language": {one.value: many for one, many in told.by_language.items()},
        "handed_over": told.handed_over,
    }


def _try_again(asked: argparse.Namespace) -> dict[str, Any]:
    from madang.commons.notify import facade as notify
    from madang.kernel import clock

    return {"channel": asked.channel, "put_back": notify.try_again(asked.channel, clock.now())}


def _check(_: argparse.Namespace) -> dict[str, Any]:
    from madang.commons.notify import facade as notify

    return {"templates": notify.check_templates()}


def _take_over(asked: argparse.Namespace) -> dict[str, Any]:
    from madang.commons.notify import facade as notify
    from madang.entrypoints import audience
    from madang.kernel import clock

    if asked.account_holders:
        return {"account_holders": audience.take_over_account_holders(clock.now())}

    def lines() -> Iterator[tuple[UUID, str, str, str, str]]:
        with asked.file.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield UUID(row["resident"]), row["language"], row["district"], row["channel"], row["address"]

    return {"new_contact_points": notify.take_over(_operator(), lines(), clock.now())}


def _service(asked: argparse.Namespace) -> dict[str, Any]:
    from madang.commons.notify import facade as notify
    from madang.kernel import clock

    if asked.verb == "list":
        return {one.name: str(one.id) for one in notify.all_services(_operator())}
    if asked.verb == "number":
        return {"service": asked.name, "number": notify.set_number(_operator(), asked.name, asked.number)}
    token = sys.stdin.readline().strip() if asked.callback_url else ""
    made = notify.make_service(
        _operator(), asked.name, asked.daily_limit, clock.now(), callback=(asked.callback_url, token)
    )
    return {"service": made.name, "id": str(made.id), "daily_limit": made.daily_limit}


def _key(asked: argparse.Namespace) -> dict[str, Any]:
    from madang.commons.notify import facade as notify
    from madang.commons.notify.contracts import KeyKind
    from madang.kernel import clock

    if asked.verb == "revoke":
        return {"revoked": notify.revoke_key(_operator(), asked.service, asked.name, clock.now())}
    kind = KeyKind.TEST if asked.test else KeyKind.NORMAL
    return {"key": notify.make_key(_operator(), asked.service, asked.name, clock.now(), kind=kind)}


def _template(asked: argparse.Namespace) -> dict[str, Any]:
    from madang.commons.notify import facade as notify
    from madang.commons.notify.contracts import NoticeKind, TextToSave
    from madang.kernel import clock

    service = notify.service_called(_operator(), asked.service)
    if asked.verb == "list":
        return {one.name: f"{one.kind} {one.id} version {one.version}" for one in notify.templates_of(service)}
    text = TextToSave(
        NoticeKind(asked.kind), asked.name, asked.subject, asked.body.read_text(encoding="utf-8").strip()
    )
    made = notify.save_template(_operator(), asked.service, text, clock.now())
    return {"template": str(made.id), "version": made.version}


def _operator() -> Any:
    """Whoever may run commands on this machine is its operator; the record says so."""
    from madang.commons.notify.contracts import Permission
    from madang.kernel.actors import Actor

    return Actor.system("command line", frozenset(Permission))


_ACTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "standing": _standing, "report": _report, "try-again": _try_again, "check": _check, "take-over": _take_over,
    "service": _service, "key": _key, "template": _template,
}
