"""A document goes into a wallet and its holder comes in by it: on this device, from another phone, without script."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from madang.entrypoints.launch import Launched
from tests.city import CHROMIUM, city  # noqa: F401 -- the fixture
from tests.journeys.test_a_resident_in_a_browser import (  # noqa: F401 -- the fixture
    answer_everything,
    browser,
    look_again_for,
    sign_in,
    window,
)

pytestmark = [
    pytest.mark.timeout(300),  # a whole city and a browser on two busy cores
    pytest.mark.city,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed: apt-get install chromium"),
]


def put_in_wallet(page: Page) -> None:
    page.get_by_role("link", name="Put it in your phone’s wallet").first.click()
    page.get_by_role("button", name="Put it in a wallet").click()
    digits = page.locator("section.note b").inner_text()
    page.get_by_role("link", name="Sandbox wallet").click()
    page.get_by_label("Number on the page that offers it").fill(digits)
    page.get_by_role("button", name="Put it in the wallet").click()
    expect(page.locator("main")).to_contain_text("It lies in the wallet")


def show(page: Page) -> None:
    page.get_by_role("button", name="Show it", exact=True).click()
    page.wait_for_load_state()


def test_a_document_in_a_wallet_opens_the_city(browser: Browser, city: Launched):  # noqa: F811
    page = window(browser, city, script=False)
    sign_in(page, city, "resident2@seoul.example")
    page.goto("/apply/resident-register-extract/")
    answer_everything(page, purpose="finance")
    page.get_by_role("button", name="Send").click()
    look_again_for(page, page.get_by_role("link", name="Put it in your phone’s wallet"))
    put_in_wallet(page)
    page.goto("/my/documents")
    page.get_by_role("link", name="Put it in your phone’s wallet").first.click()
    expect(page.get_by_role("button", name=re.compile("End this copy"))).to_be_visible()
    # linked by somebody who has proved both sides
    page.goto("/accounts/wallet/?next=/my/documents")
    page.get_by_role("button", name="The wallet is on this device").click()
    page.get_by_role("link", name="Sandbox wallet").click()
    show(page)
    page.get_by_role("button", name="Link them").click()
    page.wait_for_url("**/my/documents")
    # from then on it opens, on this device and from another phone
    fresh = window(browser, city, script=False)
    fresh.goto("/accounts/wallet/?lang=en&next=/my/documents")
    fresh.get_by_role("button", name="The wallet is on this device").click()
    fresh.get_by_role("link", name="Sandbox wallet").click()
    show(fresh)
    fresh.wait_for_url("**/my/documents")
    expect(fresh.get_by_role("link", name=re.compile("PDF")).first).to_be_visible()
    from_another_phone(browser, city)


def from_another_phone(browser: Browser, city: Launched) -> None:  # noqa: F811
    screen, phone = window(browser, city, script=False), window(browser, city, script=False)
    screen.goto("/accounts/wallet/?lang=en&next=/my/documents")
    screen.get_by_role("button", name="The wallet is on another phone").click()
    expect(screen.locator("img.qr")).to_be_visible()
    phone.goto("/?lang=en")
    phone.goto("/sandbox-wallet/present?" + read_picture(screen))
    show(phone)
    number = phone.locator("p.lead b").inner_text()
    screen.wait_for_selector('input[name="number"]', timeout=20_000)  # the page looks again by itself
    screen.get_by_label("Number").fill(number)
    screen.get_by_role("button", name="Go on").click()
    screen.wait_for_url("**/my/documents")


def read_picture(page: Page) -> str:
    """What a phone reads from the picture on the screen."""
    import io

    import zxingcpp
    from PIL import Image

    seen = zxingcpp.read_barcode(Image.open(io.BytesIO(page.locator("img.qr").screenshot(scale="css"))))
    assert seen, "no picture that a phone can read"
    assert seen.text.startswith("openid4vp://?")
    return str(seen.text.partition("?")[2])
