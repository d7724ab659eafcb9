"""What counts as an answer of a register: the bytes on the wire, read strictly."""

from collections.abc import Collection
from datetime import datetime

import msgspec

from madang.records.registers.contracts import Entry

LONGEST_ANSWER = 64 * 1024
"""Bytes; the longest honest answer has some hundred."""
_LONGEST_VALUE = 500
NO_ENTRY = b'{"code":"no_entry"}'
"""What a register says, with status 404, of somebody it does not know. A bare 404 may be a wrong address."""


class Malformed(ValueError):
    """The register answered something that is not an answer; the message says what, without quoting data."""

    def __init__(self, *, what: str) -> None:
        super().__init__(what)


class _Answer(msgspec.Struct):
    fields: dict[str, str]
    as_of: datetime


def write(entry: Entry) -> bytes:
    """An entry as a register says it: ``{"fields": {"name_ko": "…"}, "as_of": "2026-01-01T00:00:00+09:00"}``."""
    return msgspec.json.encode(_Answer(dict(entry.fields), entry.as_of))


def read(body: bytes, asked: Collection[str]) -> Entry:
    """The entry in ``body``, cut down to the fields that were ``asked`` for. Raises Malformed."""
    if len(body) > LONGEST_ANSWER:
        raise Malformed(what=f"the answer is longer than {LONGEST_ANSWER} bytes")
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Malformed(what=f"the answer does not have its shape: {wrong}") from None
    if answer.as_of.tzinfo is None:
        raise Malformed(what="as_of has no time zone")
    fields = {name: value for name, value in answer.fields.items() if name in asked}
    _refuse_strange(fields)
    return Entry(fields, answer.as_of)


def refuse_other_absence(body: bytes) -> None:
    """Raise Malformed unless ``body`` says that there is no entry."""
    try:
        says_so = msgspec.json.decode(body) == msgspec.json.decode(NO_ENTRY)
    except (msgspec.DecodeError, UnicodeDecodeError):
        says_so = False
    if not says_so:
        raise Malformed(what="status 404 without the code no_entry: is the address right?")


def _refuse_strange(fields: dict[str, str]) -> None:
    for name, value in fields.items():
        if not value or len(value) > _LONGEST_VALUE or not value.isprintable():
            raise Malformed(what=f"the value of {name} is empty, too long, or not text")
