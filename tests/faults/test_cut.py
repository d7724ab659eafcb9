"""What the city depends on is cut: registers, the bank, the mail server. Cases wait, say for what, and go on."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import pytest

from madang.entrypoints.launch import Launched
from tests.city import in_a_browser, madang, send_form, signed_in
from tests.faults.applicants import EXTRACT, Applicants, applicants_of, pages, require_clean_books, until
from tests.faults.conftest import Tell

pytestmark = [pytest.mark.city, pytest.mark.long, pytest.mark.timeout(300), pytest.mark.xdist_group("city")]

HOWS = ("down", "hang", "garbage")
BADGE = {
    "service": "disability-parking-badge", "submit": True, "language": "en",
    "answers": {
        "phone": "010-0000-0000", "plate": "12가3456", "owner": "self", "drives": "driver", "reason": "new",
        "delivery": "pick_up",
    },
}
TAX = {
    "service": "local-tax-certificate", "submit": True, "language": "en",
    "answers": {"purpose": "loan", "recipient": "A bank"},
}


@contextmanager
def cut(city: Launched, register: str, how: str) -> Iterator[None]:
    assert madang(city, "registers", "cut", register, "--how", how).returncode == 0
    try:
        yield
    finally:
        assert madang(city, "registers", "mend", register).returncode == 0


@pytest.fixture(scope="module")
def extracts(harmed_city: Launched) -> Applicants:
    return applicants_of(harmed_city, ["resident1"])


@pytest.fixture(scope="module")
def surely_known(harmed_city: Launched) -> Iterator[httpx.Client]:
    """A resident who has signed in with a second factor."""
    with closing(signed_in(harmed_city, "resident2")) as client:
        yield client


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("register", ["residents", "households"])
def test_an_extract_waits_for_its_register(
    harmed_city: Launched, extracts: Applicants, register: str, how: str, tell: Tell
) -> None:
    with cut(harmed_city, register, how):
        number = extracts.apply("resident1")
        waiting = extracts.await_standing("resident1", number, "waiting_for_register")
        assert waiting["waits_for"] == register
        with closing(in_a_browser(harmed_city, "resident1")) as browser:
            draft = go_through_form(browser)
            # the next test begins with an empty form
            assert extracts.clients["resident1"].post(f"/api/v1/cases/{draft}/withdraw").is_success
            page = browser.get(f"/my/cases/{number}", headers={"accept-language": "en"})
            assert page.status_code == 200
        time.sleep(3)
        assert extracts.case("resident1", number)["standing"] == "waiting_for_register"
    mended = time.monotonic()
    done = extracts.await_standing("resident1", number, "completed", 120)
    tell(f"{register} {how}: went on by itself {time.monotonic() - mended:.1f} s after mending")
    documents = [one for one in pages(extracts.clients["resident1"], "/api/v1/documents") if one["number"] == number]
    assert [one["id"] for one in documents] == [done["document"]]


def go_through_form(browser: httpx.Client) -> str:
    """A form whose register does not answer can be opened and gone through; its number."""
    begun = browser.get("/apply/resident-register-extract/")
    assert begun.status_code == 302, begun.text[:500]
    step = begun.headers["location"]
    number = step.split("/")[2]
    shown = browser.get(step)
    assert shown.status_code == 200
    sent = send_form(browser, step, {})
    assert sent.status_code in {302, 422}
    assert browser.get(f"/apply/{number}/use").status_code == 200
    assert browser.get(f"/apply/{number}/review").status_code == 200
    assert send_form(browser, f"/apply/{number}/use", {"purpose": "finance"}).status_code == 302
    return number


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("register", ["residents", "households"])
def test_a_form_leaves_open_what_its_register_does_not_say(
    harmed_city: Launched, extracts: Applicants, register: str, how: str
) -> None:
    client = extracts.clients["resident1"]
    with cut(harmed_city, register, how):
        draft = client.post("/api/v1/cases", json=EXTRACT | {"submit": False}).raise_for_status().json()
        of_it = {"residents": "full_name", "households": "address"}[register]
        assert draft["answers"][of_it]["awaits_register"] is True
        assert draft["answers"][of_it]["value"] == ""
    assert client.post(f"/api/v1/cases/{draft['number']}/withdraw").is_success


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("register", ["vehicles", "disability"])
def test_a_badge_waits_for_its_register(
    harmed_city: Launched, surely_known: httpx.Client, register: str, how: str, tell: Tell
) -> None:
    applicants = Applicants({"resident2": surely_known})
    with cut(harmed_city, register, how):
        number = begun(surely_known, BADGE)
        assert applicants.await_standing("resident2", number, "waiting_for_register")["waits_for"] == register
    mended = time.monotonic()
    applicants.await_standing("resident2", number, "with_officer", 120)
    tell(f"{register} {how}: went on by itself {time.monotonic() - mended:.1f} s after mending")


@pytest.mark.parametrize("how", HOWS)
def test_a_tax_certificate_waits_for_its_register(
    harmed_city: Launched, surely_known: httpx.Client, how: str, tell: Tell
) -> None:
    applicants = Applicants({"resident2": surely_known})
    with cut(harmed_city, "local_tax", how):
        number = begun(surely_known, TAX)
        pay(surely_known, applicants, number)
        assert applicants.await_standing("resident2", number, "waiting_for_register")["waits_for"] == "local_tax"
    mended = time.monotonic()
    applicants.await_standing("resident2", number, "completed", 120)
    tell(f"local_tax {how}: went on by itself {time.monotonic() - mended:.1f} s after mending")


@pytest.mark.parametrize("how", ["down", "hang", "double", "silent"])
def test_a_fee_is_taken_once_whatever_the_bank_does(
    harmed_city: Launched, surely_known: httpx.Client, how: str, tell: Tell
) -> None:
    applicants = Applicants({"resident2": surely_known})
    number = begun(surely_known, TAX)
    bill = bill_of(surely_known, number)
    fault = harmed_city.instance / "outside" / "faults" / "bank"
    fault.parent.mkdir(parents=True, exist_ok=True)
    fault.write_text(how, encoding="utf-8")
    try:
        if how in {"down", "hang"}:
            answer = surely_known.post(f"/api/v1/bills/{bill}/payments", json={})
            assert answer.status_code == 503, answer.text
            assert answer.headers["content-type"].startswith("application/problem+json")
            assert applicants.case("resident2", number)["standing"] == "awaiting_payment"
            fault.unlink()
        mended = time.monotonic()
        pay(surely_known, applicants, number)
        applicants.await_standing("resident2", number, "completed", 120)
        tell(f"bank {how}: paid and done {time.monotonic() - mended:.1f} s later")
    finally:
        fault.unlink(missing_ok=True)
    paid = surely_known.get(f"/api/v1/bills/{bill}").raise_for_status().json()
    assert (paid["standing"], paid["amount"]) == ("paid", 800)
    documents = [one for one in pages(surely_known, "/api/v1/documents") if one["number"] == number]
    assert len(documents) == 1


def test_mail_that_is_refused_comes_later(harmed_city: Launched, extracts: Applicants, tell: Tell) -> None:
    post = harmed_city.instance / "mail"

    def letters() -> int:
        return len(list(post.glob("resident1*/*.eml")))

    (post / "refuse").touch()
    try:
        number = extracts.apply("resident1")
        extracts.await_standing("resident1", number, "completed")
        time.sleep(3)
        before = letters()
    finally:
        (post / "refuse").unlink()
    mended = time.monotonic()
    until(lambda: letters() >= before + 2, 200, lambda: f"{letters() - before} letters came")  # received, ready
    tell(f"mail refused: both letters {time.monotonic() - mended:.1f} s after mending")


def test_afterwards_the_books_are_clean(harmed_city: Launched) -> None:
    require_clean_books(harmed_city)


def begun(client: httpx.Client, asked: dict[str, Any]) -> str:
    answer = client.post("/api/v1/cases", json=asked)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


def bill_of(client: httpx.Client, number: str) -> str:
    found: list[str] = []

    def is_made() -> bool:
        found[:] = [one["id"] for one in pages(client, "/api/v1/bills") if one["number"] == number]
        return len(found) == 1

    until(is_made, 30, lambda: f"{len(found)} bills for {number}")
    return found[0]


def pay(client: httpx.Client, applicants: Applicants, number: str) -> None:
    """Pay a request's fee as a person does: at the bank's own page. The bank's breaker may still be open."""
    bill, answer = bill_of(client, number), httpx.Response(503)

    def is_begun() -> bool:
        nonlocal answer
        answer = client.post(f"/api/v1/bills/{bill}/payments", json={})
        return answer.status_code == 201

    until(is_begun, 40, lambda: answer.text)
    with httpx.Client(verify=False, timeout=30) as browser:  # noqa: S501 -- the test's own city on loopback
        assert browser.post(answer.json()["url"], data={"decision": "pay"}).status_code == 303
