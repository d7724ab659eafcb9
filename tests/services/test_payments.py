"""A bill is paid once, whatever the bank, the network and impatient fingers do."""

import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import a_city
import httpx
import pytest
from django.conf import settings as city
from django.db import IntegrityError, connections
from django.test import Client

from madang.commons.db.transactions import transaction
from madang.commons.events import store as outbox
from madang.commons.notify import facade as notify
from madang.kernel import clock
from madang.kernel.errors import NotPermitted, SignInNeeded
from madang.kernel.languages import Language
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Standing
from madang.services.payments import facade, handlers
from madang.services.payments.contracts import (
    AttemptUsed,
    BillNotDue,
    BillStanding,
    BillUnknown,
    Mismatch,
    NoticeForged,
    PaymentReceived,
    PaymentStanding,
    Permission,
    ProviderUnavailable,
)
from madang.services.payments.models import BillRow, PaymentRow
from madang.services.payments.store import sandbox
from madang.simulation import bank as simulated

NOW = clock.now()


def payer(who):
    actor = a_city.resident(who)
    return replace(actor, permissions=actor.permissions | {Permission.PAY, Permission.SEE_OWN})


def billed(who, now=NOW):
    actor = payer(who)
    case = applications.apply(actor, "local-tax-certificate", {"purpose": "public_payment"}, Language.KO, now)
    assert case.standing is Standing.AWAITING_PAYMENT
    return facade.make_bill(case.id, now)


@pytest.fixture
def garam(residents):
    return payer(residents["in_order"])


@pytest.fixture
def bill(garam, bank):
    return billed(garam.subject)


def signed(body: bytes, at=None) -> str:
    moment = str(int((at or clock.now()).timestamp()))
    return f"t={moment},v1={hmac.new(sandbox.secret(), f'{moment}.'.encode() + body, 'sha256').hexdigest()}"


def notice_of(bill, reference: str, state: str = "paid", amount: int = 800) -> bytes:
    return json.dumps({
        "reference": reference, "bill": str(bill.id), "amount": amount, "state": state, "at": NOW.isoformat(),
    }).encode()


def received() -> int:
    with transaction():
        return [one.topic for one in outbox.lock_waiting(1000)].count("payments.received")


class TestBill:
    def test_a_case_has_one_and_the_resident_is_told_once(self, garam, bill):
        assert facade.make_bill(bill.case, NOW).id == bill.id
        assert BillRow.objects.count() == 1
        told = [one for one in notify.inbox(garam) if one.template == "fee_due"]
        assert [one.about for one in told] == [bill.id]
        assert "800" in told[0].title

    def test_somebody_elses_is_not_there(self, residents, bill):
        other = payer(next(one for key, one in residents.items() if key != "in_order"))
        for ask in (facade.bill, facade.payments, lambda who, one: facade.pay(who, one, "/", uuid4(), NOW)):
            with pytest.raises(BillUnknown):
                ask(other, bill.id)
        assert facade.bill_of_case(other, bill.case) is None

    def test_only_who_may_pays(self, garam, bill):
        with pytest.raises(NotPermitted):
            facade.pay(replace(garam, permissions=frozenset()), bill.id, "/", uuid4(), NOW)

    def test_a_case_taken_back_owes_nothing(self, garam, bill):
        facade.cancel(bill.case)
        assert facade.bill(garam, bill.id).standing is BillStanding.CANCELLED
        with pytest.raises(BillNotDue):
            facade.pay(garam, bill.id, "/", uuid4(), NOW)


