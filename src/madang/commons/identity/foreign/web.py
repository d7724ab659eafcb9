"""Pages under /accounts/foreign/: coming in by an identity that another authority keeps, and linking one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from madang.commons.identity import facade as identity
from madang.commons.identity.contracts import Account
from madang.commons.identity.foreign import facade
from madang.commons.identity.foreign.contracts import ForeignLink, Identity, Issuer, Provider
from madang.kernel import clock
from madang.kernel.actors import VISITOR, Actor
from madang.kernel.assurance import Assurance

_ASKED, _WAITING, _GOAL = "identity_foreign_asked", "identity_foreign_waiting", "identity_foreign_goal"
_HERE, _LINK = "/accounts/foreign/", "/accounts/foreign/link/"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """The ways in that others keep; for somebody signed in, those that are linked, each to be taken back."""
    me = _me(request)
    if request.method == "POST":
        facade.unlink(me, request.POST.get("provider", ""), clock.now())
        return HttpResponseRedirect(_HERE)
    remember_goal(request)
    linked = {link.provider.name: link for link in facade.links_of(me.account)} if me.account else {}
    ways: list[tuple[Provider | Issuer, ForeignLink | None, str]]
    ways = [(one, linked.get(one.name), reverse("identity_foreign_go", args=[one.name])) for one in facade.providers()]
    ways += [(one, linked.get(one.name), reverse("identity_wallets")) for one in facade.issuers().values()]
    return render(request, "identity_foreign/choose.html", {"ways": ways, "is_known": me.is_known})


@never_cache
@require_GET
def go(request: HttpRequest, name: str) -> HttpResponse:
    """On to the provider. A link, not a form: our content policy lets forms lead within the city only."""
    begun = facade.begin(name, clock.now())
    request.session[_ASKED] = dict(begun.kept)
    return HttpResponseRedirect(begun.url)


@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """The provider's answer: come in, rise, or link first."""
    return arrived(request, facade.come_back(request.session.pop(_ASKED, {}), request.GET.dict(), clock.now()))


def remember_goal(request: HttpRequest) -> None:
    """Where somebody wants to go on afterwards, if the address says so: within the city and nowhere else."""
    if "next" in request.GET:
        request.session[_GOAL] = _own_path(request.GET["next"])


def arrived(request: HttpRequest, said: Identity) -> HttpResponse:
    """Go on with an identity that was just proved in this very browser."""
    now = clock.now()
    account = facade.account_of(said, now)
    me = _me(request)
    if account is None or (me.account is not None and account.id != me.account):
        request.session[_WAITING] = _kept(said)
        return HttpResponseRedirect(_LINK)
    return _in(request, account, said)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """Link what was just proved there with the account that is proved here, freshly too."""
    now, said, me = clock.now(), _waiting(request), _me(request)
    if said is None or not facade.waits(said, now):
        return HttpResponseRedirect(_HERE)
    if not me.is_known:
        return HttpResponseRedirect(f"/accounts/login/?{urlencode({'next': _LINK})}")
    if not identity.proved_recently(request):
        return HttpResponseRedirect(f"/accounts/reauthenticate/?{urlencode({'next': _LINK})}")
    if request.method != "POST":
        return render(request, "identity_foreign/link.html", {"provider": facade.way(said.provider)})
    del request.session[_WAITING]
    facade.link(me, said, now)
    account = facade.account_of(said, now)
    return _in(request, account, said) if account else HttpResponseRedirect(_HERE)


def _in(request: HttpRequest, account: Account, said: Identity) -> HttpResponse:
    """Sign in, or rise where one is signed in already, under a new session key."""
    goal = request.session.pop(_GOAL, "") or ("/my/" if account.resident else "/desk/")
    if _me(request).account == account.id:
        request.session.cycle_key()
    else:
        login(request, facade.user_of(account, clock.now()), settings.AUTHENTICATION_BACKENDS[0])
    record_authentication(request, request.user, facade.method_of(said), provider=said.provider)
    identity.note_sign_in(_me(request))
    return HttpResponseRedirect(goal)


def _me(request: HttpRequest) -> Actor:
    return identity.myself(request) if request.user.is_authenticated else VISITOR


def _kept(said: Identity) -> dict[str, Any]:
    return {
        "provider": said.provider, "subject": said.subject, "assurance": int(said.assurance),
        "resident": said.resident, "at": said.at.isoformat(),
    }


def _waiting(request: HttpRequest) -> Identity | None:
    kept: Mapping[str, Any] | None = request.session.get(_WAITING)
    if not kept:
        return None
    return Identity(
        kept["provider"], kept["subject"], Assurance(kept["assurance"]), kept["resident"],
        datetime.fromisoformat(kept["at"]),
    )


def _own_path(asked: str) -> str:
    is_own = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_own else ""


urlpatterns: list[URLPattern] = [
    path("accounts/foreign/", choose, name="identity_foreign"),
    path("accounts/foreign/go/<slug:name>/", go, name="identity_foreign_go"),
    path("accounts/foreign/back/", back, name="identity_foreign_back"),
    path("accounts/foreign/link/", link, name="identity_foreign_link"),
]
