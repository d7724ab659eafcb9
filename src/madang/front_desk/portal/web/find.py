"""Finding a service: the first page, search, kinds of services, one service, and ways without a device."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from madang.commons.gateway.pages import CityRequest, render
from madang.front_desk.portal import facade
from madang.front_desk.portal.contracts import CategoryUnknown
from madang.front_desk.portal.web import slots, words
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Archetype, Category, Service

_MOST_USED = 6
_MOST_FOUND = 30
_A_PAGE = 30
"""Services on one page: about 20 KB, a few seconds on a slow line."""
_LONGEST_QUERY = 200


@require_safe
def home(request: CityRequest) -> HttpResponse:
    """The first page, with one question: what do you need."""
    return render(request, "portal/home.html", {
        "most_used": _lines(catalogue.services()[:_MOST_USED], request.language),
        "categories": _categories(request.language),
        "events": _events(request.language),
        "open_cases": facade.open_cases(request.actor),
        "hide_head_search": True,
    })


@require_safe
def search(request: CityRequest) -> HttpResponse:
    """What a search found, however it was spelt."""
    query = " ".join(request.GET.get("q", "").split())[:_LONGEST_QUERY]
    hits = catalogue.search(query, request.language, _MOST_FOUND) if query else []
    found = [one.service for one in hits]
    kinds = _kinds(found)
    chosen = _chosen(request, kinds)
    return render(request, "portal/search.html", {
        "query": query,
        "guessed": any(one.guessed for one in hits),
        "found": _lines([one for one in found if chosen in {"", one.archetype}], request.language),
        "kinds": kinds,
        "chosen": chosen,
        "categories": _categories(request.language),
        "events": _events(request.language),
        "hide_head_search": True,
    })


@require_safe
def category(request: CityRequest, name: str) -> HttpResponse:
    """The services of one subject, the most used first, a page at a time; ``kind`` shows those of one kind."""
    if name not in tuple(Category):
        raise CategoryUnknown(category=name)
    subject = Category(name)
    listed = catalogue.by_category(subject)
    kinds = _kinds(listed)
    chosen = _chosen(request, kinds)
    of_kind = [one for one in listed if chosen in {"", one.archetype}]
    shown = Paginator(of_kind, _A_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/category.html", {
        "title": catalogue.categories()[subject].into(request.language),
        "found": _lines(list(shown.object_list), request.language),
        "shown": shown,
        "kinds": kinds,
        "chosen": chosen,
    })


@require_safe
def life_event(request: CityRequest, name: str) -> HttpResponse:
    """What people need when something happens in their life, the first needed first."""
    event = catalogue.life_event(name)
    return render(request, "portal/life_event.html", {
        "title": event.name.into(request.language),
        "found": _lines(event.services, request.language),
        "events": [one for one in _events(request.language) if one["id"] != name],
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
        "next_free": slots.next_free(one.id, request.language, request.now) if one.slot_question else [],
        **_nearby(request, one),
    })


@require_safe
def without_a_device(request: CityRequest) -> HttpResponse:
    """Where to do it in person: the places of a district, chosen without saying where one is."""
    wanted = request.GET.get("service", "")
    one = catalogue.service(wanted) if wanted else None
    return render(request, "portal/without_a_device.html", {
        "service": one,
        **_nearby(request, one),
    })


@require_safe
def accessibility(request: CityRequest) -> HttpResponse:
    """How far everyone can use this, what falls short, and whom to tell."""
    return render(request, "portal/accessibility.html")


def _nearby(request: CityRequest, one: Service | None) -> dict[str, Any]:
    found = facade.places_for(one, request.GET.get("district", ""), request.GET.get("dong", ""))
    return {
        "nearby": found,
        "places": [
            {
                "place": place,
                "kind": words.PLACES.get(place.kind, place.kind),
                "hours": words.hours(place.hours),
                "walk": words.walk(near) if near else "",
            }
            for place, near in found.found
        ],
    }


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


def _events(language: Language) -> list[dict[str, str]]:
    return [{"id": one.id, "name": one.name.into(language)} for one in catalogue.life_events() if one.services]


def _kinds(services: Sequence[Service]) -> list[tuple[str, Promise]]:
    """The kinds that these services are of, in the catalogue's order."""
    used = {one.archetype for one in services}
    return [(kind.value, words.KINDS[kind]) for kind in Archetype if kind in used]


def _chosen(request: CityRequest, kinds: Sequence[tuple[str, Promise]]) -> str:
    """The kind that is asked for; none when there is no such kind here."""
    asked = request.GET.get("kind", "")
    return asked if asked in dict(kinds) else ""


def _already_known(one: Service, language: Language) -> list[tuple[str, list[str]]]:
    """What the city has already: registers, and the questions that each answers."""
    known: dict[str, list[str]] = {}
    for field in one.fields():
        if field.source:
            known.setdefault(field.source.register, []).append(field.label.into(language))
    return [(words.register(name), labels) for name, labels in known.items()]