class TestPaying:
    def test_paid_at_the_bank_the_case_goes_on(self, garam, bill, bank):
        checkout = facade.pay(garam, bill.id, "/my/bills", uuid4(), NOW)
        assert checkout.url.endswith(f"/sandbox-bank/pay/{checkout.reference}")
        back = bank.decide(checkout.reference).headers["location"]
        assert back == f"{city.MADANG_PUBLIC_URL}/pay/return/{bill.id}?back=/my/bills"
        paid = facade.check(garam, bill.id, NOW)
        assert paid.standing is BillStanding.PAID
        assert paid.receipt
        handlers.hand_on.handle(PaymentReceived(paid.id, paid.case, paid.resident, 800), NOW)
        assert applications.case(a_city.MONEY, bill.case).standing is Standing.IN_REVIEW
        assert "payment_received" in {one.template for one in notify.inbox(garam)}

    def test_the_same_attempt_and_an_open_page_are_the_same_payment(self, garam, bill):
        attempt = uuid4()
        first = facade.pay(garam, bill.id, "/", attempt, NOW)
        assert facade.pay(garam, bill.id, "/", attempt, NOW) == first
        assert facade.pay(garam, bill.id, "/", uuid4(), NOW) == first
        assert facade.pay(garam, bill.id, "/", uuid4(), NOW + timedelta(hours=1)) != first

    def test_an_attempt_belongs_to_its_bill(self, garam, bill):
        attempt = uuid4()
        facade.pay(garam, bill.id, "/", attempt, NOW)
        with pytest.raises(AttemptUsed):
            facade.pay(garam, billed(garam.subject).id, "/", attempt, NOW)

    def test_declined_it_stays_due_and_can_be_tried_again(self, garam, bill, bank):
        first = facade.pay(garam, bill.id, "/", uuid4(), NOW)
        bank.decide(first.reference, "decline")
        assert facade.check(garam, bill.id, NOW).standing is BillStanding.DUE
        second = facade.pay(garam, bill.id, "/", uuid4(), NOW)
        bank.decide(second.reference)
        assert facade.check(garam, bill.id, NOW).standing is BillStanding.PAID

    def test_nothing_leads_back_to_another_city(self, garam, bill, bank):
        for path in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
            PaymentRow.objects.all().delete()
            reference = facade.pay(garam, bill.id, path, uuid4(), NOW).reference
            assert "evil" not in bank.decide(reference).headers["location"]

    def test_paid_twice_the_second_goes_back(self, garam, bill, bank):
        first = facade.pay(garam, bill.id, "/", uuid4(), NOW)
        second = facade.pay(garam, bill.id, "/", uuid4(), NOW + timedelta(hours=1))
        bank.decide(first.reference)
        bank.decide(second.reference)
        facade.check(garam, bill.id, NOW)
        assert sorted(one.standing for one in facade.payments(garam, bill.id)) == [
            PaymentStanding.SUCCEEDED, PaymentStanding.TO_REFUND,
        ]
        facade.ask_again(NOW + timedelta(minutes=1))
        assert PaymentStanding.REFUNDED in {one.standing for one in facade.payments(garam, bill.id)}
        assert received() == 1

    def test_paid_after_the_case_was_taken_back_it_goes_back(self, garam, bill, bank):
        checkout = facade.pay(garam, bill.id, "/", uuid4(), NOW)
        facade.cancel(bill.case)
        bank.decide(checkout.reference)
        facade.check(garam, bill.id, NOW)
        assert [one.standing for one in facade.payments(garam, bill.id)] == [PaymentStanding.TO_REFUND]

    def test_taken_back_after_it_was_paid_it_goes_back(self, garam, bill, bank):
        bank.decide(facade.pay(garam, bill.id, "/", uuid4(), NOW).reference)
        facade.check(garam, bill.id, NOW)
        facade.cancel(bill.case)
        assert facade.bill(garam, bill.id).standing is BillStanding.REFUNDED
        facade.ask_again(clock.now() + timedelta(seconds=1))
        assert [one.standing for one in facade.payments(garam, bill.id)] == [PaymentStanding.REFUNDED]


