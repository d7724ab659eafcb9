"""The protocol's grammar, from oauthlib and django-oauth-toolkit, with only the ways that RFC 9700 (2025) leaves.

What is not built cannot be asked for: there is no implicit, hybrid, password or device way in ``CityServer``.
"""

import re
import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.endpoints import AuthorizationEndpoint, RevocationEndpoint, TokenEndpoint
from oauthlib.oauth2.rfc6749.grant_types import ClientCredentialsGrant
from oauthlib.oauth2.rfc6749.tokens import BearerToken
from oauthlib.openid.connect.core.exceptions import RequestNotSupported, RequestURINotSupported
from oauthlib.openid.connect.core.grant_types import AuthorizationCodeGrant, RefreshTokenGrant

from madang.commons.events import facade as events
from madang.commons.identity.contracts import SignedInAtSystem
from madang.commons.identity.provider import tokens
from madang.commons.identity.provider.contracts import Grant
from madang.commons.identity.provider.rules import subjects
from madang.commons.identity.provider.store import profile, sign_ins, systems
from madang.kernel import clock

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256: RFC 7636 (2015), section 4.2
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # section 4.1
_STAY_CONNECTED: Final = "offline_access"


class _Bearer(BearerToken):  # type: ignore[misc]  # oauthlib has no types
    """Tokens of 256 random bits whose first letters say what leaked. Refreshed only where that was allowed."""

    def create_token(self, request: Request, refresh_token: bool = False, **_: Any) -> Any:  # noqa: FBT001, FBT002 -- oauthlib's signature
        """The token's answer."""
        return super().create_token(request, refresh_token=refresh_token and _STAY_CONNECTED in request.scopes)


class CityServer(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint):  # type: ignore[misc]
    """The endpoints that the city has: authorization code with PKCE S256, refresh, client credentials, revocation."""

    def __init__(self, validator: "CityValidator") -> None:
        self.request_validator = validator
        bearer = _Bearer(validator, tokens.access_token, tokens.lasts, tokens.refresh_token)
        code = AuthorizationCodeGrant(validator)
        code.proxy_target._code_challenge_methods = {"S256": _matches}  # noqa: SLF001 -- oauthlib's one place for this
        code.custom_validators.pre_auth.append(_require_safe_question)
        ways: dict[str, Any] = {
            Grant.CODE: code, Grant.REFRESH: RefreshTokenGrant(validator),
            Grant.CREDENTIALS: ClientCredentialsGrant(validator), _NoWay.NAME: _NoWay(),
        }
        AuthorizationEndpoint.__init__(self, "code", bearer, {"code": code})
        TokenEndpoint.__init__(self, _NoWay.NAME, bearer, ways)
        RevocationEndpoint.__init__(self, validator)


class _NoWay:
    """What answers for every way that is not built."""

    NAME: Final = "none of these"

    def create_token_response(self, request: Request, _: object) -> tuple[Mapping[str, str], str, int]:
        """Refuse."""
        wrong = errors.UnsupportedGrantTypeError(request=request)
        return {"Content-Type": "application/json", "Cache-Control": "no-store"}, wrong.json, wrong.status_code


