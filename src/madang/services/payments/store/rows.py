"""Bills and payments in PostgreSQL. Whoever changes either locks the bill first."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet

from madang.kernel.clock import SEOUL, in_seoul
from madang.kernel.ids import ResidentId
from madang.kernel.money import Won
from madang.services.applications.contracts import Case, CaseId
from madang.services.payments.contracts import (
    Bill,
    BillId,
    BillStanding,
    BillUnknown,
    Payment,
    PaymentStanding,
    Settled,
)
from madang.services.payments.models import BillRow, NamedRow, PaymentRow

_BILLS = BillRow.objects.select_related("debt")
_UNDECIDED = (PaymentStanding.BEGINNING, PaymentStanding.OPEN)
_MONEY_CAME = (PaymentStanding.SUCCEEDED, PaymentStanding.TO_REFUND, PaymentStanding.REFUNDED)


def add_bill(case: Case, now: datetime) -> tuple[Bill, bool]:
    """The bill of a case, and whether it is new."""
    row, is_new = BillRow.objects.get_or_create(case=case.id, defaults={
        "number": case.number, "resident": case.resident, "what": case.service, "amount": case.fee.amount, "made": now,
    })
    return as_bill(row), is_new


def own_bill(resident: ResidentId, bill: BillId) -> Bill:
    """A bill of the resident's, or one that a request of theirs pays. Raises BillUnknown, also for somebody else's."""
    theirs = Q(resident=resident) | Q(named_by__payer=resident)
    row = _BILLS.filter(theirs, id=bill).first()
    if row is None:
        raise BillUnknown(bill=str(bill))
    return as_bill(row)


def bill(bill: BillId) -> Bill:
    """Any bill. Raises BillUnknown."""
    row = _BILLS.filter(id=bill).first()
    if row is None:
        raise BillUnknown(bill=str(bill))
    return as_bill(row)


def bill_of_case(case: CaseId, resident: ResidentId | None = None) -> Bill | None:
    """The bill of a case; with ``resident`` only if it is theirs."""
    rows = _BILLS.filter(case=case)
    row = (rows if resident is None else rows.filter(resident=resident)).first()
    return None if row is None else as_bill(row)


def bills(resident: ResidentId, before: datetime | None, limit: int) -> Sequence[Bill]:
    """A resident's bills and those that a request of theirs pays, newest first; with ``before`` those made earlier."""
    theirs = Q(resident=resident) | Q(id__in=NamedRow.objects.filter(payer=resident).values("bill_id"))
    rows = _BILLS.filter(theirs).order_by("-made", "-id")
    if before is not None:
        rows = rows.filter(made__lt=before)
    return [as_bill(row) for row in rows[:limit]]


def lock_bill(bill: BillId) -> Bill:
    """A bill, locked until the transaction ends, so that two answers cannot both pay it. Raises BillUnknown."""
    row = _BILLS.select_for_update(of=("self",)).filter(id=bill).first()
    if row is None:
        raise BillUnknown(bill=str(bill))
    return as_bill(row)


def mark_paid(paid: Payment, receipt: str, at: datetime) -> Bill:
    """Note that a payment paid its bill; what was added for lateness is what stood on the page that was paid."""
    BillRow.objects.filter(id=paid.bill).update(
        standing=BillStanding.PAID, paid=at, receipt=receipt, surcharge=paid.amount.amount - F("amount")
    )
    return bill(paid.bill)


def set_bill(bill: BillId, standing: BillStanding) -> None:
    """Note where a bill stands."""
    BillRow.objects.filter(id=bill).update(standing=standing)


def add_payment(payment: Payment, ask_next: datetime) -> None:
    """Keep an attempt before the provider hears of it."""
    PaymentRow.objects.create(
        id=payment.id, bill_id=payment.bill, provider=payment.provider, attempt=payment.attempt,
        amount=payment.amount.amount, standing=payment.standing, begun=payment.begun, return_url=payment.return_url,
        ask_next=ask_next,
    )


def set_checkout(payment: UUID, reference: str, url: str) -> None:
    """Note how the provider calls an attempt, and where it is paid; what is known already stays."""
    PaymentRow.objects.filter(id=payment).update(reference=reference, url=url)
    PaymentRow.objects.filter(id=payment, standing=PaymentStanding.BEGINNING).update(standing=PaymentStanding.OPEN)


