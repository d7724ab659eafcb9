"""A kind of document that many services end in, fitted to the one that it is made for."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from madang.records.catalogue.contracts import FieldKind, Service
from madang.services.certificates.contracts import DocumentKind, Row

_FOR_THE_OFFICER: Final = frozenset({FieldKind.LONG_TEXT, FieldKind.PHONE})


def fitted(kind: DocumentKind, service: Service) -> DocumentKind:
    """The kind with the service's own words and questions where it leaves room for them."""
    named = {row.answer for row in kind.rows}
    rows = [line for row in kind.rows for line in _lines(row, service, named)]
    return replace(kind, rows=rows, lead=kind.lead and _worded(kind.lead, service))


def _lines(row: Row, service: Service, named: Collection[str]) -> Iterator[Row]:
    if not row.whole_form:
        yield _worded(row, service)
        return
    for field in service.fields():
        if field.kind not in _FOR_THE_OFFICER and field.name not in {*named, *row.leave_out}:
            yield Row(answer=field.name)


def _worded(row: Row, service: Service) -> Row:
    texts = {"name": service.name, "purpose": service.purpose, "you_get": service.you_get}
    return replace(row, text=texts[row.of_service]) if row.of_service else row
