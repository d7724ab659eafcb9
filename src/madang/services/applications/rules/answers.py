"""What a resident typed becomes answers: everything is kept that can be, and what is wrong is said beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

from madang.records.catalogue.contracts import Field, FieldKind, Service
from madang.services.applications.contracts import Answer, AnswerFrom, Mistake
from madang.services.applications.rules import kinds

MOST_QUESTIONS_TYPED = 200
"""No form has as many questions; who sends more is not filling in a form."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Answers with what was typed, and what is wrong with it."""

    answers: Mapping[str, Answer]
    mistakes: tuple[Mistake, ...]


def merged(service: Service, held: Mapping[str, Answer], typed: Mapping[str, str]) -> Merged:
    """What was held, with what was typed over it. A question that was not typed to stays as it was.

    A register's word in a locked question stands; elsewhere the resident may correct it, and it is remembered
    what the register said. Questions that the form does not have and text that cannot be stored are not kept.
    """
    fields = {field.name: field for field in service.fields()}
    answers, mistakes = dict(held), []
    for name, text in list(typed.items())[:MOST_QUESTIONS_TYPED]:
        kept, wrong = _taken(fields.get(name), name, held.get(name), text)
        if kept is not None:
            answers[name] = kept
        if wrong is not None:
            mistakes.append(wrong)
    return Merged(answers, tuple(mistakes))


def shown(service: Service, held: Mapping[str, Answer], claims: Mapping[str, str], issuer: str) -> dict[str, Answer]:
    """What was held, with what a credential of ``issuer`` says; only questions that ask for a claim are answered."""
    said = {
        field.name: Answer(claims[field.claim], AnswerFrom.CREDENTIAL, issuer)
        for field in service.fields() if field.claim and field.claim in claims
    }
    return {**held, **said}


def mistakes_in(service: Service, answers: Mapping[str, Answer]) -> list[Mistake]:
    """Everything that keeps a form from being sent, in the form's order; empty for a form that is complete.

    A register's word is not judged here: the resident could not mend it. The review looks at it.
    """
    found = (_mistake(field, answers.get(field.name)) for field in service.fields())
    return [mistake for mistake in found if mistake]


def register_mistakes(service: Service, answers: Mapping[str, Answer]) -> list[Mistake]:
    """What is wrong with the registers' own answers, for the officer who will look at it."""
    return [
        wrong for field in service.fields()
        if (answer := answers.get(field.name)) and answer.by is AnswerFrom.REGISTER and answer.value
        and (wrong := kinds.mistake(field, answer.value))
    ]


def of_the_form(service: Service, answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """The answers to questions that the form has today: it may have changed since the draft was begun."""
    names = {field.name for field in service.fields()}
    return {name: answer for name, answer in answers.items() if name in names}


def _taken(field: Field | None, name: str, held: Answer | None, text: str) -> tuple[Answer | None, Mistake | None]:
    if field is None:
        known_as = name[:100].encode("utf-8", "replace").decode()
        return None, Mistake(known_as, "unknown", message="This form has no such question.", facts={})
    if wrong := _not_to_be_kept(field, text):
        return None, wrong
    value = kinds.plain(field, text)
    if field.locked and held and held.by is AnswerFrom.REGISTER:
        return None, None if value in {"", kinds.plain(field, held.value)} else _locked(field)
    wrong = _wrong(field, value, held)
    return _worded(field, held, value if wrong is None else text.strip()), wrong


def _not_to_be_kept(field: Field, text: str) -> Mistake | None:
    if len(text) > kinds.LONGEST_KEPT:
        return Mistake(
            field.name, "too_long", message="Please write at most {longest} characters; there are {length} now.",
            facts={"longest": str(field.longest), "length": str(len(text))},
        )
    if kinds.unreadable(text.strip(), many_lines=field.kind is FieldKind.LONG_TEXT):
        return Mistake(
            field.name, "unreadable",
            message="There are characters here that cannot be read. Please type it once more.", facts={},
        )
    return None


def _wrong(field: Field, value: str, held: Answer | None) -> Mistake | None:
    if value:
        return kinds.mistake(field, value)
    return _required(field) if field.required and not (held and held.awaits_register) else None


def _worded(field: Field, held: Answer | None, value: str) -> Answer:
    """The answer with its origin: a register's own words stay its word, anything else is the resident's."""
    if held is None:
        return Answer(value)
    if held.by is AnswerFrom.CREDENTIAL:
        return held if value == held.value else Answer(value)
    if held.awaits_register:
        return Answer(value) if value else held
    said = held.value if held.by is AnswerFrom.REGISTER else held.corrects
    if not said:
        return Answer(value)
    if value == kinds.plain(field, said):
        return Answer(said, AnswerFrom.REGISTER, held.register)
    return Answer(value, AnswerFrom.RESIDENT, held.register, said)


def _mistake(field: Field, answer: Answer | None) -> Mistake | None:
    if answer is None or not (answer.value or answer.awaits_register):
        return _required(field) if field.required else None
    if answer.by is AnswerFrom.REGISTER:
        return None
    return kinds.mistake(field, answer.value)


def _required(field: Field) -> Mistake:
    return Mistake(field.name, "required", message="Please answer this question.", facts={})


def _locked(field: Field) -> Mistake:
    return Mistake(
        field.name, "locked", facts={},
        message="This is what the register says, and it cannot be changed here."
        " If it is wrong, any community service centre can have the register corrected.",
    )
