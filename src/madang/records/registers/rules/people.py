"""Who lives with whom: synthetic people in chunks, each chunk the same for the same seed."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from madang.records.registers.rules.columns import Flags, Integers
from madang.records.registers.rules.shares import Shares

CHUNK = 100_000
"""People drawn at once: about 60 MB at the peak, and a household never spans two chunks."""
ADULT = 19
"""민법 (Civil Act), article 4, 2013."""
_SPOUSE_GAP = 12
_CHILD_GAP = 18
"""Years of age between a head and a spouse at most, a child at least: our own choice, to tell relations apart."""
RELATIONS = ("head", "spouse", "child", "cohabitant")
HEAD, SPOUSE, CHILD, COHABITANT = range(4)


@dataclass(frozen=True)
class People:
    """People row by row, households together, the eldest of each first."""

    household: Integers
    """The place of the household in its chunk."""
    age: Integers
    male: Flags
    relation: Integers
    foreign: Flags
    nationality: Integers
    """The place in ``foreigners.nationalities``; 0 for citizens, too."""
    dong: Integers
    """The place in the list of all dong."""

    @cached_property
    def head(self) -> Integers:
        """The row of each one's head of household."""
        return np.searchsorted(self.household, self.household, side="left")

    @cached_property
    def members(self) -> Integers:
        """How many live in each one's household."""
        return np.bincount(self.household)[self.household]

    @cached_property
    def adult(self) -> Flags:
        """Who is of age."""
        return self.age >= ADULT


def chunk_generator(seed: int, chunk: int) -> Generator:
    """The source of chance of one chunk, independent of every other's."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, chunk])))


def draw_people(shares: Shares, dongs: dict[str, Integers], chance: Generator) -> People:
    """``CHUNK`` people. ``dongs`` are places of dong by district code."""
    household = _households(shares, chance)
    age = _ages(shares, household, chance)
    male = chance.random(CHUNK) < 0.5  # noqa: PLR2004 -- half and half
    head = np.searchsorted(household, household, side="left")
    relation = _relations(age, head)
    male = np.where(relation == SPOUSE, ~male[head], male)
    count = int(household[-1]) + 1
    foreign = chance.random(count) < shares.foreigners.share
    nationality = chance.choice(len(shares.foreigners.nationalities), count, p=_odds(_nationality_shares(shares)))
    dong = _dongs(shares, dongs, count, chance)
    return People(household, age, male, relation, foreign[household], nationality[household], dong[household])


def _households(shares: Shares, chance: Generator) -> Integers:
    sizes = chance.choice(list(shares.households.share), CHUNK, p=_odds(shares.households.share.values()))
    household: Integers = np.repeat(np.arange(CHUNK), sizes)[:CHUNK]
    return household


def _ages(shares: Shares, household: Integers, chance: Generator) -> Integers:
    band = chance.choice(list(shares.ages.share), CHUNK, p=_odds(shares.ages.share.values()))
    last = max(shares.ages.share)
    age = band + chance.integers(0, np.where(band == last, 100 - last, 5))
    age = age[np.lexsort((-age, household))]
    eldest = np.searchsorted(household, np.unique(household), side="left")
    age[eldest] = np.where(age[eldest] < ADULT, age[eldest] + 2 * ADULT, age[eldest])
    return age


def _relations(age: Integers, head: Integers) -> Integers:
    place = np.arange(len(age)) - head
    younger = age[head] - age
    spouse = (place == 1) & (younger <= _SPOUSE_GAP) & (age >= ADULT)
    return np.select([place == 0, spouse, younger >= _CHILD_GAP], [HEAD, SPOUSE, CHILD], default=COHABITANT)


def _dongs(shares: Shares, dongs: dict[str, Integers], count: int, chance: Generator) -> Integers:
    codes = list(shares.districts.share)
    district = chance.choice(len(codes), count, p=_odds(shares.districts.share.values()))
    sizes = np.array([len(dongs[code]) for code in codes])
    first = np.cumsum(sizes) - sizes
    places: Integers = np.concatenate([dongs[code] for code in codes])
    chosen: Integers = places[first[district] + (chance.random(count) * sizes[district]).astype(np.int64)]
    return chosen


def _nationality_shares(shares: Shares) -> list[float]:
    return [nationality.share for nationality in shares.foreigners.nationalities.values()]


def _odds(shares: Any) -> NDArray[np.float64]:
    weights = np.array(list(shares), dtype=np.float64)
    odds: NDArray[np.float64] = weights / weights.sum()
    return odds
