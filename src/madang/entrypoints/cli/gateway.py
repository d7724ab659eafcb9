"""Show the gateway, take changed rules up without a dropped request, set the canary's share."""

import argparse
import json
from dataclasses import asdict

from madang.entrypoints import gateway
from madang.entrypoints.instance import Lock, set_django_up
from madang.entrypoints.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what can be done with the gateway."""
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    what.add_parser("show", help="addresses, plans, scopes, ends, canary").add_argument("--json", action="store_true")
    what.add_parser("reload", help="take up what manifests and plans.yaml say now")
    canary = what.add_parser("canary", help="give a share of all clients to a second web cluster")
    canary.add_argument("--address", help="host:port; stays when it is not given")
    canary.add_argument("--percent", type=int, choices=range(101), metavar="0-100", required=True)


def run(asked: argparse.Namespace) -> int:
    """Do it; 1 when the city does not run: what was set holds from its next start on."""
    settings = Settings.read()
    set_django_up()
    if asked.what == "show":
        return _show(settings, as_json=asked.json)
    if asked.what == "canary":
        _set_canary(settings, asked)
    else:
        gateway.write_rules(settings)
    changed = gateway.take_up(settings)
    print("taken up" if changed else "the front has these already; the policy processes read rules themselves")
    return 0 if Lock(settings.instance).is_held_by_another() else 1


def _show(settings: Settings, *, as_json: bool) -> int:
    from madang.commons.gateway import envoy, facade

    front, book = envoy.described(gateway.folder(settings)), facade.current_rules()
    policies = [f"http://127.0.0.1:{port}/metrics" for port in front.policy_ports]
    told = {
        "url": settings.public_url, "admin": f"http://127.0.0.1:{front.admin_port}",
        "metrics": [f"http://127.0.0.1:{front.admin_port}/stats/prometheus", *policies],
        "canary": asdict(envoy.canary_of(front.folder)), "staff_networks": list(front.staff_networks),
        "plans": {name: {"per_second": one.per_second, "per_day": one.per_day} for name, one in book.plans.items()},
        "scopes": [one.name for one in book.scopes], "sunsets": [asdict(one) for one in book.sunsets],
    }
    if as_json:
        print(json.dumps(told, default=str))
        return 0
    for name, value in told.items():
        print(f"{name:16} {value if isinstance(value, str) else json.dumps(value, default=str)}")
    return 0


def _set_canary(settings: Settings, asked: argparse.Namespace) -> None:
    from madang.commons.gateway import envoy

    folder = gateway.folder(settings)
    address = asked.address or envoy.canary_of(folder).address
    envoy.set_canary(folder, envoy.Canary(address, asked.percent))
