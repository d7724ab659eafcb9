"""The door for what is late: what the law adds, day by day, and the reminders. No machine enforces anything here."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid5

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.notify import facade as notify
from madang.kernel.actors import Actor
from madang.kernel.languages import to_translate
from madang.kernel.money import Won
from madang.services.payments.contracts import Bill, BillId, BillStanding
from madang.services.payments.facade.telling import facts
from madang.services.payments.rules import arrears
from madang.services.payments.store import debts, profile, rows

_ROOM: Final = Actor.system("payments")
_AT_ONCE: Final = 500
REMINDING = to_translate("Reminding you of a bill that is not paid")


def grown(owed: Bill, now: datetime) -> Bill:
    """A locked bill with what the law has added by today, kept; one that is not late or not due as it is."""
    if not owed.is_raised or owed.due is None or owed.standing is not BillStanding.DUE or now.date() <= owed.due:
        return owed
    bare = Won(owed.amount.amount - owed.surcharge.amount)
    added = arrears.surcharge(profile.terms(debts.kind_of(owed)), bare, owed.due, now.date())
    if added != owed.surcharge:
        debts.set_surcharge(owed.id, added)
    return replace(owed, amount=bare + added, surcharge=added)


def grow(now: datetime) -> int:
    """Add to every late bill what the law adds by today, each in a transaction of its own; how many are late."""
    late = debts.late(now.date(), _AT_ONCE * 1000)
    for start in range(0, len(late), _AT_ONCE):
        with transaction():
            for bill_id in late[start : start + _AT_ONCE]:
                grown(rows.lock_bill(BillId(bill_id)), now)
    return len(late)


def remind(now: datetime) -> int:
    """Write to those whose bill is due soon or late, on the days that the profile names; how many. Once each."""
    days = {now.date() - timedelta(days=offset): offset for offset in profile.reminders()}
    due = debts.due_on(days)
    for owed in due:
        _remind(owed, days[owed.due] if owed.due else 0)
    return len(due)


def source_of(owed: Bill) -> str:
    """The law by which a late bill grows, its article and year."""
    return profile.terms(debts.kind_of(owed)).source if owed.is_raised else ""


def _remind(owed: Bill, offset: int) -> None:
    with transaction():
        template = "bill_overdue" if offset > 0 else "bill_due_soon"
        notify.tell(owed.resident, template, facts(owed), link=f"/pay/{owed.id}", about=uuid5(owed.id, str(offset)))
        audit.record(_ROOM, "payments.remind", purpose=REMINDING, subject=owed.resident, about=owed.id)
