"""Verification codes: 100 random bits that people can read out, copy and mistype."""

import re
from typing import Final

from madang.services.certificates.contracts import CodeMalformed

LETTERS: Final = 20
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32 (2002): no I, L, O, U
_BITS: Final = 5
_WELL_FORMED: Final = re.compile(f"[{_ALPHABET}]{{{LETTERS}}}")
_MISREAD: Final = str.maketrans("OILoil", "011011", "- \t\r\n")
_LONGEST_GIVEN: Final = 60


def code_from(random: bytes) -> str:
    """The code that 13 or more random bytes make; the surplus bits are let go."""
    number = int.from_bytes(random, "big") >> (len(random) * 8 - LETTERS * _BITS)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range((LETTERS - 1) * _BITS, -1, -_BITS))


def read_code(given: str) -> str:
    """A code as it was typed, with hyphens, blanks, small letters and O for 0 forgiven. Raises CodeMalformed."""
    code = given[:_LONGEST_GIVEN].translate(_MISREAD).upper()
    if not _WELL_FORMED.fullmatch(code):
        raise CodeMalformed(given=given[:_LONGEST_GIVEN])
    return code


def grouped(code: str) -> str:
    """The code as it is printed: five groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, LETTERS, 4))


def code_in_file(content: bytes) -> str | None:
    """The code that a document of the city carries in its link, found in the bytes without opening them as a PDF."""
    found = re.search(rf"/verify/([{_ALPHABET}]{{{LETTERS}}})\)".encode(), content)
    return found[1].decode("ascii") if found else None
