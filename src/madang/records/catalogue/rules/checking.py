"""Every mistake in a profile's catalogue, each by file, line and field, with the way to mend it."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec
import yaml

from madang.records.catalogue.contracts import Archetype, Category, Problem
from madang.records.catalogue.rules import fitting, meaning, reading
from madang.records.catalogue.rules.lines import Lines
from madang.records.catalogue.rules.merging import Data, Fault, Path, Shared, dangling, merged, resolved
from madang.records.catalogue.rules.reading import SERVICES, shared_of
from madang.records.catalogue.rules.shape import (
    ArchetypeShape,
    CategoryShape,
    LawEntryShape,
    LifeEventShape,
    Name,
    PatternShape,
    QuestionShape,
    SearchShape,
    ServiceShape,
    Slug,
    Words,
)

_SHARED_FILES: Mapping[str, Any] = {
    "archetypes.yaml": dict[Archetype, ArchetypeShape],
    "categories.yaml": dict[Category, CategoryShape],
    "departments.yaml": dict[Slug, Words],
    "laws.yaml": dict[Slug, LawEntryShape],
    "life_events.yaml": dict[Name, LifeEventShape],
    "patterns.yaml": dict[Slug, PatternShape],
    "questions.yaml": dict[Name, QuestionShape],
    "search.yaml": SearchShape,
}


def problems(files: Mapping[str, str]) -> list[Problem]:
    """Every mistake in ``files`` (path in the profile to text), in the order of files and lines."""
    found = [problem for name, text in files.items() for problem in _readable(name, text)]
    if found:
        return found
    data = {name: yaml.load(text, yaml.CSafeLoader) for name, text in files.items()}
    twice = _twice(data)
    shared, registers = shared_of(data), _registers(data.get("registers.yaml"))
    faults = {name: [*_file(name, data, shared, registers), *twice.get(name, ())] for name in files}
    missing = [_missing(name) for name in (*_SHARED_FILES, "registers.yaml") if name not in files]
    located = [_located(name, files[name], found) for name, found in faults.items() if found]
    return missing + [problem for group in located for problem in group]


def _missing(name: str) -> Problem:
    return Problem(name, 1, "", "is not there", f"add {name} to the profile; docs/catalogue.md says what it holds")


def _located(name: str, text: str, faults: list[Fault]) -> list[Problem]:
    lines = Lines(text)
    found = [Problem(name, lines.of(path), _spoken(path), what, remedy) for path, what, remedy in faults]
    return sorted(found, key=lambda problem: (problem.line, problem.field, problem.what))


def _spoken(path: Path) -> str:
    """A path as people write it: ``steps[0].fields[2].label``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _readable(name: str, text: str) -> Iterator[Problem]:
    try:
        for line, (path, what, remedy) in Lines(text).twice():
            yield Problem(name, line, _spoken(path), what, remedy)
        yaml.load(text, yaml.CSafeLoader)
    except RecursionError:
        yield Problem(name, 1, "", "holds an anchor that refers to itself", "take the “*” within the “&” out")
    except (yaml.YAMLError, ValueError) as wrong:
        mark = getattr(wrong, "problem_mark", None)
        what = f"is not YAML: {getattr(wrong, 'problem', None) or wrong}"
        yield Problem(name, mark.line + 1 if mark else 1, "", what, "look at the indentation and quotes of this line")


def _file(name: str, data: Mapping[str, Data], shared: Shared, registers: meaning.Registers) -> Iterator[Fault]:
    if name.startswith(SERVICES):
        yield from _service(name, data[name], shared, registers)
    elif name in _SHARED_FILES:
        yield from _shared(data[name], _SHARED_FILES[name])
    if name == "life_events.yaml":
        yield from _events(data)
    if name in {"archetypes.yaml", "patterns.yaml"}:
        yield from _defaults(data[name], shared)


def _events(data: Mapping[str, Data]) -> Iterator[Fault]:
    """The services that an event of a life names and that are not there."""
    known = {str(own.get("id")) for file, own in data.items() if file.startswith(SERVICES) and isinstance(own, dict)}
    for event, entry in reading.entries(data["life_events.yaml"]).items():
        for at, service in enumerate(entry.get("services") or ()):
            if service not in known:
                yield Fault((event, "services", at), f"“{service}” is no service", "write the id of a service")


