"""After sending: the document as soon as it is there, the reasons, and a person when the machine cannot approve."""

import re

import pytest
from django.test import Client
from test_apply import BADGE, EXTRACT, TAX, begin, walk

from madang.kernel import clock
from madang.services.applications.contracts import CaseId
from madang.services.certificates import facade as certificates
from madang.services.document_review import facade as document_review
from madang.services.payments import facade as payments


@pytest.fixture
def client(sign_in) -> Client:
    return sign_in()


def sent(client: Client, path: str, **typed: str) -> tuple[str, CaseId]:
    """A request's page, and its id as the rooms behind know it."""
    page = client.post(walk(client, begin(client, path), **typed))["Location"].partition("?")[0]
    from madang.services.applications.models import CaseRow

    return page, CaseId(CaseRow.objects.get(number=page.rpartition("/")[2]).id)


def test_the_document_can_be_downloaded_as_soon_as_it_is_there(client: Client):
    page, case = sent(client, EXTRACT, purpose="finance")
    document_review.review(case, clock.now())
    assert "Approved" in client.get(page).content.decode()
    certificates.issue(case, clock.now())
    text = client.get(page).content.decode()
    [link] = re.findall(r'href="(/documents/[0-9a-f-]+\.pdf)"', text)
    assert client.get(link).content.startswith(b"%PDF")
    assert link in client.get("/my/documents").content.decode()
    assert 'class="letter is-new"' in client.get("/my/inbox").content.decode()
    assert 'class="count"' in text


def test_a_request_with_an_officer_says_who_and_until_when(client: Client):
    page, case = sent(client, BADGE, drives="driver")
    document_review.review(case, clock.now())
    text = client.get(page).content.decode()
    assert "Independent Living Division" in text
    assert "at the latest" in text
    assert "Reasons" in text


def test_opening_a_message_marks_it_read_and_goes_to_what_it_is_about(client: Client):
    page, _ = sent(client, EXTRACT, purpose="finance")
    inbox = client.get("/my/inbox").content.decode()
    [message] = re.findall(r'action="(/my/inbox/[0-9a-f-]+)"', inbox)
    assert client.post(message)["Location"] == page
    assert 'class="count"' not in client.get("/my/").content.decode()


def test_a_fee_is_paid_where_it_is_waited_for(client: Client):
    page, case = sent(client, TAX, purpose="loan")
    waiting = client.get(page).content.decode()
    assert "Please pay ₩800" in waiting
    assert "Your bill is being made." in waiting
    bill = payments.make_bill(case, clock.now())
    assert f'action="/pay/{bill.id}"' in client.get(f"{page}/now").content.decode()
    assert f'href="/pay/{bill.id}"' in client.get("/my/bills").content.decode()
