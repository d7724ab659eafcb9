"""Officers' pages: ask for more, promise a later date, decide about an appeal, write one down at a counter."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from django.http import HttpResponse, HttpResponseRedirect
from django.utils import formats
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from madang.commons.gateway.pages import CityRequest, FormField, render
from madang.records.catalogue import facade as catalogue
from madang.services.applications import facade
from madang.services.applications.contracts import Case
from madang.services.applications.contracts.further import AnswerMissing, AskKind
from madang.services.applications.web import forms

_LONGEST = AnswerMissing.longest
_SHOWN = 3
_ISO = 10
Act = Callable[[Mapping[str, str]], object]


@never_cache
@require_GET
def appeals(request: CityRequest) -> HttpResponse:
    """The appeals of the department, the nearest date first."""
    return _list(request, gettext("Appeals"), facade.appeals_waiting(request.actor), "/appeal")


@never_cache
@require_GET
def late(request: CityRequest) -> HttpResponse:
    """Undecided requests whose promised time is going or gone."""
    return _list(request, gettext("Requests whose time is running out"), facade.late(request.actor), "/later")


@never_cache
@require_http_methods(["GET", "POST"])
def counter(request: CityRequest) -> HttpResponse:
    """Write down the appeal of somebody who has no device and came in person."""
    page = forms.FormPage(
        gettext("Write down an appeal at the counter"), gettext("Desk"), "/desk/",
        [
            FormField("number", gettext("The request’s number"), hint="2026-K7QF-3M9F"),
            FormField("words", gettext("What the resident says"), "long_text", longest=_LONGEST),
        ],
        [("send", gettext("Send the appeal"))],
        gettext("Look at an identity document first. Nothing of the request is shown; that you wrote is recorded."),
    )
    return _act(request, page, "/desk/", lambda sent: facade.enter_appeal(
        request.actor, sent["number"], sent["words"], request.now,
    ))


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: CityRequest, number: str) -> HttpResponse:
    """Ask the resident for a named thing."""
    case, _ = facade.on_desk(request.actor, number)
    questions = facade.questions(catalogue.service(case.service), request.language)
    things = [
        (AskKind.WORDS.value, gettext("An answer in their own words")),
        (AskKind.DOCUMENT.value, gettext("A document")),
        *((f"{AskKind.QUESTION.value}:{name}", label) for name, label in questions),
    ]
    page = forms.FormPage(
        gettext("Ask the resident for something more"), _named(request, case), f"/desk/{case.number}/",
        [
            FormField("question", gettext("What is missing"), "choice", things[0][0], choices=things),
            FormField("words", gettext("Say what you need and why"), "long_text", longest=_LONGEST,
                      hint=gettext("The resident reads this.")),
            FormField("until", gettext("Days to answer"), "number", "14"),
        ],
        [("send", gettext("Ask"))],
        gettext("The request leaves the desk and its time stands still until the resident answers."),
    )
    return _act(request, page, "/desk/", lambda sent: facade.ask(
        request.actor, number, _wanted(sent), request.now,
    ))


@never_cache
@require_http_methods(["GET", "POST"])
def later(request: CityRequest, number: str) -> HttpResponse:
    """Promise a later date, once, with the reason."""
    case, _ = facade.on_desk(request.actor, number)
    latest = facade.latest_date(case, request.now)
    page = forms.FormPage(
        gettext("Promise a later date"), _named(request, case), f"/desk/{case.number}/",
        [
            FormField("until", gettext("New date"), "date", latest.date().isoformat()),
            FormField("reason", gettext("Why it takes longer"), "long_text", longest=_LONGEST,
                      hint=gettext("The resident reads this.")),
        ],
        [("send", gettext("Promise this date"))],
        gettext("This can be done once. The resident is told the reason and the new date at once."),
        [(gettext("Decide by"), formats.date_format(case.due, "DATE_FORMAT") if case.due else "–"),
         (gettext("At the latest"), formats.date_format(latest, "DATE_FORMAT"))],
    )
    return _act(request, page, "/desk/all/late", lambda sent: facade.delay(
        request.actor, number, sent["reason"], _day(sent["until"]), request.now,
    ))


@never_cache
@require_http_methods(["GET", "POST"])
def appeal(request: CityRequest, number: str) -> HttpResponse:
    """An appeal with the decision that it is against; decide about it."""
    case = facade.open_appeal(request.actor, number)
    open_appeal = case.open_appeal
    if open_appeal is None:
        return HttpResponseRedirect("/desk/all/appeals")
    page = forms.FormPage(
        gettext("Decide about an appeal"), _named(request, case), "/desk/all/appeals",
        [FormField("reason", gettext("Reason"), "long_text", longest=_LONGEST,
                   hint=gettext("The resident reads this."))],
        [("overturn", gettext("Change the decision: approve")), ("uphold", gettext("Uphold the decision"))],
        gettext("You decide as another officer than the first. The reason is needed either way."),
        [
            (gettext("Decide by"), formats.date_format(open_appeal.due, "DATE_FORMAT")),
            (gettext("The resident says"), open_appeal.words),
            *((gettext("First decision"), one.said(request.language, gettext)) for one in case.reasons[:_SHOWN]),
            *_answers(case, request),
        ],
    )
    return _act(request, page, "/desk/all/appeals", lambda sent: facade.decide_appeal(
        request.actor, number, overturn=request.POST.get("go") == "overturn", reason=sent["reason"], now=request.now,
    ))


def _act(request: CityRequest, page: forms.FormPage, goal: str, act: Act) -> HttpResponse:
    if request.method != "POST":
        return forms.show(request, page)
    try:
        act({field.name: request.POST.get(field.name, "") for field in page.fields})
    except forms.MENDABLE as wrong:
        return forms.again(request, page, wrong)
    return HttpResponseRedirect(goal)


def _wanted(sent: Mapping[str, str]) -> facade.Wanted:
    kind, _, question = sent["question"].partition(":")
    days = int(sent["until"]) if sent["until"].isdecimal() and len(sent["until"]) < _SHOWN else 0
    if kind not in set(AskKind):
        raise AnswerMissing(field="question")
    return facade.Wanted(AskKind(kind), sent["words"], question, days)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed[:_ISO])
    except ValueError:
        return date.min


def _answers(case: Case, request: CityRequest) -> list[tuple[str, str]]:
    service = catalogue.service(case.service)
    labels = {field.name: field.label.into(request.language) for field in service.fields()}
    return [(labels[name], value) for name, value in case.values.items() if name in labels]


def _list(request: CityRequest, title: str, cases: Sequence[Case], door: str) -> HttpResponse:
    last = max((case.warned for case in cases), default=0)
    lines = [
        {"case": case, "service": catalogue.service(case.service).name.into(request.language),
         "href": f"/desk/{case.number}{door}", "over": case.due is not None and case.due < request.now}
        for case in cases
    ]
    context = {"title": title, "lines": lines, "shows_share": bool(last), "door": door}
    return render(request, "applications/cases.html", context)


def _named(request: CityRequest, case: Case) -> str:
    return f"{catalogue.service(case.service).name.into(request.language)} · {case.number}"