def _twice(data: Mapping[str, Data]) -> Mapping[str, list[Fault]]:
    """Services that stand in two files, or that two files call by one name: nobody could tell them apart."""
    faults: dict[str, list[Fault]] = {}
    seen: dict[tuple[str, str], str] = {}
    for file, own in data.items():
        if not file.startswith(SERVICES) or not isinstance(own, dict):
            continue
        named = own.get("name")
        named = named if isinstance(named, dict) else {}
        for path, what in ((("id",), own.get("id")), *((("name", key), text) for key, text in named.items())):
            first = seen.setdefault((path[-1], str(what).casefold()), file)
            if first != file:
                fault = Fault(path, f"“{what}” is also what {first} says", "give each service words of its own")
                faults.setdefault(file, []).append(fault)
    return faults


def _shared(data: Data, wanted: Any, path: Path = ()) -> Iterator[Fault]:
    misfits = list(fitting.misfits(data, wanted, path))
    if misfits or wanted is SearchShape:  # words to search by are of one language each
        yield from misfits
    else:
        yield from meaning.text_faults(msgspec.convert(data, wanted), path)


def _defaults(kinds: Data, shared: Shared) -> Iterator[Fault]:
    """The mistakes in what archetypes or patterns give to services, which are the keys of a service."""
    types = {field.encode_name: field.type for field in msgspec.structs.fields(ServiceShape)}
    for kind, entry in reading.entries(kinds).items():
        defaults = reading.entries({"": entry.get("defaults")}).get("", {})
        yield from _lost(defaults, shared, (kind, "defaults"))
        for key, value in resolved(defaults, shared).items():
            path = (kind, "defaults", key)
            if key not in types:
                yield Fault(path, "is no key of a service", f"use one of: {', '.join(types)}")
            else:
                yield from _shared(value, types[key], path)


def _service(name: str, own: Data, shared: Shared, registers: meaning.Registers) -> Iterator[Fault]:
    if not isinstance(own, dict):
        yield Fault((), "is not a service", "write keys and values, as docs/catalogue.md shows")
        return
    stem, folder = PurePosixPath(name).stem, PurePosixPath(name).parent.name
    if folder not in {"services", own.get("category")}:
        remedy = f"move the file to services/{own.get('category')}/"
        yield Fault(("category",), f"differs from the folder “{folder}”", remedy)
    if own.get("id") != stem:
        yield Fault(("id",), f"differs from the file's name “{stem}”", f"write “id: {stem}” or rename the file")
    lost = list(_lost(own, shared))
    yield from lost
    if not lost:
        yield from _whole(own, merged(own, shared), registers)


def _lost(own: Data, shared: Shared, within: Path = ()) -> Iterator[Fault]:
    """Every reference of ``own`` that names nothing."""
    for path, key, file, entries in dangling(own, shared):
        yield Fault((*within, *path), f"“{key}” is not in {file}", f"use one of: {', '.join(entries)}; or add it there")


def _whole(own: Data, whole: Data, registers: meaning.Registers) -> Iterator[Fault]:
    misfits = list(fitting.misfits(whole, ServiceShape))
    if not misfits:
        service = msgspec.convert(whole, ServiceShape)
        yield from meaning.faults(service, registers)
        without = meaning.WITHOUT if service.pattern and "steps" not in own else {}
        misfits = list(meaning.text_faults(service, without=without))
    yield from (fault for fault in misfits if _is_own(own, fault.path))


def _is_own(own: Data, path: Path) -> bool:
    """Whether the file itself gives what stands at ``path``; what a shared file gives is reported there, once."""
    for step in path[:-1]:
        if isinstance(own, dict):
            own = own.get(step)
        elif isinstance(own, list) and isinstance(step, int):
            own = own[step]
    return isinstance(own, list) or (isinstance(own, dict) and (not path or path[-1] in own))


def _registers(data: Data) -> meaning.Registers:
    """The registers and their fields, as registers.yaml names them."""
    named = data.get("registers", {}) if isinstance(data, dict) else {}
    return {
        register: {name: _values(field) for name, field in (entry.get("fields") or {}).items()}
        for register, entry in reading.entries(named).items()
    }


def _values(field: Mapping[str, Data]) -> list[str]:
    return ["yes", "no"] if field.get("kind") == "yes_no" else list(field.get("choices") or ())
