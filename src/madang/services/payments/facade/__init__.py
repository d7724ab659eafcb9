"""The door to payments: bills, attempts to pay them, what providers say of those, receipts, books.

No provider is asked while a row is locked: what is about to be done is kept first, then the provider is asked, then
its word is kept. Whoever dies in between leaves a payment whose provider is asked again until its fate is known.
"""

import os
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import quote
from uuid import UUID

from django.conf import settings

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.commons.notify import facade as notify
from madang.kernel.actors import Actor
from madang.kernel.errors import BeyondDelegation
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import to_translate
from madang.records.catalogue import facade as catalogue
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Case, CaseId
from madang.services.applications.contracts import Permission as OfApplications
from madang.services.payments.contracts import (
    AttemptUsed,
    Bill,
    BillId,
    BillNotDue,
    BillStanding,
    Checkout,
    Confirmation,
    Difference,
    Payment,
    PaymentDeclined,
    PaymentReceived,
    PaymentStanding,
    Permission,
    ProviderUnavailable,
)
from madang.services.payments.facade import arrears
from madang.services.payments.facade.telling import facts, what_for
from madang.services.payments.rules import books, raised_bills, receipts, standing
from madang.services.payments.rules.standing import Effect
from madang.services.payments.store import debts, profile, providers, rows, sandbox

_ROOM: Final = Actor.system("payments", {OfApplications.SEE_ANY, OfApplications.TAKE_PAYMENT})
_LEASE: Final = timedelta(minutes=1)
"""How long a process that took a payment to ask about it may take before another does."""

__all__ = [
    "ask_again", "bill", "bill_of_case", "bills", "cancel", "cases_of_mine",
    "check", "hand_on", "make_bill", "notice", "pay",
    "payments", "reconcile", "sandbox_secret", "what_for",
]

BILLING = to_translate("The fee of a request that you made")
REFUNDING = to_translate("Giving back a payment that is not owed")


def make_bill(case_id: CaseId, now: datetime) -> Bill:
    """The bill for a case that waits for its fee; made before, the same bill.

    A case that names a bill which the city raised pays that one: the same money is never owed twice.
    """
    case = applications.case(_ROOM, case_id)
    with transaction():
        if raised := debts.by_number(raised_bills.plain(case.values.get(raised_bills.NUMBER, ""))):
            return _name(case, raised, now)
        bill, is_new = rows.add_bill(case, now)
        if is_new:
            audit.record(_ROOM, "payments.bill", purpose=BILLING, subject=bill.resident, about=bill.id)
            notify.tell(bill.resident, "fee_due", facts(bill), link=f"/pay/{bill.id}", about=bill.id)
    return bill


def cancel(case_id: CaseId) -> None:
    """A case was taken back: nothing is owed any more, and what was paid goes back."""
    with transaction():
        found = rows.bill_of_case(case_id)
        bill = found and rows.lock_bill(found.id)
        if bill is None:
            return
        if bill.standing is BillStanding.DUE:
            rows.set_bill(bill.id, BillStanding.CANCELLED)
        elif bill.standing is BillStanding.PAID:
            _give_back_what_paid(bill)


def bill(actor: Actor, bill_id: BillId) -> Bill:
    """A bill of the resident's own. Raises BillUnknown, also for somebody else's."""
    actor.require(Permission.SEE_OWN)
    return _own(actor, bill_id)


def bill_of_case(actor: Actor, case_id: CaseId) -> Bill | None:
    """The bill of a case of the resident's own, once it is made."""
    actor.require(Permission.SEE_OWN)
    resident = actor.the_resident()
    return rows.bill_of_case(case_id, resident) or debts.bill_named(case_id, payer=resident)


def bills(actor: Actor, before: datetime | None = None, limit: int = 50) -> Sequence[Bill]:
    """The resident's bills, newest first; ``before`` is the ``made`` of the last one seen."""
    actor.require(Permission.SEE_OWN)
    found = rows.bills(actor.the_resident(), before, min(max(limit, 1), 200))
    return [one for one in found if _is_covered(actor, one)]


def cases_of_mine(actor: Actor, owed: Bill) -> Sequence[CaseId]:
    """The resident's own cases that pay a bill which the city raised."""
    resident = actor.the_resident()
    return [case for case, payer in debts.named_by(owed.id) if payer == resident] if owed.is_raised else []


