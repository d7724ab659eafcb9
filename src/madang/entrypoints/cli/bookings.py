"""Bookings: hold a published draw again, from its file alone."""

import argparse
import json
import os
import sys
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to check."""
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    check = what.add_parser("draw-check", help="hold a draw again from the JSON that /api/v1/draws/SLOT gives")
    check.add_argument("file", type=Path, help="the file; - reads it from standard input")
    check.add_argument("--json", action="store_true", help="one JSON object")


def run(asked: argparse.Namespace) -> int:
    """Draw again; 0 when the same came out, 1 when it did not, 2 when the file is none of a draw that was held."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.entrypoints.django_settings")
    import django

    django.setup()
    from madang.services.bookings import facade
    from madang.services.bookings.contracts import Entry, Sheet

    text = sys.stdin.read() if str(asked.file) == "-" else asked.file.read_text(encoding="utf-8")
    try:
        told = json.loads(text)
        entries = [Entry(one["number"], one["code"], one["seats"]) for one in told["entries"]]
        seed = told["seed"] or "not drawn yet"
        sheet = Sheet(seed, told["commitment"], told["capacity"], entries, told["order"], told["winners"])
        faults = facade.faults(sheet)
    except (KeyError, TypeError, ValueError) as wrong:
        print(f"{asked.file} is not the JSON of a draw that was held ({wrong}); get it from /api/v1/draws/SLOT")
        return 2
    if asked.json:
        print(json.dumps({"entries": len(entries), "winners": sheet.winners, "faults": faults}))
    else:
        print("\n".join(faults) or f"The same order came out: {len(entries)} entries, winners {list(sheet.winners)}.")
    return 1 if faults else 0
