"""Pages under /accounts/wallet/ for whoever comes in by a wallet, and what wallets themselves ask under /wallets/."""

from typing import Any, Final

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madang.commons.identity.foreign import facade as foreign
from madang.commons.identity.foreign import web as arriving
from madang.commons.identity.foreign.contracts import ProviderSilent
from madang.commons.identity.wallets import facade
from madang.commons.identity.wallets.contracts import (
    Asking,
    CredentialNotTaken,
    Means,
    NotTaken,
    NumberWrong,
    Shown,
    Standing,
)
from madang.kernel import clock

_ASKED: Final = "identity_wallets_asked"
_LONGEST: Final = 64 * 1024
_LOOK_AGAIN_S: Final = 5
_ANY_WALLET: Final = "openid4vp://"
"""What a QR code calls: any wallet that the phone has (OpenID4VP 1.0, section 13.1.2)."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Where the wallet is: on this device, or on another phone."""
    wanted = facade.wanted(request.session, as_evidence="evidence" in request.GET)
    if request.method != "POST":
        arriving.remember_goal(request)
        return render(request, "identity_wallets/choose.html", {"labels": wanted.get("labels", [])})
    means = Means.SAME_DEVICE if request.POST.get("means") == Means.SAME_DEVICE else Means.CROSS_DEVICE
    request.session[_ASKED] = dict(facade.begin(means, clock.now(), wanted.get("claims", [])))
    return HttpResponseRedirect(facade.WAIT)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wait(request: HttpRequest) -> HttpResponse:
    """The question, until the wallet has answered; then, for another phone, the number that it shows."""
    kept = request.session.get(_ASKED, {})
    asking = facade.asking(kept, clock.now())
    if asking.refused:
        del request.session[_ASKED]
        raise CredentialNotTaken(why=asking.refused)
    if request.method == "POST":
        return _number_typed(request, asking)
    return _page(request, asking, {})


@never_cache
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Where a wallet leads: in, on the device where the question was asked; on another phone, to a number."""
    code = request.GET.get("response_code", "")
    if number := facade.number_for(code, clock.now()):
        return _private(render(request, "identity_wallets/number.html", {"number": number}))
    return _arrived(request, facade.come_back(request.session.get(_ASKED, {}), code, clock.now()))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, handle: str) -> HttpResponse:
    """The signed question (RFC 9101), as a wallet fetches it."""
    try:
        _require_short(request)
        text = facade.request_object(handle, request.POST.get("wallet_nonce", "")[:200], clock.now())
    except NotTaken as wrong:
        return _refusal(wrong)
    return HttpResponse(text, content_type="application/oauth-authz-req+jwt")


@csrf_exempt
@never_cache
@require_POST
def answer(request: HttpRequest, handle: str) -> HttpResponse:
    """A wallet's answer (``direct_post``)."""
    try:
        _require_short(request)
        return JsonResponse({"redirect_uri": facade.answered(handle, request.POST.dict(), clock.now())})
    except NotTaken as wrong:
        return _refusal(wrong)
    except ProviderSilent:
        return JsonResponse({"error": "temporarily_unavailable"}, status=503)


def _number_typed(request: HttpRequest, asking: Asking) -> HttpResponse:
    try:
        said = facade.come_in(request.session[_ASKED], request.POST.get("number", "")[:20], clock.now())
    except NumberWrong as wrong:
        return _page(request, asking, {"wrong": gettext(wrong.message)})
    return _arrived(request, said)


def _arrived(request: HttpRequest, said: Shown) -> HttpResponse:
    """In, or back to the form that wanted evidence."""
    del request.session[_ASKED]
    if said.claims:
        return HttpResponseRedirect(facade.keep_evidence(request.session, said))
    return arriving.arrived(request, said.identity)


def _page(request: HttpRequest, asking: Asking, more: dict[str, Any]) -> HttpResponse:
    if asking.means is Means.CROSS_DEVICE and asking.standing is Standing.ANSWERED:
        return _private(render(request, "identity_wallets/typed.html", more, status=422 if more else 200))
    by_picture = asking.means is Means.CROSS_DEVICE
    is_still = "still" in request.GET
    picture = segno.make(f"{_ANY_WALLET}?{asking.query}", error="l", micro=False, boost_error=False)
    shown = _private(render(request, "identity_wallets/wait.html", {
        "ends": asking.ends, "by_picture": by_picture, "is_still": is_still,
        "qr": picture.svg_data_uri(scale=4, border=4, light="#fff") if by_picture else "",
        "wallets": [(one.title, f"{one.present_at}?{asking.query}") for one in foreign.wallets()],
    }))
    if not is_still:
        shown["Refresh"] = str(_LOOK_AGAIN_S)
    return shown


def _private(answer_: HttpResponse) -> HttpResponse:
    answer_["Referrer-Policy"] = "no-referrer"
    return answer_


def _require_short(request: HttpRequest) -> None:
    if int(request.META.get("CONTENT_LENGTH") or 0) > _LONGEST:
        raise NotTaken(why="too large", status=413)


def _refusal(wrong: NotTaken) -> HttpResponse:
    return JsonResponse({"error": "invalid_request", "error_description": wrong.why}, status=wrong.status)


urlpatterns: list[URLPattern] = [
    path("accounts/wallet/", choose, name="identity_wallets"),
    path("accounts/wallet/wait/", wait, name="identity_wallets_wait"),
    path("accounts/wallet/back/", back, name="identity_wallets_back"),
    path("wallets/questions/<str:handle>", question),
    path("wallets/answers/<str:handle>", answer),
]
