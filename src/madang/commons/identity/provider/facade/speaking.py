"""What programs are told: tokens, claims, keys, and where everything is."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest
from oauthlib.common import Request

from madang.commons.db.transactions import transaction
from madang.commons.identity import store as people
from madang.commons.identity.provider import tokens
from madang.commons.identity.provider.contracts import Answer, Grant
from madang.commons.identity.provider.protocol import core, server
from madang.commons.identity.provider.rules import asking, claims
from madang.commons.identity.provider.store import profile, sign_ins
from madang.kernel.languages import Language

_SECRET_WAYS: Final = ("client_secret_basic", "client_secret_post")
_NOT_KEPT: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_REFUSED: Final = Answer(
    401, {"error": "invalid_token"}, {**_NOT_KEPT, "WWW-Authenticate": 'Bearer error="invalid_token"'}
)
_ASK_ELSEWHERE: Final = "gateway.introspect"
"""Whoever was granted this scope may look other systems' tokens up: a gateway or a resource server."""


def discovery() -> Mapping[str, Any]:
    """Where everything is and what the city speaks (OpenID Connect Discovery 1.0, 2014; RFC 8414, 2018)."""
    at = tokens.issuer()
    return {
        "issuer": at,
        "authorization_endpoint": f"{at}/oauth/authorize", "token_endpoint": f"{at}/oauth/token",
        "userinfo_endpoint": f"{at}/oauth/userinfo", "jwks_uri": f"{at}/oauth/keys",
        "revocation_endpoint": f"{at}/oauth/revoke", "introspection_endpoint": f"{at}/oauth/introspect",
        "end_session_endpoint": f"{at}/oauth/logout",
        "response_types_supported": ["code"], "response_modes_supported": ["query"],
        "grant_types_supported": [str(way) for way in Grant],
        "subject_types_supported": ["pairwise"], "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": [*_SECRET_WAYS, "none"],
        "revocation_endpoint_auth_methods_supported": [*_SECRET_WAYS, "none"],
        "introspection_endpoint_auth_methods_supported": [*_SECRET_WAYS],
        "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": True,
        "scopes_supported": list(profile.policy().scopes), "claims_supported": [
            "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", *claims.CLAIMS,
        ],
        "acr_values_supported": list(asking.LEVELS),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": [language.tag for language in Language],
        "backchannel_logout_supported": True, "backchannel_logout_session_supported": True,
        "claims_parameter_supported": False, "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


def key_set(now: datetime) -> Mapping[str, Any]:
    """The keys by which the city's signatures are checked."""
    return tokens.key_set(now)


def token(request: HttpRequest) -> Answer:
    """Tokens for a code, a refresh token, or a system's own secret.

    What it notes of a code or a token that was used twice must stay: the refusal is an answer, not an error, so that
    the transaction is kept.
    """
    with transaction():
        _, headers, body, status = core().create_token_response(request)
    return _answer(status, headers, body)


def revoke(request: HttpRequest) -> Answer:
    """End a token (RFC 7009, 2013)."""
    with transaction():
        _, headers, body, status = core().create_revocation_response(request)
    return _answer(status, headers, body)


def userinfo(bearer: str, now: datetime) -> Answer:
    """What the system may learn about the person of its token (OpenID Connect Core 1.0, 2014, section 5.3)."""
    held = sign_ins.access(bearer, now)
    if held is None or held.sign_in is None:
        return _REFUSED
    account = people.account(held.sign_in.account, now)
    if account is None:
        return _REFUSED
    asked = [scope for name, scope in profile.policy().scopes.items() if name in held.scopes]
    return Answer(200, claims.about(account, held.sign_in.subject, asked), _NOT_KEPT)


def introspect(request: HttpRequest, now: datetime) -> Answer:
    """What a token of the asking system is good for (RFC 7662, 2015); of others' only with the scope for that."""
    asker = _authenticated(request)
    if asker is None:
        return Answer(401, {"error": "invalid_client"}, {**_NOT_KEPT, "WWW-Authenticate": "Basic"})
    held = sign_ins.access(request.POST.get("token", ""), now)
    if held is None or (held.system != asker.client_id and _ASK_ELSEWHERE not in asker.scopes):
        return Answer(200, {"active": False}, _NOT_KEPT)
    whose = {"sub": held.sign_in.subject, "acr": asking.acr(held.sign_in.assurance)} if held.sign_in else {}
    return Answer(200, {
        "active": True, "client_id": held.system, "scope": " ".join(sorted(held.scopes)), "token_type": "Bearer",
        "iss": tokens.issuer(), "iat": int(held.issued.timestamp()), "exp": int(held.expires.timestamp()), **whose,
    }, _NOT_KEPT)


def _authenticated(request: HttpRequest) -> Any:
    """The system whose secret the request shows, or None."""
    asked = Request(*core()._extract_params(request))  # noqa: SLF001 -- the library's own reading of a request
    if asked.client_id is None:
        asked.client_id = ""
    is_known = server().request_validator.authenticate_client(asked)
    return asked.client if is_known else None


def _answer(status: int, headers: Mapping[str, str], body: str | None) -> Answer:
    read = json.loads(body) if body else {}
    kept = {name: value for name, value in headers.items() if name.lower() == "www-authenticate"}
    return Answer(status, read, {**_NOT_KEPT, **kept})
