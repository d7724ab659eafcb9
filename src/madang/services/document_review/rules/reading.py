"""What a review must read: of each register only the fields that the service names, each register once."""

from collections.abc import Mapping
from typing import Final

from madang.records.catalogue.contracts import Evidence, Service

ANSWER: Final = "answer:"
"""How evidence names an answer of the resident's to compare with (catalogue)."""

Reading = Mapping[str, Mapping[str, str] | None]
"""What the registers said, by register and field; None where a register has no entry for the person."""


def fields_to_read(service: Service) -> Mapping[str, list[str]]:
    """The registers that a review of this service asks, and the fields of each."""
    wanted: dict[str, list[str]] = {}
    sources = [(field.source.register, field.source.field) for field in service.fields() if field.source]
    proofs = [(evidence.register, evidence.field) for evidence in service.evidence]
    for register, name in dict.fromkeys([*sources, *proofs]):
        wanted.setdefault(register, []).append(name)
    return wanted


def value_in(reading: Reading, register: str, field: str) -> str | None:
    """What a register says in one field: None without an entry, an empty text where the entry is silent."""
    entry = reading.get(register)
    return None if entry is None else entry.get(field, "")


def answer_named(evidence: Evidence) -> str:
    """The question whose answer the evidence compares with, or an empty text."""
    return evidence.expect.removeprefix(ANSWER) if evidence.expect.startswith(ANSWER) else ""


def same(one: str, other: str) -> bool:
    """Whether two values say the same: spaces, dashes and letter case aside, which registers write as they like."""
    return _bare(one) == _bare(other)


def _bare(value: str) -> str:
    return "".join(letter for letter in value.casefold() if letter.isalnum())
