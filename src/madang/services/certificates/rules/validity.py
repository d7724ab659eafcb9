"""Whether a document holds, and how much of its holder's name a verifier is shown."""

from datetime import datetime

from madang.services.certificates.contracts import Validity


def validity(expires: datetime, revoked: datetime | None, now: datetime) -> Validity:
    """What a verifier is told at ``now``; revoked says more than expired."""
    if revoked is not None and revoked <= now:
        return Validity.REVOKED
    return Validity.VALID if now < expires else Validity.EXPIRED


def masked(name: str) -> str:
    """A name of which each part keeps its first letter, and in Korean its last: 김하늘 is 김*늘, Kim Haneul K** H*****.

    A remark in brackets, such as the one that marks a synthetic resident, stays as it is.
    """
    bare, bracket, remark = name.partition("(")
    covered = " ".join(_covered(part) for part in bare.split())
    return f"{covered} ({remark}" if bracket else covered


def _covered(part: str) -> str:
    is_korean = "가" <= part[0] <= "힣"
    if is_korean and len(part) > 2:  # noqa: PLR2004 -- of two letters only the first stays
        return part[0] + "*" * (len(part) - 2) + part[-1]
    return part[0] + "*" * (len(part) - 1)
