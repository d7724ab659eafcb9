"""The door to the catalogue: open to everybody, because what the city offers is no secret."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from madang.kernel.languages import Language, Text
from madang.records.catalogue import store
from madang.records.catalogue.contracts import (
    Category,
    Counts,
    Found,
    LifeEvent,
    LifeEventUnknown,
    Problem,
    Service,
    ServiceUnknown,
)
from madang.records.catalogue.rules import checking, counting, cpsv_ap, reading


def service(service_id: str) -> Service:
    """The service with this id. Raises ServiceUnknown."""
    found = _shelf(store.profile()).services.get(service_id)
    if found is None:
        raise ServiceUnknown(service=service_id[:60])
    return found


def services() -> Sequence[Service]:
    """Every service, the most used first. Raises CatalogueBroken."""
    return services_in(store.profile())


def services_after(after: str | None, limit: int, category: Category | None = None) -> Sequence[Service]:
    """At most ``limit`` services, the most used first, that follow the one with the id ``after``.

    Raises ServiceUnknown when there is no such service to go on from.
    """
    listed = services() if category is None else by_category(category)
    begin = 0 if after is None else listed.index(service(after)) + 1
    return listed[begin : begin + limit]


def by_category(category: Category) -> Sequence[Service]:
    """The services of one category, the most used first."""
    return [service for service in services() if service.category is category]


def search(query: str, language: Language, limit: int = 10) -> Sequence[Found]:
    """The services that ``query``, in whatever language and spelling, may mean; the likeliest first, then by use.

    ``language`` is the page's: of equal matches its words are shown. At most 80 characters of the query are read.
    """
    return _shelf(store.profile()).index.find(query, language, limit)


def counts() -> Counts:
    """How many services there are, of which kinds, and how far their texts are. Raises CatalogueBroken."""
    return counting.counts(services())


def categories() -> Mapping[Category, Text]:
    """What the categories are called, in the order in which the city shows them."""
    return _shelf(store.profile()).categories


def life_events() -> Sequence[LifeEvent]:
    """What happens in a life, in the city's order, each with the services that people then need."""
    return list(_shelf(store.profile()).events.values())


def life_event(name: str) -> LifeEvent:
    """One event of a life. Raises LifeEventUnknown."""
    found = _shelf(store.profile()).events.get(name)
    if found is None:
        raise LifeEventUnknown(event=name[:60])
    return found


def linked_data(service_id: str | None = None) -> Mapping[str, Any]:
    """The catalogue, or one service of it, as CPSV-AP 3.2 in JSON-LD. Raises ServiceUnknown."""
    listed = services() if service_id is None else [service(service_id)]
    city = store.city_name(store.profile())
    return cpsv_ap.document(listed, life_events(), categories(), city, store.address())


def problems(folder: Path) -> list[Problem]:
    """Every mistake in the catalogue of the profile in ``folder``, in the order of files and lines."""
    return checking.problems(store.files(folder))


def services_in(folder: Path) -> Sequence[Service]:
    """The services of any profile, the most used first. Raises CatalogueBroken."""
    return list(_shelf(folder).services.values())


@cache
def _shelf(folder: Path) -> reading.Shelf:
    """The profile's services, read once a process: a change of the profile is a release, and a release restarts."""
    return reading.read(store.files(folder))
