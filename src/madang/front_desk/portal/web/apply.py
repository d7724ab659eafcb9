"""Applying: one page a step, everything kept, looked over before it is sent."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.commons.gateway.pages import CityRequest, FormField, render, switched
from madang.commons.identity.wallets import facade as wallets
from madang.front_desk.portal import facade
from madang.front_desk.portal.contracts import FormPage
from madang.front_desk.portal.web import forms, slots, words
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Service, Step, won_said
from madang.services.applications import facade as applications
from madang.services.applications.contracts import (
    Answer,
    AnswerFrom,
    AnswersWrong,
    Case,
    ChangedMeanwhile,
    Mistake,
    Standing,
)

_UNPROCESSABLE = 422


@never_cache
@require_safe
def begin(request: CityRequest, service_id: str) -> HttpResponse:
    """Begin a request, or go on with the one that was begun: at its first step. Signing in comes back here."""
    service = catalogue.service(service_id)
    case = applications.begin(request.actor, service.id, request.language, request.now)
    return HttpResponseRedirect(_page(case, service.steps[0].name if service.steps else "review"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: CityRequest, number: str, name: str) -> HttpResponse:
    """One step: show it, or keep what was typed and go where the person wants to go."""
    page = facade.form_page(request.actor, number, name)
    if page.case.standing is not Standing.DRAFT:
        return HttpResponseRedirect(f"/my/cases/{page.case.number}")
    return _keep(request, page) if request.method == "POST" else _show(request, page, {})


@never_cache
@require_safe
def shown(request: CityRequest, number: str, name: str) -> HttpResponse:
    """Back from the wallet, with what it showed."""
    page = facade.form_page(request.actor, number, name)
    if said := wallets.fetched(request.session, request.now):
        applications.keep_shown(request.actor, number, said, request.now)
    return HttpResponseRedirect(_page(page.case, page.step.name))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: CityRequest, number: str) -> HttpResponse:
    """Everything before it is sent, each answer a tap away from being changed; then send it.

    A stronger sign-in that is needed in the middle comes back to this page: the draft is kept.
    """
    case = applications.case_of(request.actor, number)
    if case.standing is not Standing.DRAFT:
        return HttpResponseRedirect(f"/my/cases/{case.number}")
    if request.method != "POST":
        return _show_review(request, case, [])
    if switch := switched(request, request.path):
        return switch
    try:
        sent = applications.submit(request.actor, case.number, request.now, language=request.language)
    except AnswersWrong as wrong:
        return _show_review(request, case, list(wrong.mistakes))
    return HttpResponseRedirect(f"/my/cases/{sent.number}?{urlencode({'sent': 1})}")


def _keep(request: CityRequest, page: FormPage) -> HttpResponse:
    typed = forms.typed(page.step, request.POST)
    try:
        case, wrong = facade.keep_page(
            request.actor, page, typed, request.now, request.language, request.POST.get("seen", "")
        )
    except ChangedMeanwhile as changed:
        return _show_changed(request, page, typed, changed)
    if request.POST.get("autosave"):
        return HttpResponse(status=204, headers={"Madang-Seen": applications.seen_of(case, typed.keys())})
    return _go_on(request, page, case, wrong)


def _go_on(request: CityRequest, page: FormPage, case: Case, wrong: Mapping[str, Mistake]) -> HttpResponse:
    if switch := switched(request, request.get_full_path()):
        return switch
    if request.POST.get("go") == "wallet":
        return _to_wallet(request, page)
    if request.POST.get("go") == "back":
        return HttpResponseRedirect(_page(case, page.before.name) if page.before else f"/services/{case.service}")
    if wrong:
        return _show(request, replace(page, case=case), wrong)
    to_review = page.after is None or request.GET.get("then") == "review"
    return HttpResponseRedirect(_page(case, "review" if to_review or not page.after else page.after.name))


def _to_wallet(request: CityRequest, page: FormPage) -> HttpResponse:
    asked = [field for field in page.step.fields if field.claim]
    labels = [field.label.into(request.language) for field in asked]
    goal = f"{_page(page.case, page.step.name)}/shown"
    return HttpResponseRedirect(wallets.want(request.session, [field.claim for field in asked], labels, goal))


def _show_changed(
    request: CityRequest, page: FormPage, typed: Mapping[str, str], changed: ChangedMeanwhile
) -> HttpResponse:
    """What was typed, and beside it what the draft says now; sent once more, it is what stands."""
    if request.POST.get("autosave"):
        return HttpResponse(status=409)
    shown = {**page.case.answers, **{one.field: Answer(typed[one.field]) for one in changed.mistakes}}
    return _show(request, page, {one.field: one for one in changed.mistakes}, shown)


def _show(
    request: CityRequest, page: FormPage, wrong: Mapping[str, Mistake], shown: Mapping[str, Answer] | None = None
) -> HttpResponse:
    fields = [
        _with_slots(request, page, field)
        for field in forms.fields_of(page.step, shown or page.case.answers, wrong, request.language)
    ]
    return render(request, "portal/step.html", {
        "case": page.case,
        "service_name": page.service.name.into(request.language),
        "title": page.step.title.into(request.language),
        "place": list(page.service.steps).index(page.step) + 1,
        "places": len(page.service.steps) + 1,
        "fields": fields,
        "seen": applications.seen_of(page.case, [field.name for field in fields if not field.locked]),
        "wrong_fields": [field for field in fields if field.error],
        "books": page.service.id if page.service.slot_question in {field.name for field in fields} else "",
        "switch_form": "step",
        "hide_head_search": True,
    }, status=_UNPROCESSABLE if wrong else 200)


def _with_slots(request: CityRequest, page: FormPage, field: FormField) -> FormField:
    """A question of what to book gets what is free now as its answers."""
    if field.name != page.service.slot_question:
        return field
    free = slots.choices(page.service.id, field.value, request.language, request.now)
    return replace(field, kind="choice", choices=free)


def _show_review(request: CityRequest, case: Case, mistakes: list[Mistake]) -> HttpResponse:
    service = catalogue.service(case.service)
    language = request.language
    return render(request, "portal/review.html", {
        "case": case,
        "service": service,
        "service_name": service.name.into(language),
        "place": len(service.steps) + 1,
        "last_step": service.steps[-1].name if service.steps else "review",
        "fee": words.fee(due) if (due := _to_pay(case, service)) else "",
        "usual": words.usual(service.time),
        "sections": [_section(case, one, language) for one in service.steps],
        "mistakes": [_mistake(case, service, mistake, language) for mistake in mistakes],
        "asks_stronger_sign_in": request.actor.assurance < service.assurance,
        "switch_form": "review",
        "hide_head_search": True,
    }, status=_UNPROCESSABLE if mistakes else 200)


def _to_pay(case: Case, service: Service) -> int:
    """What sending this costs: the service's fee, or the amount that was typed from a bill, as far as it is one."""
    typed = case.values.get(service.fee_answer, "") if service.fee_answer else ""
    return won_said(typed) or case.fee.amount


