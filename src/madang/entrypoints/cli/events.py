"""Look at the event bus: what waits, what died, and let a dead letter be handled again."""

import argparse
import json
from dataclasses import asdict
from uuid import UUID

from madang.entrypoints.instance import opened


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to look at."""
    parser.add_argument("what", choices=["waiting", "dead", "replay"])
    parser.add_argument("letter", nargs="?", type=UUID, help="with replay: the dead letter; without it, all of them")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(asked: argparse.Namespace) -> int:
    """Look; 1 when there are dead letters that nobody has replayed."""
    with opened():
        if asked.what == "waiting":
            return _waiting(as_json=asked.json)
        if asked.what == "replay":
            return _replay(asked.letter)
        return _dead(as_json=asked.json)


def _waiting(*, as_json: bool) -> int:
    from madang.commons.events import facade as events

    count = events.count_waiting()
    print(json.dumps({"waiting": count}) if as_json else f"{count} events wait to be published")
    return 0


def _dead(*, as_json: bool) -> int:
    from madang.commons.events import facade as events

    letters = events.dead_letters()
    if as_json:
        print(json.dumps([asdict(letter) for letter in letters], default=str))
    for letter in [] if as_json else letters:
        state = f"replayed {letter.replayed:%Y-%m-%d %H:%M}" if letter.replayed else "open"
        last = letter.error.strip().splitlines()[-1]
        print(f"{letter.id}  {letter.subscriber}  {letter.topic}  {letter.died:%Y-%m-%d %H:%M}  {state}\n    {last}")
    still = [letter for letter in letters if letter.replayed is None]
    if not as_json:
        print(f"{len(still)} open dead letters. `madang events replay ID` handles one again once its cause is mended.")
    return 1 if still else 0


def _replay(chosen: UUID | None) -> int:
    from madang.commons.events import facade as events
    from madang.entrypoints.rooms import subscriptions
    from madang.kernel import clock

    known = list(subscriptions())
    letters = [chosen] if chosen else [letter.id for letter in events.dead_letters() if letter.replayed is None]
    failed = 0
    for letter in letters:
        try:
            events.replay(letter, known, clock.now())
            print(f"{letter} handled")
        except Exception as failure:  # noqa: BLE001 -- the terminal is the edge: say which failed, and go on
            failed += 1
            print(f"{letter} failed again: {failure!r}")
    return 1 if failed else 0
