"""The catalogue over HTTP: anybody may read what the city offers, in any of the eight languages."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Final

import msgspec
from django.http import HttpResponse
from pydantic import BeforeValidator, ValidationInfo
from pydantic import Field as Bound

from madang.commons.gateway.http_api import OPEN, CityRequest, Page, Query, Schema, Slice, router
from madang.kernel.assurance import Assurance
from madang.kernel.languages import Text
from madang.kernel.money import Won
from madang.records.catalogue import facade
from madang.records.catalogue.contracts import (
    SLUG,
    Archetype,
    Category,
    Field,
    FieldKind,
    Found,
    Processing,
    Service,
)

api = router("services")

_JSON_LD: Final = "application/ld+json"
_LINKED: Final = {
    200: {"description": "JSON-LD 1.1", "content": {_JSON_LD: {"schema": {"type": "object"}}}},
}


def _tell(value: Text | str, asked: ValidationInfo) -> str:
    """A text in the language of the request."""
    return value.into(asked.context["request"].language) if isinstance(value, Text) and asked.context else str(value)


Told = Annotated[str, BeforeValidator(_tell)]
Amount = Annotated[int, BeforeValidator(lambda value: value.amount if isinstance(value, Won) else value)]
Level = Annotated[str, BeforeValidator(lambda value: value.name.lower() if isinstance(value, Assurance) else value)]


class ServiceLine(Schema):
    """A service as lists show it. Texts are in the language of the answer; `fee` is in whole KRW."""

    id: str
    name: Told
    purpose: Told
    category: Category
    archetype: Archetype
    processing: Processing
    fee: Amount


class FoundOut(Schema):
    """A service that a search found: how well (0 to 1), and the text that matched."""

    service: ServiceLine
    score: float
    matched: str


class CategoryOut(Schema):
    """One of the categories in which the city shows its services."""

    id: Category
    name: str
    services: int


class ChoiceOut(Schema):
    """One answer of several."""

    value: str
    label: Told


class FieldOut(Schema):
    """One question of the form. `filled_from` is the register that answers it; `locked` means its word stands."""

    name: str
    kind: FieldKind
    label: Told
    hint: Told | None
    required: bool
    choices: list[ChoiceOut]
    filled_from: str | None
    locked: bool
    longest: int
    default: str

    @staticmethod
    def resolve_filled_from(field: Field) -> str | None:
        """The register's name, without its field: that is the city's own business."""
        return field.source.register if field.source else None


class StepOut(Schema):
    """One page of the form."""

    name: str
    title: Told
    fields: list[FieldOut]


class TimeOut(Schema):
    """How long it takes: the plain case in minutes, and the promise in working days."""

    usual_minutes: int
    working_days: int


class OfflineOut(Schema):
    """A way to the same service without a device."""

    kind: str
    note: Told


class LawOut(Schema):
    """The law that the service stands on; `article` is the number alone."""

    name: Told
    article: str
    year: int


class PersonalDataOut(Schema):
    """What the service needs to know of a person, what for, and for how many days it is kept after the case closes."""

    what: Told
    purpose: Told
    keep_days: int


class ServiceOut(ServiceLine):
    """A service whole."""

    department: Told
    audience: Told
    eligibility: Told
    you_get: Told
    you_need: Told
    assurance: Level
    time: TimeOut
    steps: list[StepOut]
    offline: list[OfflineOut]
    law: list[LawOut]
    personal_data: list[PersonalDataOut]
    appeal: Told
    translated_by_machine: bool

    @staticmethod
    def resolve_translated_by_machine(service: Service, context: dict[str, Any]) -> bool:
        """Whether no person has read the answer's language yet."""
        return context["request"].language in service.texts.machine


class Part(Schema):
    """Which part of the list is asked for."""

    category: Category | None = None
    limit: Annotated[int, Bound(ge=1, le=100, description="How many services at most.")] = 50
    after: Annotated[str, Bound(pattern=SLUG, description="The `next` of the page before.")] | None = None


class Wanted(Schema):
    """What a search looks for."""

    q: Annotated[str, Bound(max_length=200, description="Words in any of the eight languages; slips are forgiven.")]
    limit: Annotated[int, Bound(ge=1, le=50)] = 10


@api.get("/services", response=Page[ServiceLine], auth=OPEN)
def services(request: CityRequest, wanted: Query[Part]) -> Slice[Service]:  # noqa: ARG001 -- ninja's signature
    """Every service, or those of one category; the most used first."""
    found = facade.services_after(wanted.after, wanted.limit + 1, wanted.category)
    items = found[: wanted.limit]
    return Slice(items, items[-1].id if len(found) > wanted.limit else None)


@api.get("/services/search", response=list[FoundOut], auth=OPEN)
def search(request: CityRequest, wanted: Query[Wanted]) -> Sequence[Found]:
    """The services that the words may mean, the likeliest first."""
    return facade.search(wanted.q, request.language, wanted.limit)


@api.get("/services/categories", response=list[CategoryOut], auth=OPEN)
def categories(request: CityRequest) -> list[CategoryOut]:
    """The categories, in the order in which the city shows them, and how many services each holds here."""
    return [
        CategoryOut(id=category, name=name.into(request.language), services=len(facade.by_category(category)))
        for category, name in facade.categories().items()
    ]


@api.get("/services/cpsv-ap", response={200: None}, auth=OPEN, openapi_extra={"responses": _LINKED})
def linked_catalogue(request: CityRequest) -> HttpResponse:  # noqa: ARG001 -- ninja's signature
    """Every service as linked data, after CPSV-AP 3.2: texts in all their languages, some megabytes."""
    return HttpResponse(_whole_catalogue(), content_type=_JSON_LD)


@api.get("/services/{service_id}/cpsv-ap", response={200: None}, auth=OPEN, openapi_extra={"responses": _LINKED})
def linked_service(request: CityRequest, service_id: str) -> HttpResponse:  # noqa: ARG001 -- ninja's signature
    """One service as linked data, after CPSV-AP 3.2."""
    return HttpResponse(msgspec.json.encode(facade.linked_data(service_id)), content_type=_JSON_LD)


@api.get("/services/{service_id}", response=ServiceOut, auth=OPEN)
def service(request: CityRequest, service_id: str) -> Service:  # noqa: ARG001 -- ninja's signature
    """One service: what you get, whether you are entitled, what it costs, how long it takes, and its form."""
    return facade.service(service_id)


@cache
def _whole_catalogue() -> bytes:
    """Told once a process, as it is read once: it changes with a release."""
    return msgspec.json.encode(facade.linked_data())
