"""What the registers answer, so that the resident need not."""

from collections.abc import Mapping

from madang.records.catalogue.contracts import Field, Service
from madang.services.applications.contracts import Answer, AnswerFrom

Reading = Mapping[str, Mapping[str, str]]
"""What registers said, by register and field. A register that did not answer is not in it; one that has no entry
for the person is there with nothing."""


def fields_to_read(service: Service, held: Mapping[str, Answer] | None = None) -> Mapping[str, list[str]]:
    """The registers that the form needs and the fields of each; with ``held`` only what is still open there."""
    wanted: dict[str, list[str]] = {}
    for field in service.fields():
        if field.source and (held is None or _is_open(held.get(field.name))):
            fields = wanted.setdefault(field.source.register, [])
            if field.source.field not in fields:
                fields.append(field.source.field)
    return wanted


def prefilled(service: Service, reading: Reading) -> dict[str, Answer]:
    """A new form's answers: the registers' word where there is one, then the form's defaults.

    Where a register did not answer, the question is left to it for later.
    """
    answers: dict[str, Answer] = {}
    for field in service.fields():
        if answer := _first_answer(field, reading):
            answers[field.name] = answer
    return answers


def refilled(service: Service, held: Mapping[str, Answer], reading: Reading) -> dict[str, Answer]:
    """Held answers as the registers give them by now; the resident's word is not touched.

    What a register left open and has no value for is open no longer: the question is the resident's.
    """
    known = {name: answer for name, answer in held.items() if not _is_settled(answer, reading)}
    said = {
        name: answer for name, answer in prefilled(service, reading).items()
        if answer.value and (kept := held.get(name)) and kept.by is AnswerFrom.REGISTER
    }
    return known | said


def _is_open(answer: Answer | None) -> bool:
    return answer is not None and answer.awaits_register


def _first_answer(field: Field, reading: Reading) -> Answer | None:
    if field.source and field.source.register not in reading:
        return Answer("", AnswerFrom.REGISTER, field.source.register)
    if field.source and (value := reading[field.source.register].get(field.source.field, "")):
        return Answer(value, AnswerFrom.REGISTER, field.source.register)
    return Answer(field.default) if field.default else None


def _is_settled(answer: Answer, reading: Reading) -> bool:
    return answer.awaits_register and answer.register in reading
