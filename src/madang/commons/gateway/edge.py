"""The first thing that a request meets in Django, and the last that its answer passes."""

import logging
import re
from collections.abc import Callable
from typing import Any, Final, cast

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.cache import patch_vary_headers

from madang.commons.audit import facade as audit
from madang.commons.gateway import answer_size, error_pages, problems, tongues
from madang.commons.gateway.callers import API, caller, require_own_page
from madang.commons.gateway.pages import CityRequest
from madang.kernel import clock
from madang.kernel.errors import CityError
from madang.kernel.ids import new_id
from madang.kernel.languages import Language

_TRACE: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_log = logging.getLogger("madang.gateway")
_NUL: Final = "\x00"
_DJANGO_KNOWS: Final = (Http404, PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)


class Edge:
    """Gives a request its id, time, language and actor; turns what goes wrong into a page or a problem."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, incoming: HttpRequest) -> HttpResponse:
        """See to the request, have it answered, see to the answer."""
        request = cast("CityRequest", incoming)
        request.trace = _trace(request)
        request.now = clock.now()
        request.actor = caller(request)
        request.language = _language(request)
        tongues.speak(request.language)
        with audit.traced(request.trace):
            response = self._get_response(request) if _is_clean(request) else error_pages.unreadable(request)
        return _finished(request, response)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Refuse what no view should have to read, before it is asked; answer in the account's language."""
        if request.path.startswith(API):
            try:
                require_own_page(request)
            except CityError as error:
                return error_pages.for_error(request, error)
        elif _has_nul_in_form(request):
            return error_pages.unreadable(request)
        _prefer_account_language(cast("CityRequest", request))
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A city's error becomes its page; Django's own (404, 403, 400) go on to Django; the rest is noted."""
        return None if isinstance(error, _DJANGO_KNOWS) else error_pages.for_anything(request, error)


def _trace(request: HttpRequest) -> str:
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    return given if _TRACE.fullmatch(given) else str(new_id())


def _language(request: HttpRequest) -> Language:
    return (
        tongues.asked(request)
        or tongues.chosen(request)
        or tongues.accepted(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        or Language.KO
    )


def _prefer_account_language(request: CityRequest) -> None:
    """Who is signed in and chose no language on this device is answered in their account's."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or tongues.asked(request) or tongues.chosen(request):
        return
    known = tongues.named(getattr(request.user, "language", ""))
    if known:
        request.language = known
        tongues.speak(known)


def _is_clean(request: HttpRequest) -> bool:
    return _NUL not in request.path_info and "%00" not in request.META.get("QUERY_STRING", "")


def _has_nul_in_form(request: HttpRequest) -> bool:
    if request.method != "POST" or not request.META.get("CONTENT_TYPE", "").startswith(_FORMS):
        return False
    return any(_NUL in value for values in request.POST.lists() for value in (values[0], *values[1]))


def _finished(request: CityRequest, response: HttpResponse) -> HttpResponse:
    if answer_size.is_too_large(request.path, response):
        _log.error("request %s: the answer of %s bytes is too large", request.trace, len(response.content))
        response = error_pages.answer(request, problems.of_status(500, "gateway.answer_too_large"))
    if request.path.startswith(API) and response.status_code >= 400:  # noqa: PLR2004 -- HTTP's classes
        response = _as_problem(request, response)
    if response.headers.get("Content-Type", "").startswith(("text/html", problems.MEDIA_TYPE)):
        response.headers.setdefault("Content-Language", request.language.tag)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
    # pages and answers are somebody's own unless their view says otherwise
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _as_problem(request: CityRequest, response: HttpResponse) -> HttpResponse:
    if response.headers.get("Content-Type") == problems.MEDIA_TYPE:
        return response
    problem = problems.answer(request, problems.of_status(response.status_code))
    if "Allow" in response.headers:
        problem["Allow"] = response["Allow"]
    return problem
