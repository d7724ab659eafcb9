"""How a room's ``api.py`` speaks: routers with the city's sign-in, idempotency, pages, and errors as problems.

    router = http_api.router("cases")

    @router.post("/cases", response={201: CaseOut})
    @idempotent
    def begin(request: CityRequest, asked: CaseIn) -> Case: ...

    @router.get("/cases", response=Page[CaseOut])
    def mine(request: CityRequest, paging: Query[Paging]) -> Slice[Case]:
        return paging.newest_first(lambda before, limit: facade.my_cases(request.actor, before, limit), ...)

A route needs somebody signed in unless it says ``auth=OPEN``.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import Body, NinjaAPI, Query, Router, Schema, Status
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation
from ninja.security import APIKeyCookie, APIKeyHeader, HttpBearer

from madang import __version__
from madang.commons.gateway import api_document, api_pages, error_pages, json_bodies, problems, validation
from madang.commons.gateway.idempotency import idempotent, once, takes_key
from madang.commons.gateway.pages import CityRequest
from madang.commons.gateway.paging import Page, Paging, Slice
from madang.kernel.actors import Actor
from madang.kernel.errors import CityError, SignInNeeded

__all__ = [
    "OPEN", "Body", "CityRequest", "Page", "Paging", "Query", "Router", "Schema", "Slice", "Status",
    "build", "idempotent", "once", "router", "takes_key",
]

OPEN: Final = None
"""``auth=OPEN``: a route that anybody may ask. ``request.actor`` is there all the same."""

TITLE: Final = "Madang HTTP API"


_DJANGO_SAYS: Final = (
    (RequestDataTooBig, 413), (SuspiciousOperation, 400), (UnreadablePostError, 400), (BadRequest, 400), (Http404, 404),
    (PermissionDenied, 403),
)


class Session(APIKeyCookie):
    """The cookie of a signed-in browser; changes also need the page's token in ``X-CSRFToken``."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=False)  # the edge has checked it, for open routes too

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:  # noqa: ARG002 -- ninja's signature
        """Whoever is signed in."""
        return _known(request)


class Token(HttpBearer):
    """The token that ``POST /api/v1/session`` gives."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:  # noqa: ARG002 -- ninja's signature
        """Whoever the token was given to."""
        return _known(request)


class ApiKey(APIKeyHeader):
    """A partner system's key. What it may do is decided at the gateway, by the ``Scope``s of the rooms' manifests."""

    param_name = "X-Api-Key"

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """The partner that the gateway let in."""
        return _known(request) if key else None


def router(*tags: str) -> Router:
    """A router whose routes need somebody signed in, or a partner's key. Paths begin with the room's noun: ``/cases``.

    A partner's actor has the names of its scopes as permissions: the facade asks ``actor.require`` as of anybody.
    """
    return Router(auth=[ApiKey(), Token(), Session()], tags=list(tags))


def build(routers: Iterable[Router]) -> NinjaAPI:
    """The city's one API under ``/api``: every router at ``/api/v1``, its document and its pages for developers."""
    api = _Api(
        # for routers of the courtyard's lower parts, which cannot reach ours: a door without a word on it is not open
        auth=[Token(), Session()],
        title=TITLE, version="1", description=api_document.DESCRIPTION, urls_namespace="api",
        openapi_url="/openapi.json", docs_url="/docs", docs=api_pages.Developers(), parser=json_bodies.CarefulParser(),
        openapi_extra={"info": {"x-madang-release": __version__, "license": api_document.LICENCE}},
    )
    for one in routers:
        api.add_router("/v1", one)
    return api


class _Api(NinjaAPI):
    """Ninja with the city's errors and a finished document."""

    _document: Any = None

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Whatever goes wrong, as a problem."""
        return _told(request, exc)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """``cases_begin``: a stable name for generated clients."""
        room = operation.view_func.__module__.removesuffix(".api").rpartition(".")[2]
        return f"{room}_{operation.view_func.__name__}"

    def get_openapi_schema(self, **how: Any) -> Any:
        """The document with problems and idempotency keys written into every operation; made once."""
        if self._document is None:
            self._document = api_document.finished(self, super().get_openapi_schema(**how))
        return self._document


def _known(request: HttpRequest) -> Actor | None:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # the edge gives every request its actor
    return actor if actor.is_known else None


def _told(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, ValidationError):
        return problems.answer(request, validation.problem(error))
    if isinstance(error, AuthenticationError):
        return error_pages.for_error(request, SignInNeeded())
    if isinstance(error, HttpError) and not isinstance(error.__cause__, CityError):
        return problems.answer(request, problems.of_status(error.status_code))
    if status := next((status for kind, status in _DJANGO_SAYS if isinstance(error, kind)), 0):
        return problems.answer(request, problems.of_status(status))
    # ninja wraps what our parser raised
    return error_pages.for_anything(request, error.__cause__ or error if isinstance(error, HttpError) else error)
