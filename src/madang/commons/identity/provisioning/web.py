"""SCIM over HTTP, under ``/scim/v2``: RFC 7644 (2015)."""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

from madang.commons.identity.provider.contracts import Client
from madang.commons.identity.provisioning import facade
from madang.commons.identity.provisioning.contracts import ScimRefused
from madang.kernel import clock

_TYPE: Final = "application/scim+json"
_PREFIX: Final = "/scim/v2"
Document = Mapping[str, Any]
View = Callable[..., HttpResponse]


def _for_clients(*methods: str) -> Callable[[View], View]:
    """A view for directories' clients; whatever is wrong is told in SCIM's form."""

    def make(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answered(request: HttpRequest, **names: str) -> HttpResponse:
            try:
                client = facade.signed_in(request.headers.get("Authorization", ""), clock.now())
                _require_method(request, methods)
                return view(request, client, **names)
            except ScimRefused as refused:
                return _refused(refused, methods)

        return answered

    return make


@_for_clients("GET", "POST")
def users(request: HttpRequest, client: Client) -> HttpResponse:
    """Everybody of the client's, by filter and page; sent, a joiner."""
    if request.method == "POST":
        made = facade.create(client, _body(request), _base(), clock.now())
        answer = _answer(facade.shown(dict(made), request.GET.dict()), 201)
        answer["Location"] = made["meta"]["location"]
        return answer
    return _answer(facade.listed(facade.users(client, _base()), request.GET.dict()))


@_for_clients("GET", "PUT", "PATCH", "DELETE")
def user(request: HttpRequest, client: Client, user: str) -> HttpResponse:
    """One of the client's: looked at, replaced, changed, or ended."""
    if request.method == "DELETE":
        facade.remove(client, user, clock.now())
        return HttpResponse(status=204)
    if request.method == "GET":
        [found] = facade.users(client, _base(), user)
    else:
        whole = request.method == "PUT"
        found = facade.change_user(client, user, _body(request), _base(), clock.now(), whole=whole)
    return _answer(facade.shown(dict(found), request.GET.dict()))


@_for_clients("GET")
def groups(request: HttpRequest, client: Client) -> HttpResponse:
    """The posts that a directory may give."""
    return _answer(facade.listed(facade.groups(client, _base()), request.GET.dict()))


@_for_clients("GET", "PUT", "PATCH")
def group(request: HttpRequest, client: Client, post: str) -> HttpResponse:
    """One post: looked at, or given and taken."""
    if request.method == "GET":
        [found] = facade.groups(client, _base(), post)
    else:
        whole = request.method == "PUT"
        found = facade.change_group(client, post, _body(request), _base(), clock.now(), whole=whole)
    return _answer(facade.shown(dict(found), request.GET.dict()))


@_for_clients("POST")
def search(request: HttpRequest, client: Client, kind: str) -> HttpResponse:
    """A search whose words stand in no address (section 3.4.3)."""
    asked = _body(request)
    if not isinstance(asked, dict):
        raise ScimRefused(400, "A search is a JSON object.", "invalidSyntax")
    found = facade.users(client, _base()) if kind == "Users" else facade.groups(client, _base())
    return _answer(facade.listed(found, asked))


@_for_clients("GET")
def provider(request: HttpRequest, client: Client) -> HttpResponse:  # noqa: ARG001 -- every view's signature
    """What works here."""
    return _answer(facade.provider(_base()))


@_for_clients("GET")
def described(request: HttpRequest, client: Client, kind: str, name: str = "") -> HttpResponse:  # noqa: ARG001 -- as above
    """Schemas and resource types, all or one."""
    found = facade.schemas(_base()) if kind == "Schemas" else facade.resource_types(_base())
    if not name:
        if "filter" in request.GET:
            raise ScimRefused(403, "These are not filtered (RFC 7644, section 4).")
        return _answer(facade.listed(found, {}))
    one = next((one for one in found if one["id"].lower() == name.lower()), None)
    if one is None:
        raise ScimRefused(404, f"There is no {name!r}.")
    return _answer(one)


@_for_clients("GET", "POST", "PUT", "PATCH", "DELETE")
def not_here(request: HttpRequest, client: Client, **_: str) -> HttpResponse:  # noqa: ARG001 -- as above
    """What the service provider configuration says is not supported, and every other path."""
    known = request.path.removeprefix(f"{_PREFIX}/").partition("/")[0]
    raise ScimRefused(501 if known in {"Bulk", "Me", "Groups", ".search"} else 404, f"{known} does not work here.")


def _require_method(request: HttpRequest, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        raise ScimRefused(405, f"Here work {', '.join(methods)}.")


def _body(request: HttpRequest) -> Any:
    kind = (request.content_type or "").lower()
    if kind not in {_TYPE, "application/json"}:
        raise ScimRefused(415, f"Send {_TYPE}.")
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        raise ScimRefused(400, "The body is not JSON.", "invalidSyntax") from None


def _base() -> str:
    return f"{settings.MADANG_PUBLIC_URL}{_PREFIX}"


def _answer(document: Document, status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(document, ensure_ascii=False), status=status, content_type=_TYPE)


def _refused(refused: ScimRefused, methods: tuple[str, ...]) -> HttpResponse:
    answer = _answer(facade.error(refused), refused.status)
    if refused.status == 401:  # noqa: PLR2004 -- HTTP's number
        answer["WWW-Authenticate"] = 'Bearer realm="madang", error="invalid_token"'
    if refused.status == 405:  # noqa: PLR2004 -- HTTP's number
        answer["Allow"] = ", ".join(methods)
    return answer


urls: list[URLPattern] = [
    path("scim/v2/Users", users),
    path("scim/v2/Users/.search", search, {"kind": "Users"}),
    path("scim/v2/Users/<str:user>", user),
    path("scim/v2/Groups/.search", search, {"kind": "Groups"}),
    path("scim/v2/Groups", groups),
    path("scim/v2/Groups/<str:post>", group),
    path("scim/v2/ServiceProviderConfig", provider),
    path("scim/v2/Schemas", described, {"kind": "Schemas"}),
    path("scim/v2/Schemas/<str:name>", described, {"kind": "Schemas"}),
    path("scim/v2/ResourceTypes", described, {"kind": "ResourceTypes"}),
    path("scim/v2/ResourceTypes/<str:name>", described, {"kind": "ResourceTypes"}),
    path("scim/v2/<path:other>", not_here),
]
