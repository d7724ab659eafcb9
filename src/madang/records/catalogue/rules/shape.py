"""The shape of the profile's files, key by key: what msgspec checks before anything else looks at them."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from madang.kernel.languages import Language
from madang.records.catalogue.contracts import SLUG, Archetype, Category, FieldKind, Processing

Slug = Annotated[str, Meta(pattern=SLUG)]
"""What stands in addresses for ever: small letters, digits and hyphens."""

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,59}\Z")]
"""What programs call a thing: small letters, digits and underscores."""

Article = Annotated[str, Meta(pattern=r"^(\d+(-\d+)?(, \d+(-\d+)?)*)?\Z")]
"""Articles of a law by number, so that each language can write them its own way: ``29``, or ``2, 7-3``; or none."""

Words = Annotated[dict[Language, str], Meta(min_length=1)]
"""One text in every language."""

AssuranceName = Literal["none", "low", "substantial", "high"]
OfflineKind = Literal["community_center", "district_office", "kiosk", "phone"]
Days = Annotated[int, Meta(ge=1, le=36_500)]
Year = Annotated[int, Meta(ge=1948, le=2100)]
"""A year in which a law of the republic can have been amended; the first ones are of 1948."""


class Shape(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all shapes share: no key that nobody reads."""


class SourceShape(Shape, frozen=True):
    """``source`` of a question."""

    register: str
    field: str


class ChoiceShape(Shape, frozen=True):
    """One of ``choices``."""

    value: Name
    label: Words


class QuestionShape(Shape, frozen=True):
    """One entry of questions.yaml."""

    kind: FieldKind
    label: Words
    hint: Words | None = None
    required: bool = True
    choices: list[ChoiceShape] = []
    source: SourceShape | None = None
    locked: bool = False
    pattern: str = ""
    longest: Annotated[int, Meta(ge=1, le=4000)] = 200
    least: int | None = None
    most: int | None = None
    default: str = ""
    claim: str = ""


class FieldShape(QuestionShape, frozen=True, kw_only=True):
    """One of a step's ``fields``, after ``ask`` has been filled in from questions.yaml."""

    name: Name


class StepShape(Shape, frozen=True):
    """One of ``steps``."""

    name: Name
    title: Words
    fields: Annotated[list[FieldShape], Meta(min_length=1)]


class EvidenceShape(Shape, frozen=True):
    """One of ``evidence``."""

    name: Name
    register: str
    field: str
    expect: Annotated[str, Meta(min_length=1)]
    reason: Words


class OfflineShape(Shape, frozen=True):
    """One of ``offline``."""

    kind: OfflineKind
    note: Words


class LawShape(Shape, frozen=True, kw_only=True):
    """One of ``law``, after ``law: KEY`` has been filled in from laws.yaml."""

    name: Words
    article: Article = ""
    year: Year


class PersonalDataShape(Shape, frozen=True):
    """One of ``personal_data``."""

    what: Words
    purpose: Words
    keep_days: Days


class TimeShape(Shape, frozen=True):
    """``time``."""

    usual_minutes: Annotated[int, Meta(ge=1)]
    working_days: Annotated[int, Meta(ge=1, le=365)]


class OutcomeShape(Shape, frozen=True):
    """``outcome``."""

    document: Slug
    valid_days: Days


class TextsShape(Shape, frozen=True):
    """``texts``: where the texts that are not Korean come from."""

    source_version: Annotated[int, Meta(ge=1)]
    machine: list[Language] = []
    behind: dict[Language, Annotated[int, Meta(ge=1)]] = {}


class ServiceShape(Shape, frozen=True, kw_only=True):
    """A file of ``services/``, after its archetype has been merged below it."""

    id: Slug
    name: Words
    purpose: Words
    category: Category
    archetype: Archetype
    pattern: str = ""
    department: Words
    texts: TextsShape
    audience: Words
    eligibility: Words
    you_get: Words
    you_need: Words
    processing: Processing
    assurance: AssuranceName
    fee: Annotated[int, Meta(ge=0, le=10_000_000)]
    fee_answer: str = ""
    signatures: Annotated[int, Meta(ge=1, le=5)] = 1
    joint: bool = False
    time: TimeShape
    steps: Annotated[list[StepShape], Meta(min_length=1)]
    evidence: list[EvidenceShape]
    outcome: OutcomeShape | None
    offline: Annotated[list[OfflineShape], Meta(min_length=1)]
    law: Annotated[list[LawShape], Meta(min_length=1)]
    personal_data: list[PersonalDataShape]
    appeal: Words
    keywords: Annotated[dict[Language, list[str]], Meta(min_length=1)]
    uses_per_year: Annotated[int, Meta(ge=0)]


class ArchetypeShape(Shape, frozen=True):
    """One entry of archetypes.yaml."""

    name: Words
    defaults: dict[str, object]


class PatternShape(Shape, frozen=True):
    """One entry of patterns.yaml."""

    name: Words
    archetype: Archetype
    defaults: dict[str, object]


class LawEntryShape(Shape, frozen=True):
    """One entry of laws.yaml."""

    name: Words
    year: Year


class CategoryShape(Shape, frozen=True):
    """One entry of categories.yaml."""

    name: Words
    services: Annotated[int, Meta(ge=0)]


class LifeEventShape(Shape, frozen=True):
    """One entry of life_events.yaml."""

    name: Words
    services: Annotated[list[Slug], Meta(min_length=1)]


class SearchShape(Shape, frozen=True):
    """search.yaml."""

    fillers: dict[Language, list[str]] = {}
    endings: dict[Language, list[str]] = {}
    synonyms: dict[Language, list[Annotated[list[str], Meta(min_length=2)]]] = {}
