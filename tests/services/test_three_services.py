"""The three services from a form to their end, through every room that has a part in it, event by event."""

from dataclasses import replace

import a_city
import pytest

from madang.commons.notify import facade as notify
from madang.kernel import clock
from madang.kernel.languages import Language
from madang.records.catalogue.contracts import ServiceId
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Standing
from madang.services.document_review import facade as review
from madang.services.payments import facade as payments
from madang.services.payments.contracts import Permission as OfPayments

NOW = clock.now()
CAR = {"owner": "self", "drives": "driver"}


def test_an_extract_is_in_the_residents_hands_without_anybodys_doing(residents, time_passes):
    garam = a_city.resident(residents["in_order"])
    case = applications.apply(garam, ServiceId("resident-register-extract"), {"purpose": "work"}, Language.EN, NOW)
    time_passes()
    done = applications.case_of(garam, case.number)
    assert (done.standing, done.automatic) == (Standing.COMPLETED, True)
    assert done.document is not None
    assert [message.template for message in notify.inbox(garam)] == ["document_ready", "case_received"]


def test_a_tax_certificate_is_made_when_its_fee_is_paid(residents, time_passes):
    garam = a_city.resident(residents["in_order"])
    case = applications.apply(garam, ServiceId("local-tax-certificate"), {"purpose": "loan"}, Language.KO, NOW)
    time_passes()
    assert applications.case_of(garam, case.number).standing is Standing.AWAITING_PAYMENT
    payer = replace(garam, permissions=frozenset({OfPayments.SEE_OWN}))
    assert payments.bill_of_case(payer, case.id).amount.amount == 800
    applications.payment_received(a_city.MONEY, case.id, NOW)
    time_passes()
    assert applications.case_of(garam, case.number).standing is Standing.COMPLETED


@pytest.mark.parametrize(("who", "approve", "end"), [
    ("walking_impaired", True, Standing.COMPLETED), ("mild", False, Standing.REFUSED),
])
def test_a_parking_badge_waits_for_an_officer(residents, time_passes, who, approve, end):
    resident = a_city.resident(residents[who])
    case = applications.apply(resident, ServiceId("disability-parking-badge"), CAR, Language.KO, NOW)
    time_passes()
    assert applications.case_of(resident, case.number).standing is Standing.WITH_OFFICER
    review.decide(a_city.officer(), case.id, approve=approve, reason="등록 내용을 확인했습니다.", now=NOW)
    time_passes()
    assert applications.case_of(resident, case.number).standing is end
