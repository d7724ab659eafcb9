"""What the archive lacks, and which of its small files belong together. Pure: numbers in, decisions out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.commons.lake.contracts import Hole

HOLES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SmallFile:
    """A data file as upkeep sees it: its partition (a day), its rows, and where it lies."""

    day: int
    rows: int
    path: str


def holes(bus: str, sequences: NDArray[np.int64]) -> tuple[list[Hole], int]:
    """The missing stretches between a bus's first and last archived sequence (20 at most), and how many came twice."""
    if not len(sequences):
        return [], 0
    here = np.unique(sequences)
    after = np.flatnonzero(np.diff(here) > 1)[:HOLES_SHOWN]
    found = [Hole(bus, int(here[at]) + 1, int(here[at + 1]) - 1) for at in after]
    return found, len(sequences) - len(here)


def joins(files: Sequence[SmallFile], full: int, at_least: int) -> Iterator[list[SmallFile]]:
    """Groups of a day's small files to be joined into one of at most ``full`` rows.

    A file of half that is left alone, and so is a day with fewer than ``at_least`` small files: each row is then
    rewritten a few times in its life, not at every round.
    """
    small = [file for file in files if file.rows < full // 2]
    for day in sorted({file.day for file in small}):
        of_day = sorted((file for file in small if file.day == day), key=lambda file: (file.rows, file.path))
        if len(of_day) >= at_least:
            yield from _groups(of_day, full)


def _groups(files: Sequence[SmallFile], full: int) -> Iterator[list[SmallFile]]:
    group: list[SmallFile] = []
    for file in files:
        if group and sum(each.rows for each in group) + file.rows > full:
            if len(group) > 1:
                yield group
            group = []
        group.append(file)
    if len(group) > 1:
        yield group
