"""A service's questions as fields of a page, with answers, mistakes, and the registers that filled them in."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.http import QueryDict
from django.utils import formats
from django.utils.translation import gettext

from madang.commons.gateway.pages import FormField
from madang.front_desk.portal.web import slots, words
from madang.kernel.languages import Language
from madang.records.catalogue.contracts import Field, FieldKind, Step
from madang.services.applications.contracts import Answer, AnswerFrom, Mistake

_AUTOCOMPLETE = {"phone": "tel", "delivery_address": "street-address"}


def fields_of(
    step: Step, answers: Mapping[str, Answer], mistakes: Mapping[str, Mistake], language: Language
) -> list[FormField]:
    """The step's questions, in order, ready to show."""
    return [_shown(field, answers.get(field.name), mistakes.get(field.name), language) for field in step.fields]


def typed(step: Step, posted: QueryDict) -> dict[str, str]:
    """What the resident typed to this step's questions; a browser does not send a choice that was not made."""
    asked = [field.name for field in step.fields if field.name in posted or not field.locked]
    return {name: str(posted.get(name, "")) for name in asked}


def answer_text(field: Field, answer: Answer | None, language: Language) -> str:
    """An answer as a person reads it."""
    if answer is None or not answer.value:
        return _filled_in_later(answer) if answer and answer.awaits_register else gettext("Not answered")
    if field.kind in {FieldKind.CHOICE, FieldKind.YES_NO}:
        return dict(_choices(field, language)).get(answer.value, answer.value)
    if field.kind is FieldKind.DATE:
        return _day(answer.value)
    if field.kind is FieldKind.SLOT:
        return slots.line(answer.value, language)
    return answer.value


def _shown(field: Field, answer: Answer | None, mistake: Mistake | None, language: Language) -> FormField:
    value = answer.value if answer else field.default
    from_register = answer is not None and answer.by is AnswerFrom.REGISTER
    locked = field.locked and from_register
    return FormField(
        name=field.name,
        label=field.label.into(language),
        kind=field.kind.value,
        value=answer_text(field, answer, language) if locked else value,
        hint=_hint(field, answer, language),
        error=mistake.said(gettext) if mistake else "",
        required=field.required,
        locked=locked,
        filled_from=_filled_from(answer) if value else "",
        by_wallet=bool(field.claim),
        choices=_choices(field, language),
        autocomplete=_AUTOCOMPLETE.get(field.name, ""),
        longest=field.longest if field.kind in {FieldKind.TEXT, FieldKind.LONG_TEXT} else None,
    )


def _filled_from(answer: Answer | None) -> str:
    if answer is None or answer.by is AnswerFrom.RESIDENT:
        return ""
    return words.register(answer.register) if answer.by is AnswerFrom.REGISTER else gettext("your wallet")


def _hint(field: Field, answer: Answer | None, language: Language) -> str:
    if answer and answer.awaits_register and not field.locked:
        return _filled_in_later(answer)
    return field.hint.into(language) if field.hint else ""


def _filled_in_later(answer: Answer) -> str:
    text = gettext("You may leave this: %(register)s does not answer at the moment, and we ask it again ourselves.")
    return text % {"register": words.register(answer.register)}


def _choices(field: Field, language: Language) -> Sequence[tuple[str, str]]:
    if field.kind is FieldKind.YES_NO:
        return [("yes", gettext("Yes")), ("no", gettext("No"))]
    return [(choice.value, choice.label.into(language)) for choice in field.choices]


def _day(value: str) -> str:
    try:
        return formats.date_format(date.fromisoformat(value), "DATE_FORMAT")
    except ValueError:
        return value