def _section(case: Case, step_: Step, language: Language) -> dict[str, Any]:
    return {
        "title": step_.title.into(language),
        "change": f"{_page(case, step_.name)}?then=review",
        "can_change": any(not field.locked for field in step_.fields),
        "answers": [
            {
                "label": field.label.into(language),
                "text": forms.answer_text(field, answer, language),
                "register": _said_by(answer),
                "corrects": answer.corrects if answer else "",
            }
            for field in step_.fields
            if (answer := case.answers.get(field.name)) or field.required
        ],
    }


def _said_by(answer: Answer | None) -> str:
    if answer and answer.by is AnswerFrom.CREDENTIAL:
        return gettext("your wallet")
    return words.register(answer.register) if answer and answer.value and answer.by is AnswerFrom.REGISTER else ""


def _mistake(case: Case, service: Service, mistake: Mistake, language: Language) -> dict[str, str]:
    step_ = facade.step_of(service, mistake.field)
    labels = {field.name: field.label.into(language) for field in service.fields()}
    page = _page(case, step_.name) if step_ else _page(case, "review")
    return {
        "href": f"{page}?then=review#field-{mistake.field}",
        "text": f"{labels.get(mistake.field, mistake.field)}: {mistake.said(gettext)}",
    }


def _page(case: Case, name: str) -> str:
    return f"/apply/{case.number}/{name}"
