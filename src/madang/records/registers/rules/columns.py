"""Columns of synthetic entries as numbers, not as objects: how a million rows stay small and quick."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.records.registers.contracts import Register

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Coded:
    """Words, each row by its place in ``words``."""

    codes: Integers
    words: Sequence[str]

    def at(self, rows: Integers) -> "Coded":
        """The rows at these places."""
        return Coded(self.codes[rows], self.words)


@dataclass(frozen=True, slots=True)
class Joined:
    """Text put together row by row; a plain string is the same in every row."""

    parts: Sequence["Column | str"]


Column = NDArray[Any] | Coded | Joined


@dataclass(frozen=True, slots=True)
class Table:
    """Entries of one register: ``who`` are the residents' places in their chunk."""

    register: Register
    who: Integers
    columns: Mapping[str, Column]

    def first(self, size: int) -> "Table":
        """The entries of the first ``size`` residents of the chunk."""
        rows = np.flatnonzero(self.who < size)
        columns = {name: _at(column, rows) for name, column in self.columns.items()}
        return Table(self.register, self.who[rows], columns)


def digits(numbers: Integers, width: int) -> Coded:
    """Numbers with leading zeros; ``numbers`` are below ten to the power of ``width``."""
    return Coded(numbers, _padded(width))


def _at(column: Column, rows: Integers) -> Column:
    match column:
        case Joined():
            return Joined([part if isinstance(part, str) else _at(part, rows) for part in column.parts])
        case Coded():
            return column.at(rows)
        case _:
            return column[rows]


def _padded(width: int) -> Sequence[str]:
    return [f"{number:0{width}d}" for number in range(10**width)]
