"""What may be said to open a person's data for."""

from datetime import timedelta
from typing import Any

from madang.commons.identity.contracts import PolicyWrong
from madang.commons.identity.contracts.purposes import LineNeeded, Purpose, PurposePolicy, PurposeUnknown
from madang.kernel.actors import Stated
from madang.kernel.languages import Language, Text

LONGEST_LINE = 200
_SHORTEST_LINE = 5


def stated(about: str, purpose: str, line: str, allowed: dict[str, Purpose]) -> Stated:
    """What was said, if it may be said; ``allowed`` are the purposes to choose from, by name.

    Raises PurposeUnknown, LineNeeded.
    """
    if purpose not in allowed:
        raise PurposeUnknown(known=", ".join(allowed))
    said = " ".join(line.split())
    needed = _SHORTEST_LINE if allowed[purpose].needs_line else 0
    if not needed <= len(said) <= LONGEST_LINE:
        raise LineNeeded(longest=LONGEST_LINE)
    return Stated(about, purpose, said, allowed[purpose].doors)


def policy_from(told: Any) -> PurposePolicy:
    """The policy of a parsed ``purposes.yaml``. Raises PolicyWrong with what is missing."""
    try:
        return PurposePolicy(
            {str(name): _purpose(said) for name, said in told["purposes"].items()},
            timedelta(minutes=int(told["holds_minutes"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        message = f"it lacks or misspells {wrong}"
        raise PolicyWrong(message) from wrong


def _purpose(told: Any) -> Purpose:
    law = told["law"]
    return Purpose(
        Text({Language(code): str(said) for code, said in told["name"].items()}),
        f"{law['name']} 제{law['article']}조 ({law['year']})", frozenset(str(door) for door in told["doors"]),
        {"needed": True, "optional": False}[told["line"]],
    )
