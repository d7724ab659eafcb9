"""The documentation's pictures, taken from the pages as they are; ``MADANG_SCREENSHOTS=1`` renews them."""

import os
from pathlib import Path

import pytest
from test_in_a_browser import browser, context, pytestmark, sent_request  # noqa: F401 -- the fixture and the marks

from madang.kernel import clock
from madang.services.applications.contracts import CaseId
from madang.services.applications.models import CaseRow
from madang.services.certificates import facade as certificates
from madang.services.document_review import facade as document_review

HOUSE = Path(__file__).resolve().parents[3]
FOLDER = HOUSE / ("docs/screenshots" if os.environ.get("MADANG_SCREENSHOTS") else "test-results/screenshots")


@pytest.fixture(autouse=True)
def demonstration(settings):
    settings.MADANG_OUTSIDE_URL = "https://localhost"


def take(page, name: str, path: str) -> None:
    page.goto(path)
    page.wait_for_function("document.fonts.status === 'loaded'")
    page.screenshot(path=FOLDER / f"{name}.png")
    assert (FOLDER / f"{name}.png").stat().st_size > 10_000


def test_the_pictures_of_the_documentation(browser, live_server, sign_in):  # noqa: F811 -- the fixture
    url = live_server.url
    wide = context(browser, url, "ko").new_page()
    take(wide, "home-ko", f"{url}/")
    take(context(browser, url, "en").new_page(), "service-en", f"{url}/services/local-tax-certificate")
    sign_in()
    phone = context(browser, url, "ko", width=390).new_page()
    take(phone, "apply-ko", f"{url}/apply/resident-register-extract/")
    case = sent_request(phone, url)
    known = CaseId(CaseRow.objects.get(number=case.rpartition("/")[2]).id)
    document_review.review(known, clock.now())
    certificates.issue(known, clock.now())
    take(wide, "case-ko", url + case)
