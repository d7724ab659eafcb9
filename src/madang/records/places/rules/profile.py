"""The profile's files about places, read strictly: every mistake with its file, line and remedy."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from madang.kernel.geography import Point
from madang.kernel.languages import Language, Text
from madang.records.places.contracts import District, Dong, Hours, Place, PlaceKind, Problem
from madang.records.places.rules.distance import Walking

LINE = "__line__"
"""The key under which a loaded mapping carries the line it begins on."""

_WITHIN_M = {"legal": 500, "estimate": 700}
"""How far a dong's point may be off, by how it was found: nine in ten lie within it (see dong.yaml)."""

_Row = TypeVar("_Row", bound=msgspec.Struct)
_Latitude = Annotated[float, Meta(ge=-90, le=90)]
_Longitude = Annotated[float, Meta(ge=-180, le=180)]
_DistrictCode = Annotated[str, Meta(pattern=r"^\d{5}$")]
_Time = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
_Metres = Annotated[int, Meta(ge=1, le=5000)]


class _District(msgspec.Struct, forbid_unknown_fields=True):
    code: _DistrictCode
    name: dict[Language, str]
    at: tuple[_Latitude, _Longitude]
    area_km2: Annotated[float, Meta(gt=0)]


class _Dong(msgspec.Struct, forbid_unknown_fields=True):
    code: Annotated[str, Meta(pattern=r"^\d{10}$")]
    ko: str
    en: str
    at: tuple[_Latitude, _Longitude]
    by: str


class _Hours(msgspec.Struct, forbid_unknown_fields=True):
    days: Annotated[list[Annotated[int, Meta(ge=1, le=7)]], Meta(min_length=1)]
    opens: _Time
    closes: _Time


class _Walking(msgspec.Struct, forbid_unknown_fields=True):
    metres_per_second: Annotated[float, Meta(gt=0)]
    detour: Annotated[float, Meta(ge=1)]
    source: str
    year: int


class _ForEach(msgspec.Struct, forbid_unknown_fields=True):
    kind: PlaceKind
    ko: str
    en: str
    hours: str
    within_m: _Metres | None = None


class _Office(msgspec.Struct, forbid_unknown_fields=True):
    district: _DistrictCode
    ko: str
    en: str
    address: str
    at: tuple[_Latitude, _Longitude]
    within_m: _Metres
    hours: str


@dataclass(frozen=True, slots=True)
class Where:
    """Everything that the profile says about places."""

    districts: Sequence[District]
    dongs: Sequence[Dong]
    places: Sequence[Place]
    walking: Walking


@dataclass(slots=True)
class Reader:
    """Reads one file's mappings and collects what is wrong with them."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def rows(self, data: Any, key: str, shape: type[_Row]) -> list[tuple[int, _Row]]:
        """The mappings under ``key`` with their lines; those that are wrong are left out and reported."""
        listed = data.get(key) if isinstance(data, Mapping) else None
        if not isinstance(listed, list) or not listed:
            self.report(1, key, "is missing or empty", f"list at least one under {key}:")
            return []
        read = [(self._line(row), self._row(row, shape)) for row in listed]
        return [(line, row) for line, row in read if row is not None]

    def report(self, line: int, name: str, what: str, remedy: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(self.file, line, name, what, remedy))

    def unique(self, rows: Sequence[tuple[int, Any]], name: str, key: Callable[[Any], str]) -> None:
        """Report every row whose ``key`` an earlier one has."""
        seen = dict[str, int]()
        for line, row in rows:
            first = seen.setdefault(key(row), line)
            if first != line:
                self.report(line, name, f"{key(row)} stands on line {first} already", "keep one of the two")

    def _row(self, row: Any, shape: type[_Row]) -> _Row | None:
        try:
            return msgspec.convert(without_line(row), shape, strict=False)
        except msgspec.ValidationError as wrong:
            what, _, where = str(wrong).partition(" - at `$")
            self.report(self._line(row), where.strip("`.") or "row", what, "correct or remove it")
            return None

    def _line(self, row: Any) -> int:
        return int(row.get(LINE, 1)) if isinstance(row, Mapping) else 1


def without_line(data: Any) -> Any:
    """Loaded data without the keys that say where it was."""
    match data:
        case Mapping():
            return {key: without_line(value) for key, value in data.items() if key != LINE}
        case list():
            return [without_line(value) for value in data]
        case _:
            return data


def districts(data: Any, reader: Reader) -> list[District]:
    """What ``districts.yaml`` says; names in all eight languages."""
    rows = reader.rows(data, "districts", _District)
    reader.unique(rows, "code", lambda row: row.code)
    for line, row in rows:
        if missing := [language for language in Language if not row.name.get(language)]:
            reader.report(line, "name", f"is missing in {', '.join(missing)}", "give the name in all eight languages")
    named = [row for _, row in rows if row.name.get(Language.KO)]
    return [District(row.code, Text(row.name), Point(*row.at), row.area_km2) for row in named]


def dongs(data: Any, known: Sequence[District], reader: Reader) -> list[Dong]:
    """What ``dong.yaml`` says; a dong's district is in its code."""
    rows = reader.rows(data, "dong", _Dong)
    reader.unique(rows, "code", lambda row: row.code)
    codes = {district.code for district in known}
    for line, row in rows:
        if row.code[:5] not in codes:
            reader.report(line, "code", f"{row.code[:5]} is no district's code", "see districts.yaml")
        if row.by not in _WITHIN_M:
            reader.report(line, "by", f"{row.by!r} is not known", f"say {' or '.join(_WITHIN_M)}")
    return [_dong(row) for _, row in rows]


