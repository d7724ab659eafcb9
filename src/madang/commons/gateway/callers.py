"""Who asks: found only when somebody wants to know, so that a visitor's page costs no query."""

import time
from dataclasses import dataclass
from functools import cache
from typing import Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.functional import SimpleLazyObject

from madang.commons.gateway.contracts import KeyNotKnown
from madang.commons.gateway.policy import passes
from madang.commons.identity import facade as identity
from madang.commons.identity.facade import purposes
from madang.kernel.actors import VISITOR, Actor
from madang.kernel.errors import NotPermitted, SignInNeeded
from madang.kernel.ids import AccountId

API: Final = "/api/"
"""Paths for programs begin so; everything else is for people."""

_HEADER: Final = "HTTP_AUTHORIZATION"
_KEY: Final = "HTTP_X_API_KEY"
_PURPOSE: Final = "HTTP_MADANG_PURPOSE"
_LINE: Final = "HTTP_MADANG_PURPOSE_LINE"
_LET_IN: Final = "HTTP_X_MADANG_PASS"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


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
    """Who asks. What it returns finds out at first use, and may then raise TokenNotKnown or KeyNotKnown."""
    if (_LET_IN in request.META or _KEY in request.META) and request.path.startswith(API):
        return cast("Actor", SimpleLazyObject(lambda: _by_pass(request)))
    if _HEADER in request.META and request.path.startswith(API):
        return cast("Actor", SimpleLazyObject(lambda: _stating(request, _by_token(request))))
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return VISITOR
    return cast("Actor", SimpleLazyObject(lambda: _stating(request, identity.actor_of(request))))


def require_own_page(request: HttpRequest) -> None:
    """For programs' paths: a browser's session may change something only with the page's token.

    Raises CrossSiteRequest. A token or a key is proof enough: no browser sends one by itself.
    """
    if request.method in _SAFE or _HEADER in request.META or _KEY in request.META:
        return
    if settings.SESSION_COOKIE_NAME in request.COOKIES and _lacks_page_token(request):
        raise CrossSiteRequest


def _lacks_page_token(request: HttpRequest) -> bool:
    check = CsrfViewMiddleware(lambda _: HttpResponseForbidden())
    check.process_request(request)
    return check.process_view(request, HttpResponse, (), {}) is not None


def token_of(request: HttpRequest) -> str:
    """The bearer token of the request. Raises TokenNotKnown when there is none."""
    scheme, _, token = request.META.get(_HEADER, "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenNotKnown
    return str(token.strip())


def address_of(request: HttpRequest) -> str:
    """The address that asks: the last that the gateway, our one proxy, wrote down; what stands before it was sent."""
    last = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return last or str(request.META.get("REMOTE_ADDR", ""))


def _stating(request: HttpRequest, actor: Actor) -> Actor:
    """With what a program says that it opens this for: a header on a page of ours would let no form ask for it."""
    if _PURPOSE not in request.META or not request.path.startswith(API):
        return actor
    return purposes.stating(actor, request.META[_PURPOSE], request.META.get(_LINE, ""))


def _by_token(request: HttpRequest) -> Actor:
    actor = identity.actor_of_token(token_of(request))
    if actor is None:
        raise TokenNotKnown
    return actor


def _by_pass(request: HttpRequest) -> Actor:
    """The partner whom the gateway let in. A key that it has not seen opens nothing."""
    found = passes.opened(request.META.get(_LET_IN, ""), _seal_key(), time.time())
    if found is None:
        raise KeyNotKnown
    return Actor.partner(found.name, AccountId(found.partner), found.scopes, found.department)


@cache
def _seal_key() -> bytes:
    return passes.seal_key(settings.SECRET_KEY)
