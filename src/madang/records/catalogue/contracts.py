"""What the catalogue says: a service as data, from its name to its appeal."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from madang.kernel.assurance import Assurance
from madang.kernel.errors import CityError, NotFound
from madang.kernel.languages import Language, Text
from madang.kernel.money import Won

ServiceId = NewType("ServiceId", str)
"""A slug that never changes: ``resident-register-extract``."""

SLUG = "^[a-z][a-z0-9-]{2,59}$"
"""What an id looks like: small letters, digits and hyphens."""


class Category(StrEnum):
    """The seven categories in which the city shows its services."""

    LIFE = "life"
    WELFARE_HEALTH = "welfare_health"
    TRANSPORTATION = "transportation"
    HOUSING_ENVIRONMENT = "housing_environment"
    ECONOMY_EMPLOYMENT = "economy_employment"
    CULTURE_EDUCATION = "culture_education"
    ADMINISTRATION = "administration"


class Archetype(StrEnum):
    """What kind of thing a service is; each brings defaults that a service may override."""

    DOCUMENT = "document"
    BENEFIT = "benefit"
    PAYMENT = "payment"
    BOOKING = "booking"
    PERMIT = "permit"
    REPORT = "report"
    ENQUIRY = "enquiry"
    VOTE = "vote"


class Processing(StrEnum):
    """Who decides. Automatic processing may only approve: what it cannot approve goes to an officer."""

    AUTOMATIC = "automatic"
    OFFICER = "officer"


class FieldKind(StrEnum):
    """What a question asks for, and so how it is shown and checked."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    YES_NO = "yes_no"
    DATE = "date"
    YEAR = "year"
    NUMBER = "number"
    PHONE = "phone"
    VEHICLE_NUMBER = "vehicle_number"
    SLOT = "slot"
    """A time and place that can be booked; ``services.bookings`` knows which are free."""


@dataclass(frozen=True, slots=True)
class Source:
    """The register and the field of it that answer a question, so that the resident need not."""

    register: str
    field: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of several."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form. ``source`` fills it in; ``locked`` means the register's word stands.

    ``claim`` names what of a credential answers it, when a resident would rather show it from their wallet.
    """

    name: str
    kind: FieldKind
    label: Text
    hint: Text | None = None
    required: bool = True
    choices: Sequence[Choice] = ()
    source: Source | None = None
    locked: bool = False
    pattern: str = ""
    longest: int = 200
    least: int | None = None
    most: int | None = None
    default: str = ""
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a form: questions that a person thinks of together."""

    name: str
    title: Text
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fact that must hold, and the register that proves it. ``expect`` compares with the register's value.

    ``expect`` is a literal, or ``answer:NAME`` for the resident's answer, or ``present`` for any value.
    """

    name: str
    register: str
    field: str
    expect: str
    reason: Text
    """What a resident reads when it does not hold; it ends with what they can do."""


@dataclass(frozen=True, slots=True)
class OfflineWay:
    """A way to the same service without a device: a kind of public place, or a phone number."""

    kind: str
    """``community_center``, ``district_office``, ``kiosk`` or ``phone``: kinds of public place in ``places``."""
    note: Text


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """The law that a service stands on."""

    name: Text
    article: str
    """The number alone, ``29`` or ``2, 7-3``: each language writes it its own way. Empty: the whole law."""
    year: int
    """Of the amendment in which the article was read."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Personal data that the service uses: what, what for, and how many days it is kept after the case closes."""

    what: Text
    purpose: Text
    keep_days: int