def payments(actor: Actor, bill_id: BillId) -> Sequence[Payment]:
    """Every attempt to pay a bill of the resident's own, the last first."""
    return rows.payments_of(bill(actor, bill_id).id)


def pay(actor: Actor, bill_id: BillId, return_url: str, attempt: UUID, now: datetime) -> Checkout:
    """Begin to pay a bill: where the resident goes to pay. ``return_url`` is a path of the portal to come back to.

    The same attempt, and any while a page of the provider's is still open, give the same checkout. When the provider
    does not answer, what became of the attempt is found out by itself. Raises BillUnknown, BillNotDue, AttemptUsed,
    ProviderUnavailable.
    """
    actor.require(Permission.PAY)
    _own(actor, bill_id)
    owed, payment = _attempt(actor, bill_id, return_url, attempt, now)
    if payment.url:
        return Checkout(payment.reference, payment.url)
    return _check_out(owed, payment)


def check(actor: Actor, bill_id: BillId, now: datetime) -> Bill:
    """A bill of the resident's own, after asking the provider about what is open. A silent provider changes nothing."""
    owed = bill(actor, bill_id)
    for payment in rows.payments_of(owed.id):
        if standing.is_open(payment):
            _ask(payment, now)
    return bill(actor, bill_id)


def notice(provider: str, body: bytes, signature: str, now: datetime) -> None:
    """A provider says by itself what became of a payment; said twice it is said once.

    Raises ProviderUnknown, NoticeForged, also for one that is too old. One about a payment that we never began, or
    whose beginning we have not kept yet, is let go: it will be asked for.
    """
    said = providers.provider(provider).read_notice(body, signature, now)
    if payment := rows.by_reference(provider, said.reference):
        _settle(payment, said, now)


def ask_again(now: datetime, limit: int = 50) -> int:
    """Turn to the providers about everything whose time has come; how many payments."""
    with transaction():
        due = rows.claim_due(now, _LEASE, limit)
    for payment, asked in due:
        is_known = _refund(payment) if payment.standing is PaymentStanding.TO_REFUND else _ask(payment, now)
        if not is_known:
            _wait(payment, asked, now)
    return len(due)


def hand_on(case_id: CaseId, now: datetime) -> None:
    """Let a case whose fee was received go on."""
    applications.payment_received(_ROOM, case_id, now)


def reconcile(day: date, provider: str | None = None) -> Sequence[Difference]:
    """Where the provider's books of a day in Seoul and ours differ. Raises ProviderUnavailable, ProviderUnknown."""
    name = provider or profile.provider()
    return books.differences(providers.provider(name).settled_on(day), rows.settled_on(name, day))


def sandbox_secret() -> bytes:
    """What the sandbox bank of the demonstration signs with."""
    return sandbox.secret()


def _own(actor: Actor, bill_id: BillId) -> Bill:
    found = rows.own_bill(actor.the_resident(), bill_id)
    if not _is_covered(actor, found):
        raise BeyondDelegation
    return found


def _is_covered(actor: Actor, owed: Bill) -> bool:
    return actor.acting is None or actor.covers(owed.what, catalogue.service(owed.what).category)


def _attempt(actor: Actor, bill_id: BillId, return_url: str, attempt: UUID, now: datetime) -> tuple[Bill, Payment]:
    """The bill and the attempt, kept before the provider hears of it."""
    with transaction():
        owed = arrears.grown(rows.lock_bill(rows.own_bill(actor.the_resident(), bill_id).id), now)
        if owed.standing is not BillStanding.DUE:
            raise BillNotDue(bill=str(owed.id), standing=owed.standing)
        if begun := rows.by_attempt(attempt):
            if begun.bill != owed.id:
                raise AttemptUsed
            return owed, begun
        patience = profile.patience()
        if usable := rows.usable(owed.id, now - patience.checkout):
            return owed, usable
        payment = Payment(
            new_id(), owed.id, profile.provider(), attempt, owed.amount, PaymentStanding.BEGINNING, now,
            _way_back(owed, return_url),
        )
        rows.add_payment(payment, patience.next_question(0, now))
    return owed, payment


def _way_back(owed: Bill, path: str) -> str:
    """The page that asks the provider first, and then leads to ``path`` of the portal."""
    here = f"{settings.MADANG_PUBLIC_URL}/pay/return/{owed.id}"
    path = path.removeprefix(settings.MADANG_PUBLIC_URL)
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\", "/pay/"))
    return f"{here}?back={quote(path)}" if is_ours else here


