"""Money: the won, which has no smaller unit in use."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Won:
    """An amount in whole KRW. Never negative: what flows the other way is a refund, with its own name."""

    amount: int

    def __post_init__(self) -> None:
        """Refuse an amount below zero or one that is not a whole number."""
        if type(self.amount) is not int or self.amount < 0:
            message = f"an amount in won is a whole number from 0, not {self.amount!r}"
            raise ValueError(message)

    def __add__(self, other: Self) -> Self:
        """The sum."""
        return type(self)(self.amount + other.amount)

    def __bool__(self) -> bool:
        """Whether anything is to be paid."""
        return self.amount > 0

    def __str__(self) -> str:
        """As people write it: ``₩12,000``."""
        return f"₩{self.amount:,}"
