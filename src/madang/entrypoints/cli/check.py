"""Check what the city promises: the audit chain is whole, the lake has every event, messages can be written."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from madang.entrypoints.instance import opened


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to check."""
    parser.add_argument("what", choices=sorted(_CHECKS))
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(asked: argparse.Namespace) -> int:
    """Check; 0 whole, 1 something is wrong."""
    with opened():
        found, whole = _CHECKS[asked.what]()
    if asked.json:
        print(json.dumps(found, default=str))
        return 0 if whole else 1
    for name, value in found.items():
        print(f"  {name:<22} {value}")
    print("whole" if whole else "NOT WHOLE: see above")
    return 0 if whole else 1


def _audit() -> tuple[dict[str, Any], bool]:
    from madang.commons.audit import facade as audit

    state = audit.verify()
    return asdict(state), state.whole


def _lake() -> tuple[dict[str, Any], bool]:
    from madang.commons.lake import facade as lake

    state = lake.check()
    return asdict(state), state.whole


def _messages() -> tuple[dict[str, Any], bool]:
    from madang.commons.notify import facade as notify
    from madang.commons.notify.contracts import TemplateWrong

    try:
        return {"templates": notify.check_templates(), "wrong": ""}, True
    except TemplateWrong as wrong:
        return {"templates": 0, "wrong": str(wrong)}, False


_CHECKS: dict[str, Callable[[], tuple[dict[str, Any], bool]]] = {"audit": _audit, "lake": _lake, "messages": _messages}
