"""Taxes, charges and fines that the city raised: paid from my page or through their service, never twice."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import a_city
import pytest
from django.conf import settings as city
from hypothesis import given
from hypothesis import strategies as st
from test_payments import payer

from madang.commons.notify import facade as notify
from madang.entrypoints import demonstration
from madang.kernel import clock
from madang.kernel.errors import NotPermitted
from madang.kernel.languages import Language
from madang.kernel.money import Won
from madang.records.catalogue import facade as catalogue
from madang.services.applications import facade as applications
from madang.services.applications.contracts import AnswersWrong, Standing
from madang.services.payments import facade, handlers
from madang.services.payments.contracts import (
    Assessed,
    AssessedWrong,
    BillStanding,
    DebtKind,
    PaymentReceived,
    Permission,
)
from madang.services.payments.facade import arrears, assessments
from madang.services.payments.models import BillRow, DebtRow
from madang.services.payments.rules import arrears as law
from madang.services.payments.store import profile

NOW = clock.now()
NUMBER = "1100126199990000001"
OFFICE = replace(a_city.officer("accountant 4", "재무국 세무과"), permissions=frozenset({Permission.RAISE}))


def raised(resident, amount=65000, due=None, number=NUMBER, what="car-tax-payment", kind=DebtKind.LOCAL_TAX):
    due = due or NOW.date() + timedelta(days=20)
    one = Assessed(number, kind, what, resident, Won(amount), due, "2026 제2기 (합성)")
    assessments.raise_bills(OFFICE, [one], NOW)
    return facade.bills(payer(resident))[0]


def asked(actor, **answers):
    return applications.apply(actor, "car-tax-payment", {"bill_number": NUMBER} | answers, Language.KO, NOW)


def paid(bill, actor, bank, now=NOW):
    bank.decide(facade.pay(actor, bill.id, "/my/bills", uuid4(), now).reference)
    return facade.check(actor, bill.id, now)


class TestRaising:
    def test_it_stands_in_my_page_and_is_told_once_however_often_it_is_handed_over(self, residents):
        for _ in range(2):
            bill = raised(residents["in_order"])
        assert (DebtRow.objects.count(), BillRow.objects.count()) == (1, 1)
        assert (bill.amount, bill.number, bill.case) == (Won(65000), NUMBER, None)
        told = [one for one in notify.inbox(payer(residents["in_order"])) if one.template == "bill_raised"]
        assert len(told) == 1
        assert "65,000" in told[0].title

    @pytest.mark.parametrize("wrong", [{"number": "12-3"}, {"amount": 0}, {"what": "no-such-service"}])
    def test_one_that_cannot_be_collected_leaves_nothing_behind(self, residents, wrong):
        with pytest.raises(AssessedWrong):
            raised(residents["in_order"], **wrong)
        assert not DebtRow.objects.exists()

    def test_only_a_department_that_may(self, residents):
        with pytest.raises(NotPermitted):
            assessments.raise_bills(payer(residents["in_order"]), [], NOW)

    def test_the_demonstration_raises_its_bills_once(self, residents):
        made = demonstration.raise_bills(city.MADANG_PROFILE, residents, NOW)
        assert made == DebtRow.objects.count() >= 8
        assert demonstration.raise_bills(city.MADANG_PROFILE, residents, NOW + timedelta(days=3)) == 0


class TestPayingIt:
    def test_from_my_page(self, residents, bank):
        garam = payer(residents["in_order"])
        done = paid(raised(garam.subject), garam, bank)
        assert done.standing is BillStanding.PAID
        assert "bill_paid" in {one.template for one in notify.inbox(garam)}

    def test_the_service_takes_the_amount_from_my_own_bill(self, residents, bank):
        garam = payer(residents["in_order"])
        bill = raised(garam.subject)
        case = asked(garam, bill_number="1100126-1999-9000-0001")
        assert (case.fee, case.standing) == (Won(65000), Standing.AWAITING_PAYMENT)
        assert facade.make_bill(case.id, NOW).id == bill.id == facade.bill_of_case(garam, case.id).id
        done = paid(bill, garam, bank)
        handlers.hand_on.handle(PaymentReceived(done.id, case.id, garam.subject, 65000), NOW)
        assert applications.case(a_city.MONEY, case.id).standing is Standing.IN_REVIEW
        assert BillRow.objects.count() == 1

    @pytest.mark.parametrize(("typed", "field"), [("1000", "bill_amount"), ("65001", "bill_amount")])
    def test_another_amount_is_refused_beside_the_field(self, residents, typed, field):
        raised(residents["in_order"])
        for who in ("in_order", "vietnamese"):
            with pytest.raises(AnswersWrong) as wrong:
                asked(payer(residents[who]), bill_amount=typed)
            [mistake] = wrong.value.mistakes
            assert mistake.field == field
            assert ("amount" in mistake.facts) is (who == "in_order")  # nobody learns another's amount by asking

    def test_for_somebody_else_one_must_know_the_amount(self, residents, bank):
        owner, friend = payer(residents["in_order"]), payer(residents["vietnamese"])
        bill = raised(owner.subject)
        with pytest.raises(AnswersWrong):
            asked(friend)
        case = asked(friend, bill_amount="65000")
        assert facade.make_bill(case.id, NOW).id == bill.id
        assert paid(bill, friend, bank).standing is BillStanding.PAID
        for who in (owner, friend):
            assert "bill_paid" in {one.template for one in notify.inbox(who)}

    def test_two_requests_and_my_page_pay_it_once(self, residents, bank):
        owner, friend = payer(residents["in_order"]), payer(residents["vietnamese"])
        bill = raised(owner.subject)
        late = asked(friend, bill_amount="65000")
        paid(bill, owner, bank)
        facade.make_bill(late.id, NOW)  # paid in the meantime: nothing is asked, and the request goes on
        assert applications.case(a_city.MONEY, late.id).standing is Standing.IN_REVIEW
        assert BillRow.objects.count() == 1
        with pytest.raises(AnswersWrong) as wrong:
            asked(friend, bill_amount="65000")
        assert wrong.value.mistakes[0].code == "not_due"

    def test_a_request_taken_back_leaves_the_tax_owed(self, residents):
        garam = payer(residents["in_order"])
        bill = raised(garam.subject)
        case = asked(garam)
        facade.make_bill(case.id, NOW)
        facade.cancel(case.id)
        assert facade.bill(garam, bill.id).standing is BillStanding.DUE

    def test_a_number_that_the_city_did_not_raise_is_paid_as_typed(self, residents):
        garam = payer(residents["in_order"])
        assert asked(garam, bill_number="9999-1234", bill_amount="5000").fee == Won(5000)
        with pytest.raises(AnswersWrong):
            asked(garam, bill_number="9999-1234")


class TestLateness:
    def test_it_grows_by_law_and_what_stood_on_the_page_is_taken(self, residents, bank):
        garam = payer(residents["arrears"])
        bill = raised(garam.subject, amount=1_000_000, due=NOW.date() - timedelta(days=1))
        checkout = facade.pay(garam, bill.id, "/", uuid4(), NOW)
        assert facade.bill(garam, bill.id).amount == Won(1_030_000)
        arrears.grow(NOW + timedelta(days=40))
        assert facade.bill(garam, bill.id).surcharge == Won(36_600)
        bank.decide(checkout.reference)
        done = facade.check(garam, bill.id, NOW)
        assert (done.standing, done.amount) == (BillStanding.PAID, Won(1_030_000))

    def test_reminders_on_their_days_and_once(self, residents):
        garam = payer(residents["arrears"])
        bill = raised(garam.subject)
        for offset in (-8, -7, -7, -1, 0, 3):
            arrears.remind(clock.in_seoul(NOW) + (bill.due - NOW.date()) + timedelta(days=offset))
        told = [one.template for one in notify.inbox(garam) if one.template != "bill_raised"]
        assert sorted(told) == ["bill_due_soon", "bill_due_soon", "bill_overdue"]


TAX, FINE = (profile.terms(kind) for kind in (DebtKind.LOCAL_TAX, DebtKind.FINE))
DUE = date(2026, 1, 31)


@pytest.mark.parametrize(("terms", "amount", "today", "added"), [
    (TAX, 1_000_000, DUE, 0),
    (TAX, 1_000_000, date(2026, 2, 1), 30_000),
    (TAX, 1_000_000, date(2026, 3, 31), 43_200),  # two months later: 3% and twice 0.66%
    (TAX, 449_990, date(2027, 1, 31), 13_490),  # under 450,000 won no months are added; rounded down to 10 won
    (TAX, 1_000_000, date(2046, 1, 31), 426_000),  # no more than 60 months
    (FINE, 40_000, date(2026, 3, 31), 2_160),
])
def test_what_the_law_adds(terms, amount, today, added):
    assert law.surcharge(terms, Won(amount), DUE, today) == Won(added)


@given(st.integers(1, 10**9), st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 4000))
def test_lateness_never_gets_cheaper_nor_more_than_the_law_says(amount, due, days):
    today = due + timedelta(days=days)
    now, later = (law.surcharge(TAX, Won(amount), due, day) for day in (today, today + timedelta(days=1)))
    assert now <= later <= Won(amount * (TAX.at_once + TAX.monthly * TAX.months) // 10_000)


def test_a_pass_costs_what_the_list_says(residents):
    garam = payer(residents["in_order"])
    case = applications.apply(garam, "public-bicycle-pass", {"bicycle_pass": "pass_5000"}, Language.KO, NOW)
    assert (case.fee, case.standing) == (Won(5000), Standing.AWAITING_PAYMENT)
    assert "bill_number" not in {field.name for field in catalogue.service("public-bicycle-pass").fields()}