def set_payment(
    payment: UUID, standing: PaymentStanding, *, at: datetime | None = None, ask: datetime | None = None
) -> None:
    """Note where an attempt stands, when the provider settled it, and when to turn to the provider again."""
    row = PaymentRow.objects.filter(id=payment)
    row.update(standing=standing, ask_next=ask, asked=0, **({"settled": at} if at else {}))


def by_attempt(attempt: UUID) -> Payment | None:
    """The payment that an attempt began."""
    return _first(PaymentRow.objects.filter(attempt=attempt))


def by_reference(provider: str, reference: str) -> Payment | None:
    """The payment that a provider calls so."""
    return _first(PaymentRow.objects.filter(provider=provider, reference=reference))


def payment(payment: UUID) -> Payment:
    """A payment as it stands now; read it after locking its bill."""
    return _payment(PaymentRow.objects.get(id=payment))


def payments_of(bill: BillId) -> Sequence[Payment]:
    """Every attempt to pay a bill, the last first."""
    return [_payment(row) for row in PaymentRow.objects.filter(bill_id=bill).order_by("-begun", "-id")]


def usable(bill: BillId, begun_after: datetime) -> Payment | None:
    """The open attempt that began after then."""
    return _first(
        PaymentRow.objects.filter(bill_id=bill, standing__in=_UNDECIDED, begun__gt=begun_after).order_by("-begun")
    )


def success_of(bill: BillId) -> Payment | None:
    """The payment that paid a bill."""
    return _first(PaymentRow.objects.filter(bill_id=bill, standing=PaymentStanding.SUCCEEDED))


def claim_due(now: datetime, lease: timedelta, limit: int) -> Sequence[tuple[Payment, int]]:
    """Payments whose provider is to be asked now, with how often it was; others pass over them for a ``lease``."""
    due = PaymentRow.objects.select_for_update(skip_locked=True).filter(ask_next__lte=now)
    rows = list(due.order_by("ask_next")[:limit])
    PaymentRow.objects.filter(id__in=[row.id for row in rows]).update(ask_next=now + lease)
    return [(_payment(row), row.asked) for row in rows]


def ask_later(payment: UUID, asked: int, when: datetime) -> None:
    """Note that the provider did not know yet."""
    PaymentRow.objects.filter(id=payment, ask_next__isnull=False).update(asked=asked, ask_next=when)


def settled_on(provider: str, day: date) -> Sequence[Settled]:
    """What we hold that a provider took on that day in Seoul."""
    start = datetime.combine(day, time.min, SEOUL)
    rows = PaymentRow.objects.filter(
        provider=provider, standing__in=_MONEY_CAME, settled__gte=start, settled__lt=start + timedelta(days=1)
    )
    return [
        Settled(row.reference or "", Won(row.amount), refunded=row.standing == PaymentStanding.REFUNDED) for row in rows
    ]


def _first(rows: QuerySet[PaymentRow]) -> Payment | None:
    row = rows.first()
    return None if row is None else _payment(row)


def as_bill(row: BillRow) -> Bill:
    """A row, read with its ``debt``, as the city knows it."""
    return Bill(
        id=BillId(row.id), case=None if row.case is None else CaseId(row.case), resident=ResidentId(row.resident),
        what=row.what, amount=Won(row.amount + row.surcharge), standing=BillStanding(row.standing),
        made=in_seoul(row.made), paid=row.paid and in_seoul(row.paid), receipt=row.receipt or "", number=row.number,
        due=row.due, surcharge=Won(row.surcharge), about=row.debt.about if row.debt else "", part=row.part,
        parts=row.parts, debt=row.debt_id,
    )


def _payment(row: PaymentRow) -> Payment:
    return Payment(
        id=row.id, bill=BillId(row.bill_id), provider=row.provider, attempt=row.attempt, amount=Won(row.amount),
        standing=PaymentStanding(row.standing), begun=in_seoul(row.begun), return_url=row.return_url,
        reference=row.reference or "", url=row.url, settled=row.settled and in_seoul(row.settled),
    )
