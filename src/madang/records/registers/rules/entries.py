"""What each register holds of synthetic people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from madang.records.registers.contracts import Register
from madang.records.registers.rules.columns import Coded, Column, Flags, Integers, Joined, Table, digits
from madang.records.registers.rules.names import draw_names
from madang.records.registers.rules.people import RELATIONS, People
from madang.records.registers.rules.shares import Shares

Dates = NDArray[np.datetime64]
_DAYS_A_YEAR = 365.2425
_YEARS_OF_MOVES, _YEARS_OF_CARS, _YEARS_OF_BUSINESS = 18, 14, 20


@dataclass(frozen=True, slots=True)
class Dong:
    """A neighbourhood as an address names it."""

    district_code: str
    district: str
    name: str


def entries(
    shares: Shares, dongs: Sequence[Dong], people: People, first: int, chance: Generator
) -> Iterator[Table]:
    """Every register's entries for people whose numbers begin at ``first``."""
    birth = _days_back(shares, people.age * _DAYS_A_YEAR + chance.random(len(people.age)) * _DAYS_A_YEAR)
    names = draw_names(shares, people, chance)
    yield _residents(shares, people, birth, names, first)
    homes = _households(shares, dongs, people, birth, names[0], chance)
    yield replace(homes, columns={**homes.columns, "household": first + people.head})
    yield _vehicles(shares, people, first, chance)
    yield _businesses(shares, people, first, chance)
    yield _local_tax(shares, people, chance)
    yield _disability(shares, people, chance)


def _residents(shares: Shares, people: People, birth: Dates, names: tuple[Coded, Coded], first: int) -> Table:
    abroad = shares.foreigners.nationalities
    nation = np.where(people.foreign, people.nationality + 1, 0)
    language = ["ko", *(one.language.value for one in abroad.values())]
    return _table(Register.RESIDENTS, _everyone(people), {
        "name_ko": names[0], "name_en": names[1], "birth_date": birth,
        "sex": Coded(people.male.astype(np.int64), ("female", "male")),
        "nationality": Coded(nation, ["KR", *abroad]),
        "masked_number": Joined([*_six_digits(birth), "-*******"]),
        # Nobody is given 010-0000: the numbers after it repeat every ten thousand residents.
        "phone": Joined(["010-0000-", digits((first + _everyone(people)) % 10_000, 4)]),
        "language": Coded(nation, language),
    })


def _households(
    shares: Shares, dongs: Sequence[Dong], people: People, birth: Dates, names: Coded, chance: Generator
) -> Table:
    count = int(people.household[-1]) + 1
    moved = _days_back(shares, chance.random(count) * _YEARS_OF_MOVES * _DAYS_A_YEAR)[people.household]
    road, block, floor, door = (
        digits(chance.integers(least, most, count)[people.household], width)
        for least, most, width in ((1, 100, 2), (101, 130, 3), (1, 26, 2), (1, 9, 2))
    )
    place = Coded(people.dong, [f"서울특별시 {dong.district} {dong.name} 합성로 " for dong in dongs])
    return _table(Register.HOUSEHOLDS, _everyone(people), {
        "address": Joined([place, road, ", ", block, "동 ", floor, door, "호"]),
        "district": Coded(people.dong, [dong.district for dong in dongs]),
        "dong": Coded(people.dong, [dong.name for dong in dongs]),
        "moved_in": np.maximum(moved, birth), "head_name": names.at(people.head), "members": people.members,
        "relation": Coded(people.relation, RELATIONS),
    })


def _vehicles(shares: Shares, people: People, first: int, chance: Generator) -> Table:
    who = _some(people.adult, shares.vehicles.share, chance)
    number = first + who
    # 00 and 000 are not given out as the first digits of a plate (자동차 등록번호판 고시, 2019).
    letters = [chr(0xAC00 + 588 * initial + 28 * vowel) for initial in range(19) for vowel in range(21)]
    return _table(Register.VEHICLES, who, {
        "plate": Joined([
            Coded(number // 10_000 // len(letters) % 2, ("00", "000")),
            Coded(number // 10_000 % len(letters), letters), digits(number % 10_000, 4),
        ]),
        "model": _drawn(shares.vehicles.models, len(who), chance),
        "first_registered": _days_back(shares, chance.random(len(who)) * _YEARS_OF_CARS * _DAYS_A_YEAR),
    })


def _businesses(shares: Shares, people: People, first: int, chance: Generator) -> Table:
    who = _some(people.adult, shares.businesses.share, chance)
    number = first + who
    word = Coded(chance.integers(0, len(shares.businesses.words), len(who)), shares.businesses.words)
    return _table(Register.BUSINESSES, who, {
        # The first three digits are a tax office's; none has 000.
        "registration_number": Joined(
            ["000-", digits(number // 100_000 % 100, 2), "-", digits(number % 100_000, 5)]
        ),
        "trade_name": Joined([word, _drawn(shares.businesses.trades, len(who), chance), "(합성)"]),
        "opened": _days_back(shares, chance.random(len(who)) * _YEARS_OF_BUSINESS * _DAYS_A_YEAR),
    })


def _local_tax(shares: Shares, people: People, chance: Generator) -> Table:
    who = np.flatnonzero(people.adult)
    owes = chance.random(len(who)) < shares.local_tax.arrears_share
    tens = chance.lognormal(np.log(shares.local_tax.arrears_median_won / 10), shares.local_tax.arrears_spread, len(who))
    return _table(Register.LOCAL_TAX, who, {
        "paid_up": ~owes,
        "arrears": np.where(owes, 10 * np.maximum(1, tens.astype(np.int64)), 0),
        "latest_year": np.full(len(who), shares.local_tax.latest_year),
    })


def _disability(shares: Shares, people: People, chance: Generator) -> Table:
    said = shares.disability
    bands = np.array(list(said.age_weight))
    weight = np.array(list(said.age_weight.values()))[np.searchsorted(bands, people.age, side="right") - 1]
    who = np.flatnonzero(chance.random(len(people.age)) < said.share * weight / weight.mean())
    kinds = list(said.kinds.values())
    kind = _drawn({name: one.share for name, one in said.kinds.items()}, len(who), chance)
    severe = chance.random(len(who)) < np.array([one.severe for one in kinds])[kind.codes]
    return _table(Register.DISABILITY, who, {
        "registered": chance.random(len(who)) >= said.lapsed_share,
        "severity": Coded(severe.astype(np.int64), ("mild", "severe")),
        "kind": kind,
        "walking_impaired": chance.random(len(who)) < np.array([one.walking_impaired for one in kinds])[kind.codes],
    })


def _table(register: Register, who: Integers, columns: dict[str, Column]) -> Table:
    return Table(register, who, columns)


def _everyone(people: People) -> Integers:
    return np.arange(len(people.age))


def _some(among: Flags, share: float, chance: Generator) -> Integers:
    return np.flatnonzero(among & (chance.random(len(among)) < share))


def _drawn(shares: dict[str, float], count: int, chance: Generator) -> Coded:
    weights = np.array(list(shares.values()))
    return Coded(chance.choice(len(weights), count, p=weights / weights.sum()), list(shares))


def _days_back(shares: Shares, days: NDArray[np.float64]) -> Dates:
    back: Dates = np.datetime64(shares.as_of) - days.astype(np.int64).astype("timedelta64[D]")
    return back


def _six_digits(dates: Dates) -> list[Column | str]:
    years = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    months = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    days = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    return [digits(years % 100, 2), digits(months, 2), digits(days, 2)]
