"""A national mobile ID, played at ``/mobile-id`` and reached at ``/sandbox-mobile-id/``: an OpenID provider of its own.

It signs with its own key, knows the demonstration's residents, and asks them on a page what their phone would ask.
It speaks the authorization code with PKCE S256 alone, and says who answers (RFC 9207).

A file ``<instance>/outside/faults/mobile-id`` breaks it, without a restart: ``down`` answers 503, ``low`` proves less
than was asked, ``nonce`` answers another question, ``key`` signs with a key that it does not show, ``issuer`` names
another provider in its answers.
"""

import hmac
import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from jwcrypto import jwk, jwt

from madang.commons.identity.foreign import facade as foreign
from madang.records.registers.facade import population
from madang.simulation import bank_page

NAME: Final = "mobile-id"
_HIGH, _LOW = "urn:mobile-id:high", "urn:mobile-id:low"
_LONGEST_BODY: Final = 16 * 1024
_CODE_S: Final = 60
_TOKEN_S: Final = 300

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ko": {
        "title": "모바일 신분증 (시험용)", "note": "시험용 신분증입니다. 실제 사람은 없습니다.",
        "ask": "누구의 휴대전화입니까?",
        "yes": "휴대전화에서 승인", "no": "승인하지 않고 돌아가기", "wrong": "이 요청에는 응답할 수 없습니다.",
    },
    "en": {
        "title": "Mobile ID (sandbox)", "note": "An identity card for trying things out. Nobody in it exists.",
        "ask": "Whose phone is it?", "yes": "Approve on the phone", "no": "Do not approve, go back",
        "wrong": "This question cannot be answered.",
    },
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: str
    body: bytes = b""
    kind: str = "application/json"
    location: str = ""


_given: dict[str, Mapping[str, str]] = {}
_one_at_a_time = threading.Lock()


