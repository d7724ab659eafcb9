"""What went wrong, for programs: problem details (RFC 9457, 2023), in the caller's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop

from madang.commons.gateway.contracts import BodyTooLarge, MediaTypeUnknown
from madang.kernel.errors import (
    AssuranceTooLow,
    CityError,
    Conflict,
    Invalid,
    NotFound,
    NotPermitted,
    SignInNeeded,
    TooOften,
    Unavailable,
)

MEDIA_TYPE: Final = "application/problem+json"

_STATUS_OF: Final[Sequence[tuple[type[CityError], int]]] = (
    (NotFound, 404), (SignInNeeded, 401), (AssuranceTooLow, 403), (NotPermitted, 403),
    (Conflict, 409), (Invalid, 422), (Unavailable, 503), (TooOften, 429), (BodyTooLarge, 413), (MediaTypeUnknown, 415),
)

_RETRY_AFTER_S: Final[Mapping[int, int]] = {429: 60, 503: 5}

TITLES: Final[Mapping[int, str]] = {
    400: gettext_noop("The request cannot be read"),
    401: gettext_noop("Please sign in"),
    403: gettext_noop("This is not allowed"),
    404: gettext_noop("There is nothing here"),
    405: gettext_noop("This method does not work here"),
    409: gettext_noop("This is not possible now"),
    413: gettext_noop("This is too large"),
    415: gettext_noop("This media type is not understood"),
    422: gettext_noop("Something needs to be mended"),
    429: gettext_noop("Too many requests"),
    500: gettext_noop("Something went wrong on our side"),
    503: gettext_noop("Not available at the moment"),
}

DETAILS: Final[Mapping[int, str]] = {
    400: gettext_noop("The request could not be read. Check its form and encoding and send it again."),
    401: gettext_noop("Please sign in first."),
    403: gettext_noop("You may not do this."),
    404: gettext_noop("There is nothing at this address. Please check it."),
    405: gettext_noop("This address does not answer to that method. The Allow header names those that work."),
    413: gettext_noop("What you sent is larger than this address takes."),
    429: gettext_noop("You have asked too often in a short time. Please wait a moment and try again."),
    500: gettext_noop(
        "We could not finish this, and nothing was changed by half. It has been noted under the number shown."
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem before it is told: ``errors`` are by field, ``facts`` are for programs."""

    status: int
    code: str
    detail: str
    errors: Sequence[Mapping[str, str]] = ()
    facts: Mapping[str, str | int | bool] | None = None
    headers: Mapping[str, str] | None = None


def status_of(error: CityError) -> int:
    """The HTTP status that an error of the city means; 400 for one of no particular kind."""
    return next((status for kind, status in _STATUS_OF if isinstance(error, kind)), 400)


def say(text: str, facts: Mapping[str, Any]) -> str:
    """An English text in the language of this thread, with its facts as people read them."""
    return gettext(text).format(**{name: _shown(value) for name, value in facts.items()})


def told(error: CityError) -> Problem:
    """A city's error as a problem, in the language of this thread."""
    status = status_of(error)
    wait = _RETRY_AFTER_S.get(status)
    headers = {"Retry-After": str(wait)} if wait else None
    return Problem(status, error.code, say(error.message, error.data), by_field(error), _plain(error.data), headers)


def of_status(status: int, code: str = "") -> Problem:
    """The problem that a bare HTTP status means."""
    known = status if status in TITLES else 400 if status < 500 else 500  # noqa: PLR2004 -- HTTP's classes
    return Problem(status, code or f"http.{status}", gettext(DETAILS.get(known, DETAILS[400])))


def by_field(error: CityError) -> Sequence[Mapping[str, str]]:
    """What is wrong where: the error's ``mistakes``, or its one ``field``."""
    mistakes = getattr(error, "mistakes", ())
    if mistakes:
        return [{"field": m.field, "code": m.code, "message": say(m.message, m.facts)} for m in mistakes]
    field = getattr(error, "field", "")
    return [{"field": str(field), "code": error.code, "message": say(error.message, error.data)}] if field else ()


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as a response."""
    body: dict[str, Any] = {
        "type": f"urn:madang:problem:{problem.code}",
        "title": gettext(TITLES.get(problem.status, TITLES[400])),
        "status": problem.status,
        "detail": problem.detail,
        "instance": f"urn:uuid:{getattr(request, 'trace', '')}",
        "code": problem.code,
        "errors": list(problem.errors),
    }
    if problem.facts:
        body["facts"] = problem.facts
    response = HttpResponse(msgspec.json.encode(body), status=problem.status, content_type=MEDIA_TYPE)
    for name, value in (problem.headers or {}).items():
        response[name] = value
    if problem.status == 401:  # noqa: PLR2004 -- HTTP's number
        response["WWW-Authenticate"] = 'Bearer realm="madang"'
    return response


def _shown(value: object) -> object:
    if isinstance(value, datetime):
        return date_format(value, "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    return gettext(value) if isinstance(value, Enum) and isinstance(value, str) else value


def _plain(facts: Mapping[str, Any]) -> Mapping[str, str | int | bool]:
    return {name: value for name, value in facts.items() if isinstance(value, str | int | bool)}
