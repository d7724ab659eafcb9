"""Passkeys, with a real browser and its virtual authenticator."""

import pytest

from madang.commons.identity import store
from madang.commons.identity.models import AccountRow
from madang.kernel.languages import Language
from tests.city import CHROMIUM
from tests.commons.identity.people import PASSWORD, resident

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium: apt-get install chromium"),
]


@pytest.fixture
def page(live_server, settings, monkeypatch):
    """A browser at the live server, with an authenticator that verifies its user by itself."""
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright keeps a loop in this thread
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "session", "csrf"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # the live server has no TLS; the city always has
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(base_url=live_server.url.replace("127.0.0.1", "localhost"), locale="en-US")
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }})
        page.devtools = devtools
        yield page
        browser.close()


def sign_in(page):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "resident@seoul.example")
    page.fill("input[name=password]", PASSWORD)
    page.click("form[action='/accounts/login/'] button[type=submit]")
    page.wait_for_url("**/my/**")


def test_a_passkey_is_added_on_the_way_and_then_signs_in_alone(page, transactional_db):
    made = resident(language=Language.EN)
    sign_in(page)
    page.goto("/accounts/step-up/?next=/accounts/2fa/")
    page.click("a[href='/accounts/2fa/webauthn/add/']")
    assert page.input_value("input[name=name]") == "Passkey 1"
    page.click("#passkey_add")
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    page.click("a[href='/accounts/step-up/']")
    page.wait_for_url("**/accounts/2fa/")

    page.goto("/accounts/logout/")
    page.click("main button[type=submit]")
    page.goto("/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url("**/my/**")
    page.goto("/accounts/step-up/?next=/accounts/2fa/webauthn/")
    page.wait_for_url("**/accounts/2fa/webauthn/")
    assert "Passkey 1" in page.inner_text("main")
    assert AccountRow.objects.get(id=made.id).last_login
    assert len(store.factors(made.id)) == 1


def test_a_passkey_of_nobody_signs_nobody_in(page, transactional_db):
    resident(language=Language.EN)
    sign_in(page)
    page.goto("/accounts/2fa/webauthn/add/")
    page.click("#passkey_add")
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    store.Authenticator.objects.filter(type="webauthn").delete()
    page.goto("/accounts/logout/")
    page.click("main button[type=submit]")
    page.goto("/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_selector("[role=alert]")
    page.goto("/accounts/2fa/")
    assert "/accounts/login/" in page.url




@pytest.mark.parametrize("language", [Language.KO, Language.EN])
def test_the_pages_can_be_used_by_everybody(page, transactional_db, language):
    """WCAG 2.2 AA as far as a machine sees it (axe)."""
    from axe_playwright_python.sync_playwright import Axe

    resident(language=language)
    page.set_extra_http_headers({"Accept-Language": language.tag})
    for path in ("login/", "signup/", "password/reset/"):
        page.goto(f"/accounts/{path}")
        assert Axe().run(page).violations_count == 0, path
    sign_in(page)
    for path in ("step-up/", "2fa/", "2fa/totp/activate/", "2fa/webauthn/add/", "password/change/", "reauthenticate/",
                 "logout/"):
        page.goto(f"/accounts/{path}")
        assert Axe().run(page).violations_count == 0, path
