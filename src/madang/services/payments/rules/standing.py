"""What a provider's word does to a payment and its bill: at most one payment pays a bill, the rest goes back."""

from enum import StrEnum

from madang.services.payments.contracts import Bill, BillStanding, Confirmation, Payment, PaymentStanding

_UNDECIDED = frozenset({PaymentStanding.BEGINNING, PaymentStanding.OPEN})
_MONEY_CAME = frozenset({PaymentStanding.SUCCEEDED, PaymentStanding.TO_REFUND, PaymentStanding.REFUNDED})


class Effect(StrEnum):
    """What is to be done with a payment now."""

    NOTHING = "nothing"
    PAYS = "pays"
    DECLINES = "declines"
    IS_REFUNDED = "is_refunded"


def effect(bill: Bill, payment: Payment, said: Confirmation) -> Effect:
    """What ``said`` does. Saying the same again does nothing; money that the bill does not ask for goes back.

    The amount is the one that stood on the page when the attempt began: what a late bill grows by afterwards is not
    asked for twice.
    """
    if payment.standing in _MONEY_CAME:
        return Effect.NOTHING
    if not said.paid:
        return Effect.DECLINES if payment.standing in _UNDECIDED else Effect.NOTHING
    if bill.standing is BillStanding.DUE and said.amount == payment.amount:
        return Effect.PAYS
    return Effect.IS_REFUNDED


def is_open(payment: Payment) -> bool:
    """Whether the provider may still say something of it."""
    return payment.standing in _UNDECIDED