def _check_out(owed: Bill, payment: Payment) -> Checkout:
    checkout = providers.provider(payment.provider).begin(owed, payment.return_url, payment.attempt)
    with transaction():
        rows.set_checkout(payment.id, checkout.reference, checkout.url)
    return checkout


def _ask(payment: Payment, now: datetime) -> bool:
    """Ask the provider about a payment; whether its fate is known now."""
    try:
        reference = payment.reference or _check_out(rows.bill(payment.bill), payment).reference
        said = providers.provider(payment.provider).ask(reference)
    except ProviderUnavailable:
        return False
    if said is None:
        return _give_up(payment, now)
    _settle(rows.payment(payment.id), said, now)
    return True


def _settle(payment: Payment, said: Confirmation, now: datetime) -> None:
    """Keep a provider's word, once: the bill is locked, so of two answers at once the second finds it done."""
    with transaction():
        owed = rows.lock_bill(payment.bill)
        payment = rows.payment(payment.id)
        match standing.effect(owed, payment, said):
            case Effect.PAYS:
                _take(owed, payment, said)
            case Effect.IS_REFUNDED:
                rows.set_payment(payment.id, PaymentStanding.TO_REFUND, at=said.at, ask=now)
                _record_refund(owed, payment)
            case Effect.DECLINES:
                rows.set_payment(payment.id, PaymentStanding.DECLINED)
                for case, _ in _cases_of(owed):
                    events.emit(PaymentDeclined(owed.id, case))


def _take(owed: Bill, payment: Payment, said: Confirmation) -> None:
    rows.set_payment(payment.id, PaymentStanding.SUCCEEDED, at=said.at)
    paid = rows.mark_paid(payment, receipts.receipt_number(said.at, os.urandom(5)), said.at)
    cases = _cases_of(owed)
    for case, payer in cases:
        events.emit(PaymentReceived(paid.id, case, payer, paid.amount.amount))
    audit.record(_ROOM, "payments.receive", purpose=BILLING, subject=paid.resident, about=paid.id)
    template = "bill_paid" if paid.is_raised else "payment_received"
    for resident in {paid.resident, *(payer for _, payer in cases)}:
        notify.tell(resident, template, facts(paid), link=f"/pay/{paid.id}/receipt", about=paid.id)


def _cases_of(owed: Bill) -> Sequence[tuple[CaseId, ResidentId]]:
    return [(owed.case, owed.resident)] if owed.case else debts.named_by(owed.id)


def _name(case: Case, raised: Bill, now: datetime) -> Bill:
    """Let a case pay a bill that the city raised; one that was paid in the meantime asks nothing more."""
    if debts.name(case, raised):
        audit.record(_ROOM, "payments.bill", purpose=BILLING, subject=case.resident, about=raised.id)
        notify.tell(case.resident, "fee_due", facts(raised) | {"number": case.number}, link=f"/pay/{raised.id}",
                    about=raised.id)
    if raised.standing is not BillStanding.DUE:
        applications.payment_received(_ROOM, case.id, now)
    return raised


def _give_back_what_paid(paid: Bill) -> None:
    payment = rows.success_of(paid.id)
    rows.set_bill(paid.id, BillStanding.REFUNDED)
    if payment is not None:
        rows.set_payment(payment.id, PaymentStanding.TO_REFUND, ask=payment.settled)
        _record_refund(paid, payment)


def _record_refund(owed: Bill, payment: Payment) -> None:
    audit.record(_ROOM, "payments.refund", purpose=REFUNDING, subject=owed.resident, about=payment.id)


def _refund(payment: Payment) -> bool:
    try:
        providers.provider(payment.provider).refund(payment.reference)
    except ProviderUnavailable:
        return False
    with transaction():
        rows.set_payment(payment.id, PaymentStanding.REFUNDED)
    return True


def _give_up(payment: Payment, now: datetime) -> bool:
    if now - payment.begun < profile.patience().give_up:
        return False
    with transaction():
        rows.lock_bill(payment.bill)
        if standing.is_open(rows.payment(payment.id)):
            rows.set_payment(payment.id, PaymentStanding.GIVEN_UP)
    return True


def _wait(payment: Payment, asked: int, now: datetime) -> None:
    with transaction():
        rows.ask_later(payment.id, asked + 1, profile.patience().next_question(asked + 1, now))