def issuer() -> str:
    """Its own address, as everybody reaches it."""
    return f"{settings.MADANG_PUBLIC_URL}/sandbox-mobile-id"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request."""
    answer = Answer("503 Service Unavailable") if _fault() == "down" else _answered(environ)
    headers = [("Content-Type", answer.kind), ("Content-Length", str(len(answer.body))), ("Cache-Control", "no-store")]
    start_response(answer.status, [*headers, *([("Location", answer.location)] if answer.location else [])])
    return [answer.body]


def _answered(environ: Mapping[str, Any]) -> Answer:
    path = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).removeprefix("/mobile-id")
    asked = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    ways: Mapping[str, Callable[[], Answer]] = {
        "GET /.well-known/openid-configuration": lambda: _json(_metadata()),
        "GET /keys": _shown_keys,
        "GET /style.css": lambda: Answer("200 OK", bank_page.STYLE, "text/css; charset=utf-8"),
        "GET /authorize": lambda: _page(asked, _language(environ)),
        "POST /authorize": lambda: _decided(asked, _form(environ), _language(environ)),
        "POST /token": lambda: _token(_form(environ), environ.get("HTTP_AUTHORIZATION", "")),
    }
    way = ways.get(f"{environ.get('REQUEST_METHOD', 'GET')} {path}")
    return way() if way else Answer("404 Not Found")


def _shown_keys() -> Answer:
    return _json({"keys": [_key().export_public(as_dict=True) | {"kid": _key().thumbprint(), "use": "sig"}]})


def _metadata() -> Mapping[str, Any]:
    at = issuer()
    return {
        "issuer": at, "authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token",
        "jwks_uri": f"{at}/keys", "response_types_supported": ["code"], "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [_HIGH, _LOW], "authorization_response_iss_parameter_supported": True,
    }


def _is_right(asked: Mapping[str, str]) -> bool:
    back = f"{settings.MADANG_PUBLIC_URL}{foreign.CALLBACK}"
    return (
        asked.get("client_id") == "madang" and asked.get("redirect_uri") == back
        and asked.get("response_type") == "code" and asked.get("code_challenge_method") == "S256"
        and "openid" in asked.get("scope", "").split() and bool(asked.get("code_challenge"))
    )


def _page(asked: Mapping[str, str], language: str) -> Answer:
    words = _WORDS[language]
    if not _is_right(asked):
        return Answer("400 Bad Request", _whole(language, f"<p>{words['wrong']}</p>"), "text/html; charset=utf-8")
    people = "".join(
        f'<p><label><input type="radio" name="resident" value="{escape(one.key)}"{" checked" if not at else ""}> '
        f"{escape(one.name_ko if language == 'ko' else one.name_en)}</label></p>"
        for at, one in enumerate(population.demo_residents())
    )
    form = (
        f'<form method="post"><fieldset><legend>{words["ask"]}</legend>{people}</fieldset>'
        f'<button name="decision" value="yes">{words["yes"]}</button>'
        f'<button class="second" name="decision" value="no">{words["no"]}</button></form>'
    )
    return Answer("200 OK", _whole(language, form), "text/html; charset=utf-8")


def _decided(asked: Mapping[str, str], form: Mapping[str, str], language: str) -> Answer:
    people = {one.key: one for one in population.demo_residents()}
    if not _is_right(asked):
        return _page(asked, language)
    said = {"state": asked.get("state", ""), "iss": "https://other.example" if _fault() == "issuer" else issuer()}
    chosen = people.get(form.get("resident", ""))
    if form.get("decision") != "yes" or chosen is None:
        return _back(asked, said | {"error": "access_denied"})
    code = secrets.token_urlsafe(32)
    with _one_at_a_time:
        _given[code] = dict(asked) | {"resident": str(chosen.id), "at": str(time.time())}
    return _back(asked, said | {"code": code})


def _back(asked: Mapping[str, str], said: Mapping[str, str]) -> Answer:
    return Answer("303 See Other", location=f"{asked['redirect_uri']}?{urlencode(said)}")


def _token(form: Mapping[str, str], shown: str) -> Answer:
    if not _is_city(shown):
        return Answer("401 Unauthorized", b'{"error":"invalid_client"}')
    with _one_at_a_time:
        asked = _given.pop(form.get("code", ""), None)
    digest = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
    fits = asked is not None and digest == asked["code_challenge"] and form.get("redirect_uri") == asked["redirect_uri"]
    if asked is None or not fits or time.time() - float(asked["at"]) > _CODE_S:
        return Answer("400 Bad Request", b'{"error":"invalid_grant"}')
    return _json({"access_token": secrets.token_urlsafe(32), "token_type": "Bearer", "id_token": _id_token(asked)})


def _id_token(asked: Mapping[str, str]) -> str:
    now, fault = int(time.time()), _fault()
    pairwise = hmac.digest(_key().thumbprint().encode(), asked["resident"].encode(), "sha256").hex()
    made = jwt.JWT(header={"alg": "RS256", "typ": "JWT", "kid": _key().thumbprint()}, claims={
        "iss": issuer(), "sub": pairwise, "aud": asked["client_id"], "iat": now, "exp": now + _TOKEN_S,
        "auth_time": now, "nonce": "other" if fault == "nonce" else asked.get("nonce", ""),
        "acr": _LOW if fault == "low" else _HIGH, "resident": asked["resident"],
    })
    made.make_signed_token(_made_key() if fault == "key" else _key())
    text: str = made.serialize()
    return text


def _is_city(shown: str) -> bool:
    scheme, _, pair = shown.partition(" ")
    wanted = f"madang:{foreign.secret_at(NAME)}"
    try:
        return scheme == "Basic" and hmac.compare_digest(b64decode(pair), wanted.encode())
    except ValueError:
        return False


def _key() -> Any:
    return _read(Path(settings.MADANG_INSTANCE) / "outside" / "mobile-id.json")


@cache
def _read(file: Path) -> Any:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(_made_key().export(), encoding="ascii")
    return jwk.JWK.from_json(file.read_text(encoding="ascii"))


def _made_key() -> Any:
    return jwk.JWK.generate(kty="RSA", size=2048)


def _fault() -> str:
    try:
        return (Path(settings.MADANG_INSTANCE) / "outside" / "faults" / NAME).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def _form(environ: Mapping[str, Any]) -> Mapping[str, str]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    read: bytes = environ["wsgi.input"].read(min(max(length, 0), _LONGEST_BODY))
    return dict(parse_qsl(read.decode("utf-8", "replace")))


def _language(environ: Mapping[str, Any]) -> str:
    return "ko" if environ.get("HTTP_ACCEPT_LANGUAGE", "ko")[:2].lower() == "ko" else "en"


def _json(told: Mapping[str, Any]) -> Answer:
    return Answer("200 OK", json.dumps(told).encode())


def _whole(language: str, content: str) -> bytes:
    words = _WORDS[language]
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{words["title"]}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="style.css">'
        f'</head><body><main><h1>{words["title"]}</h1><p class="note">{words["note"]}</p>{content}</main></body></html>'
    ).encode()
