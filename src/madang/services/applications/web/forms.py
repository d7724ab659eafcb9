"""A page with one small form: what it says, its fields, and what was wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext

from madang.commons.gateway.pages import CityRequest, FormField, render
from madang.kernel.errors import CityError
from madang.kernel.languages import Language
from madang.records.catalogue.contracts import Field, FieldKind
from madang.services.applications.contracts import AnswersWrong
from madang.services.applications.contracts.further import AnswerMissing, DateNotAllowed

MENDABLE = (AnswerMissing, DateNotAllowed, AnswersWrong)
"""What somebody can put right in the form itself; everything else has a page of its own."""

_UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class FormPage:
    """One small form. Texts are ready to read; ``facts`` and ``lines`` stand above the fields."""

    title: str
    eyebrow: str
    back: str
    fields: Sequence[FormField]
    buttons: Sequence[tuple[str, str]]
    """What each sends as ``go``, and what stands on it; the first is the usual one."""
    lead: str = ""
    facts: Sequence[tuple[str, Any]] = ()
    lines: Sequence[str] = field(default=())


def show(request: CityRequest, page: FormPage) -> HttpResponse:
    """The form as it is first seen, or with what is wrong beside its fields."""
    wrong = [one for one in page.fields if one.error]
    context = {"page": page, "wrong_fields": wrong, "switch_form": "form"}
    return render(request, "applications/form.html", context, _UNPROCESSABLE if wrong else 200)


def again(request: CityRequest, page: FormPage, error: CityError) -> HttpResponse:
    """The form with what was typed and what is wrong with it."""
    if isinstance(error, AnswersWrong):
        name, said = page.fields[0].name, error.mistakes[0].said(gettext)
    else:
        name, said = str(error.data.get("field", page.fields[0].name)), gettext(error.message).format(**error.data)
    known = name if name in {one.name for one in page.fields} else page.fields[0].name
    fields = [
        replace(one, value=str(request.POST.get(one.name, "")), error=said if one.name == known else "")
        for one in page.fields
    ]
    return show(request, replace(page, fields=fields))


def of_question(question: Field, value: str, language: Language) -> FormField:
    """A question of a service's form as one field, under the name ``answer``."""
    choices = [(one.value, one.label.into(language)) for one in question.choices]
    if question.kind is FieldKind.YES_NO:
        choices = [("yes", gettext("Yes")), ("no", gettext("No"))]
    return FormField(
        "answer", question.label.into(language), question.kind.value, value,
        hint=question.hint.into(language) if question.hint else "", choices=choices,
    )