def places(data: Any, all_dongs: Sequence[Dong], reader: Reader) -> list[Place]:
    """What ``places.yaml`` says: district offices, and what stands in each dong and at each office."""
    hours = _hours(data, reader)
    offices = reader.rows(data, "district_offices", _Office)
    reader.unique(offices, "district", lambda row: row.district)
    in_dongs = reader.rows(data, "for_each_dong", _ForEach)
    at_offices = reader.rows(data, "for_each_district_office", _ForEach)
    used = [(line, row.hours) for line, row in (*in_dongs, *at_offices)] + [(line, row.hours) for line, row in offices]
    for line, name in used:
        if name not in hours:
            reader.report(line, "hours", f"{name!r} is not among the hours", "describe it under hours:")
    if reader.problems:
        return []
    return [
        *(_office(row, hours) for _, row in offices),
        *(_at_office(row, office, hours) for _, row in at_offices for _, office in offices),
        *(_in_dong(row, dong, hours) for _, row in in_dongs for dong in all_dongs),
    ]


def walking(data: Any, reader: Reader) -> Walking:
    """The pace for "how far is it"."""
    rows = reader.rows({"walking": [data.get("walking")]} if isinstance(data, Mapping) else None, "walking", _Walking)
    return Walking(rows[0][1].metres_per_second, rows[0][1].detour) if rows else Walking(1.0, 1.0)


def _dong(row: _Dong) -> Dong:
    return Dong(row.code, row.code[:5], _names(row.ko, row.en), Point(*row.at), _WITHIN_M.get(row.by, 0))


def _hours(data: Any, reader: Reader) -> dict[str, Hours]:
    named = data.get("hours", {}) if isinstance(data, Mapping) else {}
    names = [name for name in named if name != LINE]
    rows = reader.rows({"hours": [named[name] for name in names]}, "hours", _Hours)
    if len(rows) < len(names):
        return {}
    return {
        name: Hours(row.days, time.fromisoformat(row.opens), time.fromisoformat(row.closes))
        for name, (_, row) in zip(names, rows, strict=True)
    }


def _names(korean: str, english: str) -> Text:
    return Text({Language.KO: korean, Language.EN: english})


def _office(row: _Office, hours: Mapping[str, Hours]) -> Place:
    return Place(
        f"district_office-{row.district}", PlaceKind.DISTRICT_OFFICE, _names(row.ko, row.en), row.district,
        row.address, Point(*row.at), row.within_m, hours[row.hours],
    )


def _at_office(row: _ForEach, office: _Office, hours: Mapping[str, Hours]) -> Place:
    return Place(
        f"{row.kind}-{office.district}", row.kind,
        _names(row.ko.format(office=office.ko), row.en.format(office=office.en)), office.district, office.address,
        Point(*office.at), row.within_m or office.within_m, hours[row.hours],
    )


def _in_dong(row: _ForEach, dong: Dong, hours: Mapping[str, Hours]) -> Place:
    english = re.sub(r"\s+", " ", row.en.format(dong=dong.name.into(Language.EN)))
    return Place(
        f"{row.kind}-{dong.code}", row.kind, _names(row.ko.format(dong=dong.name_ko), english), dong.district, "",
        dong.point, row.within_m or dong.within_m, hours[row.hours],
    )
