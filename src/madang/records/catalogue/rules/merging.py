"""What a service's own file leaves out is filled in from the files that all services share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Path = tuple[str | int, ...]
"""Where in a file something stands: keys and positions from the top."""

Data = Any
"""What a YAML file holds before its shape has been checked."""


class Fault(NamedTuple):
    """A mistake before it is known in which line it stands."""

    path: Path
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Shared:
    """The profile's shared files, as they stand: archetypes, patterns, questions, departments, laws."""

    archetypes: Mapping[str, Data] = field(default_factory=dict)
    patterns: Mapping[str, Data] = field(default_factory=dict)
    questions: Mapping[str, Data] = field(default_factory=dict)
    departments: Mapping[str, Data] = field(default_factory=dict)
    laws: Mapping[str, Data] = field(default_factory=dict)


def merged(own: Mapping[str, Data], shared: Shared) -> dict[str, Data]:
    """The service whole: its own keys over its pattern's over its archetype's; each reference is what it names.

    A reference that names nothing is left out; ``dangling`` says which.
    """
    return resolved({**_defaults(own, shared), **own}, shared)


def resolved(own: Mapping[str, Data], shared: Shared) -> dict[str, Data]:
    """The same keys, each reference replaced by what it names."""
    whole = dict(own)
    if isinstance(key := whole.get("department"), str):
        whole["department"] = shared.departments.get(key, {})
    if isinstance(laws := whole.get("law"), list):
        whole["law"] = [_law(entry, shared) for entry in laws]
    if isinstance(steps := whole.get("steps"), list):
        whole["steps"] = [_step(step, shared) for step in steps]
    return whole


def dangling(own: Mapping[str, Data], shared: Shared) -> Iterator[tuple[Path, str, str, Mapping[str, Data]]]:
    """Every reference that names nothing: where, the name, the file that should hold it, and what that file holds."""
    for path, name, file, entries in _references(own, shared):
        if name not in entries:
            yield path, name, file, entries


def _references(own: Mapping[str, Data], shared: Shared) -> Iterator[tuple[Path, str, str, Mapping[str, Data]]]:
    if isinstance(kind := own.get("archetype"), str):
        yield ("archetype",), kind, "archetypes.yaml", shared.archetypes
    if isinstance(pattern := own.get("pattern"), str):
        yield ("pattern",), pattern, "patterns.yaml", shared.patterns
    if isinstance(department := own.get("department"), str):
        yield ("department",), department, "departments.yaml", shared.departments
    for index, entry in enumerate(_items(own.get("law"))):
        if isinstance(law := _get(entry, "law"), str):
            yield ("law", index, "law"), law, "laws.yaml", shared.laws
    for step_index, step in enumerate(_items(own.get("steps"))):
        for index, question in enumerate(_items(_get(step, "fields"))):
            if isinstance(ask := _get(question, "ask"), str):
                yield ("steps", step_index, "fields", index, "ask"), ask, "questions.yaml", shared.questions


def _defaults(own: Mapping[str, Data], shared: Shared) -> Mapping[str, Data]:
    name = own.get("pattern")
    pattern = shared.patterns.get(name) if isinstance(name, str) else None
    kind = own.get("archetype", _get(pattern, "archetype"))
    archetype = shared.archetypes.get(kind) if isinstance(kind, str) else None
    given = {"archetype": kind} if pattern is not None else {}
    return {**_mapping(_get(archetype, "defaults")), **given, **_mapping(_get(pattern, "defaults"))}


def _mapping(value: Data) -> Mapping[str, Data]:
    return value if isinstance(value, dict) else {}


def _law(entry: Data, shared: Shared) -> Data:
    if not isinstance(entry, dict) or "law" not in entry:
        return entry
    return {**shared.laws.get(str(entry["law"]), {}), **_without(entry, "law")}


def _step(step: Data, shared: Shared) -> Data:
    if not isinstance(step, dict) or not isinstance(step.get("fields"), list):
        return step
    return {**step, "fields": [_question(asked, shared) for asked in step["fields"]]}


def _question(asked: Data, shared: Shared) -> Data:
    if not isinstance(asked, dict) or "ask" not in asked:
        return asked
    name = str(asked["ask"])
    return {"name": name, **shared.questions.get(name, {}), **_without(asked, "ask")}


def _without(entry: Mapping[str, Data], key: str) -> dict[str, Data]:
    return {name: value for name, value in entry.items() if name != key}


def _get(entry: Data, key: str) -> Data:
    return entry.get(key) if isinstance(entry, dict) else None


def _items(value: Data) -> list[Data]:
    return value if isinstance(value, list) else []
