"""What a synthetic population is drawn from: ``population.yaml``, read strictly."""

from datetime import date
from typing import Any

import msgspec

from madang.kernel.languages import Language
from madang.records.registers.contracts import Register


class Sourced(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Figures with where they come from. ``estimate``: rounded from what the source is known to say."""

    source: str
    year: int
    estimate: bool = False


class Residents(Sourced):
    """How many there are."""

    count: int


class Districts(Sourced):
    """Residents by district code."""

    share: dict[str, float]


class Ages(Sourced):
    """Residents by the first year of a band of five."""

    share: dict[int, float]


class Households(Sourced):
    """Households by size; the last stands for itself and more."""

    share: dict[int, float]


class Nationality(msgspec.Struct, forbid_unknown_fields=True):
    """Foreign residents of one nationality, in percent of all; ``names`` is a list under ``names``."""

    share: float
    language: Language
    names: str


class Foreigners(Sourced):
    """Foreign residents as a share of all."""

    share: float
    nationalities: dict[str, Nationality]


class Vehicles(Sourced):
    """Car owners as a share of adults; models in percent."""

    share: float
    models: dict[str, float]


class Businesses(Sourced):
    """People in business as a share of adults."""

    share: float
    trades: dict[str, float]
    words: list[str]


class LocalTax(Sourced):
    """People in arrears as a share of adults; the sum is log-normal with this median and spread."""

    arrears_share: float
    arrears_median_won: int
    arrears_spread: float
    latest_year: int


class Kind(msgspec.Struct, forbid_unknown_fields=True):
    """A kind of disability: in percent of all, and how many of it are severe, and impair walking."""

    share: float
    severe: float
    walking_impaired: float


class Disability(Sourced):
    """Registered people as a share of all; ``age_weight`` by the first age of a band."""

    share: float
    age_weight: dict[int, float]
    kinds: dict[str, Kind]
    lapsed_share: float


class Names(msgspec.Struct, forbid_unknown_fields=True):
    """Names as ``Hangul/Roman``, as the register writes them."""

    order: str
    family: dict[str, float]
    given: list[str]


class Demo(msgspec.Struct, forbid_unknown_fields=True):
    """A resident of every demonstration: the entries as they stand in the registers."""

    story: str
    language: Language
    residents: dict[str, Any]
    households: dict[str, Any]
    vehicles: dict[str, Any] | None = None
    businesses: dict[str, Any] | None = None
    local_tax: dict[str, Any] | None = None
    disability: dict[str, Any] | None = None
    household: int | None = None
    signs_in: bool = True

    def entry(self, register: Register) -> dict[str, Any] | None:
        """The resident's entry in a register, or None."""
        found: dict[str, Any] | None = getattr(self, register)
        return found


class Shares(msgspec.Struct, forbid_unknown_fields=True):
    """All of it."""

    as_of: date
    residents: Residents
    districts: Districts
    ages: Ages
    households: Households
    foreigners: Foreigners
    vehicles: Vehicles
    businesses: Businesses
    local_tax: LocalTax
    disability: Disability
    names: dict[str, Names]
    demo: dict[str, Demo]


def shares_of(data: Any) -> Shares:
    """Everything in ``population.yaml``, as loaded. Raises ValueError that says where in the file and what."""
    return msgspec.convert(data, Shares)
