"""The desk: where an officer sees what waits, looks at a case, and decides."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from madang.commons.audit.contracts import STATED
from madang.commons.gateway.pages import CityRequest, FormField, render
from madang.commons.identity.facade import purposes
from madang.kernel.actors import Stated
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Field, FieldKind, Service
from madang.records.registers import facade as registers
from madang.records.registers.contracts import Register
from madang.services.applications.contracts import Answer, AnswerFrom, Case
from madang.services.applications.contracts import Permission as OfApplications
from madang.services.document_review import facade
from madang.services.document_review.contracts import (
    AlreadyDecided,
    Check,
    DeskItem,
    Finding,
    ReasonMissing,
    Suggestion,
)

_FINDINGS = {
    Finding.HOLDS: gettext_lazy("Holds"),
    Finding.FAILS: gettext_lazy("Does not hold"),
    Finding.UNCLEAR: gettext_lazy("To be looked at"),
}
_SUGGESTIONS = {
    Suggestion.APPROVE: gettext_lazy("Nothing speaks against approval"),
    Suggestion.LOOK_CLOSER: gettext_lazy("Something needs a closer look"),
    Suggestion.AGAINST: gettext_lazy("The checks speak against approval"),
}
_ROOMS = {
    "resident": gettext_lazy("The resident"),
    "applications": gettext_lazy("Requests (automatic)"),
    "document_review": gettext_lazy("Document review (automatic)"),
    "certificates": gettext_lazy("Certificates (automatic)"),
    "payments": gettext_lazy("Payments (automatic)"),
    "bookings": gettext_lazy("Bookings (automatic)"),
}


@never_cache
@require_GET
def queue(request: CityRequest) -> HttpResponse:
    """What waits, by the day of its deadline, the plainest first."""
    items = [_line(item, request) for item in facade.queue(request.actor)]
    context = {
        "items": items, "waiting": facade.waiting(request.actor),
        "decided": request.GET.get("decided", "")[:20], "approved": request.GET.get("as") == "approved",
        "sees_figures": request.actor.may(OfApplications.SEE_FIGURES),
    }
    return render(request, "document_review/queue.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def case(request: CityRequest, number: str) -> HttpResponse:
    """One case with everything that is needed to decide; sent, the decision."""
    opened = facade.open_case(request.actor, number, request.now)
    if request.method == "POST":
        return _decide(request, opened)
    return _page(request, opened)


def _decide(request: CityRequest, opened: facade.Opened) -> HttpResponse:
    approve, reason = request.POST.get("decision") == "approve", request.POST.get("reason", "")
    if not approve and request.POST.get("decision") != "refuse":
        return _page(request, opened, reason=reason, status=422)
    try:
        facade.decide(request.actor, opened.case.id, approve=approve, reason=reason, now=request.now)
    except ReasonMissing as missing:
        said = gettext(missing.message).format(**missing.data)
        return _page(request, opened, reason=reason, mistake=said, status=422)
    except AlreadyDecided:
        again = facade.open_case(request.actor, opened.case.number, request.now)
        return _page(request, again, reason=reason, was_late=True, status=409)
    told = urlencode({"decided": opened.case.number, "as": "approved" if approve else "refused"})
    return HttpResponseRedirect(f"/desk/?{told}")


def _page(
    request: CityRequest, opened: facade.Opened, *, reason: str = "", mistake: str = "", was_late: bool = False,
    status: int = 200,
) -> HttpResponse:
    language, review = request.language, opened.review
    form = FormField(
        "reason", gettext("Reason"), "long_text", reason, longest=ReasonMissing.longest, error=mistake,
        required=False,
        hint=_hint(opened),
    )
    context = {
        "case": opened.case,
        "service_name": opened.service.name.into(language),
        "department": opened.service.department.into(language),
        "answers": _answers(opened.case, opened.service, language),
        "checks": [_check(check, opened.service, language) for check in _in_reading_order(review.checks)],
        "held": review.held, "all_checks": len(review.checks),
        "suggestion": _SUGGESTIONS[review.suggestion],
        "suggests_approval": review.suggestion is Suggestion.APPROVE,
        "decision": review.decision, "waits": review.waits, "was_late": was_late,
        "history": [
            {"line": line, "said": line.said(gettext), "by": _ROOMS.get(line.by) or gettext(line.by)}
            for line in opened.case.history
        ],
        "appeal": opened.service.appeal.into(language),
        "reason": replace(form, required=review.suggestion is Suggestion.AGAINST or opened.ends_in_words),
        "wrong_fields": [form] if mistake else [],
        "nothing_chosen": status == 422 and not mistake,  # noqa: PLR2004 -- HTTP's number
        "waiting": opened.waiting, **_said_purpose(opened, language),
    }
    return render(request, "document_review/case.html", context, status)


def _hint(opened: facade.Opened) -> str:
    if opened.ends_in_words:
        return gettext("The resident reads this as the answer: what was done or decided, how much, where and when.")
    return gettext("The resident reads this. A refusal needs a reason, and so does an approval against the checks.")


def _said_purpose(opened: facade.Opened, language: Language) -> Mapping[str, str]:
    said = opened.purpose
    if not isinstance(said, Stated):
        return {}
    return {"purpose": purposes.name_of(STATED + said.purpose, language), "purpose_line": said.line}


def _line(item: DeskItem, request: CityRequest) -> Mapping[str, object]:
    return {
        "item": item,
        "service": catalogue.service(item.service).name.into(request.language),
        "overdue": item.due < request.now,
        "today": item.due.date() == request.now.date(),
        "suggestion": _SUGGESTIONS[item.suggestion],
    }


def _in_reading_order(checks: Sequence[Check]) -> list[Check]:
    order = [Finding.FAILS, Finding.UNCLEAR, Finding.HOLDS]
    return sorted(checks, key=lambda check: order.index(check.finding))


def _answers(case: Case, service: Service, language: Language) -> list[Mapping[str, str]]:
    return [
        {
            "label": field.label.into(language), "value": _shown(field, case.answers[field.name].value, language),
            "word": _whose_word(case.answers[field.name], language),
        }
        for field in service.fields() if field.name in case.answers
    ]


def _shown(field: Field, value: str, language: Language) -> str:
    if field.kind is FieldKind.CHOICE:
        return next((choice.label.into(language) for choice in field.choices if choice.value == value), value)
    if field.kind is FieldKind.YES_NO:
        return {"yes": gettext("Yes"), "no": gettext("No")}.get(value, value)
    return value


def _whose_word(answer: Answer, language: Language) -> str:
    if not answer.register:
        return gettext("The resident")
    if answer.by is AnswerFrom.CREDENTIAL:
        return gettext("A credential that the resident showed")
    register = registers.about(Register(answer.register)).name.into(language)
    if answer.by is AnswerFrom.REGISTER:
        return register
    return gettext("The resident; {register} says “{value}”").format(register=register, value=answer.corrects)


def _check(check: Check, service: Service, language: Language) -> Mapping[str, object]:
    labels = {field.name: field.label.into(language) for field in service.fields()}
    return {
        "check": check, "finding": _FINDINGS[check.finding], "holds": check.finding is Finding.HOLDS,
        "question": labels.get(check.question, ""), "why": check.said(language, gettext),
    }


urls: list[URLPattern] = [
    path("desk/", queue, name="document_review_queue"),
    path("desk/<str:number>/", case, name="document_review_case"),
]
