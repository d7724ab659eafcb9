"""Import a network, run once, see runs and plans, put a proposal on the street, check a plan.

madang signals run, madang signals plans 11680 --format ntcip, madang signals import folder-or-file.net.xml.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from madang.entrypoints.instance import opened
from madang.kernel import clock
from madang.kernel.errors import CityError


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    load = acts.add_parser("import", help="make a folder of CSV files, or a SUMO .net.xml, the city's network")
    load.add_argument("network", type=Path)
    acts.add_parser("run", help="propose plans now, as every five minutes")
    plans = acts.add_parser("plans", help="the plans on the street")
    plans.add_argument("area", nargs="?", default="", help="a district's code; all without it")
    plans.add_argument("--format", choices=("plain", "ntcip", "spat", "map"), default="plain", help="(default: plain)")
    publish = acts.add_parser("publish", help="put a run's proposals on the street")
    publish.add_argument("run", type=UUID)
    check = acts.add_parser("check", help="check a plan, as JSON in a file, for safety")
    check.add_argument("plan", type=Path)
    for one in acts.choices.values():
        one.add_argument("--json", action="store_true", help="print one JSON object as the last line")


def run(asked: argparse.Namespace) -> int:
    """Do it; 0 done, 1 refused, 2 could not be done."""
    try:
        with opened():
            code, found = _ACTS[asked.act](asked)
    except (CityError, OSError, msgspec.MsgspecError) as wrong:
        print(f"madang signals {asked.act}: {wrong}", file=sys.stderr)
        code, found = 2, {"error": str(wrong)}
    if asked.json:
        print(msgspec.json.encode(found).decode())
    return code


def _import(asked: argparse.Namespace) -> tuple[int, Any]:
    from madang.streets.traffic_signals import facade

    found = [asked.network] if asked.network.is_file() else sorted(asked.network.glob("*.csv"))
    files = {file.name: file.read_bytes() for file in found}
    network, refused = facade.import_network(_operator(), asked.network.name, files, clock.now())
    print(f"{network.name}: {len(network.intersections):,} intersections, {len(network.detectors):,} detectors")
    for place in dict.fromkeys(one.intersection for one in refused):
        why = next(one for one in refused if one.intersection == place)
        print(f"{place}: its own plan is not taken, {why.clause}: {why.what}; it gets a made one", file=sys.stderr)
    return 0, {"name": network.name, "intersections": len(network.intersections),
               "detectors": len(network.detectors), "refused": refused}


def _run(_: argparse.Namespace) -> tuple[int, Any]:
    from madang.streets.traffic_signals import facade

    line = facade.run(clock.now())
    if line is None:
        print("No counts have come in since the last run: nothing is proposed.")
        return 1, {"run": None}
    print(f"run {line.id}: {line.changed} changes of {line.intersections} intersections, {line.refused} refused; delay"
          f" a vehicle {line.delay_now:.1f} s now, {line.delay:.1f} s proposed; {line.seconds:.1f} s")
    return 0, {"run": line}


def _plans(asked: argparse.Namespace) -> tuple[int, Any]:
    from madang.streets.traffic_signals import facade

    found = facade.plans_in(_operator(), asked.area, asked.format, clock.now())
    if not asked.json:
        for each in found:
            print(json.dumps(msgspec.to_builtins(each), ensure_ascii=False))
    return 0, {"plans": found}


def _publish(asked: argparse.Namespace) -> tuple[int, Any]:
    from madang.streets.traffic_signals import facade
    from madang.streets.traffic_signals.contracts import PlanSetId

    made = facade.approve(_operator(), PlanSetId(asked.run), clock.now())
    print(f"publication {made.id}: {made.changed} intersections changed")
    return 0, {"publication": made}


def _check(asked: argparse.Namespace) -> tuple[int, Any]:
    from madang.streets.traffic_signals import facade
    from madang.streets.traffic_signals.contracts import TimingPlan

    plan = msgspec.json.decode(asked.plan.read_bytes(), type=TimingPlan)
    found = facade.check(_operator(), plan)
    for breach in found:
        print(f"{breach.intersection}: {breach.clause}: {breach.what}")
    return (1 if found else 0), {"breaches": found}


def _operator() -> Any:
    """Whoever may run commands on this machine is its operator; the record says so."""
    from madang.kernel.actors import Actor
    from madang.streets.traffic_signals.contracts import Permission

    return Actor.system("command line", frozenset(Permission))


_ACTS: dict[str, Callable[[argparse.Namespace], tuple[int, Any]]] = {
    "import": _import, "run": _run, "plans": _plans, "publish": _publish, "check": _check,
}
