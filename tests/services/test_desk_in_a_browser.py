"""The desk in Debian's Chromium: axe, a small screen, and a decision by keyboard alone."""

import os
from collections.abc import Callable, Iterator

import a_city
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from madang.commons.gateway import edge
from madang.kernel import clock
from madang.kernel.languages import Language
from madang.records.catalogue.contracts import ServiceId
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Standing
from madang.services.document_review import facade
from tests.city import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed: apt-get install chromium"),
]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NOW = clock.now()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps a loop in this thread, and Django would take every query of the fixtures for a mistake
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture
def cases(live_server, lasting_residents) -> list[str]:
    numbers = []
    for who in ("walking_impaired", "mild"):
        resident = a_city.resident(lasting_residents[who])
        typed = {"owner": "self", "drives": "driver", "plate": "12가 3456", "note": "<b>부탁드립니다</b>"}
        case = applications.apply(resident, ServiceId("disability-parking-badge"), typed, Language.KO, NOW)
        facade.review(case.id, NOW)
        numbers.append(case.number)
    return numbers


@pytest.fixture
def desk(browser, live_server, monkeypatch) -> Callable[..., Page]:
    """The desk of an officer; what signing in itself does is tested with identity."""
    officer = a_city.officer()
    monkeypatch.setattr(edge, "caller", lambda _: officer)

    def sit_down(language: str, width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900})
        context.add_cookies([{"name": "madang_language", "value": language, "url": live_server.url}])
        return context.new_page()

    return sit_down


@pytest.mark.parametrize("language", ["ko", "en"])
def test_axe_finds_nothing(live_server, desk, cases, language):
    page = desk(language)
    for path in ("/desk/", f"/desk/{cases[0]}/", f"/desk/{cases[1]}/"):
        page.goto(live_server.url + path)
        if folder := os.environ.get("MADANG_SCREENSHOTS"):
            page.screenshot(path=f"{folder}/desk-{language}-{path.strip('/').replace('/', '-')}.png", full_page=True)
        found = Axe().run(page, options=RULES).response["violations"]
        assert not [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def test_nothing_is_wider_than_a_small_telephone(live_server, desk, cases):
    page = desk("ko", width=320)
    for path in ("/desk/", f"/desk/{cases[1]}/"):
        page.goto(live_server.url + path)
        if folder := os.environ.get("MADANG_SCREENSHOTS"):
            page.screenshot(path=f"{folder}/desk-320-{path.strip('/').replace('/', '-')}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_case_is_decided_by_keyboard_alone(live_server, desk, cases):
    page = desk("en")
    page.goto(f"{live_server.url}/desk/")
    page.get_by_role("link", name=cases[1]).focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Go to the decision").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("The registration shows no walking impairment.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/?decided=*")
    assert f"Request {cases[1]} is refused." in page.content()
    decided = applications.case_numbered(a_city.officer(), cases[1])
    assert (decided.standing, decided.reasons[0].text) == (
        Standing.REFUSED, "The registration shows no walking impairment.",
    )
