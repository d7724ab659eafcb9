"""What every page's frame shows, and what a reader may set about it: language, plain words, large text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme

from madang.commons.gateway.callers import API
from madang.kernel.actors import VISITOR, Actor
from madang.kernel.languages import Language, Text

_YEAR_S = 365 * 24 * 3600
_CHOICES: Mapping[str, tuple[str, Sequence[str]]] = {
    "lang": ("madang_language", tuple(Language)),
    "words": ("madang_words", ("plain", "usual")),
    "text": ("madang_text", ("large", "usual")),
}
"""What can be set: the parameter in a link, its cookie, its values. A form's button is called ``switch_`` and that."""


@dataclass(frozen=True, slots=True)
class City:
    """The city of this profile as every page names it."""

    name: Text
    phone: str


@cache
def city() -> City:
    """The city, read once from the profile's ``city.yaml``."""
    file = Path(settings.MADANG_PROFILE) / "city.yaml"
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    name = Text({Language(code): text for code, text in told["name"].items()})
    return City(name=name, phone=str(told["contact_phone"]))


class Preferences:
    """Middleware: a link with ``?lang=vi`` (or ``words``, ``text``) sets that and comes back to the clean page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set what the link says, or let the request through."""
        wanted = _wanted(request.GET, "") if request.META.get("QUERY_STRING") and request.method == "GET" else {}
        if wanted and not request.path.startswith(API):  # a program is answered at once, in the language it asked for
            rest = _other_query(request)
            answer = HttpResponseRedirect(request.path + (f"?{rest}" if rest else ""))
            return _remember(answer, wanted)
        return self._get_response(request)


def switched(request: HttpRequest, back_to: str) -> HttpResponse | None:
    """The answer to a form that was sent by one of the frame's switches, after its answers were kept; else None.

    A page that holds a form names it in ``switch_form``; then the switches send that form, and its view calls this.
    """
    wanted = _wanted(request.POST, "switch_")
    if not wanted:
        return None
    safe = url_has_allowed_host_and_scheme(back_to, allowed_hosts=None)
    return _remember(HttpResponseRedirect(back_to if safe else "/"), wanted)


def _wanted(given: QueryDict, prefix: str) -> dict[str, str]:
    asked = {name: str(given.get(f"{prefix}{name}", "")) for name in _CHOICES}
    return {name: value for name, value in asked.items() if value in _CHOICES[name][1]}


def _other_query(request: HttpRequest) -> str:
    if not request.META.get("QUERY_STRING"):
        return ""
    return urlencode([(name, one) for name, values in request.GET.lists() for one in values if name not in _CHOICES])


def _remember(answer: HttpResponse, wanted: Mapping[str, str]) -> HttpResponse:
    for name, value in wanted.items():
        answer.set_cookie(_CHOICES[name][0], value, max_age=_YEAR_S, secure=True, httponly=True, samesite="Lax")
    answer["Cache-Control"] = "no-store"
    return answer


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what ``city/base.html`` needs on every page. Asks the database for known people only."""
    language = getattr(request, "language", None) or Language.KO
    actor: Actor = getattr(request, "actor", VISITOR)
    return {
        "actor": actor,
        "city_name": city().name.into(language),
        "city_phone": city().phone,
        "keep_query": f"{rest}&" if (rest := _other_query(request)) else "",
        "is_demo": bool(settings.MADANG_OUTSIDE_URL),
        "language": language,
        "languages": tuple(Language),
        "large_text": request.COOKIES.get("madang_text") == "large",
        "plain_words": request.COOKIES.get("madang_words") == "plain",
        "unread": SimpleLazyObject(lambda: _unread(actor)),
    }


def _unread(actor: Actor) -> int:
    if actor.subject is None:
        return 0
    # notify's door, asked only for somebody known: a visitor's page needs neither it nor the database
    unread: int = import_module("madang.commons.notify.facade").unread(actor)
    return unread