class TestTroubleAtTheBank:
    def test_down_nothing_is_charged_and_it_is_found_out_later(self, garam, bill, bank):
        bank.suffers("down")
        with pytest.raises(ProviderUnavailable):
            facade.pay(garam, bill.id, "/", uuid4(), NOW)
        assert facade.check(garam, bill.id, NOW).standing is BillStanding.DUE
        bank.is_well()
        assert facade.ask_again(NOW + timedelta(seconds=16)) == 1
        [begun] = facade.payments(garam, bill.id)
        assert begun.standing is PaymentStanding.OPEN

    def test_an_answer_that_is_lost_costs_nobody_twice(self, garam, bill, bank, monkeypatch):
        monkeypatch.setattr(simulated, "_HANG_SECONDS", 0.6)
        monkeypatch.setattr(sandbox, "_client", lambda: httpx.Client(timeout=0.3))
        bank.suffers("hang")
        attempt = uuid4()
        with pytest.raises(ProviderUnavailable):
            facade.pay(garam, bill.id, "/", attempt, NOW)
        bank.is_well()
        checkout = facade.pay(garam, bill.id, "/", attempt, NOW)
        with simulated._books() as books:
            assert books.execute("SELECT count(*) FROM payment").fetchone()[0] == 1
        bank.decide(checkout.reference)
        assert facade.check(garam, bill.id, NOW).standing is BillStanding.PAID

    def test_what_it_never_says_is_given_up_and_still_believed_when_it_comes(self, garam, bill, bank):
        checkout = facade.pay(garam, bill.id, "/", uuid4(), NOW)
        facade.ask_again(NOW + timedelta(hours=49))
        assert [one.standing for one in facade.payments(garam, bill.id)] == [PaymentStanding.GIVEN_UP]
        body = notice_of(bill, checkout.reference)
        facade.notice("sandbox", body, signed(body), clock.now())
        assert facade.bill(garam, bill.id).standing is BillStanding.PAID

    def test_the_books_are_compared_day_by_day(self, garam, bill, bank):
        checkout = facade.pay(garam, bill.id, "/", uuid4(), NOW)
        bank.decide(checkout.reference)
        today = clock.now().date()
        [difference] = facade.reconcile(today)
        assert (difference.reference, difference.mismatch) == (checkout.reference, Mismatch.ONLY_THEIRS)
        facade.check(garam, bill.id, NOW)
        assert not facade.reconcile(today)

    def test_a_restart_of_the_bank_keeps_payments(self, garam, bill, bank, tmp_path):
        reference = facade.pay(garam, bill.id, "/", uuid4(), NOW).reference
        assert (tmp_path / "outside" / "bank.sqlite").exists()
        assert simulated._held(reference)["state"] == "open"


class TestNotices:
    def test_believed_once_however_often_it_comes(self, garam, bill):
        body = notice_of(bill, facade.pay(garam, bill.id, "/", uuid4(), NOW).reference)
        for _ in range(3):
            answer = Client(enforce_csrf_checks=True).post(
                "/api/v1/payments/notices/sandbox", body, "application/json",
                headers={"X-Notice-Signature": signed(body)},
            )
            assert answer.status_code == 204
        assert facade.bill(garam, bill.id).standing is BillStanding.PAID
        assert received() == 1

    def test_forged_old_or_garbage_it_is_refused(self, garam, bill):
        body = notice_of(bill, facade.pay(garam, bill.id, "/", uuid4(), NOW).reference)
        old = signed(body, clock.now() - timedelta(minutes=6))
        for content, signature in ((body, ""), (body, "t=1,v1=" + "0" * 64), (body + b" ", signed(body)), (body, old)):
            with pytest.raises(NoticeForged):
                facade.notice("sandbox", content, signature, clock.now())
        for garbage in (b"", b"[]", b"{}", b"\xff", b'{"reference": 1}'):
            with pytest.raises(NoticeForged):
                facade.notice("sandbox", garbage, signed(garbage), clock.now())
        assert facade.bill(garam, bill.id).standing is BillStanding.DUE

    def test_a_wrong_amount_goes_back(self, garam, bill):
        body = notice_of(bill, facade.pay(garam, bill.id, "/", uuid4(), NOW).reference, amount=1)
        facade.notice("sandbox", body, signed(body), clock.now())
        assert facade.bill(garam, bill.id).standing is BillStanding.DUE
        assert [one.standing for one in facade.payments(garam, bill.id)] == [PaymentStanding.TO_REFUND]

    def test_an_unknown_provider_or_payment_changes_nothing(self, garam, bill):
        body = notice_of(bill, "nobody's")
        facade.notice("sandbox", body, signed(body), clock.now())
        answer = Client().post("/api/v1/payments/notices/evil", body, "application/json")
        assert answer.status_code == 404
        assert facade.bill(garam, bill.id).standing is BillStanding.DUE


