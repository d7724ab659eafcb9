"""What a PATCH does to a document: RFC 7644 (2015), section 3.5.2."""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from madang.commons.identity.provisioning.contracts import ScimRefused
from madang.commons.identity.provisioning.rules import filters

MESSAGE: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_PATH: Final = re.compile(
    r"(?:(?P<urn>urn:[A-Za-z0-9:._-]+):)?(?P<name>[A-Za-z$][\w$-]*)(?:\[(?P<filter>.*)\])?(?:\.(?P<sub>[A-Za-z$][\w$-]*))?",
)
_MOST: Final = 1_000

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Target:
    """What a path names: an attribute, perhaps of an extension, those of its values that match, and a part of them."""

    urn: str
    name: str
    matches: filters.Matches | None
    sub: str


def patched(document: Mapping[str, Any], asked: Any, fixed: frozenset[str]) -> Document:
    """The document after every operation; ``fixed`` are attributes, in small letters, that no client may change.

    Raises ScimRefused: then nothing of the request holds.
    """
    operations = filters.value_of(asked, "Operations") if isinstance(asked, Mapping) else None
    if not isinstance(operations, list) or not 0 < len(operations) <= _MOST:
        raise ScimRefused(400, f"Give 1 to {_MOST} Operations.", "invalidSyntax")
    made = deepcopy(dict(document))
    for one in operations:
        if not isinstance(one, Mapping):
            raise ScimRefused(400, "An operation is an object.", "invalidSyntax")
        told = {str(key).lower(): value for key, value in one.items()}
        _apply(made, str(told.get("op", "")).lower(), told.get("path"), told.get("value"), fixed)
    return made


def _apply(document: Document, verb: str, path: Any, value: Any, fixed: frozenset[str]) -> None:
    if verb not in {"add", "replace", "remove"}:
        raise ScimRefused(400, f"There is no operation {verb!r}: use add, replace or remove.", "invalidSyntax")
    if path is None:
        if verb == "remove":
            raise ScimRefused(400, "remove needs a path.", "noTarget")
        if not isinstance(value, Mapping):
            raise ScimRefused(400, "Without a path, value is an object.", "invalidValue")
        for name, part in value.items():
            _apply_all(document, verb, name, part, fixed)
        return
    _change(document, verb, _target(path, fixed), value)


def _apply_all(document: Document, verb: str, name: str, part: Any, fixed: frozenset[str]) -> None:
    """One member of a value without a path: an attribute, or an extension with attributes of its own."""
    if name.lower().startswith("urn:") and isinstance(part, Mapping):
        for inner, value in part.items():
            _change(document, verb, _target(f"{name}:{inner}", fixed), value)
    elif name.lower() != "schemas":
        _change(document, verb, _target(name, fixed), part)


def _target(path: Any, fixed: frozenset[str]) -> _Target:
    found = _PATH.fullmatch(path) if isinstance(path, str) else None
    if found is None:
        raise ScimRefused(400, f"{path!r} is not a path.", "invalidPath")
    if found["name"].lower() in fixed:
        raise ScimRefused(400, f"{found['name']} cannot be changed here.", "mutability")
    matches = filters.parsed(found["filter"]) if found["filter"] else None
    return _Target(found["urn"] or "", found["name"], matches, found["sub"] or "")


def _change(document: Document, verb: str, target: _Target, value: Any) -> None:
    holder = document
    if target.urn and not target.urn.lower().endswith(":core:2.0:user"):
        key = _key(document, target.urn)
        holder = document.setdefault(key, {})
    name = _key(holder, target.name)
    if target.matches is not None:
        _change_matching(holder, name, verb, target, value)
    elif target.sub:
        part = holder.setdefault(name, {})
        if isinstance(part, dict):
            _set(part, _key(part, target.sub), verb, value)
    else:
        _set(holder, name, verb, value)


def _change_matching(holder: Document, name: str, verb: str, target: _Target, value: Any) -> None:
    held = holder.get(name)
    chosen = [one for one in held if target.matches and target.matches(one)] if isinstance(held, list) else []
    if not chosen:
        if verb == "remove":
            return  # what is not there is removed already
        raise ScimRefused(400, f"No value of {name} matches the path.", "noTarget")
    if verb == "remove" and not target.sub:
        holder[name] = [one for one in held or () if one not in chosen]
        return
    for one in chosen:
        if target.sub:
            _set(one, _key(one, target.sub), verb, value)
        elif isinstance(value, Mapping):
            one.update(value)


def _set(holder: Document, name: str, verb: str, value: Any) -> None:
    held = holder.get(name)
    if verb == "remove":
        # some directories name what they remove in the value instead of the path
        left = _without(held, value) if isinstance(held, list) and value else None
        holder[name] = left if left is not None else None
    elif verb == "add" and isinstance(held, list):
        more = value if isinstance(value, list) else [value]
        holder[name] = [*held, *(one for one in more if one not in held)]
    elif isinstance(held, dict) and isinstance(value, Mapping):
        held.update(value)
    else:
        holder[name] = value


def _without(held: list[Any], value: Any) -> list[Any]:
    gone = [_plain(one) for one in (value if isinstance(value, list) else [value])]
    return [one for one in held if _plain(one) not in gone]


def _plain(one: Any) -> Any:
    return filters.value_of(one, "value") if isinstance(one, Mapping) else one


def _key(holder: Mapping[str, Any], name: str) -> str:
    return next((key for key in holder if key.lower() == name.lower()), name)
