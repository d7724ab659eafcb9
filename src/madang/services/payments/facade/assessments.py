"""The door for bills that the city raises: local taxes, charges and fines that its departments hand over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.notify import facade as notify
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId
from madang.kernel.languages import to_translate
from madang.records.catalogue import facade as catalogue
from madang.services.applications.contracts.bills import BillSeen
from madang.services.payments.contracts import Assessed, BillStanding, Permission
from madang.services.payments.facade import arrears
from madang.services.payments.facade.telling import facts
from madang.services.payments.rules import raised_bills
from madang.services.payments.store import debts, rows

MOST_AT_ONCE: Final = 1000
RAISING = to_translate("A tax, charge or fine that the city raised")


def raise_bills(actor: Actor, assessed: Sequence[Assessed], now: datetime) -> int:
    """Take bills over for collection and tell the residents; how many are new. All of them or none.

    A number that was handed over before stays as it is, so the same list can be sent again. Raises NotPermitted,
    AssessedWrong.
    """
    actor.require(Permission.RAISE)
    services = frozenset(str(one.id) for one in catalogue.services())
    for one in assessed:
        raised_bills.require_collectable(one, services)
    with transaction():
        return sum(_raise(actor, one, now) for one in assessed)


def look_up(service: str, number: str, resident: ResidentId, now: datetime) -> BillSeen | None:
    """What a form that pays a bill may know of it; None where the city raised none of this number for this service."""
    found = debts.by_number(raised_bills.plain(number))
    if found is None or found.what != service:
        return None
    with transaction():
        owed = arrears.grown(rows.lock_bill(found.id), now)
    return BillSeen(owed.amount, is_due=owed.standing is BillStanding.DUE, is_own=owed.resident == resident)


def _raise(actor: Actor, assessed: Assessed, now: datetime) -> bool:
    made = debts.add(assessed, actor.name, now)
    if made is None:
        return False
    audit.record(actor, "payments.raise", purpose=RAISING, subject=made.resident, about=made.id)
    notify.tell(made.resident, "bill_raised", facts(made), link=f"/pay/{made.id}", about=made.id)
    return True
