"""What the registers say to the rooms that ask them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from madang.kernel.errors import NotFound, Unavailable
from madang.kernel.ids import ResidentId


class Register(StrEnum):
    """A register that somebody else keeps; the city asks it field by field."""

    RESIDENTS = "residents"
    """name_ko, name_en, birth_date, sex, nationality, masked_number, phone."""
    HOUSEHOLDS = "households"
    """address, district, dong, moved_in, head_name, members (how many), relation."""
    VEHICLES = "vehicles"
    """plate, model, first_registered."""
    BUSINESSES = "businesses"
    """registration_number, trade_name, opened."""
    LOCAL_TAX = "local_tax"
    """paid_up (yes or no), arrears (won), latest_year."""
    DISABILITY = "disability"
    """registered (yes or no), severity (severe or mild), kind, walking_impaired (yes or no)."""


@dataclass(frozen=True, slots=True)
class Record:
    """Some fields of a resident's entry in one register, as it stood at ``as_of`` (aware)."""

    register: Register
    resident: ResidentId
    fields: Mapping[str, str]
    as_of: datetime


class RegisterAdapter(Protocol):
    """How a register is reached. One class a kind of connection; settings choose."""

    def fetch(self, register: Register, resident: ResidentId, fields: Collection[str]) -> Mapping[str, str] | None:
        """The fields, or None when the register has no entry. Raises RegisterUnavailable."""


@dataclass(eq=False)
class RegisterUnavailable(Unavailable):
    """The register does not answer; the case waits and goes on by itself when it does."""

    register: Register

    code = "registers.unavailable"
    message = "The register “{register}” does not answer at the moment."


@dataclass(eq=False)
class EntryMissing(NotFound):
    """The register has no entry for this person."""

    register: Register

    code = "registers.entry_missing"
    message = "The register “{register}” has no entry for this person."
