"""What a synthetic resident types into a form: plausible, the same each time, and no real person's."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from madang.records.catalogue.contracts import Field, FieldKind

_SAMPLES = (
    "합성 시민의 시험 입력", "synthetic entry", "110-222-333444", "1234567890", "123-45-67890", "2026-0001", "12345",
    "A1234567",
    "resident@seoul.example", "https://seoul.example/", "10:00", "9",
)
"""Texts of the shapes that forms ask for; the first that a question's pattern accepts is typed."""
_AHEAD = timedelta(days=14)


def typed(fields: Iterable[Field], today: date) -> Mapping[str, str]:
    """An answer to each of ``fields`` but what to book, which depends on what is free.

    Raises LookupError for a text whose pattern none of the samples has.
    """
    return {field.name: _answer(field, today) for field in fields if field.kind is not FieldKind.SLOT}


def _answer(field: Field, today: date) -> str:
    if field.kind is FieldKind.CHOICE:
        return field.choices[0].value
    if field.kind in {FieldKind.NUMBER, FieldKind.YEAR}:
        return str(_number(field, today))
    if field.kind in {FieldKind.TEXT, FieldKind.LONG_TEXT}:
        return _text(field)
    return _PLAIN[field.kind] if field.kind in _PLAIN else (today + _AHEAD).isoformat()


_PLAIN: Mapping[FieldKind, str] = {
    FieldKind.YES_NO: "yes",
    FieldKind.PHONE: "010-0000-0000",
    FieldKind.VEHICLE_NUMBER: "12가 3456",
}


def _number(field: Field, today: date) -> int:
    usual = today.year if field.kind is FieldKind.YEAR else 1
    least = usual if field.least is None else max(usual, field.least)
    return least if field.most is None else min(least, field.most)


def _text(field: Field) -> str:
    for sample in _SAMPLES:
        if len(sample) <= field.longest and (not field.pattern or re.fullmatch(field.pattern, sample)):
            return sample
    raise LookupError(field.name)
