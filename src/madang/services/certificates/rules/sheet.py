"""What stands on a sheet: each line in Korean and in the resident's language, as the template takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import format_date

from madang.kernel.languages import Language, Text
from madang.records.catalogue.contracts import Field, FieldKind, LegalBasis, Service
from madang.services.certificates.contracts import DocumentKind, Row
from madang.services.certificates.rules import codes

Pair = Mapping[str, str]
Values = Mapping[str, str]
"""What is known, by name: an answer's, or ``register.field`` for what a register was asked."""

_LOCALES: Mapping[Language, str] = {Language.ZH: "zh_Hans_CN"}


@dataclass(frozen=True, slots=True)
class Wording:
    """The words that all certificates share, and the four letters of the seal."""

    texts: Mapping[str, Text]
    seal: str
    city: Text


@dataclass(frozen=True, slots=True)
class Issue:
    """What is special to one document. Times are aware, in Seoul; ``qr`` is an SVG."""

    number: str
    language: Language
    values: Values
    as_of: datetime
    code: str
    url: str
    qr: str
    issued: datetime
    expires: datetime
    synthetic: bool


def language_of(values: Values, of_case: Language) -> Language:
    """The language beside Korean: the one that was asked for the document, else the one of the request."""
    asked = values.get("document_language", "")
    return Language(asked) if asked in set(Language) and asked != Language.KO else of_case


def fields_to_read(kind: DocumentKind, values: Values) -> Mapping[str, Sequence[str]]:
    """The registers' fields that this document needs, by register."""
    wanted: dict[str, list[str]] = {}
    for row in kind.from_registers:
        if row.register is not None and _stands(row, values):
            wanted.setdefault(row.register, []).append(row.field)
    return wanted


def facts(kind: DocumentKind, values: Values) -> Values:
    """What the document says, by name: all that is kept of it beside the PDF."""
    shown = [*kind.rows, *([kind.lead] if kind.lead else [])]
    return {key: values[key] for row in shown if _stands(row, values) and values.get(key := _key(row))}


def sheet(kind: DocumentKind, service: Service, wording: Wording, issue: Issue) -> Mapping[str, Any]:
    """Everything that the template sets, ready to be JSON."""
    into = _Into(issue.language)
    texts = wording.texts
    questions = {field.name: field for field in service.fields()}
    lines = [line for row in kind.rows if (line := into.line(row, questions, issue.values))]
    return {
        "language": issue.language, "title": into.pair(kind.title), "city": into.pair(wording.city),
        "certifies": into.pair(kind.certifies), "authority": into.pair(texts["authority"]),
        "department": into.pair(service.department), "seal": wording.seal, "number": issue.number,
        "words": {name: into.pair(text) for name, text in texts.items()},
        "lead": into.line(kind.lead, questions, issue.values) if kind.lead else None, "rows": lines,
        "as-of": into.filled(texts["as_of"], issue.as_of), "issued-on": into.day(issue.issued.date()),
        "valid-until": into.filled(texts["valid_until"], issue.expires), "expires": f"{issue.expires:%Y-%m-%d}",
        "law": into.law(texts, service.law), "code": codes.grouped(issue.code), "url": issue.url, "qr": issue.qr,
        "synthetic": issue.synthetic,
    }


def _key(row: Row) -> str:
    return f"{row.register}.{row.field}" if row.register else row.answer


def _stands(row: Row, values: Values) -> bool:
    return not row.when or values.get(row.when) == "yes"


@dataclass(frozen=True, slots=True)
class _Into:
    language: Language

    def pair(self, text: Text) -> Pair:
        other = "" if self.language is Language.KO else text.into(self.language)
        return {"ko": text.into(Language.KO), "other": other}

    def day(self, day: date) -> Pair:
        other = "" if self.language is Language.KO else _written(day, self.language)
        return {"ko": _written(day, Language.KO), "other": other}

    def filled(self, template: Text, moment: datetime) -> Pair:
        """The template with the moment's date, and its time of day where it asks for one."""
        dates, words = self.day(moment.date()), self.pair(template)
        return {key: words[key].format(date=dates[key], time=f"{moment:%H:%M}") for key in words}

    def law(self, texts: Mapping[str, Text], law: Sequence[LegalBasis]) -> Pair:
        if not law:
            return {"ko": "", "other": ""}
        first = law[0]
        names, words = self.pair(first.name), self.pair(texts["law" if first.article else "whole_law"])
        return {key: words[key].format(name=names[key], article=first.article, year=first.year) for key in words}

    def line(self, row: Row, questions: Mapping[str, Field], values: Values) -> Mapping[str, Pair] | None:
        question = questions.get(row.answer)
        label = row.label or (question.label if question else None)
        if not _stands(row, values) or label is None:
            return None
        value = self.pair(row.text) if row.text else self._value(row, question, values)
        return {"label": self.pair(label), "value": value} if value["ko"] else None

    def _value(self, row: Row, question: Field | None, values: Values) -> Pair:
        value = values.get(_key(row), "")
        if question and (choice := next((one for one in question.choices if one.value == value), None)):
            return self.pair(choice.label)
        if value and (row.is_date or (question and question.kind is FieldKind.DATE)):
            return self.day(date.fromisoformat(value[:10]))
        return {"ko": value, "other": values.get(row.also, "") if self.language is not Language.KO else ""}


def _written(day: date, language: Language) -> str:
    return format_date(day, "long", _LOCALES.get(language, language))
