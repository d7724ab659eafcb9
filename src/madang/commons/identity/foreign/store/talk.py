"""Talking to a provider: where it answers, its keys, an ID token for a code."""

import json
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from jwcrypto import jwk, jws
from jwcrypto.common import JWException

from madang.commons.identity.foreign.contracts import AnswerNotRight, ClientAuth, Issuer, Provider, ProviderSilent
from madang.kernel.languages import Language

_PATIENCE_S: Final = 8.0
_KEPT_S: Final = 600.0
_ALGORITHMS: Final = ("RS256", "PS256", "ES256")
_PLACES: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")

_known: dict[str, tuple[float, Mapping[str, Any]]] = {}


def metadata(provider: Provider) -> Mapping[str, Any]:
    """Where the provider answers, read anew every ten minutes. Raises ProviderSilent."""
    known = _known.get(provider.issuer)
    if known and time.monotonic() - known[0] < _KEPT_S:
        return known[1]
    told = _got(provider, f"{provider.issuer}/.well-known/openid-configuration")
    if told.get("issuer") != provider.issuer or not all(is_safe(provider, told.get(place)) for place in _PLACES):
        raise ProviderSilent(provider=provider.title.into(Language.EN))
    _known[provider.issuer] = time.monotonic(), told
    return told


def id_token(provider: Provider, form: Mapping[str, str]) -> str:
    """The ID token that the provider gives for a code. Raises ProviderSilent, AnswerNotRight."""
    way = (provider.client_id, client_secret(provider)) if provider.auth is ClientAuth.SECRET else None
    body = dict(form) if way else {**form, "client_id": provider.client_id}
    at = metadata(provider)["token_endpoint"]
    try:
        answer = httpx.post(at, data=body, auth=way, timeout=_PATIENCE_S, verify=trust(provider))
        told = answer.json()
    except (httpx.HTTPError, ValueError) as silent:
        raise ProviderSilent(provider=provider.title.into(Language.EN)) from silent
    if answer.status_code != httpx.codes.OK or not isinstance(told.get("id_token"), str):
        raise AnswerNotRight(why="token")
    return str(told["id_token"])


def read(provider: Provider, token: str) -> Mapping[str, Any]:
    """The claims of an ID token that one of the provider's keys has signed. Raises ProviderSilent, AnswerNotRight."""
    signed = jws.JWS()
    signed.allowed_algs = list(_ALGORITHMS)
    try:
        signed.deserialize(token)
        kid = signed.jose_header.get("kid")
        keys = jwk.JWKSet.from_json(json.dumps(_got(provider, metadata(provider)["jwks_uri"])))
        fitting = [key for key in keys["keys"] if key.get("kid") == kid and key.get("kty") in {"RSA", "EC"}]
        signed.verify(fitting[0])
        claims: Mapping[str, Any] = json.loads(signed.payload)
    except (JWException, ValueError, TypeError, IndexError, KeyError):
        raise AnswerNotRight(why="signature") from None
    return claims


def client_secret(provider: Provider) -> str:
    """The city's secret at a provider: ``keys/foreign/NAME``; at the demonstration's stand-in one of this instance."""
    file = Path(settings.MADANG_INSTANCE) / "keys" / "foreign" / provider.name
    if file.exists():
        return file.read_text(encoding="ascii").strip()
    return HKDF(SHA256(), 32, None, f"foreign {provider.name}".encode()).derive(settings.SECRET_KEY.encode()).hex()


def _got(provider: Provider, url: str) -> Mapping[str, Any]:
    try:
        answer = httpx.get(url, timeout=_PATIENCE_S, verify=trust(provider)).raise_for_status()
        told: Mapping[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as silent:
        raise ProviderSilent(provider=provider.title.into(Language.EN)) from silent
    return told


def trust(provider: Provider | Issuer) -> ssl.SSLContext | bool:
    """The instance's own authority for what stands at the city's own address, else the system's."""
    authority = Path(settings.MADANG_INSTANCE) / "keys" / "authority.pem"
    is_own = provider.issuer.startswith(f"{settings.MADANG_PUBLIC_URL}/") and authority.exists()
    return ssl.create_default_context(cafile=str(authority)) if is_own else True


def is_safe(provider: Provider | Issuer, url: Any) -> bool:
    """Encrypted, or on the loopback address on which the provider itself is reached."""
    scheme = "http://" if provider.issuer.startswith("http://127.0.0.1") else "https://"
    return isinstance(url, str) and url.startswith(scheme)