@dataclass(frozen=True, slots=True)
class TimeTarget:
    """How long it takes: ``usual_minutes`` for the plain case, ``working_days`` as the promise."""

    usual_minutes: int
    working_days: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an approved case ends in: a document of ``kind`` (a template of ``certificates``), kept valid so long."""

    document: str
    valid_days: int


@dataclass(frozen=True, slots=True)
class TextState:
    """Where a service's texts come from, so that a page can say so and stale ones can be counted.

    ``source_version`` grows when a Korean text changes; ``machine`` are languages that no person has read yet;
    ``behind`` holds the version that a language was translated from when that is not the newest.
    """

    source_version: int = 1
    machine: Collection[Language] = frozenset()
    behind: Mapping[Language, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the city, whole. Texts are in eight languages."""

    id: ServiceId
    name: Text
    purpose: Text
    category: Category
    archetype: Archetype
    department: Text
    audience: Text
    eligibility: Text
    you_get: Text
    you_need: Text
    processing: Processing
    assurance: Assurance
    fee: Won
    time: TimeTarget
    steps: Sequence[Step]
    evidence: Sequence[Evidence]
    outcome: Outcome | None
    offline: Sequence[OfflineWay]
    law: Sequence[LegalBasis]
    personal_data: Sequence[PersonalData]
    appeal: Text
    keywords: Mapping[str, Sequence[str]]
    """Everyday words for the service, by language; search reads them."""
    uses_per_year: int
    texts: TextState = field(default_factory=TextState)
    pattern: str = ""
    """The usual course that the service follows, if any: a key of patterns.yaml."""
    fee_answer: str = ""
    """The question whose answer is what is to be paid, in won; empty where ``fee`` is what everybody pays."""
    signatures: int = 1
    """How many people sign a request, its resident included."""
    joint: bool = False
    """Whether those who sign apply together and may see the same; else they only agree."""
    worked_out: bool = True
    """Whether the service has a form of its own; else it takes its pattern's."""

    def fields(self) -> Sequence[Field]:
        """Every question of the form, in order."""
        return [question for step in self.steps for question in step.fields]

    @property
    def slot_question(self) -> str:
        """The question that is answered with a slot; empty where nothing is booked."""
        return next((one.name for one in self.fields() if one.kind is FieldKind.SLOT), "")


def won_said(answer: str) -> int:
    """The sum in won that the answer to ``fee_answer`` names: ``12000``, or a choice such as ``day_1000``; else 0."""
    said = answer.rpartition("_")[2]
    return int(said) if said.isascii() and said.isdigit() else 0


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """Something that happens in a life, and the services that people then need, the first needed first."""

    id: str
    name: Text
    services: Sequence[Service]


@dataclass(frozen=True, slots=True)
class Found:
    """A service that a search found. ``score`` is from 0 to 1; ``matched`` is the text that matched."""

    service: Service
    score: float
    matched: str
    guessed: bool = False
    """Whether it is shown for one telling word, because nothing answers the query as a whole."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the catalogue holds, in numbers of services."""

    total: int
    full: int
    """Services that are worked out: with a form of their own."""
    categories: Mapping[Category, int]
    archetypes: Mapping[Archetype, int]
    stale: Mapping[Language, int]
    """Services whose text in this language was made from an older Korean one."""
    machine: Mapping[Language, int]
    """Services whose text in this language no person has read yet."""
    incomplete: Mapping[Language, int]
    """Services whose purpose is not there in this language, so that pages show English and say so."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a service's data, said so that its author can mend it."""

    file: str
    line: int
    field: str
    what: str
    remedy: str


@dataclass(eq=False)
class ServiceUnknown(NotFound):
    """The city has no such service."""

    service: str

    code = "catalogue.service_unknown"
    message = "There is no service called “{service}”."


@dataclass(eq=False)
class LifeEventUnknown(NotFound):
    """The city names no such event of a life."""

    event: str

    code = "catalogue.life_event_unknown"
    message = "There is no page for “{event}”."


@dataclass(eq=False)
class CatalogueBroken(CityError):
    """A file of the profile cannot be read, so the city does not start; ``madang catalogue check`` says all."""

    file: str
    what: str

    code = "catalogue.broken"
    message = "The catalogue's file {file} cannot be read: {what}. “madang catalogue check” shows every mistake."
