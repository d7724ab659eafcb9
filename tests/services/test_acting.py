"""A parent applies for a child: the case is the child's, what was not agreed is refused, and the child can see it."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from madang.commons.audit.models import EntryRow
from madang.commons.identity import facade as identity
from madang.commons.identity import store
from madang.commons.identity.facade import acting
from madang.commons.identity.models import DelegationRow
from madang.commons.identity.store import delegations as rows
from madang.kernel import clock
from madang.kernel.languages import Language
from madang.services.applications import facade as applications
from madang.services.applications.models import CaseRow
from madang.services.payments import facade as payments
from tests.commons.identity.people import OPERATOR, PASSWORD, resident

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SERVICE = "resident-register-extract"


@pytest.fixture
def parent(residents):
    made = identity.make_account(
        OPERATOR, identity.NewAccount(
            "parent@seoul.example", PASSWORD, "resident", resident=residents["in_order"], language=Language.EN,
        ), clock.now(),
    )
    store.set_totp(made.id, SECRET)
    return made


@pytest.fixture
def browser(parent):
    client = Client(headers={"Accept-Language": "en"})
    client.post("/accounts/login/", {"login": parent.email, "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": identity.totp_now(SECRET, clock.now())})
    return client


@pytest.fixture
def acting_parent(browser, residents):
    browser.post(f"/accounts/acting/children/{residents['child']}/")
    held = DelegationRow.objects.get()
    assert browser.post(f"/accounts/acting/{held.id}/begin/")["Location"] == "/my/"
    return browser


def held():
    return rows.find(DelegationRow.objects.get().id)


def narrowed(**to):
    DelegationRow.objects.update(**to)


def test_the_page_offers_the_child_that_the_register_shows_and_nobody_else(browser, residents):
    page = browser.get("/accounts/acting/").content.decode()
    assert "김나래(합성)" in page
    assert browser.post(f"/accounts/acting/children/{residents['child']}/").status_code == 302
    assert DelegationRow.objects.get().consent == "by_law"
    assert browser.post(f"/accounts/acting/children/{residents['arrears']}/").status_code == 404
    assert DelegationRow.objects.count() == 1


def test_a_parent_applies_for_a_child_and_the_case_is_the_childs(acting_parent, residents):
    began = acting_parent.get(f"/apply/{SERVICE}/")
    case = CaseRow.objects.get()
    assert case.resident == residents["child"]
    assert case.number in began["Location"]
    page = acting_parent.get(began["Location"]).content.decode()
    assert re.search(r"You are acting for\s+<b>김나래\(합성\)</b>", page)
    assert "김나래(합성)" in page
    acting_parent.post("/accounts/acting/stop/")
    assert acting_parent.get(began["Location"]).status_code == 404
    assert "acting for" not in acting_parent.get("/my/").content.decode()


def test_the_record_names_both_and_the_capacity(acting_parent, parent, residents):
    acting_parent.get(f"/apply/{SERVICE}/")
    entry = EntryRow.objects.get(action="applications.begin")
    assert (entry.account, entry.subject) == (parent.id, residents["child"])
    assert entry.name == "A parent, for this person"
    begun = EntryRow.objects.get(action="identity.acting_begun")
    assert (begun.account, begun.subject, begun.about) == (parent.id, residents["child"], held().id)


def test_a_scope_without_payments_refuses_them_and_shows_the_case_all_the_same(acting_parent, residents, parent):
    narrowed(scopes=["applications"])
    request = acting_parent.get("/accounts/acting/").wsgi_request
    actor = identity.actor_of(request)
    case = applications.begin(actor, "local-tax-certificate", Language.EN, clock.now())
    assert case.resident == residents["child"]
    assert not actor.may("payments.pay")
    answer = acting_parent.get("/my/bills")
    assert answer.status_code == 403
    assert "what was agreed does not include this" in answer.content.decode()
    assert acting_parent.get(f"/my/cases/{case.number}").status_code in {200, 302}
    with pytest.raises(payments.BeyondDelegation):
        payments.bills(actor)


def test_a_limit_to_some_services_keeps_the_others_closed(acting_parent):
    narrowed(services=["welfare_health"])
    assert acting_parent.get(f"/apply/{SERVICE}/").status_code == 403
    assert not CaseRow.objects.exists()
    narrowed(services=["administration", SERVICE])
    assert acting_parent.get(f"/apply/{SERVICE}/").status_code == 302


@pytest.mark.parametrize("page", ["/my/accesses", "/my/inbox", "/my/bills", "/my/documents", "/desk/"])
def test_what_is_not_in_the_scope_stays_closed(acting_parent, page):
    narrowed(scopes=["applications"])
    assert acting_parent.get(page).status_code == 403


def test_nobody_hands_on_what_they_were_handed(acting_parent):
    actor = identity.actor_of(acting_parent.get("/accounts/acting/").wsgi_request)
    with pytest.raises(acting.BeyondDelegation):
        acting.concerning(actor, clock.now())


def test_an_ended_delegation_is_told_once_and_nothing_is_done_in_ones_own_name(acting_parent, parent):
    acting.end(identity.myself(acting_parent.get("/accounts/acting/").wsgi_request), held().id, clock.now())
    told = acting_parent.get(f"/apply/{SERVICE}/")
    assert told.status_code == 409
    assert "you act for yourself" in told.content.decode()
    assert not CaseRow.objects.exists()
    acting_parent.get(f"/apply/{SERVICE}/")
    assert CaseRow.objects.get().resident == parent.resident


def test_it_ends_when_its_time_is_over(acting_parent):
    narrowed(until=clock.now() - timedelta(seconds=1))
    assert acting_parent.get("/my/").status_code == 409


def test_another_cannot_use_or_end_it(acting_parent):
    resident("stranger@seoul.example")
    stranger = Client()
    stranger.post("/accounts/login/", {"login": "stranger@seoul.example", "password": PASSWORD})
    number = held().id
    assert stranger.post(f"/accounts/acting/{number}/begin/").status_code == 404
    for what in ("end", "refuse"):
        assert stranger.post(f"/accounts/acting/{number}/", {"do": what}).status_code == 404
    assert "step-up" in stranger.post(f"/accounts/acting/{number}/", {"do": "accept"})["Location"]
    assert stranger.get(f"/accounts/acting/{number}/")["Location"] == "/accounts/acting/"
    assert stranger.get("/my/").status_code == 200
    assert held().standing == "active"


def test_the_child_reads_who_acted(acting_parent, residents):
    acting_parent.get(f"/apply/{SERVICE}/")
    made = identity.make_account(
        OPERATOR, identity.NewAccount("child@seoul.example", PASSWORD, "resident", resident=residents["child"]),
        clock.now(),
    )
    child = Client(headers={"Accept-Language": "en"})
    child.post("/accounts/login/", {"login": made.email, "password": PASSWORD})
    page = child.get("/my/accesses").content.decode()
    assert "부모가 본인을 대신하여" in page
    assert child.post(f"/accounts/acting/{held().id}/", {"do": "end"}).status_code == 302
    assert acting_parent.get("/my/").status_code == 409
