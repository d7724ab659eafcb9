"""Make the synthetic residents, see how the registers stand, and cut or mend one to see what happens.

madang registers make --residents 100000 --seed 1, madang registers state, madang registers cut local_tax --how hang,
madang registers mend local_tax.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from madang.entrypoints.instance import opened
from madang.entrypoints.settings import Settings

_FAULTS = ("down", "hang", "garbage")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    make = acts.add_parser("make", help="replace everybody in the registers by synthetic residents")
    make.add_argument("--residents", type=int, default=100_000, help="how many (default: 100000; Seoul has 9400000)")
    make.add_argument("--seed", type=int, default=1, help="the same seed makes the same people (default: 1)")
    acts.add_parser("state", help="who is in the registers, and which of them answer")
    cut = acts.add_parser("cut", help="break a register of the demonstration until it is mended")
    cut.add_argument("name", help="residents, households, vehicles, businesses, local_tax or disability")
    cut.add_argument("--how", choices=_FAULTS, default="down", help="how it fails (default: down)")
    mend = acts.add_parser("mend", help="let a register answer again")
    mend.add_argument("name", help="its name, as for cut")
    for one in acts.choices.values():
        one.add_argument("--json", action="store_true", help="print one JSON object as the last line")


def run(asked: argparse.Namespace) -> int:
    """Do it; 0 done, 1 a register does not answer, 2 could not be done."""
    code, found = _ACTS[asked.act](asked)
    if asked.json:
        print(json.dumps(found, ensure_ascii=False, default=str))
    return code


def _make(asked: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    if asked.residents < 0:
        print("madang registers make: --residents is a number from 0", file=sys.stderr)
        return 2, {"error": "residents"}
    with opened():
        from madang.records.registers.facade import population

        began = time.monotonic()

        def report(residents: int, rows: int) -> None:
            share = residents / asked.residents
            pace = rows / (time.monotonic() - began)
            sys.stderr.write(f"\r  {residents:>9,} residents  {share:4.0%}  {pace:,.0f} rows/s ")
            sys.stderr.flush()

        made = population.make(asked.residents, asked.seed, report)
    print(file=sys.stderr)
    pace = made.rows / max(made.seconds, 1e-9)
    print(
        f"{made.residents:,} synthetic residents, {made.rows:,} entries in six registers, in {made.seconds:.1f} s "
        f"({pace:,.0f} rows/s). The same seed, {made.seed}, makes them again."
    )
    return 0, {**asdict(made), "rows_per_s": round(pace)}


def _state(asked: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    with opened():
        from madang.records.registers import facade
        from madang.records.registers.contracts import LineState
        from madang.records.registers.facade import population

        made, lines = population.made(), facade.state()
    if not asked.json:
        who = f"{made.residents:,} synthetic residents, seed {made.seed}" if made else "nobody is in the registers yet"
        print(f"  {who}")
        for line in lines:
            print(f"  {line.register:<12} {line.state:<10} {line.since or '':<33} {line.why}")
    well = all(line.state is LineState.CLOSED for line in lines)
    return 0 if well else 1, {"population": made and asdict(made), "registers": [asdict(line) for line in lines]}


def _cut(asked: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    file = _fault_file(asked.name)
    if file is None:
        return 2, {"error": "name"}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(asked.how, encoding="utf-8")
    print(f"{asked.name} is cut ({asked.how}). `madang registers mend {asked.name}` lets it answer again.")
    return 0, {"register": asked.name, "fault": asked.how}


def _mend(asked: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    file = _fault_file(asked.name)
    if file is None:
        return 2, {"error": "name"}
    file.unlink(missing_ok=True)
    print(f"{asked.name} answers again; cases that waited for it go on by themselves.")
    return 0, {"register": asked.name, "fault": None}


def _fault_file(name: str) -> Any:
    from madang.entrypoints.instance import set_django_up

    set_django_up()
    from madang.records.registers.contracts import Register
    from madang.simulation.registers import faults_folder

    if name not in set(Register):
        print(f"madang registers: no register {name!r}; there are {', '.join(Register)}", file=sys.stderr)
        return None
    return faults_folder(Settings.read().instance) / name


_ACTS: dict[str, Callable[[argparse.Namespace], tuple[int, dict[str, Any]]]] = {
    "make": _make, "state": _state, "cut": _cut, "mend": _mend,
}
