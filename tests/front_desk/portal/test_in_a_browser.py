"""The portal in Debian's Chromium: axe, narrow screens, large text, the keyboard alone, and no JavaScript."""

import os
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.city import CHROMIUM

pytestmark = [
    pytest.mark.timeout(300),  # a whole city and a browser on two busy cores
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed: apt-get install chromium"),
]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
OPEN_TO_ALL = [
    "/", "/search?q=tax", "/search?q=qwxzqwxz", "/categories/administration", "/services/local-tax-certificate",
    "/without-a-device?service=local-tax-certificate&district=11440", "/accessibility", "/nothing-here",
    "/verify/", "/verify/00000-00000-00000-00000", "/accounts/login/", "/accounts/password/reset/",
]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps a loop in this thread, and Django would take every query of the fixtures for a mistake
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


def context(browser: Browser, url: str, language: str, *, width: int = 1280, script: bool = True) -> BrowserContext:
    made = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
    made.add_cookies([{"name": "madang_language", "value": language, "url": url}])
    return made


def sent_request(page: Page, url: str) -> str:
    """Apply as somebody who changes nothing, and give the request's page."""
    page.goto(f"{url}/apply/resident-register-extract/")
    while "/review" not in page.url:
        if page.locator('input[name="purpose"]').count():
            page.locator('input[name="purpose"]').first.check()
        page.locator('main p.actions button[type="submit"]').click()
    page.locator('main button[type="submit"]').click()
    page.wait_for_url("**/my/cases/**")
    return re.sub(r"\?.*", "", page.url).removeprefix(url)


def own_pages(page: Page, url: str) -> list[str]:
    page.goto(f"{url}/apply/disability-parking-badge/")
    step = page.url.removeprefix(url)
    number = step.split("/")[2]
    return [step, f"/apply/{number}/vehicle", f"/apply/{number}/review", sent_request(page, url), "/my/", "/my/inbox",
            "/my/accesses"]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_axe_finds_nothing_on_any_page(browser: Browser, live_server, sign_in, language: str):
    visitor = context(browser, live_server.url, language).new_page()
    wrong = {path: problems(visitor, live_server.url + path) for path in OPEN_TO_ALL}
    sign_in()
    resident = context(browser, live_server.url, language).new_page()
    wrong |= {path: problems(resident, live_server.url + path) for path in own_pages(resident, live_server.url)}
    assert not {path: found for path, found in wrong.items() if found}


def problems(page: Page, url: str) -> list[str]:
    page.goto(url)
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("text", ["usual", "large"])
def test_nothing_is_wider_than_a_small_telephone(browser: Browser, live_server, sign_in, text: str):
    sign_in()
    narrow = context(browser, live_server.url, "ru", width=320)
    narrow.add_cookies([{"name": "madang_text", "value": text, "url": live_server.url}])
    page = narrow.new_page()
    for path in [*OPEN_TO_ALL, *own_pages(page, live_server.url)]:
        page.goto(live_server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_a_request_can_be_made_without_javascript(browser: Browser, live_server, sign_in):
    sign_in()
    page = context(browser, live_server.url, "ko", script=False).new_page()
    case = sent_request(page, live_server.url)
    assert "/my/cases/" in case
    assert page.get_by_role("link", name="다시 보기").is_visible()


def test_what_was_typed_stays_when_the_language_changes(browser: Browser, live_server, sign_in):
    sign_in()
    page = context(browser, live_server.url, "ko", script=False).new_page()
    page.goto(f"{live_server.url}/apply/disability-parking-badge/")
    page.fill('input[name="phone"]', "010-99")
    page.locator(".languages summary").click()
    page.get_by_role("button", name="Tiếng Việt").click()
    assert page.locator("html").get_attribute("lang") == "vi"
    assert page.input_value('input[name="phone"]') == "010-99"


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: Browser, live_server, sign_in):
    sign_in()
    page = context(browser, live_server.url, "en").new_page()
    for path in ("/", own_pages(page, live_server.url)[1]):
        page.goto(live_server.url + path)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        for _ in range(25):
            page.keyboard.press("Tab")
            seen = page.evaluate(
                "() => { const e = document.activeElement, s = getComputedStyle(e);"
                " return e === document.body ? 'end' : `${s.outlineStyle} ${parseFloat(s.outlineWidth)}`; }"
            )
            if seen == "end":
                break
            assert re.fullmatch(r"(solid|auto) [2-9].*", seen), page.evaluate("document.activeElement.outerHTML")


def test_a_draft_is_kept_while_typing(browser: Browser, live_server, sign_in):
    sign_in()
    page = context(browser, live_server.url, "en").new_page()
    page.goto(f"{live_server.url}/apply/disability-parking-badge/")
    page.fill('input[name="phone"]', "010-1")
    page.get_by_text("Saved", exact=True).wait_for()
    page.goto(page.url)
    assert page.input_value('input[name="phone"]') == "010-1"


def test_every_target_is_large_enough_for_a_thumb(browser: Browser, live_server, sign_in):
    sign_in()
    page = context(browser, live_server.url, "ko", width=360).new_page()
    small = """() => [...document.querySelectorAll('button, summary, input, select, nav a, .ways a, .switches a')]
      .filter(e => e.offsetParent && !e.matches('.unseen, input[type=hidden], input[type=radio]'))
      .filter(e => e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 120))"""
    for path in [*OPEN_TO_ALL, *own_pages(page, live_server.url)]:
        page.goto(live_server.url + path)
        assert page.evaluate(small) == [], path
