"""An old phone without JavaScript: a document in Vietnamese, and a parking badge that an officer decides."""

import email
import email.policy
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

from madang.commons.identity import facade as identity
from madang.entrypoints.launch import Launched
from madang.kernel import clock
from tests.city import CHROMIUM, account_of, fresh_code, visitor

pytestmark = [
    pytest.mark.timeout(300),  # a whole city and a browser on two busy cores
    pytest.mark.city,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE_S = 40


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


def phone(browser: Browser, city: Launched, language: str) -> Page:
    """An old phone: narrow, no JavaScript."""
    context = browser.new_context(
        base_url=city.url, ignore_https_errors=True, java_script_enabled=False, locale=language,
        viewport={"width": 360, "height": 740}, accept_downloads=True,
    )
    return context.new_page()


def sign_in(page: Page, city: Launched, who: str) -> None:
    account = account_of(city, who)
    page.locator("input[name=login]").fill(account["email"])
    page.locator("input[name=password]").fill(account["password"])
    page.locator("main form button[type=submit]").first.click()
    if page.locator("input[name=code]").count():
        page.locator("input[name=code]").first.fill(fresh_code(city, account["email"]))
        page.locator("main form button[type=submit]").first.click()


def go_on(page: Page) -> None:
    page.locator("main form button[type=submit]:not(.unseen):not([name=go]):not([name^=switch])").first.click()


def to_the_review(page: Page, choose: dict[str, str]) -> None:
    """Answer what is asked, page by page, until everything is shown before it is sent."""
    for _ in range(12):
        if page.url.endswith("/review"):
            return
        for name, value in choose.items():
            radio = page.locator(f'input[type=radio][name="{name}"][value="{value}"]')
            select = page.locator(f'select[name="{name}"]')
            text = page.locator(f'input[name="{name}"]:not([type=radio])')
            if radio.count():
                radio.check()
            elif select.count():
                select.select_option(value)
            elif text.count() and not text.input_value():
                text.fill(value)
        go_on(page)
    pytest.fail(f"the form does not end: {page.url}\n{page.locator('main').inner_text()[:800]}")


def until(page: Page, locator: str) -> None:
    """Look again, as somebody without JavaScript does, until it is there."""
    deadline = time.monotonic() + PATIENCE_S
    while not page.locator(locator).count():
        assert time.monotonic() < deadline, page.locator("main").inner_text()[:800]
        time.sleep(0.5)
        page.reload()


def download(page: Page) -> bytes:
    with page.expect_download() as downloading:
        page.locator("main a[href^='/documents/']").first.click()
    return Path(downloading.value.path()).read_bytes()


def address_on(pdf: bytes) -> str:
    """The verification address printed on the document; its QR code holds the same (tests/services)."""
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return next(iter(re.findall(r"https://\S+?/verify/\w{20}", text)))


def letters_to(city: Launched, address: str) -> list[email.message.EmailMessage]:
    folder = city.instance / "mail" / address
    return [
        email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in folder.glob("*.eml")
    ]


def the_letter_is_in_the_residents_language(city: Launched) -> None:
    address = account_of(city, "resident2")["email"]
    deadline = time.monotonic() + PATIENCE_S
    while not (bodies := [letter.get_body(("plain",)).get_content() for letter in letters_to(city, address)]):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert any(re.search(r"[ăâđêôơư]", body) for body in bodies), bodies[:1]


def test_a_vietnamese_reader_on_an_old_phone_gets_a_signed_extract(browser: Browser, city: Launched):
    page = phone(browser, city, "vi")
    page.goto("/search?q=residnt+regis")
    page.locator("main a[href='/services/resident-register-extract']").first.click()
    page.locator("main a[href^='/apply/']").first.click()
    sign_in(page, city, "resident2")
    to_the_review(page, {"purpose": "work"})
    go_on(page)
    until(page, "main a[href^='/documents/']")
    pdf = download(page)
    assert pdf.startswith(b"%PDF-")
    address = address_on(pdf)
    anyone = visitor(city)
    seen = anyone.get(address, headers={"accept-language": "vi"})
    assert seen.status_code == 200
    assert anyone.get(f"/api/v1/verifications/{address.rpartition('/')[2]}").json()["validity"] == "valid"
    page.goto("/my/inbox")
    assert page.locator("html").get_attribute("lang") == "vi"
    assert page.locator("main form[action^='/my/inbox/']").count() >= 1
    page.goto("/my/accesses")
    assert len(re.findall(r"\d\d:\d\d", page.locator("main").inner_text())) >= 4, "each access has its time"
    the_letter_is_in_the_residents_language(city)


def test_an_officer_decides_about_a_parking_badge_after_a_step_up_in_the_form(browser: Browser, city: Launched):
    page = phone(browser, city, "ko")
    page.goto("/apply/disability-parking-badge/")
    sign_in(page, city, "resident4")
    answers = {"owner": "self", "drives": "driver", "reason": "new", "delivery": "pick_up", "phone": "010-0000-1234"}
    to_the_review(page, answers)
    review = page.url
    go_on(page)
    assert "/accounts/" in page.url, "the form asks to prove more surely who this is"
    secret = _set_up_codes(page)
    assert secret
    page.goto(review)
    go_on(page)
    number = page.url.rpartition("/")[2].partition("?")[0]
    assert number.startswith("20"), page.url
    desk = phone(browser, city, "ko")
    desk.goto("/desk/")
    sign_in(desk, city, "officer14")
    desk.goto("/desk/")
    until(desk, f"a[href*='{number}']")
    desk.locator(f"a[href*='{number}']").first.click()
    desk.locator("textarea").first.fill("보행상 장애가 등록되어 있고 차량이 본인 소유입니다.")
    desk.locator("button[value=approve], input[value=approve]").first.click()
    if desk.locator("main form button[type=submit]").count() and desk.locator("input[value=approve]").count():
        go_on(desk)
    page.goto(f"/my/cases/{number}")
    until(page, "main a[href^='/documents/']")
    assert download(page).startswith(b"%PDF-")


def _set_up_codes(page: Page) -> str:
    for _ in range(3):
        if page.locator("input[name=code]").count():
            break
        link = page.locator("main a[href*='totp'], main a[href*='2fa']").first
        link.click() if link.count() else go_on(page)
    found = re.search(r"\b([A-Z2-7]{4}(?: ?[A-Z2-7]{4}){3,12})\b", page.locator("main").inner_text())
    shown = page.locator("input[readonly]")
    secret = (found[1] if found else shown.first.input_value()).replace(" ", "")
    page.locator("input[name=code]").first.fill(identity.totp_now(secret, clock.now()))
    go_on(page)
    return secret
