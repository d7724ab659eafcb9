"""Ids of synthetic residents: the same for the same seed and number, on any machine.

UUID version 8 (RFC 9562, 2024, section 5.8): 48 bits of the resident's number, so that rows made together lie
together in an index, then 74 bits that seed and number decide.
"""

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from madang.kernel.ids import ResidentId

Numbers = NDArray[np.uint64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_VERSION = np.uint64(0x8 << 12)
_VARIANT = np.uint64(0b10 << 62)


def resident_ids(seed: int, numbers: Numbers) -> NDArray[np.uint8]:
    """The ids of many residents, 16 bytes a row."""
    first = _mixed(numbers * _GOLDEN + np.uint64(seed))
    second = _mixed(first + _GOLDEN)
    halves = np.empty((len(numbers), 2), dtype=">u8")
    halves[:, 0] = (numbers << np.uint64(16)) | _VERSION | (first & np.uint64(0xFFF))
    halves[:, 1] = _VARIANT | (second >> np.uint64(2))
    return halves.view(np.uint8).reshape(-1, 16)


def resident_id(seed: int, number: int) -> ResidentId:
    """The id of one resident."""
    return ResidentId(UUID(bytes=resident_ids(seed, np.array([number], dtype=np.uint64)).tobytes()))


def _mixed(state: Numbers) -> Numbers:
    """splitmix64's finaliser (Steele, Lea, Flood, Fast splittable pseudorandom number generators, 2014)."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Numbers = state ^ (state >> np.uint64(31))
    return mixed
