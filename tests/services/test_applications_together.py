"""Requests of several people: co-signed, applied for together, or sent for a business; in PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import a_city
import pytest
import walking

from madang.commons.audit import facade as audit
from madang.commons.notify import facade as notify
from madang.kernel import clock
from madang.kernel.actors import Acting
from madang.kernel.assurance import Assurance
from madang.kernel.errors import AssuranceTooLow, BeyondDelegation
from madang.kernel.ids import new_id
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import ServiceId
from madang.services.applications import facade
from madang.services.applications.contracts import CaseUnknown, MoveNotAllowed, Standing
from madang.services.applications.contracts.parties import (
    InvitationUnknown,
    NobodySigns,
    NotTheOneInvited,
    PartyStanding,
)

EXTRACT = ServiceId("resident-register-extract")
NOW = clock.now()
FIRST, SECOND = "김가람(합성)", "정하늘(합성)"


@pytest.fixture
def garam(residents):
    return a_city.resident(residents["in_order"])


@pytest.fixture
def haneul(residents):
    return a_city.resident(residents["mild"])


@pytest.fixture
def of_two(monkeypatch):
    """The extract as a service that two people sign; together, it is applied for jointly."""
    plain = catalogue.service(EXTRACT)

    def made(*, joint=False):
        two = replace(plain, signatures=2, joint=joint)
        monkeypatch.setattr(catalogue, "service", lambda one: two if one == EXTRACT else plain)

    made()
    return made


@pytest.fixture
def case(garam, of_two):
    return facade.apply(garam, EXTRACT, {"purpose": "finance"}, Language.KO, NOW)


def invited(actor, case, name=SECOND):
    return facade.invite(actor, case.number, name, "", NOW).code


def test_it_waits_for_the_second_person_who_reads_and_signs_with_their_own_sign_in(garam, haneul, case):
    assert (case.standing, case.due) == (Standing.AWAITING_SIGNATURES, None)
    code = invited(garam, case)
    read = facade.read_to_sign(haneul, code.lower().replace("-", " "), NOW)
    assert (read.case.id, read.case.values["purpose"]) == (case.id, "finance")
    after = facade.answer_invitation(haneul, code, NOW, signs=True)
    assert (after.standing, after.due is not None) == (Standing.IN_REVIEW, True)
    assert "applications.read_to_sign" in {one.action for one in audit.accesses_of(garam)}
    assert facade.parties_of(garam, case.number)[0].standing is PartyStanding.SIGNED
    with pytest.raises(CaseUnknown):
        facade.case_of(haneul, case.number)
    with pytest.raises(InvitationUnknown):
        facade.answer_invitation(haneul, code, NOW, signs=True)


def test_nobody_else_can_open_it_not_even_the_one_who_sent_it(garam, case, residents):
    code = invited(garam, case)
    for other in (garam, a_city.resident(residents["vietnamese"])):
        with pytest.raises(NotTheOneInvited):
            facade.read_to_sign(other, code, NOW)
    own = invited(garam, case, FIRST)
    with pytest.raises(NotTheOneInvited):
        facade.answer_invitation(garam, own, NOW, signs=True)
    with pytest.raises(InvitationUnknown):
        facade.read_to_sign(garam, "2222-2222-2222", NOW)


def test_signing_needs_what_the_service_needs_and_nobody_signs_for_another(garam, haneul, case):
    code = invited(garam, case)
    with pytest.raises(AssuranceTooLow):
        facade.answer_invitation(replace(haneul, assurance=Assurance.NONE), code, NOW, signs=True)
    acting = replace(haneul, acting=Acting(new_id(), "family", None, "", NOW + timedelta(days=1)))
    with pytest.raises(BeyondDelegation):
        facade.answer_invitation(acting, code, NOW, signs=True)


def test_declined_it_waits_on_and_somebody_else_may_be_invited(garam, haneul, case):
    facade.answer_invitation(haneul, invited(garam, case), NOW, signs=False)
    assert facade.case_of(garam, case.number).standing is Standing.AWAITING_SIGNATURES
    assert "signature_answered" in [message.template for message in notify.inbox(garam)]
    assert facade.answer_invitation(haneul, invited(garam, case), NOW, signs=True).standing is Standing.IN_REVIEW


def test_an_invitation_ends_by_time_or_when_it_is_taken_back(garam, haneul, case):
    made = facade.invite(garam, case.number, SECOND, "", NOW)
    late = made.party.until + timedelta(seconds=1)
    with pytest.raises(InvitationUnknown):
        facade.read_to_sign(haneul, made.code, late)
    assert (facade.end_invitations(late), facade.end_invitations(late)) == (1, 0)
    again = facade.invite(garam, case.number, SECOND, "", NOW)
    facade.take_back(garam, case.number, again.party.id, NOW)
    with pytest.raises(InvitationUnknown):
        facade.read_to_sign(haneul, again.code, NOW)


def test_what_waits_for_signatures_stands_and_can_be_taken_back(garam, case):
    with pytest.raises(MoveNotAllowed):
        facade.keep(garam, case.number, {"purpose": "work"}, NOW)
    assert facade.withdraw(garam, case.number, NOW).standing is Standing.WITHDRAWN
    with pytest.raises(NobodySigns):
        invited(garam, case)


def test_who_applies_together_sees_the_same_and_is_told_the_same(garam, haneul, of_two):
    of_two(joint=True)
    case = facade.apply(garam, EXTRACT, {"purpose": "finance"}, Language.KO, NOW)
    facade.answer_invitation(haneul, invited(garam, case), NOW, signs=True)
    assert facade.case_of(haneul, case.number).values == facade.case_of(garam, case.number).values
    assert case.id in [one.id for one in facade.my_cases(haneul)]
    assert "case_received" in [message.template for message in notify.inbox(haneul)]
    with pytest.raises(CaseUnknown):
        facade.withdraw(haneul, case.number, NOW)


def test_what_a_delegate_sends_for_a_business_both_see_while_it_lasts(garam, haneul, residents):
    def acting(until):
        held = Acting(new_id(), "company", residents["mild"], FIRST, until)
        return replace(garam, acting=held, account=haneul.account)

    case = facade.apply(acting(NOW + timedelta(days=30)), EXTRACT, {"purpose": "finance"}, Language.KO, NOW)
    assert (case.resident, facade.case_of(garam, case.number).id) == (residents["in_order"], case.id)
    assert facade.case_of(haneul, case.number).id == case.id
    over = facade.apply(acting(NOW - timedelta(days=1)), EXTRACT, {"purpose": "finance"}, Language.KO, NOW)
    with pytest.raises(CaseUnknown):
        facade.case_of(haneul, over.number)


def test_pages_of_inviting_and_signing_work_from_end_to_end(garam, haneul, case, at_the_door):
    home, other = at_the_door(garam), at_the_door(haneul)
    page = f"/my/cases/{case.number}/signers"
    assert "Who signs with you" in home.get(f"/my/cases/{case.number}").content.decode()
    assert home.post(page, {"name": ""}).status_code == 422
    shown = home.post(page, {"name": SECOND, "email": "nobody@seoul.example"}).content.decode()
    code = shown.split('<p class="code"><strong>')[1][:14]
    assert other.post("/sign/", {"code": "AAAA", "go": "read"}).status_code == 404
    read = other.post("/sign/", {"code": code, "go": "read"}).content.decode()
    assert "I have read it and sign" in read
    assert "Signed" in other.post("/sign/", {"code": code, "go": "sign"}).content.decode()
    assert "Signed" in home.get(page).content.decode()


@pytest.mark.parametrize(("name", "people"), [("restaurant-takeover-report", 2), ("cooperative-foundation-report", 5)])
def test_the_city_s_own_services_of_several_people_go_on_when_all_have_signed(residents, name, people):
    service = catalogue.service(ServiceId(name))
    who = a_city.resident(residents["in_order"])
    case = walking.sent(who, service)
    assert (service.signatures, case.standing) == (people, Standing.AWAITING_SIGNATURES)
    walking.carry_on(service, case)
    expected = Standing.AWAITING_PAYMENT if service.fee.amount else Standing.IN_REVIEW
    assert facade.case_of(who, case.number).standing is expected
    assert len(facade.parties_of(who, case.number)) == people - 1
