"""Bills that a room above this one keeps, and that forms are checked against."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from madang.kernel.ids import ResidentId
from madang.records.catalogue.contracts import Service
from madang.services.applications.contracts import Answer, Mistake
from madang.services.applications.contracts.bills import BillBook
from madang.services.applications.rules import fees

_books: list[BillBook] = []


def look_up_in(book: BillBook) -> None:
    """Have forms that pay a bill checked against ``book``; called once, when the city is wired."""
    _books[:] = [book]


def against_bill(
    service: Service, answers: Mapping[str, Answer], resident: ResidentId, now: datetime
) -> tuple[Mapping[str, Answer], Sequence[Mistake]]:
    """The answers with the amount that the named bill says, and what does not agree with it."""
    number = fees.names_bill(service, answers)
    if not number:
        return answers, ()
    seen = _books[0].look_up(service.id, number, resident, now) if _books else None
    return fees.against_bill(service, answers, seen)
