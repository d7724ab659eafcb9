"""What the city raised, its bills, and the cases that pay them, in PostgreSQL."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from madang.kernel.ids import ResidentId
from madang.kernel.money import Won
from madang.services.applications.contracts import Case, CaseId
from madang.services.payments.contracts import Assessed, Bill, BillId, BillStanding, DebtKind
from madang.services.payments.models import BillRow, DebtRow, NamedRow
from madang.services.payments.store.rows import as_bill


def add(assessed: Assessed, by: str, now: datetime) -> Bill | None:
    """Keep what was assessed, with its bill; None when it was handed over before."""
    debt, is_new = DebtRow.objects.get_or_create(number=assessed.number, defaults={
        "kind": assessed.kind, "what": assessed.what, "resident": assessed.resident,
        "amount": assessed.amount.amount, "due": assessed.due, "about": assessed.about, "raised": now, "raised_by": by,
    })
    if not is_new:
        return None
    return as_bill(BillRow.objects.create(
        debt=debt, number=debt.number, resident=debt.resident, what=debt.what, amount=debt.amount, due=debt.due,
        made=now,
    ))


def kind_of(bill: Bill) -> DebtKind:
    """By which law a bill that the city raised is collected."""
    return DebtKind(DebtRow.objects.values_list("kind", flat=True).get(bills__id=bill.id))


def by_number(number: str) -> Bill | None:
    """The bill with this number that the city raised and did not replace; the last one of it."""
    rows = BillRow.objects.select_related("debt").filter(number=number, debt__isnull=False)
    row = rows.exclude(standing=BillStanding.CANCELLED).order_by("-made").first()
    return None if row is None else as_bill(row)


def late(today: date, limit: int) -> Sequence[BillId]:
    """Bills that the city raised whose day has passed."""
    rows = BillRow.objects.filter(standing=BillStanding.DUE, debt__isnull=False, due__lt=today)
    return [BillId(found) for found in rows.order_by("due").values_list("id", flat=True)[:limit]]


def due_on(days: Iterable[date]) -> Sequence[Bill]:
    """Bills that the city raised, not paid, whose last day is one of ``days``."""
    rows = BillRow.objects.select_related("debt").filter(
        standing=BillStanding.DUE, debt__isnull=False, due__in=list(days)
    )
    return [as_bill(row) for row in rows]


def set_surcharge(bill: BillId, surcharge: Won) -> None:
    """Note what is added to a bill by now."""
    BillRow.objects.filter(id=bill).update(surcharge=surcharge.amount)


def name(case: Case, bill: Bill) -> bool:
    """Note that a case pays this bill; whether that is new."""
    return NamedRow.objects.get_or_create(
        case=case.id, defaults={"number": case.number, "bill_id": bill.id, "payer": case.resident}
    )[1]


def named_by(bill: BillId) -> Sequence[tuple[CaseId, ResidentId]]:
    """The cases that pay a bill, and who sent them."""
    found = NamedRow.objects.filter(bill_id=bill).order_by("case").values_list("case", "payer")
    return [(CaseId(case), ResidentId(payer)) for case, payer in found]


def bill_named(case: CaseId, **who: Any) -> Bill | None:
    """The bill that a case pays; with ``payer`` only if they sent the case."""
    row = NamedRow.objects.select_related("bill__debt").filter(case=case, **who).first()
    return None if row is None else as_bill(row.bill)
