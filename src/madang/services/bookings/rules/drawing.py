"""A draw that nobody can bend and anybody can repeat.

Before the first entry the city publishes SHA-256(seed). Each entry gets the next number and a random code, which its
holder sees. After the close the list of entries is fixed by its digest; the order drawn is that of
HMAC-SHA256(key = seed, message = digest || number), the smallest first; places go down that order, passing over a party
that is larger than what is left. It is verifiable random selection as in RFC 3797 (2004), section 4, with a committed
seed in place of public random sources (commit and reveal: Blum, 1983, "Coin flipping by telephone") and HMAC-SHA256
(RFC 2104, 1997) in place of MD5. The seed alone does not decide: one entry more or less changes every place.
"""

import hmac
from collections.abc import Iterator, Sequence
from hashlib import sha256

from madang.services.bookings.contracts import Entry, Sheet

_NUMBER_BYTES = 8


def commitment(seed: bytes) -> str:
    """What is published beforehand: SHA-256 of the 32 bytes of the seed, hexadecimal."""
    return sha256(seed).hexdigest()


def digest(entries: Sequence[Entry]) -> bytes:
    """What fixes the list of entries: SHA-256 of lines ``NUMBER CODE SEATS`` and a line feed, by number, as UTF-8."""
    lines = sorted((entry.number, entry.code, entry.seats) for entry in entries)
    return sha256("".join(f"{number} {code} {seats}\n" for number, code, seats in lines).encode()).digest()


def order(entries: Sequence[Entry], seed: bytes) -> list[Entry]:
    """Every entry in the order drawn."""
    fixed = digest(entries)

    def place(entry: Entry) -> bytes:
        return hmac.digest(seed, fixed + entry.number.to_bytes(_NUMBER_BYTES, "big"), "sha256")

    return sorted(entries, key=place)


def winners(drawn: Sequence[Entry], places: int) -> Iterator[Entry]:
    """Who gets a place, down the order drawn."""
    for entry in drawn:
        if entry.seats <= places:
            places -= entry.seats
            yield entry


def faults(sheet: Sheet) -> Iterator[str]:
    """What does not fit in a published draw; nothing when it can be drawn again with the same end."""
    seed = bytes.fromhex(sheet.seed)
    if commitment(seed) != sheet.commitment:
        yield "the seed is not the one whose SHA-256 was published beforehand"
    drawn = order(sheet.entries, seed)
    if [entry.number for entry in drawn] != list(sheet.order):
        yield "the order drawn does not follow from the seed and the entries"
    if [entry.number for entry in winners(drawn, sheet.capacity)] != list(sheet.winners):
        yield "the winners are not the first in the order drawn"
