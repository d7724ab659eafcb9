"""Names of synthetic residents: family and given name in the order of their language, always marked as synthetic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.random import Generator

from madang.records.registers.rules.columns import Coded, Integers
from madang.records.registers.rules.people import CHILD, People
from madang.records.registers.rules.shares import Names, Shares

_CITIZENS = "korean"


@dataclass(frozen=True, slots=True)
class _Book:
    """Every name of every list, one list after another, and where each list begins."""

    korean: list[str]
    roman: list[str]
    first: Mapping[str, int]


def draw_names(shares: Shares, people: People, chance: Generator) -> tuple[Coded, Coded]:
    """The names of people in Hangul and in roman letters; children carry the head's family name."""
    book = _book(shares.names)
    codes = np.empty(len(people.age), dtype=np.int64)
    lists = np.where(people.foreign, people.nationality + 1, 0)
    for number, name in enumerate([_CITIZENS, *(one.names for one in shares.foreigners.nationalities.values())]):
        rows = np.flatnonzero(lists == number)
        codes[rows] = book.first[name] + _draw(shares.names[name], people, rows, chance)
    return Coded(codes, book.korean), Coded(codes, book.roman)


def _draw(names: Names, people: People, rows: Integers, chance: Generator) -> Integers:
    weights = np.array(list(names.family.values()))
    family = np.empty(len(people.age), dtype=np.int64)
    family[rows] = chance.choice(len(weights), len(rows), p=weights / weights.sum())
    # A household has one nationality, so a child's head was drawn from the same list.
    heads = np.where(people.relation[rows] == CHILD, people.head[rows], rows)
    given = chance.integers(0, len(names.given), len(rows))
    drawn: Integers = family[heads] * len(names.given) + given
    return drawn


def _book(lists: Mapping[str, Names]) -> _Book:
    korean, roman, first = list[str](), list[str](), dict[str, int]()
    for key, names in lists.items():
        first[key] = len(korean)
        for (family_ko, family_en), (given_ko, given_en) in product(_pairs(names.family), _pairs(names.given)):
            space = "" if key == _CITIZENS else " "
            korean.append(f"{_ordered(names, family_ko, given_ko, space)}(합성)")
            roman.append(f"{_ordered(names, family_en, given_en, ' ')} (synthetic)")
    return _Book(korean, roman, first)


def _pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(korean, roman) for korean, _, roman in (name.partition("/") for name in names)]


def _ordered(names: Names, family: str, given: str, space: str) -> str:
    return f"{family}{space}{given}" if names.order == "family_first" else f"{given}{space}{family}"
