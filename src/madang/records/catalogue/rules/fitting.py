"""Whether data has the shape that it must have; every misfit is found, not the first alone."""

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from rapidfuzz import process

from madang.records.catalogue.rules.merging import Data, Fault, Path

_EXPECTED = {
    dict: "write keys and values below it, each indented by two more spaces",
    list: "write a list below it, each entry after a hyphen",
    bool: "write true or false, without quotes",
    int: "write a whole number, without quotes",
    str: "write a text; put one that looks like a number, yes or no in quotes",
}


def misfits(data: Data, wanted: Any, path: Path = ()) -> Iterator[Fault]:
    """Every place where ``data`` does not have the type ``wanted``."""
    try:
        msgspec.convert(data, wanted)
    except msgspec.ValidationError as wrong:
        yield from _inside(data, _plain(wanted), path) or [Fault(path, _said(wrong), _remedy(wanted, data))]


def _inside(data: Data, wanted: Any, path: Path) -> list[Fault]:
    """The misfits within ``data``; none when the whole of it is at fault."""
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct) and isinstance(data, dict):
        return list(_keys(data, wanted, path))
    if get_origin(wanted) is list and isinstance(data, list):
        (kind,) = get_args(wanted)
        return [fault for index, item in enumerate(data) for fault in misfits(item, kind, (*path, index))]
    if get_origin(wanted) is dict and isinstance(data, dict):
        return list(_entries(data, wanted, path))
    return []


def _keys(data: Mapping[str, Data], wanted: type[msgspec.Struct], path: Path) -> Iterator[Fault]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(wanted)}
    for key in data.keys() - fields.keys():
        yield Fault((*path, key), "is no key that is known here", _nearest(str(key), list(fields)))
    for name, field in fields.items():
        if name in data:
            yield from misfits(data[name], field.type, (*path, name))
        elif field.required:
            yield Fault(path, f"“{name}” is missing", f"add “{name}:”")


def _entries(data: Mapping[str, Data], wanted: Any, path: Path) -> Iterator[Fault]:
    key_type, value_type = get_args(wanted)
    for key, value in data.items():
        if next(misfits(key, key_type), None):
            yield Fault((*path, key), f"“{key}” is no key that is known here", _nearest(str(key), _allowed(key_type)))
        else:
            yield from misfits(value, value_type, (*path, key))


def _plain(wanted: Any) -> Any:
    """The type without its bounds and without None."""
    if get_origin(wanted) is Annotated:
        return _plain(get_args(wanted)[0])
    options = [option for option in get_args(wanted) if option is not type(None)]
    return _plain(options[0]) if type(None) in get_args(wanted) and len(options) == 1 else wanted


def _said(wrong: msgspec.ValidationError) -> str:
    """What msgspec says, in its own words without its own path."""
    said = str(wrong).partition(" - at ")[0]
    return re.sub(r"`([^`]*)`", r"“\1”", said[:1].lower() + said[1:])


def _remedy(wanted: Any, data: Data) -> str:
    plain = _plain(wanted)
    if allowed := _allowed(plain):
        return _nearest(str(data), allowed)
    kind = get_origin(plain) or plain
    if get_origin(wanted) is Annotated and isinstance(kind, type) and type(data) is kind:
        return _bounds(wanted)
    return _EXPECTED.get(kind, _EXPECTED[dict])


def _bounds(wanted: Any) -> str:
    """What a bounded type allows, in words."""
    meta = next(extra for extra in get_args(wanted)[1:] if isinstance(extra, msgspec.Meta))
    if meta.pattern:
        return f"write it so that it matches {meta.pattern}"
    if meta.min_length:
        return "give at least one"
    return f"give a whole number from {meta.ge}" + (f" to {meta.le}" if meta.le is not None else "")


def _allowed(wanted: Any) -> list[str]:
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return [str(member.value) for member in wanted]
    return [str(option) for option in get_args(wanted)] if get_origin(wanted) is Literal else []


def _nearest(given: str, known: list[str]) -> str:
    """A remedy that names the likeliest of the known names, or all of them."""
    close = process.extractOne(given, known, score_cutoff=60)
    return f"did you mean “{close[0]}”?" if close else f"use one of: {', '.join(known)}"
