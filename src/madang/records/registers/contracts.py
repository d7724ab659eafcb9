"""What the registers say to the rooms that ask them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from madang.kernel.errors import Invalid, NotFound, Unavailable
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language, Text


class Permission(StrEnum):
    """What one may be allowed to do here."""

    READ = "registers.read"


class Register(StrEnum):
    """A register that somebody else keeps; the city asks it field by field."""

    RESIDENTS = "residents"
    """name_ko, name_en, birth_date, sex, nationality, masked_number, phone, language."""
    HOUSEHOLDS = "households"
    """address, district, dong, moved_in, head_name, members (how many), relation, children (ids with spaces between).

    ``children`` are the minors of the household, told to its head and the head's spouse only.
    """
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
    """Some fields of a resident's entry in one register, as it stood at ``as_of`` (aware).

    A field that the register leaves empty is not in ``fields``. Dates are ISO 8601, yes and no are ``yes`` and
    ``no``, choices are the codes of ``FieldInfo.choices``, sums are whole won.
    """

    register: Register
    resident: ResidentId
    fields: Mapping[str, str]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """What a register answered: the fields that it holds, as they stood at ``as_of`` (aware)."""

    fields: Mapping[str, str]
    as_of: datetime


class NoAnswer(Exception):
    """An adapter got no usable answer: ``why`` is for the log; when ``passing``, asking again may help."""

    def __init__(self, *, why: str, passing: bool) -> None:
        super().__init__(why)
        self.why = why
        self.passing = passing


class RegisterAdapter(Protocol):
    """How a register is reached. One class a kind of connection; settings choose."""

    def fetch(
        self, register: Register, resident: ResidentId, fields: Collection[str], seconds: float
    ) -> Entry | None:
        """The fields, or None when the register has no entry; within about ``seconds``. Raises NoAnswer."""


class DataClass(StrEnum):
    """How the law protects a field (개인정보 보호법, 2023)."""

    PERSONAL = "personal"
    """Article 2."""
    SENSITIVE = "sensitive"
    """Article 23: health and other sensitive information."""
    UNIQUE_IDENTIFIER = "unique_identifier"
    """Article 24."""


class FieldKind(StrEnum):
    """What a field's value is."""

    TEXT = "text"
    DATE = "date"
    YEAR = "year"
    NUMBER = "number"
    YES_NO = "yes_no"
    CHOICE = "choice"
    COUNTRY = "country"
    """ISO 3166-1 alpha-2."""
    PHONE = "phone"
    VEHICLE_NUMBER = "vehicle_number"


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field of a register. ``choices`` names the values of a choice."""

    name: str
    kind: FieldKind
    data_class: DataClass
    label: Text
    choices: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long we wait for a register, how often we ask again, and when we leave it alone. Times in seconds."""

    attempt_seconds: float
    total_seconds: float
    attempts: int
    wait_seconds: float
    failures_to_open: int
    open_seconds: float


@dataclass(frozen=True, slots=True)
class RegisterInfo:
    """A register: its name as in “filled in from the …”, who keeps it, on which law."""

    id: Register
    name: Text
    owner: Text
    law: str
    """The law, its article and its year, in Korean."""
    fields: Mapping[str, FieldInfo]
    patience: Patience


class LineState(StrEnum):
    """The circuit breaker before a register (Nygard, Release It!, 2nd ed. 2018, ch. 5)."""

    CLOSED = "closed"
    """We ask as usual."""
    OPEN = "open"
    """It failed too often: we do not ask, and say at once that it is unavailable."""
    HALF_OPEN = "half_open"
    """One call is let through to see whether it answers again."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the processes of the city last found about a register. ``since`` is aware; None before the first change."""

    register: Register
    state: LineState
    since: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Population:
    """The synthetic residents that the registers of the demonstration hold. ``made`` is aware."""

    residents: int
    seed: int
    rows: int
    """Entries in all registers together."""
    seconds: float
    made: datetime


@dataclass(frozen=True, slots=True)
class DemoResident:
    """A synthetic resident with properties that never change; ``key`` says which, ``story`` tells it in English."""

    key: str
    id: ResidentId
    name_ko: str
    name_en: str
    language: Language
    story: str
    signs_in: bool = True
    """Whether a demonstration makes an account for them; a small child has none."""


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


@dataclass(eq=False)
class FieldUnknown(Invalid):
    """The register has no such field; a mistake in a service's data."""

    register: Register
    field: str

    code = "registers.field_unknown"
    message = "The register “{register}” has no field called “{field}”."
