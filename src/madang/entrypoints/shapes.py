"""The catalogue as linked data against shapes: what a harvester of public services would find wrong with it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Broken:
    """One thing that does not fit the shapes: what, in which property, and why."""

    focus: str
    path: str
    why: str


class NothingToCheckWith(Exception):
    """pyshacl is not installed: it is no part of a running city."""


def check(document: Mapping[str, Any], shapes: Path) -> list[Broken]:
    """Where ``document`` (JSON-LD) breaks the SHACL ``shapes`` (Turtle); in no particular order.

    Raises NothingToCheckWith; OSError and ValueError for shapes that cannot be read.
    """
    try:
        from pyshacl import validate
        from rdflib import Graph
    except ImportError:
        raise NothingToCheckWith from None
    text = shapes.read_text(encoding="utf-8")
    try:
        wanted = Graph().parse(data=text, format="turtle")
    except SyntaxError as wrong:  # rdflib's own
        message = f"line {getattr(wrong, 'lines', 0) + 1} is no Turtle"
        raise ValueError(message) from None
    told = Graph().parse(data=json.dumps(document), format="json-ld")
    _, report, _ = validate(told, shacl_graph=wanted, inference="none", meta_shacl=False)
    return _broken(report)


def _broken(report: Any) -> list[Broken]:
    from rdflib import SH

    def one(result: Any, what: Any) -> str:
        return str(report.value(result, what) or "")

    return [
        Broken(one(result, SH.focusNode), one(result, SH.resultPath), one(result, SH.resultMessage))
        for result in report.objects(None, SH.result)
    ]
