"""What a form that pays a bill asks of whoever keeps the city's bills."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from madang.kernel.ids import ResidentId
from madang.kernel.money import Won


@dataclass(frozen=True, slots=True)
class BillSeen:
    """What a form that pays a bill may know of it: all that is to be paid today, and whether it is the asker's own."""

    amount: Won
    is_due: bool
    is_own: bool


class BillBook(Protocol):
    """Whoever keeps the bills that the city raised. The wiring hands it in, because it lives above this room."""

    def look_up(self, service: str, number: str, resident: ResidentId, now: datetime) -> BillSeen | None:
        """The bill of this number that this service pays; None where the city raised none."""
