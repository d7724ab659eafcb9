"""When a provider is asked again, and when a payment that it never spoke of is given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Patience:
    """How the city waits for a provider, from ``profiles/<city>/payments.yaml``."""

    checkout: timedelta
    notice: timedelta
    ask_again: Sequence[timedelta]
    give_up: timedelta

    def next_question(self, asked: int, now: datetime) -> datetime:
        """When to ask after ``asked`` questions."""
        return now + self.ask_again[min(asked, len(self.ask_again) - 1)]
