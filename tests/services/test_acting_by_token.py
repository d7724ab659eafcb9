"""A program acts for another by a token of its own kind: within the scope, until the delegation ends, recorded."""

from datetime import timedelta

import pytest
from django.test import Client

from madang.commons.audit.models import EntryRow
from madang.commons.identity import facade as identity
from madang.commons.identity import store
from madang.commons.identity.facade import acting
from madang.commons.identity.models import ApiSessionRow, DelegationRow
from madang.kernel import clock
from madang.kernel.ids import new_id
from madang.services.applications.models import CaseRow
from tests.commons.identity.people import OPERATOR, PASSWORD, resident

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CASES = "/api/v1/cases"
ASKED = {"service": "resident-register-extract", "answers": {"purpose": "work"}}


class Program:
    """Something that shows a token with each request."""

    def __init__(self, token):
        self.token = token
        self.client = Client(headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"})

    def get(self, path):
        return self.client.get(path)

    def post(self, path, body, method="post"):
        return getattr(self.client, method)(path, body, "application/json")

    def acting(self, delegation):
        return self.post("/api/v1/session/acting", {"delegation": str(delegation)})


@pytest.fixture
def parent(residents):
    """A parent's program, and the delegation for the child."""
    made = identity.make_account(
        OPERATOR, identity.NewAccount("parent@seoul.example", PASSWORD, "resident", resident=residents["in_order"]),
        clock.now(),
    )
    store.set_totp(made.id, SECRET)
    token = identity.open_token_for(made.id, clock.now(), second_factor=True)
    held = acting.act_as_parent(identity.actor_of_token(token), residents["child"], clock.now())
    return Program(token), held.id


@pytest.fixture
def acting_program(parent):
    own, delegation = parent
    return Program(own.acting(delegation).json()["token"])


def test_it_is_told_for_whom_it_may_act_and_gets_a_token_that_says_so(parent, residents):
    own, delegation = parent
    [may] = own.get("/api/v1/session/acting").json()
    assert (may["delegation"], may["kind"]) == (str(delegation), "parent")
    made = own.acting(delegation)
    assert made.status_code == 201
    assert made.json()["scopes"] == ["applications", "payments", "documents", "messages"]
    assert made.json()["token"] not in str(list(ApiSessionRow.objects.values())), "its hash alone is kept"
    actor = identity.actor_of_token(made.json()["token"])
    assert (actor.subject, actor.acting.delegation) == (residents["child"], delegation)


def test_a_case_is_the_childs_and_the_record_names_both(parent, acting_program, residents):
    sent = acting_program.post(CASES, ASKED)
    assert sent.status_code == 201, sent.content
    assert CaseRow.objects.get().resident == residents["child"]
    entry = EntryRow.objects.filter(action="applications.submit").first() or EntryRow.objects.get(
        action="applications.begin"
    )
    holder = store.account_of_email("parent@seoul.example", clock.now())
    assert (entry.subject, entry.account, entry.name) == (residents["child"], holder.id, "A parent, for this person")
    begun = EntryRow.objects.get(action="identity.acting_begun")
    assert (begun.subject, begun.purpose) == (residents["child"], acting.ACTING_FOR)
    assert parent[0].get(CASES).json()["items"] == [], "in one's own name nothing was done"


def test_outside_the_scope_it_is_refused(parent, acting_program):
    DelegationRow.objects.update(scopes=["messages"])
    refused = acting_program.post(CASES, ASKED)
    assert (refused.status_code, refused.json()["code"]) == (403, "city.beyond_delegation")
    DelegationRow.objects.update(scopes=["applications"], services=["local-tax-certificate"])
    refused = acting_program.post(CASES, ASKED)
    assert (refused.status_code, refused.json()["code"]) == (403, "city.beyond_delegation")
    assert not CaseRow.objects.exists()


def test_when_the_delegation_ends_the_token_is_refused_and_never_becomes_ones_own(parent, acting_program):
    own, delegation = parent
    acting.end(identity.actor_of_token(own.token), delegation, clock.now())
    refused = acting_program.post(CASES, ASKED)
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.may_not_act")
    assert not CaseRow.objects.exists()


def test_it_ends_with_the_token_that_asked_for_it_and_at_the_delegations_end(parent):
    own, delegation = parent
    DelegationRow.objects.update(until=clock.now() + timedelta(minutes=5))
    made = own.acting(delegation).json()["token"]
    assert identity.actor_of_token(made, clock.now() + timedelta(minutes=4))
    assert identity.actor_of_token(made, clock.now() + timedelta(minutes=6)) is None
    own.client.delete("/api/v1/session")
    assert identity.actor_of_token(made) is None


def test_a_changed_password_ends_it(parent, acting_program):
    row = store.AccountRow.objects.get(email="parent@seoul.example")
    row.set_password("another horse battery")
    row.save()
    assert acting_program.get(CASES).status_code == 401


def test_nobody_acts_under_anothers_delegation_or_one_that_is_not_there(parent, residents):
    stranger = Program(identity.open_token_for(resident("stranger@seoul.example").id, clock.now(), second_factor=True))
    for asked in (parent[1], new_id()):
        refused = stranger.acting(asked)
        assert (refused.status_code, refused.json()["code"]) == (403, "identity.may_not_act")
    assert stranger.get("/api/v1/session/acting").json() == []


def test_a_token_that_acts_opens_no_other_and_hands_nothing_on(parent, acting_program):
    refused = acting_program.acting(parent[1])
    assert (refused.status_code, refused.json()["code"]) == (403, "city.beyond_delegation")
    assert acting_program.get("/api/v1/session/acting").status_code == 403


def test_what_needs_the_person_present_is_no_programs(parent):
    own, delegation = parent
    DelegationRow.objects.update(kind="navigator")
    assert own.acting(delegation).json()["code"] == "identity.may_not_act"
