"""Case numbers: short enough to read out on the phone, and a slip of the tongue is noticed."""

import re
from typing import Final

from madang.services.applications.contracts import CaseId, NumberMistyped

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Digits and capitals without 0, 1, I, L and O, which are read for one another.

31 letters: a prime, so that the weighted check below notices every single wrong letter and every two exchanged.
"""

_BODY: Final = 7
_SHAPE: Final = re.compile(rf"(\d{{4}})([{ALPHABET}]{{{_BODY}}})([{ALPHABET}])", re.ASCII)
_SPACING: Final = re.compile(r"[\s\-–—.]+")


def number_for(case: CaseId, year: int) -> str:
    """The number of a case begun in ``year``: ``2026-K7QF-3M9X``, the last letter being the check.

    The body is what the id has of randomness, 31^7 (27 thousand million) values a year: two cases may meet in
    one, which the table's unique number notices, and the case is given another id.
    """
    body, rest = "", case.int & ((1 << 62) - 1)
    for _ in range(_BODY):
        rest, digit = divmod(rest, len(ALPHABET))
        body += ALPHABET[digit]
    whole = body + _check(f"{year:04}", body)
    return f"{year:04}-{whole[:4]}-{whole[4:]}"


def read_number(typed: str) -> str:
    """A number as somebody typed it, in its written form. Raises NumberMistyped when its check does not fit."""
    found = _SHAPE.fullmatch(_SPACING.sub("", typed[:40]).upper())
    if found is None or _check(found[1], found[2]) != found[3]:
        raise NumberMistyped(given=typed[:40])
    return f"{found[1]}-{found[2][:4]}-{found[2][4:]}{found[3]}"


def _check(year: str, body: str) -> str:
    values = [*(int(digit) for digit in year), *(ALPHABET.index(letter) for letter in body)]
    return ALPHABET[sum(weight * value for weight, value in enumerate(values, start=1)) % len(ALPHABET)]
