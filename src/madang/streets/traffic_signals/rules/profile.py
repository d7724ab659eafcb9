"""The one strict reader of ``signals.yaml``: what is missing, unknown or out of range is said with file and line."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, time
from math import isfinite
from typing import Any, Final

import yaml

from madang.streets.traffic_signals.contracts import Coordination, Limits
from madang.streets.traffic_signals.contracts.operation import (
    Calendar,
    DataLimits,
    Keeping,
    NetworkSource,
    ProfileWrong,
    RollOutLimits,
    Values,
)
from madang.streets.traffic_signals.contracts.priority import Allowance, PriorityRules, Vehicle
from madang.streets.traffic_signals.rules.state.limits import StateLimits

_FILE: Final = "signals.yaml"
_COUNTRY: Final = 2


@dataclass(frozen=True, slots=True)
class SignalProfile:
    """Everything that a city says about its signals."""

    limits: Limits
    roll_out: RollOutLimits
    """With what a new city begins."""
    widest: RollOutLimits
    """The widest that a person may set."""
    data: DataLimits
    values: Values
    network: NetworkSource
    keep: Keeping
    state: StateLimits
    """Thresholds of the state estimate; what the city does not say stays as its own source has it."""
    calendar: Calendar
    priority: PriorityRules
    coordination: Coordination


def read(text: str, file: str = _FILE) -> SignalProfile:
    """The profile in ``text``. Raises ProfileWrong for the first thing that is wrong."""
    try:
        raw, root = yaml.safe_load(text), yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as wrong:
        raise ProfileWrong(file, f"is not YAML: {wrong}") from wrong
    page = _Page(file, root)
    parts = page.mapping(raw, (), (
        "limits", "coordination", "roll_out", "data", "values", "network", "keep", "state", "calendar", "priority"))
    begin, widest = _roll_out(page, parts["roll_out"])
    limits = page.numbers(Limits, parts["limits"], "limits")
    page.require(limits.min_cycle < limits.max_cycle, ("limits", "max_cycle"), "is not above min_cycle")
    page.require(limits.walking_speed > 0, ("limits", "walking_speed"), "is not above 0")
    return SignalProfile(
        limits, begin, widest, page.numbers(DataLimits, parts["data"], "data"),
        page.numbers(Values, parts["values"], "values"), page.numbers(NetworkSource, parts["network"], "network"),
        page.numbers(Keeping, parts["keep"], "keep"), page.some_numbers(StateLimits, parts["state"] or {}, "state"),
        _calendar(page, parts["calendar"]), _priority(page, parts["priority"]),
        page.numbers(Coordination, parts["coordination"], "coordination"),
    )


def _calendar(page: "_Page", raw: object) -> Calendar:
    part = page.mapping(raw, ("calendar",), ("country", "also"))
    country, also = part["country"], part["also"] or []
    is_code = isinstance(country, str) and len(country) == _COUNTRY
    page.require(is_code, ("calendar", "country"), "is no code such as KR")
    page.require(isinstance(also, list) and all(type(one) is date for one in also), ("calendar", "also"),
                 "is no list of days such as 2026-06-03")
    return Calendar(country, frozenset(also))


def _priority(page: "_Page", raw: object) -> PriorityRules:
    part = page.mapping(raw, ("priority",), ("ahead", *Vehicle))
    ahead = page.number(part["ahead"], ("priority", "ahead"))
    return PriorityRules(int(ahead), {one: _allowance(page, part[one], ("priority", one)) for one in Vehicle})


def _allowance(page: "_Page", raw: object, path: tuple[str, ...]) -> Allowance:
    figures = ("late", "seconds", "lead", "tail", "counts_as")
    part = page.mapping(raw, path, ("inserts", *figures))
    page.require(isinstance(part["inserts"], bool), (*path, "inserts"), "is true or false")
    late, seconds, lead, tail, counts_as = (page.number(part[name], (*path, name)) for name in figures)
    return Allowance(late, int(seconds), part["inserts"], int(lead), int(tail), counts_as)


def _roll_out(page: "_Page", raw: object) -> tuple[RollOutLimits, RollOutLimits]:
    figures = ("max_cycle_change", "max_green_change", "max_effect")
    part = page.mapping(raw, ("roll_out",), ("automatic", *figures, "begin", "end"))
    both = {name: page.mapping(part[name], ("roll_out", name), ("begin_with", "at_most")) for name in figures}
    page.require(isinstance(part["automatic"], bool), ("roll_out", "automatic"), "is true or false")
    begin, end = (page.clock(part[name], ("roll_out", name)) for name in ("begin", "end"))

    def limits(which: str, *, on: bool) -> RollOutLimits:
        cycle, green, effect = (page.number(both[name][which], ("roll_out", name, which)) for name in figures)
        return RollOutLimits(on, int(cycle), int(green), effect, begin, end, ())

    first, widest = limits("begin_with", on=part["automatic"]), limits("at_most", on=True)
    for name in figures:
        page.require(getattr(first, name) <= getattr(widest, name), ("roll_out", name), "begins above at_most")
    return first, widest


class _Page:
    """The file as a tree of nodes that know their lines."""

    def __init__(self, file: str, root: yaml.Node | None) -> None:
        self._file, self._root = file, root

    def require(self, holds: bool, path: tuple[str, ...], what: str) -> None:  # noqa: FBT001 -- a fact, as assert takes it
        """Raise ProfileWrong at ``path`` unless it holds."""
        if not holds:
            raise self._wrong(path, what)

    def mapping(self, raw: object, path: tuple[str, ...], names: tuple[str, ...]) -> Mapping[str, Any]:
        """A mapping with these keys and no others."""
        if not isinstance(raw, dict):
            raise self._wrong(path, "is no mapping")
        for name in raw:
            self.require(name in names, (*path, str(name)), f"is not known here; known are {', '.join(names)}")
        for name in names:
            self.require(name in raw, path, f"lacks {name}")
        return raw

    def numbers(self, kind: type[Any], raw: object, name: str) -> Any:
        """A dataclass of numbers, whole where its field is."""
        part = self.mapping(raw, (name,), tuple(one.name for one in fields(kind)))
        return kind(**{one.name: self._typed(part[one.name], one.type, (name, one.name)) for one in fields(kind)})

    def some_numbers(self, kind: type[Any], raw: object, name: str) -> Any:
        """As ``numbers``, where what is left out keeps its default."""
        self.require(isinstance(raw, dict), (name,), "is no mapping")
        given = dict(raw) if isinstance(raw, dict) else {}
        known = {one.name: one for one in fields(kind)}
        for one in given:
            self.require(one in known, (name, str(one)), f"is not known here; known are {', '.join(known)}")
        return kind(**{one: self._typed(value, known[one].type, (name, one)) for one, value in given.items()})

    def number(self, raw: object, path: tuple[str, ...]) -> float:
        """A number from 0, and not infinite."""
        fits = isinstance(raw, int | float) and not isinstance(raw, bool) and isfinite(raw) and raw >= 0
        self.require(fits, path, f"is {raw!r}: give a number from 0")
        return float(str(raw))

    def clock(self, raw: object, path: tuple[str, ...]) -> time:
        """An hour and a minute."""
        try:
            return time.fromisoformat(raw if isinstance(raw, str) else "")
        except ValueError:
            self.require(False, path, f'is {raw!r}: give a time such as "06:30"')  # noqa: FBT003 -- it does not hold
            raise

    def _typed(self, raw: object, kind: object, path: tuple[str, ...]) -> float:
        value = self.number(raw, path)
        if kind is int:
            self.require(value == int(value), path, f"is {raw!r}: give a whole number")
            return int(value)
        return value

    def _wrong(self, path: tuple[str, ...], what: str) -> ProfileWrong:
        return ProfileWrong(f"{self._file}:{self._line(path)}", f"{'.'.join(path) or 'the file'} {what}")

    def _line(self, path: tuple[str, ...]) -> int:
        node, line = self._root, 1
        for step in path:
            pairs = node.value if isinstance(node, yaml.MappingNode) else ()
            found = next(((value, key.start_mark.line + 1) for key, value in pairs if key.value == step), None)
            if found is None:
                break
            node, line = found
        return line
