"""My page: requests, documents, bills, messages, and who read my data."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from madang.commons.audit import facade as audit
from madang.commons.gateway.pages import CityRequest, render
from madang.commons.notify import facade as notify
from madang.front_desk.portal import facade
from madang.front_desk.portal.contracts import Business
from madang.front_desk.portal.web import forms, words
from madang.front_desk.portal.web.paths import local_path
from madang.kernel.ids import new_id
from madang.records.catalogue import facade as catalogue
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Case, Standing

_PAGE = 50


@never_cache
@require_safe
def cases(request: CityRequest) -> HttpResponse:
    """Every request and draft, the last begun first."""
    found = applications.my_cases(request.actor, before=_before(request), limit=_PAGE)
    return render(request, "portal/my_cases.html", {
        "tab": "cases",
        "lines": [
            {
                "case": case,
                "name": catalogue.service(case.service).name.into(request.language),
                "standing": words.STANDINGS[case.standing],
            }
            for case in found
        ],
        "older": found[-1].begun.isoformat() if len(found) == _PAGE else "",
    })


@never_cache
@require_safe
def case(request: CityRequest, number: str) -> HttpResponse:
    """One request: what happens next, by when, who looks at it; its way, its reasons, its answers."""
    business = facade.business(request.actor, number)
    if business.case.standing is Standing.DRAFT:
        return HttpResponseRedirect(f"/apply/{business.case.number}/{business.service.steps[0].name}")
    return render(request, "portal/case.html", {
        **_case(business, request),
        "tab": "cases",
        "just_sent": "sent" in request.GET,
        "sections": [
            (step.title.into(request.language), [
                (field.label.into(request.language), forms.answer_text(field, answer, request.language))
                for field in step.fields
                if (answer := business.case.answers.get(field.name)) and answer.value
            ])
            for step in business.service.steps
        ],
    })


@never_cache
@require_safe
def case_now(request: CityRequest, number: str) -> HttpResponse:
    """The part of a request's page that changes by itself; the page asks for it while something is under way."""
    return render(request, "portal/case_now.html", _case(facade.business(request.actor, number), request))


@require_POST
def withdraw(request: CityRequest, number: str) -> HttpResponse:
    """Take a request back."""
    taken = applications.withdraw(request.actor, number, request.now)
    return HttpResponseRedirect("/my/" if taken.submitted is None else f"/my/cases/{taken.number}")


@never_cache
@require_safe
def inbox(request: CityRequest) -> HttpResponse:
    """What the city wrote, newest first."""
    found = notify.inbox(request.actor, before=_before(request), limit=_PAGE)
    return render(request, "portal/my_inbox.html", {
        "tab": "inbox", "messages_found": found, "older": found[-1].at.isoformat() if len(found) == _PAGE else "",
    })


@require_POST
def read(request: CityRequest, message: UUID) -> HttpResponse:
    """Open a message: note that it was read, and go to what it is about."""
    found = notify.message_of(request.actor, message)
    notify.mark_read(request.actor, message)
    return HttpResponseRedirect(local_path(found.link))


@never_cache
@require_safe
def accesses(request: CityRequest) -> HttpResponse:
    """Who read or changed my data, what for, which of it, and when."""
    found = audit.accesses_of(request.actor, before=_before(request), limit=_PAGE)
    return render(request, "portal/my_accesses.html", {
        "tab": "accesses",
        "lines": [
            {"access": one, "by": words.room(one.by), "purpose": words.purpose(one.purpose, request.language),
             "fields": ", ".join(one.fields)}
            for one in found
        ],
        "older": found[-1].at.isoformat() if len(found) == _PAGE else "",
    })


def _case(business: Business, request: CityRequest) -> dict[str, Any]:
    case_, service = business.case, business.service
    return {
        "case": case_,
        "service": service,
        "service_name": service.name.into(request.language),
        "department": service.department.into(request.language),
        "standing": case_.standing.value,
        "standing_name": words.STANDINGS[case_.standing],
        "usual": words.usual(service.time),
        "waits_for": words.register(case_.waits_for) if case_.waits_for else "",
        "way": [(point, words.STAGES[point.stage]) for point in business.way],
        "reasons": [reason.said(request.language, gettext) for reason in case_.reasons],
        "is_answered": case_.standing is Standing.COMPLETED and any(one.rule == "officer" for one in case_.reasons),
        "you_get": service.you_get.into(request.language) if case_.automatic else "",
        "appeal": service.appeal.into(request.language),
        "appeal_until": applications.appeal_open_until(case_),
        "bill": business.bill,
        "fee": words.fee(case_.fee.amount),
        "attempt": new_id(),
        "is_settled": business.is_settled,
        "may_withdraw": business.may_withdraw,
        "history": [(told.at, words.room(told.by), told.said(gettext)) for told in _newest_first(case_)],
    }


def _newest_first(case_: Case) -> list[Any]:
    return sorted(case_.history, key=lambda told: told.at, reverse=True)


def _before(request: CityRequest) -> datetime | None:
    try:
        moment = datetime.fromisoformat(request.GET.get("before", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
