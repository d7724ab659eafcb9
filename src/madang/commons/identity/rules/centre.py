"""What the counter may do: the profile's numbers, and codes that people can type."""

from datetime import date, timedelta
from typing import Any

from madang.commons.identity.contracts import PolicyWrong
from madang.commons.identity.contracts.centre import CentrePolicy, DocumentUnknown, ReasonNeeded
from madang.commons.identity.contracts.guardians import PaperUnknown
from madang.kernel.languages import Language, Text

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32 (2019): no letter that looks like a digit."""
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
CODE_BYTES = 12
_SHORTEST_REASON = 10


def code_from(random: bytes) -> str:
    """A code of 60 bits in three groups, from ``CODE_BYTES`` random bytes: ``7K2M-QX4T-9HBD``."""
    letters = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in random)
    return "-".join(letters[at:at + 4] for at in range(0, len(letters), 4))


def code_as_typed(typed: str) -> str:
    """A code as it is compared: case, blanks, dashes, and letters taken for digits do not matter."""
    return typed.strip().upper().translate(_READ_AS)


def refuse_document(document: str, allowed: CentrePolicy) -> None:
    """Raise DocumentUnknown unless the profile names this kind."""
    if document not in allowed.documents:
        raise DocumentUnknown


def refuse_paper(paper: str, decided: date, today: date, allowed: CentrePolicy) -> None:
    """Raise PaperUnknown unless the profile names this kind, and its day has come."""
    if paper not in allowed.papers or decided > today:
        raise PaperUnknown


def needs_two(allowed: CentrePolicy, *proofed: bool) -> bool:
    """Whether one officer is not enough: when any of those concerned has an account of the highest level."""
    return allowed.two_officers_for_high and any(proofed)


def reason_in(typed: str) -> str:
    """A reason as it is kept. Raises ReasonNeeded for less than ten characters."""
    reason = " ".join(typed.split())[:1000]
    if len(reason) < _SHORTEST_REASON:
        raise ReasonNeeded
    return reason


def policy_from(told: Any) -> CentrePolicy:
    """The policy of a parsed ``proofing.yaml``. Raises PolicyWrong with what is missing."""
    try:
        emergency = told["emergency"]
        return CentrePolicy(
            documents={str(name): _text(said) for name, said in told["documents"].items()},
            papers={str(name): _text(said) for name, said in told["guardianship_papers"].items()},
            proof_lasts=timedelta(days=int(told["proof_days"])),
            code_lasts=timedelta(minutes=int(told["code_minutes"])),
            two_officers_for_high=bool(told["two_officers_for_high"]),
            emergency_roles=tuple(emergency["roles"]),
            emergency_lasts=timedelta(minutes=int(emergency["minutes"])),
            review_within=timedelta(days=int(emergency["review_days"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        message = f"it lacks or misspells {wrong}"
        raise PolicyWrong(message) from wrong


def _text(told: Any) -> Text:
    return Text({Language(code): str(said) for code, said in told.items()})
