"""Which of many credentials are taken back, one bit each (Token Status List, IETF draft 12 and after, 2025)."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from madang.kernel.selective_disclosure import DisclosureWrong, decoded, encoded

_BITS: Final = 8
LONGEST: Final = 1 << 20
"""Bytes of a list that is still read: eight million credentials. A short text can unpack to a very long one."""


@dataclass(eq=False)
class StatusListWrong(ValueError):
    """A status list cannot be read, or has no such place; ``why`` says which."""

    why: str


def packed(taken_back: Iterable[int], size: int) -> dict[str, Any]:
    """The claim ``status_list`` of ``size`` places, those in ``taken_back`` set; the first place is the lowest bit."""
    bits = bytearray(size // _BITS)
    for place in taken_back:
        bits[place // _BITS] |= 1 << place % _BITS
    return {"bits": 1, "lst": encoded(zlib.compress(bytes(bits), 9))}


def is_taken_back(told: Any, place: int) -> bool:
    """Whether the credential at ``place`` is taken back, or suspended: anything but zero. Raises StatusListWrong."""
    if not isinstance(told, dict) or told.get("bits") not in {1, 2, 4, 8} or not isinstance(told.get("lst"), str):
        raise StatusListWrong(why="no status list")
    width: int = told["bits"]
    at, shift = divmod(place * width, _BITS)
    bits = _unpacked(told["lst"])
    if not 0 <= at < len(bits):
        raise StatusListWrong(why="no such place")
    return bool(bits[at] >> shift & (1 << width) - 1)


def _unpacked(text: str) -> bytes:
    try:
        return zlib.decompressobj().decompress(decoded(text), LONGEST)
    except (zlib.error, DisclosureWrong):
        raise StatusListWrong(why="cannot be unpacked") from None
