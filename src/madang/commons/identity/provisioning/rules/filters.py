"""The filter language of RFC 7644 (2015), section 3.4.2.2, over documents."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NoReturn

import msgspec

from madang.commons.identity.provisioning.contracts import ScimRefused

Document = Mapping[str, Any]
Matches = Callable[[Document], bool]

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[()\[\]])|(?P<word>[^\s()\[\]"]+))""",
)
_ATTRIBUTE: Final = re.compile(r"(?:urn:[A-Za-z0-9:._-]+:)?[A-Za-z$][\w$-]*(?:\.[A-Za-z$][\w$-]*)?")
_EXACT: Final = frozenset({"id", "externalid"})
_LONGEST: Final = 1_000
_DEEPEST: Final = 20
_ORDERED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b, "lt": lambda a, b: a < b, "le": lambda a, b: a <= b,
}
_TEXTUAL: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "co": lambda a, b: b in a, "sw": lambda a, b: a.startswith(b), "ew": lambda a, b: a.endswith(b),
}


def parsed(text: str) -> Matches:
    """What a filter means: whether a document matches it. Raises ScimRefused (``invalidFilter``)."""
    if len(text) > _LONGEST:
        _refuse(f"it is longer than {_LONGEST} characters")
    reader = _Reader(_tokens(text))
    found = reader.either(0)
    if reader.at < len(reader.tokens):
        _refuse(f"{reader.tokens[reader.at]!r} is not expected")
    return found


def values_at(document: Document, path: str) -> list[Any]:
    """The values of an attribute path, whose names' case does not matter; of a list, those of each element."""
    urn, _, rest = path.rpartition(":")
    names = [*([urn] if urn else []), *rest.split(".")]
    found: list[Any] = [document]
    for name in names:
        found = [value for one in found if isinstance(one, Mapping) for value in _each(value_of(one, name))]
    return found


def value_of(document: Document, name: str) -> Any:
    """The value of a name whose case does not matter; None when there is none."""
    return next((value for key, value in document.items() if key.lower() == name.lower()), None)


def _each(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            _refuse(f"it cannot be read from character {at + 1} on")
        found.append(match.group().strip())
        at = match.end()
    return found


@dataclass(slots=True)
class _Reader:
    """Reads tokens from left to right; ``or`` binds least, then ``and``, then ``not``."""

    tokens: Sequence[str]
    at: int = 0

    def either(self, depth: int) -> Matches:
        found = [self.both(depth)]
        while self.take("or"):
            found.append(self.both(depth))
        return lambda document: any(one(document) for one in found)

    def both(self, depth: int) -> Matches:
        found = [self.one(depth)]
        while self.take("and"):
            found.append(self.one(depth))
        return lambda document: all(one(document) for one in found)

    def one(self, depth: int) -> Matches:
        if depth > _DEEPEST:
            _refuse(f"it is nested deeper than {_DEEPEST}")
        if self.take("not"):
            denied = self.group("(", ")", depth)
            return lambda document: not denied(document)
        if self.peek() == "(":
            return self.group("(", ")", depth)
        return self.comparison(depth)

    def group(self, opening: str, closing: str, depth: int) -> Matches:
        self.expect(opening)
        found = self.either(depth + 1)
        self.expect(closing)
        return found

    def comparison(self, depth: int) -> Matches:
        path = self.next("an attribute")
        if not _ATTRIBUTE.fullmatch(path):
            _refuse(f"{path!r} is not the name of an attribute")
        if self.peek() == "[":
            inner = self.group("[", "]", depth)
            return lambda document: any(
                inner(one if isinstance(one, Mapping) else {"value": one}) for one in values_at(document, path)
            )
        operator = self.next("an operator").lower()
        if operator == "pr":
            return lambda document: any(one not in ("", {}, None) for one in values_at(document, path))
        return _compared(path, operator, _literal(self.next("a value")))

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, word: str) -> bool:
        found = self.peek().lower() == word
        self.at += found
        return found

    def next(self, what: str) -> str:
        if self.at >= len(self.tokens):
            _refuse(f"{what} is missing at its end")
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, mark: str) -> None:
        if self.next(repr(mark)) != mark:
            _refuse(f"{mark!r} is missing before {self.tokens[self.at - 1]!r}")


def _literal(token: str) -> Any:
    try:
        found = msgspec.json.decode(token)
    except msgspec.DecodeError:
        _refuse(f"{token!r} is not a JSON value")
    if isinstance(found, dict | list):
        _refuse(f"{token!r} is not a plain value")
    return found


def _compared(path: str, operator: str, value: Any) -> Matches:
    if operator not in {"eq", "ne", *_TEXTUAL, *_ORDERED}:
        _refuse(f"{operator!r} is not an operator")
    if operator in _TEXTUAL and not isinstance(value, str):
        _refuse(f"{operator} compares texts")
    if operator in _ORDERED and (isinstance(value, bool) or value is None):
        _refuse(f"{operator} compares texts, numbers and times")
    exact = path.rpartition(":")[2].lower() in _EXACT

    def holds(document: Document) -> bool:
        found = [one.get("value") if isinstance(one, Mapping) else one for one in values_at(document, path)]
        if operator == "ne":
            return not any(_agrees(one, "eq", value, exact=exact) for one in found)
        if value is None:
            return not found
        return any(_agrees(one, operator, value, exact=exact) for one in found)

    return holds


def _agrees(held: Any, operator: str, asked: Any, *, exact: bool) -> bool:
    if isinstance(held, str) and isinstance(asked, str):
        times = _time(held), _time(asked)
        if operator in _ORDERED and times[0] and times[1]:
            return _ORDERED[operator](*times)
        a, b = (held, asked) if exact else (held.lower(), asked.lower())
        if operator in _TEXTUAL:
            return _TEXTUAL[operator](a, b)
        return a == b if operator == "eq" else _ORDERED[operator](a, b)
    if type(held) is not type(asked) or operator in _TEXTUAL:
        return False
    return bool(held == asked) if operator == "eq" else _ORDERED[operator](held, asked)


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _refuse(what: str) -> NoReturn:
    raise ScimRefused(400, f"The filter cannot be used: {what}.", "invalidFilter")
