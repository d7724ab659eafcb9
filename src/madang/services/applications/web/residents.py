"""A resident's pages: give what is asked for, and appeal."""

from django.http import HttpResponse, HttpResponseRedirect
from django.utils import formats
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.commons.gateway.pages import CityRequest, FormField, switched
from madang.records.catalogue import facade as catalogue
from madang.services.applications import facade
from madang.services.applications.contracts import Case
from madang.services.applications.contracts.further import Ask, AskKind, NothingAsked, NothingToAppeal
from madang.services.applications.web import forms


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: CityRequest, number: str) -> HttpResponse:
    """What is asked for, until when, and a field to give it in."""
    case = facade.case_of(request.actor, number)
    if case.open_ask is None:
        raise NothingAsked(case=case.number)
    page = _answer_page(request, case, case.open_ask)
    if request.method != "POST":
        return forms.show(request, page)
    if switch := switched(request, request.path):
        return switch
    try:
        facade.answer(request.actor, number, request.POST.get("answer", ""), request.now)
    except forms.MENDABLE as wrong:
        return forms.again(request, page, wrong)
    return HttpResponseRedirect(f"/my/cases/{case.number}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: CityRequest, number: str) -> HttpResponse:
    """Say why the decision should be another one."""
    case = facade.case_of(request.actor, number)
    until = facade.appeal_open_until(case)
    if until is None and case.open_appeal is None:
        raise NothingToAppeal(case=case.number)
    page = forms.FormPage(
        gettext("Appeal against the decision"), _named(request, case), f"/my/cases/{case.number}",
        [FormField(
            "words", gettext("Why should it be decided differently?"), "long_text", longest=2000,
            hint=gettext("Your own words are enough. New facts help most."),
        )],
        [("send", gettext("Send the appeal"))],
        gettext("Another officer than the first looks at everything again. It costs nothing."),
        [(gettext("You can appeal until"), formats.date_format(until, "DATE_FORMAT") if until else "–")],
    )
    return _sent(request, page, case) if request.method == "POST" else forms.show(request, page)


def _sent(request: CityRequest, page: forms.FormPage, case: Case) -> HttpResponse:
    if switch := switched(request, request.path):
        return switch
    try:
        facade.appeal(request.actor, case.number, request.POST.get("words", ""), request.now)
    except forms.MENDABLE as wrong:
        return forms.again(request, page, wrong)
    return HttpResponseRedirect(f"/my/cases/{case.number}")


def _answer_page(request: CityRequest, case: Case, asked: Ask) -> forms.FormPage:
    question = facade.question_of(catalogue.service(case.service), asked)
    value = case.values.get(asked.question, "")
    field = forms.of_question(question, value, request.language) if question else FormField(
        "answer", gettext("Your answer"), "long_text", longest=2000, hint=_hint(asked),
    )
    return forms.FormPage(
        gettext("We need something more from you"), _named(request, case), f"/my/cases/{case.number}", [field],
        [("send", gettext("Send"))],
        gettext("The city’s time stands still until you answer; nothing is lost."),
        [(gettext("Please answer by"), formats.date_format(asked.until, "DATE_FORMAT"))], [asked.words],
    )


def _hint(asked: Ask) -> str:
    if asked.kind is AskKind.DOCUMENT:
        return gettext(
            "Write the verification code of a document that the city issued, or what the document says."
            " You can also bring it to any community service centre."
        )
    return ""


def _named(request: CityRequest, case: Case) -> str:
    return f"{catalogue.service(case.service).name.into(request.language)} · {case.number}"