@pytest.fixture
def lasting_bill(lasting_residents, bank):
    return billed(lasting_residents["in_order"])


def at_once(work, times: int) -> list:
    def run(number: int):
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as workers:
        return list(workers.map(run, range(times)))


def test_notice_and_return_at_once_many_times_charge_once(lasting_bill, bank):
    garam = payer(lasting_bill.resident)
    checkout = facade.pay(garam, lasting_bill.id, "/", uuid4(), NOW)
    bank.decide(checkout.reference)
    body = notice_of(lasting_bill, checkout.reference)

    def settle(number: int) -> None:
        if number % 2:
            facade.notice("sandbox", body, signed(body), clock.now())
        else:
            facade.check(garam, lasting_bill.id, clock.now())

    at_once(settle, 12)
    assert facade.bill(garam, lasting_bill.id).standing is BillStanding.PAID
    assert received() == 1


def test_twelve_impatient_clicks_open_one_payment(lasting_bill):
    garam = payer(lasting_bill.resident)
    urls = at_once(lambda _: facade.pay(garam, lasting_bill.id, "/", uuid4(), NOW).url, 12)
    assert len(set(urls)) == 1
    assert PaymentRow.objects.count() == 1


def test_two_payments_that_succeed_at_once_pay_once_and_return_once(lasting_bill):
    garam = payer(lasting_bill.resident)
    begun = [facade.pay(garam, lasting_bill.id, "/", uuid4(), NOW + timedelta(hours=2 * n)) for n in range(4)]
    bodies = [notice_of(lasting_bill, one.reference) for one in begun]
    at_once(lambda n: facade.notice("sandbox", bodies[n % 4], signed(bodies[n % 4]), clock.now()), 12)
    standings = [one.standing for one in facade.payments(garam, lasting_bill.id)]
    assert standings.count(PaymentStanding.SUCCEEDED) == 1
    assert standings.count(PaymentStanding.TO_REFUND) == 3
    assert received() == 1


def test_the_bank_tells_the_city_by_itself_even_twice(lasting_bill, bank, live_server, settings):
    settings.MADANG_PUBLIC_URL = live_server.url
    bank.suffers("double")
    garam = payer(lasting_bill.resident)
    bank.decide(facade.pay(garam, lasting_bill.id, "/", uuid4(), NOW).reference)
    until = time.monotonic() + 10
    while facade.bill(garam, lasting_bill.id).standing is BillStanding.DUE and time.monotonic() < until:
        time.sleep(0.05)
    assert facade.bill(garam, lasting_bill.id).standing is BillStanding.PAID


def test_the_database_refuses_a_second_success(garam, bill):
    facade.pay(garam, bill.id, "/", uuid4(), NOW)
    PaymentRow.objects.update(standing=PaymentStanding.SUCCEEDED)
    with pytest.raises(IntegrityError), transaction():
        PaymentRow.objects.create(
            bill_id=bill.id, provider="sandbox", attempt=uuid4(), return_url="", amount=800, begun=NOW,
            standing=PaymentStanding.SUCCEEDED,
        )


class TestBankItself:
    def test_only_the_city_speaks_to_it_as_the_city(self, bank):
        for path in ("payments/x", "days/2026-11-22"):
            assert httpx.get(f"{bank.url}/bank/api/{path}").status_code == 401
        assert httpx.post(f"{bank.url}/bank/api/payments", json={}).status_code == 401

    def test_its_page_says_that_no_money_moves_in_both_languages(self, garam, bill, bank):
        reference = facade.pay(garam, bill.id, "/", uuid4(), NOW).reference
        page = httpx.get(f"{bank.url}/bank/pay/{reference}")
        assert "실제 돈이 오가지 않습니다" in page.text
        assert "₩800" in page.text
        assert "<script" not in page.text
        assert "style=" not in page.text
        typeface = httpx.get(f"{bank.url}/bank/hangul.otf")
        assert (typeface.status_code, typeface.content[:4]) == (200, b"OTTO")
        assert "No real money moves" in httpx.get(f"{bank.url}/bank/pay/{reference}?lang=en").text
        assert "No real money moves" in httpx.get(f"{bank.url}/bank/pay/x", headers={"Accept-Language": "vi"}).text

    def test_what_was_decided_stays_decided(self, garam, bill, bank):
        reference = facade.pay(garam, bill.id, "/", uuid4(), NOW).reference
        bank.decide(reference)
        bank.decide(reference, "decline")
        assert simulated._held(reference)["state"] == "paid"

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b'{"amount": "x"}', b"\xff"])
    def test_a_malformed_question_is_a_400(self, bank, body):
        headers = {"Authorization": f"Bearer {sandbox.secret().hex()}"}
        assert httpx.post(f"{bank.url}/bank/api/payments", content=body, headers=headers).status_code == 400


