"""A navigator beside a resident: the code that is read out, the half hour, the record."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from madang.commons.audit.models import EntryRow
from madang.commons.identity import facade as identity
from madang.commons.identity import letters, store
from madang.commons.identity.models import DelegationRow
from madang.kernel import clock
from madang.kernel.languages import Language
from madang.services.applications.models import CaseRow
from tests.commons.identity.people import OPERATOR, PASSWORD, officer

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PAGE, EMAIL = "/accounts/centre/navigate/", "garam@seoul.example"


@pytest.fixture
def beside(residents):
    """A navigator at a counter with a resident beside them."""
    new = identity.NewAccount(EMAIL, PASSWORD, "resident", resident=residents["in_order"], language=Language.EN)
    identity.make_account(OPERATOR, new, clock.now())
    made = officer("centre@seoul.example", "centre_officer")
    store.set_totp(made.id, SECRET)
    browser = Client()
    browser.cookies["madang_language"] = "en"
    browser.post("/accounts/login/", {"login": made.email, "password": PASSWORD})
    browser.post("/accounts/2fa/authenticate/", {"code": identity.totp_now(SECRET, clock.now())})
    browser.navigator = made
    return browser


def code_for(browser):
    mail.outbox.clear()
    assert browser.post(PAGE, {"email": EMAIL, "do": "send"}).status_code == 200
    letters.presence_code(browser.navigator.id, EMAIL)  # the worker's part
    return re.search(r"\d{4} \d{4}", mail.outbox[0].body)[0]


def begin(browser, code, scopes=("applications",)):
    return browser.post(PAGE, {"email": EMAIL, "code": code, "scopes": scopes, "do": "begin"})


def test_with_the_code_read_out_the_navigator_applies_and_the_case_is_the_residents(beside, residents):
    assert begin(beside, code_for(beside))["Location"] == "/my/"
    assert "You are acting for" in beside.get("/my/").content.decode()
    beside.get("/apply/resident-register-extract/")
    assert CaseRow.objects.get().resident == residents["in_order"]
    entry = EntryRow.objects.get(action="applications.begin")
    assert (entry.account, entry.name) == (beside.navigator.id, "A navigator at a centre, for this person")
    assert beside.get("/my/bills").status_code == 403
    assert beside.get("/desk/").status_code == 403


def test_it_ends_after_half_an_hour(beside):
    begin(beside, code_for(beside))
    held = DelegationRow.objects.get()
    assert held.until - held.since == timedelta(minutes=30)
    DelegationRow.objects.update(until=clock.now())
    assert beside.get("/my/").status_code == 409


def test_a_code_works_once_and_only_for_who_asked_for_it(beside):
    code = code_for(beside)
    assert begin(beside, "0000 0000").status_code == 422
    assert begin(beside, code).status_code == 302
    beside.post("/accounts/acting/stop/")
    assert begin(beside, code).status_code == 422
    assert not store.spend_presence_code(officer().id, EMAIL, code)


def test_guessing_ends_after_a_handful(beside):
    code = code_for(beside)
    for _ in range(5):
        begin(beside, "0000 0000")
    assert begin(beside, code).status_code == 422
    assert not DelegationRow.objects.exists()


def test_more_than_the_kind_allows_is_refused_and_nobody_unknown_is_told_of(beside):
    assert begin(beside, code_for(beside), ("messages",)).status_code == 422
    answers = [beside.post(PAGE, {"email": email, "do": "send"}) for email in (EMAIL, "nobody@seoul.example")]
    pages = [re.sub(r'value="[^"]*"', "", one.content.decode()) for one in answers]
    assert pages[0] == pages[1]
    mail.outbox.clear()
    letters.presence_code(beside.navigator.id, "nobody@seoul.example")
    assert not mail.outbox
