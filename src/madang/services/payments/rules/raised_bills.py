"""Bills that the city raised: what one must be to be collected, and how people type its number."""

import re
from typing import Final

from madang.services.payments.contracts import Assessed, AssessedWrong

NUMBER: Final = "bill_number"
"""The question of the payment services' forms that names a bill (profiles/<city>/questions.yaml)."""
_DIGITS: Final = re.compile(r"[0-9]{10,30}")


def plain(typed: str) -> str:
    """A number as it is kept: hyphens and blanks are for the eye."""
    return re.sub(r"[\s-]", "", typed)


def require_collectable(assessed: Assessed, services: frozenset[str]) -> None:
    """Raise AssessedWrong for a number that is none, nothing to pay, or a service that the city does not have."""
    if not _DIGITS.fullmatch(assessed.number):
        raise AssessedWrong(number=assessed.number[:40], why="a number has 10 to 30 digits and nothing else")
    if not assessed.amount:
        raise AssessedWrong(number=assessed.number, why="there is nothing to pay")
    if assessed.what not in services:
        raise AssessedWrong(number=assessed.number, why=f"the city has no service {assessed.what[:60]}")
