"""Measure the city on this machine, beside a peer or a limit in the same run."""

import argparse
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

import psutil

from madang.entrypoints.settings import HOUSE

_OF_SIGNALS: Final = ("networks", "seeds", "controllers", "variant", "intergreens", "into", "simulator")


class Bench(Protocol):
    """What a module or package under ``benchmarks/`` holds. Its docstring's first line is its title."""

    __doc__: str | None

    def measure(self, *, quick: bool, **asked: Any) -> dict[str, Any]:
        """Start what it needs in a temporary folder, measure, stop it; the figures by name. ``quick``: within 50 s.

        ``asked`` holds the options of this benchmark alone that were given.
        """


def arguments(parser: argparse.ArgumentParser) -> None:
    """The benchmark's name, and how to run and print it."""
    parser.add_argument("name", choices=_names(), metavar="NAME", help=", ".join(_names()))
    parser.add_argument("--quick", action="store_true", help="end within 50 s, with rougher figures")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    signals = parser.add_argument_group("signals")
    signals.add_argument("--networks", nargs="+", help="folders of published networks")
    signals.add_argument("--controllers", nargs="+", help="fixed webster maxpressure greedy plan adaptive")
    signals.add_argument("--seeds", type=int, help="how many runs each")
    signals.add_argument("--variant", choices=["dead10", "dead30", "demand20"], help="percent dead or added")
    signals.add_argument("--intergreens", type=float, help="seconds between stages in place of the networks' own")
    signals.add_argument("--into", help="a file of results: add to it, and run nothing that it holds")
    signals.add_argument("--simulator", help="the Python of an environment with another version of the simulator")


def run(asked: argparse.Namespace) -> int:
    """Measure and print; 0 when the measurement itself went through, whatever it found."""
    sys.path.insert(0, str(HOUSE))
    bench: Bench = import_module(f"benchmarks.{asked.name.replace('-', '_')}")
    title = (bench.__doc__ or asked.name).partition("\n")[0]
    print(f"{title} Measuring …", file=sys.stderr, flush=True)
    options = {name: getattr(asked, name) for name in _OF_SIGNALS if getattr(asked, name) is not None}
    figures = bench.measure(quick=asked.quick, **options) | machine()
    if asked.json:
        print(json.dumps(figures, ensure_ascii=False))
        return 0
    for name, figure in figures.items():
        print(f"  {name:<28} {figure}")
    return 0


def machine() -> dict[str, Any]:
    """This machine's cores and memory, so that a figure is never read without them."""
    return {"cores": os.cpu_count(), "memory_gb": round(psutil.virtual_memory().total / 2**30, 1)}


def _names() -> list[str]:
    folder: Path = HOUSE / "benchmarks"
    files = [*folder.glob("[a-z]*.py"), *folder.glob("[a-z]*/__init__.py")]
    found = (file for file in files if "def measure(" in file.read_text(encoding="utf-8"))
    names = (file.parent.name if file.stem == "__init__" else file.stem for file in found)
    return sorted(name.replace("_", "-") for name in names)
