"""What a policy process holds of quotas that it has taken ahead, where its next start finds it after a kill.

A mapped file: the kernel keeps what was written to it when the process is killed, and writing costs no call. A unit is
out of the purse before its request is let through, so what a killed process leaves there was certainly not used.
"""

import fcntl
import mmap
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from struct import Struct
from typing import Final
from uuid import UUID

_SLOT: Final = Struct("<16sII")
_LEFT: Final = Struct("<I")
_LEFT_AT: Final = 20
SLOTS: Final = 1024


class Purse:
    """Units by slot. One process at a time: raises BlockingIOError while another holds the file."""

    def __init__(self, file: Path) -> None:
        file.touch()
        self._file = file.open("r+b")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._file.truncate(SLOTS * _SLOT.size)
        self._pages = mmap.mmap(self._file.fileno(), SLOTS * _SLOT.size)
        self._free = list(range(SLOTS))

    def leftovers(self) -> Iterator[tuple[UUID, date, int]]:
        """What the process before us held, by partner and day; each is out of the purse once it was told."""
        for slot in range(SLOTS):
            partner, day, left = _SLOT.unpack_from(self._pages, slot * _SLOT.size)
            if left:
                self.set(slot, 0)
                yield UUID(bytes=partner), date.fromordinal(day), left

    def take_slot(self, partner: UUID, day: date, left: int) -> int | None:
        """A slot that holds ``left`` units; None when all are in use."""
        if not self._free:
            return None
        slot = self._free.pop()
        _SLOT.pack_into(self._pages, slot * _SLOT.size, partner.bytes, day.toordinal(), left)
        return slot

    def set(self, slot: int, left: int) -> None:
        """Say what is left in a slot."""
        _LEFT.pack_into(self._pages, slot * _SLOT.size + _LEFT_AT, left)

    def free(self, slot: int) -> None:
        """Empty a slot for somebody else."""
        self.set(slot, 0)
        self._free.append(slot)

    def close(self) -> None:
        """Let the next process have the file."""
        self._pages.close()
        self._file.close()
