"""List partner systems, register one, make and revoke its keys, say what it may and until when."""

import argparse
import json
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from madang.entrypoints import gateway
from madang.entrypoints.instance import opened
from madang.kernel.actors import Actor


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what can be done with partner systems."""
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    what.add_parser("list", help="every partner system").add_argument("--json", action="store_true")
    what.add_parser("scopes", help="what the rooms declare").add_argument("--json", action="store_true")
    make = what.add_parser("make", help="register a system; its first key is printed once")
    make.add_argument("name", help="the system: 'Detector counts'")
    make.add_argument("--organisation", required=True, help="department or company, as records show it")
    make.add_argument("--department", default="", help="the city's department, for one of its own systems")
    make.add_argument("--plan", default="department", help="one of profiles/seoul/plans.yaml")
    make.add_argument("--scope", action="append", default=[], help="may be repeated")
    make.add_argument("--address", action="append", default=[], help="network that it asks from; may be repeated")
    key = what.add_parser("key", help="make a further key, printed once")
    key.add_argument("partner", type=UUID)
    key.add_argument("--expires", type=datetime.fromisoformat, help="2027-01-01T00:00+09:00")
    revoke = what.add_parser("revoke", help="end a key at once")
    revoke.add_argument("partner", type=UUID)
    revoke.add_argument("key", help="its visible beginning")
    change = what.add_parser("change", help="what it may, and until when; what is not given stays")
    change.add_argument("partner", type=UUID)
    change.add_argument("--plan")
    change.add_argument("--scope", action="append", help="exactly these from now on")
    change.add_argument("--address", action="append")
    change.add_argument("--state", choices=["active", "stopped"])
    change.add_argument("--sunset", type=datetime.fromisoformat)
    change.add_argument("--oauth-client")


def run(asked: argparse.Namespace) -> int:
    """Do what was asked."""
    verbs = {"list": _list, "scopes": _scopes, "make": _make, "key": _key, "revoke": _revoke, "change": _change}
    with opened() as settings:
        gateway.write_rules(settings)
        return verbs[asked.what](asked)


def _list(asked: argparse.Namespace) -> int:
    from madang.commons.gateway import facade

    found = facade.partners(_operator())
    if asked.json:
        print(json.dumps({"partners": [asdict(one) for one in found]}, default=str, ensure_ascii=False))
        return 0
    for one in found:
        print(f"{one.id}  {one.actor_name}  {one.plan}  {one.state}  {', '.join(one.scopes)}")
        for key in facade.keys_of(_operator(), one.id):
            print(f"{'':6}{key.prefix}…  {_state(key.revoked, key.expires)}")
    return 0


def _scopes(asked: argparse.Namespace) -> int:
    from madang.entrypoints.rooms import rooms

    scopes = [scope for room in rooms() for scope in room.scopes]
    if asked.json:
        print(json.dumps({"scopes": [asdict(one) for one in scopes]}))
        return 0
    for one in scopes:
        held_by = "everybody" if one.is_open else "on request"
        print(f"{one.name:32} {','.join(one.methods):16} {one.prefix:32} {held_by}")
    return 0


def _make(asked: argparse.Namespace) -> int:
    from madang.commons.gateway import facade
    from madang.commons.gateway.contracts import NewPartner
    from madang.kernel import clock

    new = NewPartner(asked.name, asked.organisation, asked.plan, asked.department, asked.scope, asked.address)
    partner = facade.register_partner(_operator(), new, clock.now())
    print(partner.id)
    print(facade.make_key(_operator(), partner.id, clock.now()).text)
    return 0


def _key(asked: argparse.Namespace) -> int:
    from madang.commons.gateway import facade
    from madang.kernel import clock

    print(facade.make_key(_operator(), asked.partner, clock.now(), asked.expires).text)
    return 0


def _revoke(asked: argparse.Namespace) -> int:
    from madang.commons.gateway import facade
    from madang.kernel import clock

    found = [key for key in facade.keys_of(_operator(), asked.partner) if key.prefix == asked.key.rstrip("…")]
    for key in found:
        facade.revoke_key(_operator(), asked.partner, key.id, clock.now())
    print(f"{len(found)} revoked")
    return 0 if found else 1


def _change(asked: argparse.Namespace) -> int:
    from madang.commons.gateway import facade
    from madang.commons.gateway.contracts import State

    who, state = _operator(), State(asked.state) if asked.state else None
    facade.change_partner(who, asked.partner, plan=asked.plan, addresses=asked.address, state=state)
    if asked.scope is not None:
        facade.grant_scopes(who, asked.partner, asked.scope)
    if asked.sunset is not None:
        facade.set_sunset(who, asked.partner, asked.sunset)
    if asked.oauth_client is not None:
        facade.link_oauth_client(who, asked.partner, asked.oauth_client)
    print(json.dumps(asdict(facade.partner(who, asked.partner)), default=str, ensure_ascii=False))
    return 0


def _state(revoked: datetime | None, expires: datetime | None) -> str:
    if revoked:
        return f"revoked {revoked:%Y-%m-%d}"
    return f"until {expires:%Y-%m-%d}" if expires else "good"


def _operator() -> Actor:
    """Whoever may run commands on this machine is its operator; the record says so."""
    from madang.commons.gateway.contracts import Permission

    return Actor.system("command line", frozenset(Permission))
