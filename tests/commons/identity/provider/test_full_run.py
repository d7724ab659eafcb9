"""A real relying party (Authlib) goes all the way, over HTTP, against the running web application."""

import time
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from madang.commons.events.models import OutboxRow
from madang.commons.identity import facade as identity
from madang.kernel import clock
from tests.commons.identity.people import PASSWORD, resident
from tests.commons.identity.provider.relying import AFTER, BACK, add, led_to, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at(live_server, settings):
    """The city at a loopback address, which has no TLS: its cookies are not bound to it."""
    settings.MADANG_PUBLIC_URL = live_server.url
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "session", "csrf"
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    return live_server.url


class Browser(httpx.Client):
    """Sends forms with the page's own token, and answers as a real one does."""

    def send_form(self, page, path, **typed):
        marker = 'name="csrfmiddlewaretoken" value="'
        token = page.text.partition(marker)[2].partition('"')[0]
        return self.post(path, data={"csrfmiddlewaretoken": token} | typed)


def test_from_discovery_to_logout(at):
    resident()
    system, secret = add()
    where = httpx.get(f"{at}/.well-known/openid-configuration").json()
    assert where["issuer"] == at
    library = OAuth2Session(system, secret, scope="openid email offline_access", redirect_uri=BACK,
                           code_challenge_method="S256")
    verifier = "v" * 64
    question, state = library.create_authorization_url(
        where["authorization_endpoint"], code_verifier=verifier, nonce="n-7", prompt="consent",
        acr_values="urn:madang:assurance:1",
    )
    with Browser(base_url=at, follow_redirects=True) as browser:
        before = int(time.time())
        page = browser.get(question)
        assert page.url.path == "/accounts/login/"
        page = browser.send_form(page, "/accounts/login/", login="resident@seoul.example", password=PASSWORD,
                                 next=page.url.params["next"])
        assert "서울도서관" in page.text
        hidden = page.text.partition('name="ask" value="')[2].partition('"')[0].replace("&amp;", "&")
        went = browser.send_form(page, "/oauth/consent", ask=hidden, decision="allow")
        back = led_to(_as_answer(went))
        assert told(back)["iss"] == where["issuer"]

        tokens = library.fetch_token(where["token_endpoint"], authorization_response=back, state=state,
                                     code_verifier=verifier)
        keys = KeySet.import_key_set(httpx.get(where["jwks_uri"]).json())
        claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": at}, aud={"essential": True, "value": system},
            nonce={"essential": True, "value": "n-7"}, exp={"essential": True},
        ).validate(claims)
        assert claims["acr"] == "urn:madang:assurance:1"
        assert claims["amr"] == ["pwd"]
        assert before <= claims["auth_time"] <= time.time()

        about = library.get(where["userinfo_endpoint"]).json()
        assert about == {"sub": claims["sub"], "email": "resident@seoul.example", "email_verified": True}

        refreshed = library.refresh_token(where["token_endpoint"])
        assert refreshed["access_token"] != tokens["access_token"]
        again = jwt.decode(refreshed["id_token"], keys, algorithms=["RS256"]).claims
        assert (again["sub"], again["auth_time"]) == (claims["sub"], claims["auth_time"])
        look_up = where["introspection_endpoint"]
        assert library.introspect_token(look_up, token=tokens["access_token"]).json() == {"active": False}
        assert library.introspect_token(look_up, token=refreshed["access_token"]).json()["active"]

        gone = browser.get(where["end_session_endpoint"], follow_redirects=False, params={
            "id_token_hint": tokens["id_token"], "post_logout_redirect_uri": AFTER, "state": "s-9"})
        assert gone.headers["location"] == f"{AFTER}?state=s-9"
        assert browser.get("/accounts/connections/").url.path == "/accounts/login/"
    assert library.get(where["userinfo_endpoint"]).status_code == 401
    assert list(identity.systems_signed_in_since(clock.now() - timedelta(minutes=1))) == [system]
    assert OutboxRow.objects.filter(topic="identity.signed_in_at_system").count() == 1


def _as_answer(page):
    return SimpleNamespace(status_code=page.status_code, content=page.content)
