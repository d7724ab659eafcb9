"""Look at the services of the city and check their data.

check tells every mistake by file, line and field, with the way to mend it. count says how much there is and how far the
texts are; walk drives services to their outcomes; list, show and search say what people see. export writes it
as linked data (CPSV-AP 3.2), and check-shapes holds that against a file of SHACL shapes.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Any

from madang.entrypoints.instance import set_django_up
from madang.entrypoints.settings import current
from madang.kernel.languages import Language, Text
from madang.kernel.money import Won
from madang.records.catalogue.contracts import Service


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to look at."""
    kinds = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    check = kinds.add_parser("check", help="every mistake in the services' data; exit code 1 when there is one")
    check.add_argument("--profile", type=Path, help="the folder of a profile; this instance's by default")
    kinds.add_parser("count", help="how many services of each kind, and which texts are stale or missing")
    kinds.add_parser("list", help="every service, the most used first")
    kinds.add_parser("show", help="one service whole").add_argument("service", metavar="ID")
    search = kinds.add_parser("search", help="what people find with these words")
    search.add_argument("words", nargs="+", metavar="WORD")
    walk = kinds.add_parser("walk", help="drive services to their outcomes, in a city of their own")
    walk.add_argument("services", nargs="*", metavar="ID")
    walk.add_argument("--all", action="store_true", help="every service of the catalogue")
    export = kinds.add_parser("export", help="the catalogue as linked data")
    export.add_argument("--cpsv-ap", type=Path, required=True, metavar="FILE", help="where to write the JSON-LD")
    shapes = kinds.add_parser("check-shapes", help="the catalogue as CPSV-AP against SHACL shapes (needs pyshacl)")
    shapes.add_argument("shapes", type=Path, metavar="SHAPES.ttl")
    shapes.add_argument("services", nargs="*", metavar="ID", help="these services only")
    for kind in kinds.choices.values():
        kind.add_argument("--json", action="store_true", help="print JSON")
    for name in ("list", "show", "search"):
        kinds.choices[name].add_argument("--language", type=Language, default=Language.EN, choices=list(Language))


def run(asked: argparse.Namespace) -> int:
    """Look; 0 when all is well, 1 when something is wrong or nothing was found."""
    if asked.what == "walk":
        return _walk(asked)
    set_django_up()
    return _VERBS[asked.what](asked)


def _walk(asked: argparse.Namespace) -> int:
    from madang.entrypoints.walk.city import walk_services

    if asked.all == bool(asked.services):
        print("name the services to walk, or say --all", file=sys.stderr)
        return 2
    found = walk_services(asked.services)
    said = {
        "walked": found.walked, "failed": found.failed, "outcomes": dict(found.outcomes),
        "seconds": round(found.seconds, 1),
    }
    if asked.json:
        print(json.dumps(said, ensure_ascii=False))
        return bool(found.failed)
    for service, why in found.failed.items():
        print(f"{service}: {why}")
    print(f"{found.walked} walked, {len(found.failed)} did not get to their outcome, {found.seconds:.0f} s")
    for outcome, number in found.outcomes.most_common():
        print(f"{number:5} {outcome}")
    return bool(found.failed)


def _check(asked: argparse.Namespace) -> int:
    from madang.records.catalogue import facade as catalogue

    folder = asked.profile or current().profile
    found = catalogue.problems(folder)
    if asked.json:
        print(json.dumps({"profile": str(folder), "problems": [asdict(problem) for problem in found]}))
        return bool(found)
    for problem in found:
        field = f" {problem.field}:" if problem.field else ""
        print(f"{folder / problem.file}:{problem.line}:{field} {problem.what} -> {problem.remedy}")
    print(f"{len(found)} to mend" if found else f"{len(catalogue.services_in(folder))} services, nothing to mend")
    return bool(found)


def _export(asked: argparse.Namespace) -> int:
    from madang.records.catalogue import facade as catalogue

    document = catalogue.linked_data()
    asked.cpsv_ap.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    said = {"file": str(asked.cpsv_ap), "services": len(catalogue.services()), "nodes": len(document["@graph"])}
    print(json.dumps(said) if asked.json else f"{said['services']} services in {said['file']}")
    return 0


