"""The developers' and the officers' pages in Debian's Chromium: axe, a phone, and the way from asking to a yes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from madang.commons.gateway import edge, facade
from madang.commons.gateway.contracts import Permission
from madang.commons.gateway.policy import rulebook
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.ids import AccountId, new_id
from tests.city import CHROMIUM
from tests.commons.gateway_policy import BOOK, OPERATOR

pytestmark = [
    pytest.mark.timeout(300),  # a whole city and a browser on two busy cores
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed: apt-get install chromium"),
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps a loop in this thread, and Django would take every query of the fixtures for a mistake
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


def actor(*permissions: str) -> Actor:
    """What signing in itself does is tested with identity."""
    named = "Digital Infrastructure Division, operator 2"
    return Actor(ActorKind.OFFICER, named, AccountId(new_id()), None, frozenset(permissions), Assurance.SUBSTANTIAL)


def opened(browser: Browser, url: str, language: str, width: int) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.add_cookies([{"name": "madang_language", "value": language, "url": url}])
    return context.new_page()


def looked_at(page: Page, name: str, folder: Path) -> None:
    """No mistake that axe finds, nothing wider than the screen, and a picture."""
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name


@pytest.mark.parametrize(("language", "width"), [("ko", 360), ("en", 360), ("ko", 1280), ("en", 1280)])
def test_from_registering_to_a_yes(browser, live_server, settings, monkeypatch, tmp_path, language, width):  # noqa: PLR0917 -- fixtures
    settings.MADANG_INSTANCE = tmp_path
    rulebook.write(tmp_path / "gateway", BOOK)
    folder = Path(os.environ.get("MADANG_PICTURES") or tmp_path)
    url, shot = live_server.url, f"{language}-{width}"

    developer = actor(Permission.DEVELOP)
    monkeypatch.setattr(edge, "caller", lambda _: developer)
    page = opened(browser, url, language, width)
    page.goto(f"{url}/developers/")
    looked_at(page, f"developers-{shot}", folder)
    page.goto(f"{url}/developers/register")
    page.locator("#register button[type=submit]").click()
    looked_at(page, f"register-wrong-{shot}", folder)
    page.fill("[name=name]", "휠체어 지도 Wheelchair map")
    page.fill("[name=organisation]", "Open Maps")
    page.check("[name=plan][value=small]")
    page.locator("#register button[type=submit]").click()
    page.locator("form[action$='/keys'] button").click()
    looked_at(page, f"key-{shot}", folder)
    page.check("[name=scopes]")
    page.check("[name=asked_plan][value=wide]")
    page.fill("[name=why]", "Counts of trees for the park office")
    page.locator("form[action*='/ask'] button").click()
    looked_at(page, f"asked-{shot}", folder)

    officer = actor(Permission.SEE_PARTNERS, Permission.MANAGE_PARTNERS)
    monkeypatch.setattr(edge, "caller", lambda _: officer)
    page.goto(f"{url}/partners/")
    looked_at(page, f"partners-{shot}", folder)
    page.locator(".entries a").first.click()
    looked_at(page, f"arrange-{shot}", folder)
    page.locator("form[action$='/arrange'] button").click()
    page.wait_for_url("**/partners/*")
    [given] = facade.partners(OPERATOR)
    assert (given.plan, given.scopes) == ("wide", ("trees.count",))
