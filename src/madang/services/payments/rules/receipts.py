"""Receipt numbers: the day, and letters that nobody can guess or confuse."""

from datetime import datetime
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32 (2002)
_LETTERS: Final = 8


def receipt_number(paid: datetime, random: bytes) -> str:
    """``261122-8F3K2MQ0``: the day in Seoul, and 40 of the random bits."""
    number = int.from_bytes(random, "big")
    drawn = "".join(_ALPHABET[(number >> 5 * place) & 31] for place in range(_LETTERS))
    return f"{paid:%y%m%d}-{drawn}"
