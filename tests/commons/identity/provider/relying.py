"""Systems that rely on the city's sign-in, and a browser that goes where it is sent: for the provider's tests."""

import json
import re
from base64 import b64encode
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

from madang.commons.identity.provider import facade, tokens
from madang.commons.identity.provider.contracts import Permission
from madang.kernel.actors import Actor
from tests.commons.identity.people import PASSWORD

OPERATOR = Actor.system("tests", frozenset(Permission))
BACK = "https://library.seoul.example/back"
AFTER = "https://library.seoul.example/bye"
VERIFIER = "a-verifier-of-at-least-43-characters-0123456789"
LIBRARY = {
    "id": "seoul-library", "name": {"ko": "서울도서관", "en": "Seoul Library"},
    "department": {"ko": "문화본부 도서관정책과", "en": "Library Policy Division"},
    "purpose": {"ko": "책을 빌려 드립니다.", "en": "To lend you books."}, "people": "everyone",
    "grants": ["authorization_code", "client_credentials"],
    "scopes": ["openid", "email", "profile", "office", "offline_access", "reports.read", "reports.write"],
    "redirect_uris": [BACK, "https://library.seoul.example/app?page=1"], "post_logout_redirect_uris": [AFTER],
}


def add(**other):
    """Register the library, or what is told otherwise; its id and secret."""
    made = facade.add_system(OPERATOR, LIBRARY | other)
    return made.system, made.secret


def question(**other):
    """The query of an authorization request; a value of None leaves its name out."""
    asked = {
        "response_type": "code", "client_id": "seoul-library", "redirect_uri": BACK, "scope": "openid",
        "state": "s-1", "nonce": "n-1", "code_challenge": tokens.challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    } | other
    return urlencode({name: value for name, value in asked.items() if value is not None})


def ask(client, **other):
    return client.get(f"/oauth/authorize?{question(**other)}")


def sign_in(client, email="resident@seoul.example"):
    client.cookies["madang_language"] = "en"
    assert client.post("/accounts/login/", {"login": email, "password": PASSWORD}).status_code == 302
    return client


def allow(client, page, decision="allow"):
    """Send the consent page's form; where it leads, which stands in the page that goes on by itself."""
    [hidden] = re.findall(r'name="ask" value="([^"]*)"', page.content.decode())
    sent = client.post("/oauth/consent", {"ask": hidden.replace("&amp;", "&"), "decision": decision})
    return led_to(sent)


def led_to(answer):
    """The address that an answer leads to, by a redirect or by the page that goes on by itself."""
    if answer.status_code == 302:
        return answer["Location"]
    assert answer.status_code == 200, (answer.status_code, answer.content[:300])
    [uri] = re.findall(r'http-equiv="refresh" content="0;url=([^"]*)"', answer.content.decode())
    return uri.replace("&amp;", "&")


def told(uri):
    """What an address says in its query."""
    return {name: values[0] for name, values in parse_qs(urlsplit(uri).query).items()}


def code(client, **other):
    """Go all the way to a code."""
    answer = ask(client, **other)
    if answer.status_code == 200 and 'name="ask"' in answer.content.decode():
        return told(allow(client, answer))["code"]
    return told(led_to(answer))["code"]


def basic(system, secret):
    return {"HTTP_AUTHORIZATION": "Basic " + b64encode(f"{system}:{secret}".encode()).decode()}


def token(system, secret, **form):
    """Ask the token endpoint; status and what it says."""
    answer = Client().post("/oauth/token", {name: value for name, value in form.items() if value is not None},
                           **basic(system, secret))
    return answer.status_code, json.loads(answer.content)


def redeem(system, secret, given, **other):
    return token(system, secret, **{
        "grant_type": "authorization_code", "code": given, "redirect_uri": BACK, "code_verifier": VERIFIER,
    } | other)


def userinfo(bearer):
    answer = Client().get("/oauth/userinfo", HTTP_AUTHORIZATION=f"Bearer {bearer}")
    return answer.status_code, json.loads(answer.content)
