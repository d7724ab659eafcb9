"""What is given out: tokens of random bits, and statements that the city signs."""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.conf import settings
from jwcrypto import jws, jwt
from jwcrypto.common import JWException

from madang.commons.identity.provider.contracts import Grant, KeyState, SignIn
from madang.commons.identity.provider.rules import asking
from madang.commons.identity.provider.rules import keys as key_rules
from madang.commons.identity.provider.store import keys, profile
from madang.kernel import clock

_BYTES = 32
_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_LASTS = timedelta(minutes=2)  # OpenID Connect Back-Channel Logout 1.0 (2022), section 2.4


def issuer() -> str:
    """Who signs: the city's address, without a slash at the end."""
    return str(settings.MADANG_PUBLIC_URL)


def access_token(_: object) -> str:
    """A new access token."""
    return f"mat_{secrets.token_urlsafe(_BYTES)}"


def refresh_token(_: object) -> str:
    """A new refresh token."""
    return f"mrt_{secrets.token_urlsafe(_BYTES)}"


def system_secret() -> str:
    """A new secret of a system."""
    return f"mcs_{secrets.token_urlsafe(_BYTES)}"


def lasts(request: Any) -> int:
    """For how many seconds the token of a request lasts."""
    own = request.grant_type == Grant.CREDENTIALS
    return int((profile.policy().system_token_lasts if own else profile.policy().access_token_lasts).total_seconds())


def lasting(sign_in: object) -> timedelta:
    """How long a token lasts: a system's own, or one that rests on a person's sign-in."""
    return profile.policy().access_token_lasts if sign_in else profile.policy().system_token_lasts


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier (RFC 7636, 2015, section 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode("ascii")


def key_states(now: datetime) -> list[KeyState]:
    """The signing keys, newest first."""
    return list(key_rules.standings(keys.made(), profile.policy().key_announced, now))


def key_set(now: datetime) -> Mapping[str, Any]:
    """The public halves of every key that signs, will sign or has signed (RFC 7517, 2015)."""
    return {"keys": [keys.public(state.kid) for state in key_states(now)]}


def id_token(sign_in: SignIn, told: Mapping[str, Any], now: datetime) -> str:
    """The ID token of a sign-in (OpenID Connect Core 1.0, 2014, section 2); ``told`` adds nonce and at_hash."""
    return _signed("JWT", {
        "iss": issuer(), "sub": sign_in.subject, "aud": sign_in.system, "iat": int(now.timestamp()),
        "exp": int((now + profile.policy().id_token_lasts).timestamp()), "auth_time": int(sign_in.proved.timestamp()),
        "acr": asking.acr(sign_in.assurance), "amr": list(sign_in.methods), "sid": str(sign_in.id),
        "jti": str(uuid4()), **told,
    }, now)


def logout_token(sign_in: SignIn, now: datetime) -> str:
    """What a system is told when somebody's session ends (Back-Channel Logout 1.0, 2022, section 2.4)."""
    return _signed("logout+jwt", {
        "iss": issuer(), "sub": sign_in.subject, "aud": sign_in.system, "iat": int(now.timestamp()),
        "exp": int((now + _LOGOUT_LASTS).timestamp()), "sid": str(sign_in.id), "jti": str(uuid4()),
        "events": {_LOGOUT: {}},
    }, now)


def read_hint(hint: str) -> Mapping[str, Any] | None:
    """The claims of an ID token that the city signed, ended or not; None for any other text.

    A hint may have expired: it only says for whom a system asks (RP-Initiated Logout 1.0, 2022, section 2).
    """
    signed = jws.JWS()
    signed.allowed_algs = ["RS256"]
    try:
        signed.deserialize(hint)
        kid = str(signed.jose_header.get("kid", ""))
        if kid not in {state.kid for state in key_states(clock.now())}:
            return None
        signed.verify(keys.private(kid))
        claims: Mapping[str, Any] = json.loads(signed.payload)
    except (JWException, ValueError, TypeError):
        return None
    is_ours = claims.get("iss") == issuer() and signed.jose_header.get("typ") == "JWT"
    return claims if is_ours else None


def _signed(kind: str, claims: Mapping[str, Any], now: datetime) -> str:
    [kid] = [state.kid for state in key_states(now) if state.standing == "signing"]
    made = jwt.JWT(header={"typ": kind, "alg": "RS256", "kid": kid}, claims=dict(claims))
    made.make_signed_token(keys.private(kid))
    text: str = made.serialize()
    return text
