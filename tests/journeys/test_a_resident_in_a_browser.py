"""The main job in a real browser against a running city: a signed document, a fee, a stronger sign-in on the way."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from madang.entrypoints.launch import Launched
from tests.city import CHROMIUM, city  # noqa: F401 -- the fixture

pytestmark = [
    pytest.mark.city,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed: apt-get install chromium"),
]

SECONDS = 60_000
"""Milliseconds that a request may take in a city that shares its machine with tests."""


@pytest.fixture
def page(city: Launched) -> Iterator[Page]:  # noqa: F811 -- the fixture
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        context = browser.new_context(base_url=city.url, ignore_https_errors=True, locale="en-GB")
        context.set_default_timeout(SECONDS)
        yield context.new_page()
        browser.close()


def sign_in(page: Page, city: Launched) -> None:  # noqa: F811 -- the fixture
    account = next(one for one in city.sign_ins if "resident" in one["who"].lower())
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill(account["email"])
    page.get_by_label("Password", exact=True).fill(account["password"])
    page.locator('main form button[type="submit"]').first.click()
    page.wait_for_url("**/my/**")


def answer_everything(page: Page, **typed: str) -> None:
    """Go through the form's pages with what is filled in, choosing what is asked for."""
    while not page.url.endswith("/review"):
        for name, value in typed.items():
            choice = page.locator(f'input[name="{name}"][value="{value}"]')
            if choice.count():
                choice.check()
        page.get_by_role("button", name="Go on").click()
        page.wait_for_load_state()


def test_from_a_misspelt_word_to_a_document_that_anyone_can_verify(page: Page, city: Launched):  # noqa: F811
    sign_in(page, city)
    page.goto("/?lang=en")
    page.get_by_label("What do you need?").fill("residnt regster")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=re.compile("Resident register extract")).click()
    page.get_by_role("link", name="Start").click()
    answer_everything(page, purpose="finance")
    page.get_by_role("button", name="Send").click()
    document = page.get_by_role("link", name=re.compile("Download the document"))
    expect(document).to_be_visible(timeout=SECONDS)
    pdf = page.context.request.get(document.get_attribute("href") or "").body()
    assert pdf.startswith(b"%PDF")
    page.goto("/verify/")
    page.set_input_files('input[type="file"]', {"name": "a.pdf", "mimeType": "application/pdf", "buffer": pdf})
    page.locator('form:has(input[type="file"]) button[type="submit"]').click()
    expect(page.locator("main")).to_contain_text("This document is genuine and valid")
    page.goto("/my/accesses")
    expect(page.locator("table")).to_contain_text("A request that you made")
    page.goto("/my/inbox")
    expect(page.locator(".letter").first).to_be_visible()