@pytest.fixture
def browser(garam, monkeypatch, settings):
    """A browser in which the resident has signed in."""
    from types import SimpleNamespace

    from madang.commons.gateway import callers

    monkeypatch.setattr(callers, "identity", SimpleNamespace(actor_of=lambda _: garam))
    one = Client(headers={"Accept-Language": "en"})
    one.cookies[settings.SESSION_COOKIE_NAME] = "x"
    return one


class TestPages:
    def test_from_the_bill_to_the_bank_and_back_to_the_receipt(self, browser, bill, bank):
        page = browser.get(f"/pay/{bill.id}").content.decode()
        assert "Pay ₩800" in page
        attempt = page.partition('name="attempt" value="')[2].partition('"')[0]
        to_bank = browser.post(f"/pay/{bill.id}", {"attempt": attempt})["Location"]
        assert browser.post(f"/pay/{bill.id}", {"attempt": attempt})["Location"] == to_bank
        waiting = browser.get(f"/pay/return/{bill.id}").content.decode()
        assert "has not yet said" in waiting
        bank.decide(to_bank.rpartition("/")[2])
        after = browser.get(f"/pay/return/{bill.id}", {"back": "//evil.example"})
        assert after["Location"] == f"/pay/{bill.id}/receipt"
        receipt = browser.get(after["Location"]).content.decode()
        assert BillRow.objects.get().receipt in receipt
        assert "₩800" in receipt
        assert browser.post(f"/pay/{bill.id}", {"attempt": attempt})["Location"] == f"/pay/{bill.id}"

    def test_declined_or_silent_it_says_that_nothing_was_charged(self, browser, bill, bank):
        to_bank = browser.post(f"/pay/{bill.id}", {"attempt": "no uuid"})["Location"]
        bank.decide(to_bank.rpartition("/")[2], "decline")
        assert "declined" in browser.get(f"/pay/return/{bill.id}").content.decode()
        bank.suffers("down")
        silent = browser.post(f"/pay/{bill.id}", {})
        assert silent.status_code == 503
        assert "Nothing was charged" in silent.content.decode()

    def test_over_http_the_same_key_is_the_same_payment(self, garam, bill, monkeypatch):
        from types import SimpleNamespace

        from madang.commons.gateway import callers

        monkeypatch.setattr(callers, "identity", SimpleNamespace(actor_of_token=lambda _: garam))
        client = Client(headers={"Authorization": "Bearer x"})
        begin = [
            client.post(f"/api/v1/bills/{bill.id}/payments", {}, "application/json", headers={"Idempotency-Key": "k"})
            for _ in range(2)
        ]
        assert [one.status_code for one in begin] == [201, 201]
        assert begin[0].json() == begin[1].json()
        assert client.get("/api/v1/bills").json()["items"][0]["amount"] == 800
        assert client.post(f"/api/v1/bills/{bill.id}/check").json()["standing"] == "due"
        evil = client.post(f"/api/v1/bills/{bill.id}/payments", {"return_to": "//evil"}, "application/json")
        assert evil.status_code == 422


def test_the_pages_are_for_their_resident(db, bank):
    for path in (f"/pay/{uuid4()}", f"/pay/return/{uuid4()}", f"/pay/{uuid4()}/receipt"):
        assert Client().get(path).status_code in {302, 303}
    assert Client().get("/api/v1/bills").status_code == 401


def test_a_visitor_owes_nothing(db):
    from madang.kernel.actors import VISITOR

    with pytest.raises(SignInNeeded):
        facade.bills(VISITOR)
