"""What an answer of each kind looks like, and the plain form into which what was typed is turned."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final
from unicodedata import category, normalize

from madang.records.catalogue.contracts import Field, FieldKind
from madang.services.applications.contracts import Mistake

LONGEST_KEPT: Final = 10_000
"""Characters: more than any question asks for. What is longer is not kept, not even to be mended."""

_LINE_BREAKING: Final = "\n\r\t"
_DIRECTION_MARKS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They make a text read otherwise than it is stored (Unicode UTR 36, 2014): an officer must see what was sent."""

_PHONE: Final = re.compile(
    r"(010|070)(\d{4})(\d{4})|(01[16789]|02|0[3-6]\d|050\d)(\d{3,4})(\d{4})|(1[5-9]\d\d)(\d{4})", re.ASCII,
)
"""전기통신번호관리세칙 (numbering plan, 2023): mobile, Seoul, areas, internet, personal, and nationwide numbers."""

_SLOT: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:wait)?", re.ASCII)
"""A slot's id; with ``:wait`` a place in its waiting list will do."""
_PLATE: Final = re.compile(
    r"(?:\d{2,3}|(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주)\d{1,2})"
    r"[가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자배하허호]\d{4}",
    re.ASCII,
)
"""자동차등록번호판 등의 기준에 관한 고시 (Ministry of Land, 2020): private, commercial, parcel and rental plates."""


def unreadable(typed: str, *, many_lines: bool = False) -> bool:
    """Whether there are characters that cannot be stored or that hide what is written."""
    allowed = _LINE_BREAKING if many_lines else ""
    return any(
        (category(letter) in {"Cc", "Cs"} and letter not in allowed) or letter in _DIRECTION_MARKS for letter in typed
    )


def plain(field: Field, typed: str) -> str:
    """What was typed, in its plain form: composed Hangul, no space around, the digits and dashes of its kind."""
    text = normalize("NFC", typed).strip()
    shape = _PLAIN.get(field.kind)
    return shape(normalize("NFKC", text)) if shape else text


def mistake(field: Field, value: str) -> Mistake | None:
    """What is wrong with a plain, non-empty answer, if anything."""
    if len(value) > field.longest:
        return _too_long(field, value)
    return _CHECKS[field.kind](field, value) or _pattern(field, value)


def _phone(text: str) -> str:
    digits = re.sub(r"[\s()\-–—.]+", "", text)
    found = _PHONE.fullmatch(re.sub(r"^(?:\+|00)?82(?=[1-9])", "0", digits))
    return "-".join(part for part in found.groups() if part) if found else text


def _date(text: str) -> str:
    found = re.fullmatch(r"(\d{4})[.\-/년\s]\s*(\d{1,2})[.\-/월\s]\s*(\d{1,2})\s*[.일]?", text, re.ASCII)
    return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}" if found else text


def _number(text: str) -> str:
    return re.sub(r"(?<=\d),(?=\d{3})", "", text)


def _yes_no(text: str) -> str:
    return text.lower()


def _without_spaces(text: str) -> str:
    return re.sub(r"\s+", "", text)


_PLAIN: Final[Mapping[FieldKind, Callable[[str], str]]] = {
    FieldKind.PHONE: _phone, FieldKind.DATE: _date, FieldKind.NUMBER: _number, FieldKind.YEAR: _number,
    FieldKind.YES_NO: _yes_no, FieldKind.VEHICLE_NUMBER: _without_spaces,
}


def _any_text(field: Field, value: str) -> Mistake | None:  # noqa: ARG001 -- the checks' one signature
    return None


def _is_choice(field: Field, value: str) -> Mistake | None:
    if value in {choice.value for choice in field.choices}:
        return None
    return Mistake(field.name, "choice", message="Please choose one of the answers shown.", facts={})


def _is_yes_no(field: Field, value: str) -> Mistake | None:
    if value in {"yes", "no"}:
        return None
    return Mistake(field.name, "yes_no", message="Please choose yes or no.", facts={})


def _is_date(field: Field, value: str) -> Mistake | None:
    try:
        if date.fromisoformat(value).isoformat() == value:
            return None
    except ValueError:
        pass
    return Mistake(
        field.name, "date", message="Write a date as year, month and day, for example {example}.",
        facts={"example": "2026-03-01"},
    )


def _is_year(field: Field, value: str) -> Mistake | None:
    if not re.fullmatch(r"[1-9]\d{3}", value, re.ASCII):
        return Mistake(
            field.name, "year", message="Write the year in four digits, for example {example}.",
            facts={"example": "2026"},
        )
    return _in_range(field, int(value))


def _is_number(field: Field, value: str) -> Mistake | None:
    if not re.fullmatch(r"-?\d{1,18}", value, re.ASCII):
        return Mistake(
            field.name, "number", message="Write a whole number in digits, for example {example}.",
            facts={"example": "12"},
        )
    return _in_range(field, int(value))


def _in_range(field: Field, number: int) -> Mistake | None:
    if field.least is not None and number < field.least:
        return Mistake(
            field.name, "least", message="This can be {least} at the least.", facts={"least": str(field.least)},
        )
    if field.most is not None and number > field.most:
        return Mistake(field.name, "most", message="This can be {most} at the most.", facts={"most": str(field.most)})
    return None


def _is_phone(field: Field, value: str) -> Mistake | None:
    if _PHONE.fullmatch(value.replace("-", "")):
        return None
    return Mistake(
        field.name, "phone", message="Write a telephone number in Korea, for example {example}.",
        facts={"example": "010-1234-5678"},
    )


def _is_slot(field: Field, value: str) -> Mistake | None:
    if _SLOT.fullmatch(value):
        return None
    return Mistake(field.name, "choice", message="Please choose one of the answers shown.", facts={})


def _is_plate(field: Field, value: str) -> Mistake | None:
    if _PLATE.fullmatch(value):
        return None
    return Mistake(
        field.name, "vehicle_number", message="Write the number as it stands on the plate, for example {example}.",
        facts={"example": "12가 3456"},
    )


_CHECKS: Final[Mapping[FieldKind, Callable[[Field, str], Mistake | None]]] = {
    FieldKind.TEXT: _any_text, FieldKind.LONG_TEXT: _any_text, FieldKind.CHOICE: _is_choice,
    FieldKind.YES_NO: _is_yes_no, FieldKind.DATE: _is_date, FieldKind.YEAR: _is_year,
    FieldKind.NUMBER: _is_number, FieldKind.PHONE: _is_phone, FieldKind.VEHICLE_NUMBER: _is_plate,
    FieldKind.SLOT: _is_slot,
}


def _pattern(field: Field, value: str) -> Mistake | None:
    if not field.pattern or re.fullmatch(field.pattern, value):
        return None
    return Mistake(field.name, "pattern", message="This does not have the form that is asked for.", facts={})


def _too_long(field: Field, value: str) -> Mistake:
    return Mistake(
        field.name, "too_long", message="Please write at most {longest} characters; there are {length} now.",
        facts={"longest": str(field.longest), "length": str(len(value))},
    )
