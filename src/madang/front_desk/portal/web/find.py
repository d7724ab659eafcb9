"""Finding a service: the first page, search, kinds of services, one service, and ways without a device."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from madang.commons.gateway.pages import CityRequest, render
from madang.front_desk.portal import facade
from madang.front_desk.portal.contracts import CategoryUnknown
from madang.front_desk.portal.web import words
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Category, Service

_MOST_USED = 6
_LONGEST_QUERY = 200


@require_safe
def home(request: CityRequest) -> HttpResponse:
    """The first page, with one question: what do you need."""
    return render(request, "portal/home.html", {
        "most_used": _lines(catalogue.services()[:_MOST_USED], request.language),
        "categories": _categories(request.language),
        "open_cases": facade.open_cases(request.actor),
        "hide_head_search": True,
    })


@require_safe
def search(request: CityRequest) -> HttpResponse:
    """What a search found, however it was spelt."""
    query = " ".join(request.GET.get("q", "").split())[:_LONGEST_QUERY]
    found = catalogue.search(query, request.language) if query else []
    return render(request, "portal/search.html", {
        "query": query,
        "found": _lines([one.service for one in found], request.language),
        "categories": _categories(request.language),
        "hide_head_search": True,
    })


@require_safe
def category(request: CityRequest, name: str) -> HttpResponse:
    """The services of one kind, the most used first."""
    if name not in tuple(Category):
        raise CategoryUnknown(category=name)
    kind = Category(name)
    return render(request, "portal/category.html", {
        "title": catalogue.categories()[kind].into(request.language),
        "found": _lines(catalogue.by_category(kind), request.language),
    })


@require_safe
def service(request: CityRequest, service_id: str) -> HttpResponse:
    """One service: what you get, whether you may, what it costs, how long, what it needs; where else; which law."""
    one = catalogue.service(service_id)
    return render(request, "portal/service.html", {
        "service": one,
        "category": one.category.value,
        "category_name": catalogue.categories()[one.category].into(request.language),
        "purpose_in": one.purpose.best(request.language),
        "is_machine_translated": request.language in one.texts.machine,
        "usual": words.usual(one.time),
        "promise": words.promise(one.time),
        "fee": words.price(one),
        "already_known": _already_known(one, request.language),
        "ways": [(words.PLACES.get(way.kind, way.kind), way.note) for way in one.offline],
        "by_phone": any(way.kind == "phone" for way in one.offline),
    })


@require_safe
def without_a_device(request: CityRequest) -> HttpResponse:
    """Where to do it in person: the places of a district, chosen without saying where one is."""
    wanted = request.GET.get("service", "")
    one = catalogue.service(wanted) if wanted else None
    return render(request, "portal/without_a_device.html", {
        "service": one,
        **facade.places_for(one, request.GET.get("district", "")),
        "kind_names": words.PLACES,
    })


@require_safe
def accessibility(request: CityRequest) -> HttpResponse:
    """How far everyone can use this, what falls short, and whom to tell."""
    return render(request, "portal/accessibility.html")


def _lines(services: Sequence[Service], language: Language) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "name": one.name.into(language),
            "purpose": one.purpose.into(language),
            "purpose_in": one.purpose.best(language),
            "fee": words.price(one),
            "usual": words.usual(one.time),
        }
        for one in services
    ]


def _categories(language: Language) -> list[dict[str, str]]:
    """The kinds that have services, in the city's order."""
    used = {one.category for one in catalogue.services()}
    return [
        {"id": kind.value, "name": name.into(language)}
        for kind, name in catalogue.categories().items()
        if kind in used
    ]


def _already_known(one: Service, language: Language) -> list[tuple[str, list[str]]]:
    """What the city has already: registers, and the questions that each answers."""
    known: dict[str, list[str]] = {}
    for field in one.fields():
        if field.source:
            known.setdefault(field.source.register, []).append(field.label.into(language))
    return [(words.register(name), labels) for name, labels in known.items()]
