"""Who asks: found only when somebody wants to know, so that a visitor's page costs no query."""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.functional import SimpleLazyObject

from madang.kernel.actors import VISITOR, Actor
from madang.kernel.errors import NotPermitted, SignInNeeded

identity: Any = import_module("madang.commons.identity.facade") if find_spec("madang.commons.identity.facade") else None

API: str = "/api/"
"""Paths for programs begin so; everything else is for people."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass(eq=False)
class TokenNotKnown(SignInNeeded):
    """The token was never given out, or its session has ended."""

    code = "gateway.token_not_known"
    message = "This sign-in token is not known or has ended. Please sign in again."


@dataclass(eq=False)
class CrossSiteRequest(NotPermitted):
    """A browser's session changed something without the city's own page having asked for it."""

    code = "gateway.cross_site"
    message = "This request did not come from a page of the city. Please open the page again and retry."


def caller(request: HttpRequest) -> Actor:
    """Who asks. What it returns finds out at first use, and may then raise TokenNotKnown."""
    if API_TOKEN_HEADER in request.META and request.path.startswith(API):
        return cast("Actor", SimpleLazyObject(lambda: _by_token(request.META[API_TOKEN_HEADER])))
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return VISITOR
    return cast("Actor", SimpleLazyObject(lambda: _by_session(request)))


API_TOKEN_HEADER = "HTTP_AUTHORIZATION"  # noqa: S105 -- a header's name


def require_own_page(request: HttpRequest) -> None:
    """For programs' paths: a browser's session may change something only with the page's token.

    Raises CrossSiteRequest. A bearer token is proof enough: no browser sends one by itself.
    """
    if request.method in _SAFE or API_TOKEN_HEADER in request.META:
        return
    if settings.SESSION_COOKIE_NAME in request.COOKIES and _lacks_page_token(request):
        raise CrossSiteRequest


def _lacks_page_token(request: HttpRequest) -> bool:
    check = CsrfViewMiddleware(lambda _: HttpResponseForbidden())
    check.process_request(request)
    return check.process_view(request, HttpResponse, (), {}) is not None


def _by_token(header: str) -> Actor:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenNotKnown
    actor: Actor | None = identity.actor_of_token(token.strip())
    if actor is None:
        raise TokenNotKnown
    return actor


def _by_session(request: HttpRequest) -> Actor:
    actor: Actor = identity.actor_of(request)
    return actor

