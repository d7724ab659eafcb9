"""What went wrong, for people: a page that says so in their language, with a way on."""

import logging
from typing import Any, cast
from urllib.parse import urlencode

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from madang.commons.gateway import problems
from madang.commons.gateway.callers import API, CrossSiteRequest
from madang.commons.gateway.pages import CityRequest, render
from madang.commons.gateway.problems import Problem
from madang.kernel.assurance import Assurance
from madang.kernel.errors import AssuranceTooLow, CityError, PurposeNeeded, SignInNeeded, Unavailable

SIGN_IN = "/accounts/login/"
STEP_UP = "/accounts/step-up/"
PURPOSE = "/accounts/purpose/"

DatabaseDown = (OperationalError, InterfaceError)

_log = logging.getLogger("madang.gateway")


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as a page for people, as problem details for programs."""
    if request.path.startswith(API):
        return problems.answer(request, problem)
    context = {
        "status": problem.status,
        "title": gettext(problems.TITLES.get(problem.status, problems.TITLES[400])),
        "detail": problem.detail,
        "errors": problem.errors,
        "trace": getattr(request, "trace", ""),
    }
    page = _page(request, context, problem)
    for name, value in (problem.headers or {}).items():
        page[name] = value
    return page


def _page(request: HttpRequest, context: dict[str, Any], problem: Problem) -> HttpResponse:
    try:
        return render(cast("CityRequest", request), "city/error.html", context, problem.status)
    except Exception:  # noqa: BLE001 -- the page about a failure must not fail: it is noted, and the words remain
        _log.exception("request %s: its error page failed too", context["trace"])
        words = f"{context['title']}\n\n{context['detail']}\n\n{context['trace']}\n"
        return HttpResponse(words, status=problem.status, content_type="text/plain; charset=utf-8")


def for_error(request: HttpRequest, error: CityError) -> HttpResponse:
    """A city's error: on to where it can be mended, or a page that says it."""
    if request.path.startswith(API):
        return problems.answer(request, problems.told(error))
    if isinstance(error, SignInNeeded):
        return _on_to(SIGN_IN, request)
    if isinstance(error, AssuranceTooLow):
        in_person = {"needed": str(int(error.needed))} if error.needed is Assurance.HIGH else {}
        return _on_to(STEP_UP, request, **in_person)
    if isinstance(error, PurposeNeeded):
        return _on_to(PURPOSE, request, about=error.about, door=error.door)
    return answer(request, problems.told(error))


def for_anything(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Whatever a view raised: a city's error, a database that does not answer, or what nobody foresaw."""
    if isinstance(error, CityError):
        return for_error(request, error)
    if isinstance(error, DatabaseDown):
        _log.error("request %s found no database at %s", getattr(request, "trace", "-"), request.path, exc_info=error)
        return for_error(request, Unavailable())
    return unexpected(request, error)


def unexpected(request: HttpRequest, error: BaseException) -> HttpResponse:
    """What nobody foresaw: noted whole under the request's trace, told without any of it."""
    _log.error("request %s failed at %s", getattr(request, "trace", "-"), request.path, exc_info=error)
    return answer(request, problems.of_status(500, "city.unexpected"))


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Django's 400: too many fields, a strange host, a suspicious file name."""
    return answer(request, problems.of_status(400))


def not_permitted(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Django's 403."""
    return answer(request, problems.of_status(403))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Django's 404."""
    return answer(request, problems.of_status(404))


def failed(request: HttpRequest) -> HttpResponse:
    """Django's 500, when something broke outside every view."""
    return answer(request, problems.of_status(500, "city.unexpected"))


def cross_site(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from our own page, or whose page was open too long."""
    _log.info("request %s refused: %s", getattr(request, "trace", "-"), reason)
    return answer(request, problems.told(CrossSiteRequest()))


def _on_to(place: str, request: HttpRequest, **more: str) -> HttpResponse:
    # a form that was being sent cannot be sent again by a redirect: its page is shown again instead
    back = request.get_full_path() if request.method == "GET" else request.path
    return HttpResponseRedirect(f"{place}?{urlencode({'next': back} | more)}")
