"""A resident's page that puts a document in a wallet, and what wallets ask for it (OpenID4VCI 1.0, 2025)."""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madang.commons.gateway.pages import CityRequest, render
from madang.kernel import clock
from madang.services.certificates import facade
from madang.services.certificates.contracts import CertificateId, CredentialId, WalletRefused
from madang.services.certificates.facade import credentials, issuing

_LONGEST: Final = 16 * 1024
_METADATA_KEPT_S: Final = 600
_WALLETS: Final = "openid-credential-offer://"
"""What a QR code calls: any wallet that the phone has (OpenID4VCI 1.0, section 4.1)."""

View = Callable[..., HttpResponse]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wallet(request: CityRequest, document: UUID) -> HttpResponse:
    """Put a document in a wallet; see in which it lies; end a copy."""
    held = credentials.of(request.actor, CertificateId(document))
    if request.method == "POST" and "credential" in request.POST:
        ended = CredentialId(_uuid(request.POST["credential"]))
        credentials.end(request.actor, held.id, ended, request.now)
        return HttpResponseRedirect(f"{request.path}?ended=1")
    context: dict[str, Any] = {
        "document": held, "title": facade.title(held.kind), "holds": credentials.may_be_given(held, request.now),
        "ended": "ended" in request.GET,
    }
    if request.method == "POST":
        context |= _offered(request, held.id)
    copies = credentials.given(request.actor, held.id)
    return render(request, "certificates/wallet.html", {**context, "copies": copies})


def _offered(request: CityRequest, document: CertificateId) -> Mapping[str, Any]:
    offer = credentials.offer(request.actor, document, request.now)
    picture = segno.make(f"{_WALLETS}?{offer.query}", error="l", micro=False, boost_error=False)
    return {
        "offer": offer, "digits": f"{offer.digits[:3]} {offer.digits[3:]}",
        "qr": picture.svg_data_uri(scale=4, border=4, light="#fff"),
        "wallets": credentials.wallets(offer.query),
    }


def _for_wallets(view: Callable[[HttpRequest], Any]) -> View:
    """What a program asks: an answer in JSON, an error in the standard's words, nothing kept on the way."""

    @csrf_exempt
    @never_cache
    @require_POST
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        try:
            _require_short(request)
            return JsonResponse(view(request))
        except WalletRefused as refused:
            return _refusal(refused)

    return answer


def _require_short(request: HttpRequest) -> None:
    if int(request.META.get("CONTENT_LENGTH") or 0) > _LONGEST:
        raise WalletRefused("invalid_request", 413)


def _shown(view: Callable[..., Any]) -> View:
    """What anybody may read, also from another site's page."""

    @require_safe
    @wraps(view)
    def answer(_: HttpRequest, **where: Any) -> HttpResponse:
        try:
            told = view(**where)
        except WalletRefused as refused:
            return _refusal(refused)
        response = told if isinstance(told, HttpResponse) else JsonResponse(told)
        response.headers.setdefault("Cache-Control", f"public, max-age={_METADATA_KEPT_S}")
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return answer


@_for_wallets
def token(request: HttpRequest) -> Any:
    """A token for a code."""
    return issuing.token(request.POST.dict(), clock.now())


@_for_wallets
def nonce(_: HttpRequest) -> Any:
    """A number to sign."""
    return issuing.nonce(clock.now())


@_for_wallets
def credential(request: HttpRequest) -> Any:
    """The credential for a token and a proof of a key."""
    scheme, _, bearer = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        raise WalletRefused("invalid_token", 401)
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise WalletRefused("invalid_credential_request") from None
    return {"credentials": [{"credential": issuing.credential(bearer.strip(), body, clock.now())}]}


def _status(number: int) -> HttpResponse:
    answer = HttpResponse(issuing.status(number, clock.now()), content_type="application/statuslist+jwt")
    answer["Cache-Control"] = "no-store"  # each says itself how long it may be kept
    return answer


def _refusal(refused: WalletRefused) -> HttpResponse:
    answer = JsonResponse({"error": refused.error}, status=refused.status)
    answer["Cache-Control"] = "no-store"
    if refused.status == 401:  # noqa: PLR2004 -- the standard's number for a token that opens nothing
        answer["WWW-Authenticate"] = f'Bearer error="{refused.error}"'
    return answer


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


urls: list[URLPattern] = [
    path("documents/<uuid:document>/wallet/", wallet),
    path("credentials/token", token),
    path("credentials/nonce", nonce),
    path("credentials/credential", credential),
    path("credentials/types/<slug:kind>", _shown(issuing.type_metadata)),
    path("credentials/status/<int:number>", _shown(_status)),
    path(".well-known/openid-credential-issuer/credentials", _shown(issuing.issuer_metadata)),
    path(".well-known/oauth-authorization-server/credentials", _shown(issuing.server_metadata)),
    path(".well-known/jwt-vc-issuer/credentials", _shown(issuing.key_set)),
]
"""Paths from the city's root. An issuer with a path is described under ``.well-known`` before it (RFC 8615, 2019)."""
