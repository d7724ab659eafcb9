"""A newcomer on an old phone: reads the page, takes what it offers, types what it asks; knows no address."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import httpx
from playwright.sync_api import Browser, Locator, Page

from madang.commons.identity import facade as identity
from madang.entrypoints.launch import Launched
from madang.entrypoints.walk.typing import typed
from madang.kernel import clock
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Service
from tests.city import account_of, fresh_code, signed_in

PATIENCE_S = 60
_ANSWER = "시험 신청을 확인하였습니다. (Đã xem yêu cầu thử: 12/01/2027 10:00, 강당 2층.)"
_STATED = {"madang-purpose": "inspection", "madang-purpose-line": "synthetic newcomer"}
_MAIN_SUBMIT = "main form button[type=submit]:not(.unseen):not([name=go]):not([name^=switch])"


@dataclass(slots=True)
class Newcomer:
    """Somebody with a narrow phone without scripts, who speaks one language. ``pictures``: where each page is kept."""

    page: Page
    city: Launched
    who: str
    language: Language
    pictures: Path | None = None
    secret: str = ""
    seen: list[str] = field(default_factory=list)
    """Korean words that stood on a page in a language that is not Korean, page by page."""

    def look(self, name: str) -> None:
        """Keep the page that is open: its picture when pictures are wanted, and what of it is not translated."""
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= self.page.viewport_size["width"], f"{self.page.url} is {width} wide"
        main = self.page.locator("main").inner_text()
        hangul = [line for line in main.splitlines() if re.search("[가-힣]", line)]
        self.seen += [f"{self.page.url}: {line}" for line in hangul]
        if self.pictures:
            self.pictures.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)

    def home(self) -> None:
        """The first page, and nothing else, is known."""
        self.page.goto("/")
        assert self.page.locator("html").get_attribute("lang") == self.language.tag

    def search(self, words: str) -> None:
        """Type into the one field of the first page."""
        self.page.locator("#q").fill(words)
        self.page.locator("form.big-search button").click()

    def tap(self, words: str) -> None:
        """Tap the first link that says so."""
        self.page.locator("main a", has_text=words).first.click()

    def choose(self, service: Service) -> None:
        """Tap the service by its name where it is listed, turning the pages of the list if need be."""
        name = service.name.into(self.language)
        while not (link := self._link(name)).count():
            self.page.locator("main a[rel=next]").click()
        link.first.click()
        assert unquote(self.page.url).endswith(f"/services/{service.id}"), self.page.url

    def start(self) -> None:
        """Tap the button that begins, and sign in where that is asked."""
        self.page.locator("main a.button").first.click()
        if self.page.locator("input[name=login]").count():
            self.sign_in()

    def sign_in(self) -> None:
        """With what the city gave: an address, a password, and a code where there is one."""
        account = account_of(self.city, self.who)
        self.page.locator("input[name=login]").fill(account["email"])
        self.page.locator("input[name=password]").fill(account["password"])
        self.page.locator(_MAIN_SUBMIT).first.click()
        if self.page.locator("input[name=code]").count():
            self._give_code(account["email"])

    def fill_in(self, service: Service) -> None:
        """Answer page by page what is open and required, until all is shown before it is sent."""
        answers = dict(typed(service.fields(), clock.now().date()))
        for place in range(12):
            if self.page.url.endswith("/review"):
                return
            self._answer(answers, {one.name for one in service.fields() if one.required})
            self.look(f"{service.id}-form-{place + 1}")
            self.page.locator(_MAIN_SUBMIT).first.click()
        message = f"the form does not end: {self.page.url}\n{self.page.locator('main').inner_text()[:600]}"
        raise AssertionError(message)

    def send(self) -> str:
        """Send; show more surely who one is where that is asked; the request's number."""
        review = self.page.url
        self.page.locator(_MAIN_SUBMIT).first.click()
        if "/accounts/" in self.page.url:
            self.look("step-up")
            self._step_up()
            if self.page.url != review:
                self.page.goto(review)
            self.page.locator(_MAIN_SUBMIT).first.click()
        found = re.search(r"/my/cases/([\w-]+)", self.page.url)
        assert found, f"{self.page.url}\n{self.page.locator('main').inner_text()[:600]}"
        return found[1]

    def finish(self, number: str) -> None:
        """Look again until it is done, paying and waiting for an officer as the page says."""
        officer: httpx.Client | None = None
        deadline = time.monotonic() + PATIENCE_S
        while self._standing() != "completed":
            assert time.monotonic() < deadline, self.page.locator("main").inner_text()[:600]
            if self.page.locator("form[action^='/pay/']").count():
                self._pay()
            elif self._standing() == "with_officer":
                self.look(f"waiting-{number}")
                officer = officer or signed_in(self.city, "desk_lead")
                decide(officer, number)
            else:
                time.sleep(0.5)
            self.page.locator("[data-without-script] a, main a[href*='/my/cases/']").first.click()

    def _standing(self) -> str:
        return self.page.locator("[data-standing]").first.get_attribute("data-standing") or ""

    def _pay(self) -> None:
        self.page.locator("form[action^='/pay/'] button").click()
        self.look("bank")
        self.page.locator('button[value="pay"]').click()
        self.page.wait_for_url("**/my/cases/**")

    def _link(self, name: str) -> Locator:
        return self.page.locator("main a.entry").filter(has=self.page.locator(f"b:text-is({name!r})"))

    def _answer(self, answers: Mapping[str, str], required: set[str]) -> None:
        for name, value in answers.items():
            asked = self.page.locator(f'main [name="{name}"]')
            if not asked.count() or name not in required:
                continue
            if asked.first.get_attribute("type") == "radio":
                if not self.page.locator(f'main [name="{name}"]:checked').count():
                    self.page.locator(f'main [name="{name}"][value="{value}"]').check()
            elif asked.evaluate("e => e.tagName") == "SELECT":
                asked.select_option(value)
            elif not asked.input_value():
                asked.fill(value)

    def _give_code(self, email: str) -> None:
        code = identity.totp_now(self.secret, clock.now()) if self.secret else fresh_code(self.city, email)
        self.page.locator("input[name=code]").first.fill(code)
        self.page.locator("main form:has(input[name=code]) button[type=submit]").first.click()

    def _step_up(self) -> None:
        """Take the way that the page offers: set up codes from an app, or give one."""
        for _ in range(4):
            if self.page.locator("input[name=code]").count():
                break
            link = self.page.locator("main a[href*='totp'], main a[href*='2fa']").first
            link.click() if link.count() else self.page.locator(_MAIN_SUBMIT).first.click()
        self.look("step-up-code")
        shown = re.search(r"\b([A-Z2-7]{4}(?: ?[A-Z2-7]{4}){3,12})\b", self.page.locator("main").inner_text())
        self.secret = shown[1].replace(" ", "") if shown else self.secret
        self._give_code(account_of(self.city, self.who)["email"])
        self.look("step-up-after")


def decide(officer: httpx.Client, number: str) -> None:
    """An officer of the desk approves in words."""
    officer.post(
        f"/api/v1/desk/{number}/decision", json={"decision": "approve", "reason": _ANSWER},
        headers={**_STATED, "idempotency-key": f"newcomer-{number}"},
    )


def arrive(
    browser: Browser, city: Launched, who: str, language: Language, pictures: Path | None = None, width: int = 360
) -> Newcomer:
    """Open an old phone: ``width`` pixels, no script, and the language that it was bought with."""
    context = browser.new_context(
        base_url=city.url, ignore_https_errors=True, java_script_enabled=False, locale=language.tag,
        viewport={"width": width, "height": 740},
    )
    context.set_default_timeout(20_000)
    return Newcomer(context.new_page(), city, who, language, pictures)


def of_the_city(service_id: str) -> Service:
    """The service that somebody means, to know its name in their language."""
    return catalogue.service(service_id)


def today() -> date:
    """The day on which they come."""
    return clock.now().date()
