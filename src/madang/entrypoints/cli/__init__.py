"""The ``madang`` command: one module a verb."""

import argparse
import os
import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol

from madang.entrypoints.logs import keep_values_out
from madang.entrypoints.settings import SettingsWrong
from madang.kernel.errors import CityError


class Verb(Protocol):
    """What a verb's module holds. Its docstring's first line is its help."""

    __doc__: str | None

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the verb's arguments."""

    def run(self, asked: argparse.Namespace) -> int:
        """Do it; the exit code: 0 done, 1 found something wrong, 2 could not be done."""


def main(words: list[str] | None = None) -> int:
    """Run the verb that the words name."""
    parser = argparse.ArgumentParser(prog="madang", description="Run a city's digital public services.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name in _names():
        verb = import_module(f"{__name__}.{name}")
        summary = (verb.__doc__ or "").partition("\n")[0]
        sub = verbs.add_parser(name.replace("_", "-"), help=summary, description=verb.__doc__)
        verb.arguments(sub)
        sub.set_defaults(run=verb.run)
    asked = parser.parse_args(words)
    keep_values_out()
    try:
        return int(asked.run(asked))
    except BrokenPipeError:
        # whoever read our lines has read enough (`| head`); let Python's own last flush find no pipe either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (CityError, SettingsWrong) as wrong:
        print(f"madang {asked.verb}: {wrong}", file=sys.stderr)
        return 2


def _names() -> list[str]:
    return sorted(found.name for found in iter_modules(__path__) if not found.name.startswith("_"))