class CityValidator(OAuth2Validator):  # type: ignore[misc]  # django-oauth-toolkit has no types
    """What the city knows about systems, codes and tokens, as oauthlib asks for it."""

    def _load_application(self, client_id: str, request: Request) -> Any:
        """The system, with the secret before the last rotation while that still works."""
        fresh = request.client is None
        system = super()._load_application(client_id, request)
        if fresh and system is not None and system.old_secret_until and system.old_secret_until > clock.now():
            system.client_secret = f"{system.client_secret} {system.old_secret}"
        return system

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        return any(subjects.is_same(provided_secret, held) for held in stored_secret.split())

    def validate_redirect_uri(self, _: str, redirect_uri: str, request: Request, **__: Any) -> bool:
        """One of the registered addresses, letter by letter (RFC 9700, section 2.1)."""
        return redirect_uri in request.client.redirect_uris.split()

    def validate_response_type(self, _: str, response_type: str, client: Any, *__: Any) -> bool:
        """Only ``code``."""
        return response_type == "code" and Grant.CODE in client.grants

    def validate_grant_type(self, _: str, grant_type: str, client: Any, *__: Any) -> bool:
        """The ways that the system was registered for."""
        needed = Grant.CODE if grant_type == Grant.REFRESH else grant_type
        return needed in client.grants

    def validate_scopes(self, _: str, scopes: list[str], client: Any, request: Request, **__: Any) -> bool:
        """Of what the system was granted: about people with a person there, else the rooms' own."""
        about_people = set(profile.policy().scopes)
        if request.grant_type == Grant.CREDENTIALS:
            return set(scopes) <= set(client.scopes) - about_people
        return "openid" in scopes and set(scopes) <= set(client.scopes) & about_people

    def get_default_scopes(self, _: str, request: Request, **__: Any) -> list[str]:
        """A system by itself gets all that it was granted; a question about a person must say what."""
        if request.grant_type == Grant.CREDENTIALS:
            return sorted(set(request.client.scopes) - set(profile.policy().scopes))
        return []

    def validate_silent_login(self, request: Request) -> bool:  # noqa: ARG002 -- oauthlib's signature
        """Decided by the facade, with everything else that may be missing."""
        return True

    def validate_silent_authorization(self, request: Request) -> bool:  # noqa: ARG002 -- oauthlib's signature
        """As above."""
        return True

    def validate_code(self, _: str, code: str, client: Any, request: Request, **__: Any) -> bool:
        """A code is good once and for a minute, whatever comes of it; a second use ends all that the first gave."""
        now = clock.now()
        held = sign_ins.lock_code(code, client)
        if held is None:
            return False
        if held.used is not None:
            sign_ins.end([held.sign_in_id], now)
            return False
        sign_ins.spend_code(held, now)
        if held.expires <= now or not sign_ins.stands(held.sign_in, now):
            return False
        request.held_code, request.sign_in, request.scopes = held, held.sign_in, held.scope.split()
        request.user, request.nonce = held.sign_in.account, held.nonce
        return True

    def get_code_challenge(self, code: str, request: Request) -> str:  # noqa: ARG002 -- oauthlib's signature
        """Of the code that was just validated."""
        return str(request.held_code.code_challenge)

    def get_code_challenge_method(self, code: str, request: Request) -> str:  # noqa: ARG002 -- oauthlib's signature
        """Of the code that was just validated."""
        return str(request.held_code.code_challenge_method)

    def confirm_redirect_uri(self, _: str, code: str, redirect_uri: str, client: Any, request: Request) -> bool:  # noqa: ARG002 -- oauthlib's signature
        """The very address that the code was sent to."""
        return bool(redirect_uri == request.held_code.redirect_uri)

    def invalidate_authorization_code(self, *_: Any, **__: Any) -> None:
        """Spent when it was shown."""

    def get_authorization_code_nonce(self, *asked: Any) -> str | None:
        """Of the code that was just validated."""
        return str(asked[-1].held_code.nonce) or None

    def save_authorization_code(self, _: str, code: Mapping[str, str], request: Request) -> None:
        """Keep its hash."""
        sign_ins.add_code(code["code"], request.sign_in_id, request, clock.now() + profile.policy().code_lasts)

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Request) -> bool:
        """Good once: a second use means that two hold it, so that nobody keeps anything (RFC 9700, section 4.14.2)."""
        now = clock.now()
        held = sign_ins.lock_refresh(refresh_token, client)
        if held is None:
            return False
        if held.revoked is not None:
            sign_ins.end([held.sign_in_id], now)
            return False
        request.held_refresh, request.sign_in, request.user = held, held.sign_in, held.sign_in.account
        return sign_ins.stands(held.sign_in, now)

    def get_original_scopes(self, refresh_token: str, request: Request) -> list[str]:  # noqa: ARG002 -- oauthlib's signature
        """What the person allowed at the sign-in."""
        return list(request.sign_in.scopes)

    def _save_bearer_token(self, token: Mapping[str, Any], request: Request, *_: Any, **__: Any) -> None:
        now = clock.now()
        sign_in = getattr(request, "sign_in", None)
        if held := getattr(request, "held_refresh", None):
            sign_ins.spend_refresh(held, now)
        kept = sign_ins.add_access(
            token["access_token"], request.client, token["scope"], now + tokens.lasting(sign_in), sign_in
        )
        if "refresh_token" in token and sign_in is not None:
            sign_ins.add_refresh(token["refresh_token"], kept, sign_in)
        if request.grant_type == Grant.CODE:  # known here alone; the facade's transaction is open around it
            systems.note_sign_in(request.client.client_id, now)
            events.emit(SignedInAtSystem(request.client.client_id, now))

    def finalize_id_token(self, id_token: Mapping[str, Any], *given: Any) -> str:
        """Sign what a system learns of the sign-in."""
        told = {name: fact for name, fact in id_token.items() if name in {"nonce", "at_hash"}}
        return tokens.id_token(sign_ins.sign_in_from(given[-1].sign_in), told, clock.now())

    def revoke_token(self, token: str, _: str, request: Request) -> None:
        """A system ends what it holds, and nobody else's."""
        sign_ins.end_token(token, request.client, clock.now())


def _matches(verifier: str, challenge: str) -> bool:
    digest: str = tokens.challenge_of(verifier)
    return bool(_VERIFIER.fullmatch(verifier)) and secrets.compare_digest(digest, challenge)


def _require_safe_question(request: Request) -> Mapping[str, object]:
    """What oauthlib would let through, or take for something else. Raises an error that the system is told."""
    if request.response_type is not None and request.response_type != "code":
        raise errors.UnsupportedResponseTypeError(request=request)
    if getattr(request, "request", None):
        raise RequestNotSupported(request=request)
    if getattr(request, "request_uri", None):
        raise RequestURINotSupported(request=request)
    if request.response_mode not in {None, "query"}:
        raise errors.InvalidRequestError("response_mode", request=request)
    if request.code_challenge is not None and not _CHALLENGE.fullmatch(request.code_challenge):
        raise errors.InvalidRequestError("code_challenge", request=request)
    if "\x00" in "".join(filter(None, (request.nonce, request.state))):
        raise errors.InvalidRequestError(request=request)
    return {}


@cache
def server() -> CityServer:
    """The endpoints, made once a process."""
    return CityServer(CityValidator())


@cache
def core() -> Any:
    """How django-oauth-toolkit hands a Django request to the endpoints."""
    return OAuthLibCore(server())
