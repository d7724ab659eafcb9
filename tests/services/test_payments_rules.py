"""What providers say, in whatever order and however often, a bill is paid once and the rest goes back."""

import hmac
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.clock import SEOUL
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.money import Won
from madang.services.applications.contracts import CaseId
from madang.services.payments.contracts import (
    Bill,
    BillId,
    BillStanding,
    Confirmation,
    Mismatch,
    Payment,
    PaymentStanding,
    Settled,
)
from madang.services.payments.rules import books, notices, receipts, standing
from madang.services.payments.rules.standing import Effect

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=SEOUL)
FEE = Won(800)
BILL = Bill(BillId(new_id()), CaseId(new_id()), ResidentId(new_id()), "tax", FEE, BillStanding.DUE, NOW, None, "")
AFTER = {
    Effect.PAYS: PaymentStanding.SUCCEEDED, Effect.DECLINES: PaymentStanding.DECLINED,
    Effect.IS_REFUNDED: PaymentStanding.TO_REFUND,
}


def attempt() -> Payment:
    return Payment(new_id(), BILL.id, "sandbox", new_id(), FEE, PaymentStanding.OPEN, NOW, "/", "ref")


said = st.tuples(st.integers(0, 3), st.booleans(), st.sampled_from([FEE, FEE, FEE, Won(1)]))


@given(st.lists(said, max_size=30), st.integers(0, 30), st.sampled_from([BillStanding.DUE, BillStanding.CANCELLED]))
def test_a_bill_is_paid_by_one_payment_at_most_and_no_won_is_kept_beside(words, cancelled_after, at_first):
    bill, attempts = replace(BILL, standing=at_first), [attempt() for _ in range(4)]
    came: set[int] = set()
    for step, (which, paid, amount) in enumerate(words):
        if step == cancelled_after and bill.standing is BillStanding.DUE:
            bill = replace(bill, standing=BillStanding.CANCELLED)
        effect = standing.effect(bill, attempts[which], Confirmation("ref", bill.id, amount, paid, NOW))
        came |= {which} if paid else set()
        if effect is Effect.PAYS:
            bill = replace(bill, standing=BillStanding.PAID)
        if effect in AFTER:
            attempts[which] = replace(attempts[which], standing=AFTER[effect])
    succeeded = [one for one in attempts if one.standing is PaymentStanding.SUCCEEDED]
    kept_or_back = {PaymentStanding.SUCCEEDED, PaymentStanding.TO_REFUND}
    assert len(succeeded) == (bill.standing is BillStanding.PAID)
    assert {which for which, one in enumerate(attempts) if one.standing in kept_or_back} == came


def signed(body: bytes, at: datetime, secret: bytes = b"s") -> str:
    moment = str(int(at.timestamp()))
    return f"t={moment},v1={hmac.new(secret, f'{moment}.'.encode() + body, 'sha256').hexdigest()}"


@given(st.binary(max_size=200), st.integers(-1000, 1000))
def test_a_notice_is_believed_within_five_minutes_only(body, seconds):
    then = NOW + timedelta(seconds=seconds)
    believed = notices.is_genuine(body, signed(body, then), b"s", NOW, timedelta(minutes=5))
    assert believed == (abs(seconds) <= 300)


@given(st.binary(max_size=50), st.binary(max_size=50), st.text(max_size=90))
def test_no_other_body_secret_or_scribble_is_believed(body, other, scribble):
    five = timedelta(minutes=5)
    if body != other:
        assert not notices.is_genuine(other, signed(body, NOW), b"s", NOW, five)
    assert not notices.is_genuine(body, signed(body, NOW, b"t"), b"s", NOW, five)
    assert not notices.is_genuine(body, scribble, b"s", NOW, five)


def test_books_that_agree_say_nothing_and_others_name_each_payment():
    def line(reference: str, amount: int = 800, *, refunded: bool = False) -> Settled:
        return Settled(reference, Won(amount), refunded)

    assert not books.differences([line("a"), line("b")], [line("b"), line("a")])
    found = books.differences(
        [line("a"), line("b", 900), line("c", refunded=True)], [line("b"), line("c"), line("d")]
    )
    assert [(one.reference, one.mismatch) for one in found] == [
        ("a", Mismatch.ONLY_THEIRS), ("b", Mismatch.AMOUNT), ("c", Mismatch.REFUND), ("d", Mismatch.ONLY_OURS),
    ]


@given(st.binary(min_size=5, max_size=5))
def test_a_receipt_number_begins_with_its_day(random):
    number = receipts.receipt_number(NOW, random)
    assert number.startswith("261122-")
    assert len(number) == 15
