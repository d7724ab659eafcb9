"""The provider's pages for people, and its endpoints for programs."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.contrib.auth import logout as end_browser_session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.commons.identity.provider import facade, sessions
from madang.commons.identity.provider.contracts import Answer, Ask, Need, Presence, TellBack
from madang.kernel import clock
from madang.kernel.assurance import Assurance

_AUTHORIZE = "/oauth/authorize"
_KEYS_KEPT_S = 3600
_LOGOUT_FIELDS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
_PATHS: Mapping[Need, str] = {
    Need.SIGN_IN: "/accounts/login/", Need.SIGN_IN_AGAIN: "/accounts/reauthenticate/",
    Need.MORE_ASSURANCE: "/accounts/step-up/",
}
_HIGH = "/accounts/foreign/"
"""Where somebody proves to the highest level who they are: by an identity that another authority keeps."""


@csrf_exempt
@never_cache
@xframe_options_deny
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """A system asks who is there."""
    if request.method == "POST":  # allowed by the standard; asked again as a link, so that the session is with it
        return HttpResponseRedirect(f"{_AUTHORIZE}?{request.POST.urlencode()}")
    try:
        return _considered(request, facade.question(_uri(request.META["QUERY_STRING"])))
    except TellBack as told:
        return _leave(request, told.uri)


@never_cache
@xframe_options_deny
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """The person says whether the system may learn what it asks. The question is judged anew."""
    try:
        ask = facade.question(_uri(request.POST.get("ask", "")))
        present = sessions.presence(request)
        need = _need(request, ask, present)
    except TellBack as told:
        return _leave(request, told.uri)
    if present is None or need not in {Need.CONSENT, Need.NOTHING}:
        return HttpResponseRedirect(ask.uri)
    sessions.forget_question(request, ask.uri)
    if request.POST.get("decision") != "allow":
        return _leave(request, facade.refuse(ask))
    return _leave(request, facade.let(sessions.actor_of(request), ask, present, clock.now()))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """A system, or a person, asks to sign out of the city."""
    asked = (request.POST if request.method == "POST" else request.GET).dict()
    leaving = facade.logout_of(asked, sessions.presence(request))
    if leaving.must_ask and not (request.method == "POST" and asked.get("decision") == "leave"):
        return render(request, "identity_provider/logout.html", {"kept": _kept(asked)})
    end_browser_session(request)
    return _leave(request, leaving.back) if leaving.back else HttpResponseRedirect("/")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def connections(request: HttpRequest) -> HttpResponse:
    """The systems that one has let learn who one is; each can be taken back."""
    actor, now = sessions.actor_of(request), clock.now()
    if request.method == "POST":
        facade.withdraw(actor, _uuid(request.POST.get("connection", "")), now)
        return HttpResponseRedirect(f"{request.path}?withdrawn=1")
    said = {"connections": facade.connections(actor, now), "withdrawn": "withdrawn" in request.GET}
    return render(request, "identity_provider/connections.html", said)


@require_GET
def discovery(_: HttpRequest) -> HttpResponse:
    """Where everything is."""
    return _public(facade.discovery())


@require_GET
def key_set(_: HttpRequest) -> HttpResponse:
    """The keys of the city's signatures."""
    return _public(facade.key_set(clock.now()))


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Tokens, for systems."""
    return _json(facade.token(request))


@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """The end of a token."""
    return _json(facade.revoke(request))


@csrf_exempt
@require_POST
def introspect(request: HttpRequest) -> HttpResponse:
    """What a token is good for."""
    return _json(facade.introspect(request, clock.now()))


@csrf_exempt
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """What a system may learn about a person. The token is taken from the header only (RFC 9700, section 4.3.2)."""
    scheme, _, bearer = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return _json(facade.userinfo(bearer.strip() if scheme.lower() == "bearer" else "", clock.now()))


def _considered(request: HttpRequest, ask: Ask) -> HttpResponse:
    present = sessions.presence(request)
    need = _need(request, ask, present)
    if need is Need.CONSENT and present:
        return _consent_page(request, ask)
    if need is Need.NOT_THEIRS:
        return _leave(request, facade.tell_why(ask, "access_denied"))
    if present is None or need is not Need.NOTHING:
        goes_high = need is Need.MORE_ASSURANCE and ask.needed is Assurance.HIGH
        place = _HIGH if goes_high else _PATHS[need]
        return HttpResponseRedirect(f"{place}?{urlencode({'next': ask.uri})}")
    sessions.forget_question(request, ask.uri)
    return _leave(request, facade.answer(sessions.actor_of(request), ask, present, clock.now()))


def _need(request: HttpRequest, ask: Ask, present: Presence | None) -> Need:
    now = clock.now()
    asked_at = sessions.asked_at(request, ask.uri, now) if ask.wants_fresh and not ask.is_silent else now
    return facade.missing(ask, present, asked_at, now)


def _consent_page(request: HttpRequest, ask: Ask) -> HttpResponse:
    return render(request, "identity_provider/consent.html", {
        "system": ask.system, "scopes": facade.may_learn(ask), "until": facade.consent_until(clock.now()),
        "ask": ask.uri.partition("?")[2],
    })


def _leave(request: HttpRequest, uri: str) -> HttpResponse:
    """On to a system's own address.

    A browser that came here by a form of ours, or by a redirect from one, may by our content policy be redirected
    within the city only. It gets a page that leads on by itself.
    """
    if request.method == "GET" and request.META.get("HTTP_SEC_FETCH_SITE", "") != "same-origin":
        answer: HttpResponse = HttpResponse(status=302, headers={"Location": uri})
    else:
        answer = render(request, "identity_provider/leave.html", {"uri": uri})
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store"
    return answer


def _kept(asked: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, asked[name]) for name in _LOGOUT_FIELDS if name in asked]


def _uri(query: str) -> str:
    """The question as oauthlib reads it: escaped as it wants it, nothing left out."""
    return f"{_AUTHORIZE}?{urlencode(parse_qsl(query, keep_blank_values=True, errors='replace'))}"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _public(told: Mapping[str, object]) -> HttpResponse:
    answer = JsonResponse(told)
    answer["Cache-Control"] = f"public, max-age={_KEYS_KEPT_S}"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _json(answer: Answer) -> HttpResponse:
    return JsonResponse(answer.body, status=answer.status, headers=dict(answer.headers))


def _at(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
    return path(route, view, name=f"identity_provider_{name}")


urlpatterns: list[URLPattern] = [
    _at(".well-known/openid-configuration", discovery, "discovery"),
    _at(".well-known/oauth-authorization-server", discovery, "metadata"),
    _at("oauth/keys", key_set, "keys"),
    _at("oauth/authorize", authorize, "authorize"),
    _at("oauth/consent", consent, "consent"),
    _at("oauth/token", token, "token"),
    _at("oauth/userinfo", userinfo, "userinfo"),
    _at("oauth/introspect", introspect, "introspect"),
    _at("oauth/revoke", revoke, "revoke"),
    _at("oauth/logout", logout, "logout"),
    _at("accounts/connections/", connections, "connections"),
]
