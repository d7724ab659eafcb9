"""Somebody who has never seen it finds and finishes ten services, in Vietnamese, 360 px wide, without JavaScript."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from newcomer import Newcomer, arrive, of_the_city
from playwright.sync_api import Browser, sync_playwright

from madang.entrypoints.launch import Launched
from madang.kernel.languages import Language
from madang.records.catalogue.contracts import Archetype
from tests.city import CHROMIUM

pytestmark = [
    pytest.mark.timeout(480),  # a whole city and a browser on two busy cores
    pytest.mark.city,
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed: apt-get install chromium"),
]
HOUSE = Path(__file__).resolve().parents[2]
PICTURES = Path(os.environ.get("MADANG_SCREENSHOTS_OF_TEN") or HOUSE / "test-results" / "ten")


def searching(words: str) -> Callable[[Newcomer], None]:
    """Find it by typing ``words`` on the first page."""
    return lambda person: person.search(words)


def under(*links: str) -> Callable[[Newcomer], None]:
    """Find it by tapping what the first page shows: a subject, or what happened."""

    def go(person: Newcomer) -> None:
        for words in links:
            person.tap(words)

    return go


TEN = {
    "resident-register-extract": searching("giấy xác nhận cư trú"),
    "water-bill-payment": searching("trả tiền nước"),
    "emergency-welfare-support": under("Khi khó khăn"),
    "library-book-reservation": under("Văn hóa"),
    "large-waste-pickup": under("Chuyển nhà"),
    "street-light-report": searching("đèn đường hỏng"),
    "foreigner-life-advice": under("Mới đến Seoul"),
    "foreign-residents-council": searching("khảo sát ý kiến"),
    "fixed-date-stamp": under("Chuyển nhà"),
    "korean-class-for-foreigners": searching("học tiếng Hàn"),
}
"""Each service, and how somebody comes to it from the first page."""


_IS_NO_TEXT_OF_OURS = re.compile("합성|시험|서울특별시|영등포구$|한국어")
"""Korean that may stand there: what registers hold, what was typed, an officer's words, a language's name."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as play:
        opened = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield opened
        opened.close()


def test_the_ten_are_of_every_kind():
    assert {of_the_city(one).archetype for one in TEN} == set(Archetype)
    assert len(TEN) == 10


def test_a_newcomer_finds_and_finishes_ten_services(browser: Browser, city: Launched):
    person = arrive(browser, city, "resident2", Language.VI, PICTURES)
    for service_id, find in TEN.items():
        service = of_the_city(service_id)
        person.home()
        person.look("home")
        find(person)
        person.look(f"{service_id}-found")
        person.choose(service)
        person.look(f"{service_id}-page")
        person.start()
        person.fill_in(service)
        person.look(f"{service_id}-review")
        number = person.send()
        person.look(f"{service_id}-sent")
        person.finish(number)
        person.look(f"{service_id}-done")
    assert [line for line in person.seen if not _IS_NO_TEXT_OF_OURS.search(line)] == []
