"""How many parts a text message is billed as."""

from dataclasses import dataclass
from typing import Final

# 3GPP TS 23.038 (release 18, 2024), sections 6.2.1 and 6.2.1.1: the default alphabet and its extension table.
_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")

# 3GPP TS 23.040 (release 18, 2024), section 9.2.3.24.1: six octets of header in each part of a longer message.
_GSM_ONE, _GSM_EACH = 160, 153
_UCS_ONE, _UCS_EACH = 70, 67
LONGEST_PARTS: Final = 10
"""Parts that networks join reliably; nothing longer is sent."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a text costs: its alphabet (``gsm-7`` or ``ucs-2``), its length in that alphabet's units, and its parts."""

    alphabet: str
    units: int
    parts: int

    @property
    def fits(self) -> bool:
        """Whether networks will carry it as one message."""
        return self.parts <= LONGEST_PARTS


def size(text: str) -> Size:
    """Count a text as a network does: septets in the GSM alphabet, else UTF-16 units."""
    letters = set(text)
    if letters <= _BASIC | _EXTENDED:
        weights = [2 if letter in _EXTENDED else 1 for letter in text]
        return Size("gsm-7", sum(weights), _parts(weights, _GSM_ONE, _GSM_EACH))
    weights = [2 if ord(letter) > 0xFFFF else 1 for letter in text]  # noqa: PLR2004 -- beyond it UTF-16 takes a pair
    return Size("ucs-2", sum(weights), _parts(weights, _UCS_ONE, _UCS_EACH))


def _parts(weights: list[int], one: int, each: int) -> int:
    """A letter that takes two units is not cut in two, so the parts are filled one after another."""
    if sum(weights) <= one:
        return 1
    parts, filled = 1, 0
    for weight in weights:
        if filled + weight > each:
            parts, filled = parts + 1, 0
        filled += weight
    return parts
