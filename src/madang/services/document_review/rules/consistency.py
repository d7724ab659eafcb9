"""Answers against each other."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from madang.kernel.languages import to_translate
from madang.records.catalogue.contracts import Field, FieldKind, Service
from madang.services.applications.contracts import Case
from madang.services.document_review.contracts import Check, Finding, Kind
from madang.services.document_review.rules.reading import same

_AGREE = to_translate("The answers agree with each other.")
_TWO_WORDS = to_translate("Two questions about the same thing have different answers.")
_BACKWARDS = to_translate("The end comes before the beginning.")

_ORDERED: Final = frozenset({FieldKind.DATE, FieldKind.YEAR})


def checks(case: Case, service: Service) -> Iterator[Check]:
    """What does not go together, or one check that says that everything does."""
    found = [*_same_source(case, service), *_spans(case, service)]
    yield from found or [Check(Kind.CONSISTENCY, "answers.agree", "answers", Finding.HOLDS, _AGREE)]


def _same_source(case: Case, service: Service) -> Iterator[Check]:
    sourced = [field for field in service.fields() if field.source and case.values.get(field.name)]
    for one, other in combinations(sourced, 2):
        if one.source == other.source and not same(case.values[one.name], case.values[other.name]):
            yield _clash(one, other, case, "answers.agree", _TWO_WORDS)


def _spans(case: Case, service: Service) -> Iterator[Check]:
    """Questions called ``…_from`` and ``…_until`` of the same kind are a span of time."""
    fields = {field.name: field for field in service.fields() if field.kind in _ORDERED}
    for name, begin in fields.items():
        end = fields.get(f"{name.removesuffix('_from')}_until") if name.endswith("_from") else None
        if end and end.kind is begin.kind and _is_backwards(case, begin, end):
            yield _clash(begin, end, case, "answers.in_order", _BACKWARDS)


def _is_backwards(case: Case, begin: Field, end: Field) -> bool:
    first, last = case.values.get(begin.name), case.values.get(end.name)
    return bool(first and last and last < first)  # ISO dates and four-digit years are ordered as texts


def _clash(one: Field, other: Field, case: Case, rule: str, reason: str) -> Check:
    return Check(
        Kind.CONSISTENCY, rule, f"answers.{one.name}, answers.{other.name}", Finding.FAILS, reason,
        found=f"{case.values[one.name]} / {case.values[other.name]}", question=other.name,
    )
