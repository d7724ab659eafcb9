"""How many of the city's systems stand on the common stack, what is seen of them, and what is late."""

import argparse
import json
from dataclasses import asdict

from madang.entrypoints.instance import opened


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what can be asked."""
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--note", action="store_true", help="also keep this month's share, as the timed task does")


def run(asked: argparse.Namespace) -> int:
    """Say it; 0 when nothing is late, 1 when something is."""
    with opened():
        from madang.kernel import clock
        from madang.stewardship.platform_register import facade

        now = clock.now()
        if asked.note:
            facade.note_share(now)
        found = facade.overview(now)
        if asked.json:
            print(json.dumps(asdict(found) | {
                "late": [one.key for one in found.late], "without_plan": [one.key for one in found.without_plan],
            }, default=str))
            return int(bool(found.late))
    print(f"{found.complying} of {found.systems} systems ({found.share:.0%}) by their own word; "
          f"{found.confirmed} of them confirmed by what is seen")
    for past in found.history:
        print(f"{past.year}  {past.share:.0%}  {past.source}")
    print(f"{found.migrating} move, {found.retiring} are switched off, by {found.target.year}; {len(found.late)} late:")
    for one in found.late:
        print(f"  {one.plan.by if one.plan else '':%Y-%m}  {one.key:34} {one.department}")
    return int(bool(found.late))