def _check_shapes(asked: argparse.Namespace) -> int:
    from madang.entrypoints import shapes
    from madang.records.catalogue import facade as catalogue

    try:
        found = [
            one
            for service in asked.services or [None]
            for one in shapes.check(catalogue.linked_data(service), asked.shapes)
        ]
    except shapes.NothingToCheckWith:
        print("pyshacl is not here: install the extra “dev” of madang, or pyshacl itself", file=sys.stderr)
        return 2
    except (OSError, ValueError) as wrong:
        print(f"{asked.shapes} cannot be read as Turtle: {wrong}", file=sys.stderr)
        return 2
    if asked.json:
        print(json.dumps({"conforms": not found, "results": [asdict(one) for one in found]}, ensure_ascii=False))
        return bool(found)
    for one in found:
        print(f"{one.focus} {one.path}: {one.why}")
    print(f"{len(found)} to mend" if found else "conforms")
    return bool(found)


def _count(asked: argparse.Namespace) -> int:
    from madang.records.catalogue import facade as catalogue

    counts = asdict(catalogue.counts())
    if asked.json:
        print(json.dumps(counts))
        return 0
    print(f"{counts.pop('total')} services, {counts.pop('full')} of them with a form of their own")
    for what, numbers in counts.items():
        print(f"{what:<12}", ", ".join(f"{name} {number}" for name, number in numbers.items()))
    return 0


def _list(asked: argparse.Namespace) -> int:
    from madang.records.catalogue import facade as catalogue

    services = catalogue.services()
    if asked.json:
        print(json.dumps([_line(service, asked.language) for service in services], ensure_ascii=False))
        return 0
    for service in services:
        fee = str(service.fee) if service.fee else "free"
        print(f"{service.id:<30} {service.processing:<10} {fee:>8}  {service.name.into(asked.language)}")
    return 0


def _show(asked: argparse.Namespace) -> int:
    from madang.records.catalogue import facade as catalogue

    service = _plain(catalogue.service(asked.service), asked.language)
    if asked.json:
        print(json.dumps(service, ensure_ascii=False))
        return 0
    for line in _outline(service):
        print(line)
    return 0


def _search(asked: argparse.Namespace) -> int:
    from madang.records.catalogue import facade as catalogue

    found = catalogue.search(" ".join(asked.words), asked.language)
    hits = [{**_line(hit.service, asked.language), "score": hit.score, "matched": hit.matched} for hit in found]
    if asked.json:
        print(json.dumps(hits, ensure_ascii=False))
    for hit in [] if asked.json else hits:
        print(f"{hit['score']:.2f}  {hit['id']:<30} {hit['name']}  (by “{hit['matched']}”)")
    return not hits


def _line(service: Service, language: Language) -> Mapping[str, Any]:
    texts = service.texts
    return {
        "id": service.id,
        "name": service.name.into(language),
        "category": service.category,
        "processing": service.processing,
        "fee": service.fee.amount,
        "uses_per_year": service.uses_per_year,
        "translated_by_machine": sorted(texts.machine),
        "translated_from_an_older_version": sorted(texts.behind),
    }


def _plain(value: Any, language: Language) -> Any:
    """A contract as JSON has it, with each text in one language."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner, language) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, language) for inner in value]
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, Text | Won):
        return {name: _plain(getattr(value, name), language) for name in value.__dataclass_fields__}
    return _atom(value, language)


def _atom(value: Any, language: Language) -> Any:
    if isinstance(value, Text):
        return value.into(language)
    if isinstance(value, Won):
        return value.amount
    if isinstance(value, Enum):
        return value.name.lower() if isinstance(value, int) else str(value.value)
    return sorted(map(str, value)) if isinstance(value, frozenset) else value


def _outline(value: Any, depth: int = 0) -> list[str]:
    """Nested data as indented lines, without what is empty."""
    pad = "  " * depth
    if isinstance(value, dict):
        filled = ((key, inner) for key, inner in value.items() if inner not in (None, "", [], {}))
        return [line for key, inner in filled for line in _entry(f"{pad}{key}:", inner, depth)]
    items = ([*_outline(inner, depth + 1)] if isinstance(inner, dict) else [f"{pad}  {inner}"] for inner in value)
    return [f"{pad}- {line.lstrip()}" if at == 0 else line for lines in items for at, line in enumerate(lines)]


def _entry(head: str, value: Any, depth: int) -> list[str]:
    return [head, *_outline(value, depth + 1)] if isinstance(value, dict | list) and value else [f"{head} {value}"]


_VERBS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
    "check-shapes": _check_shapes,
    "export": _export,
    "count": _count,
    "list": _list,
    "show": _show,
    "search": _search,
}
