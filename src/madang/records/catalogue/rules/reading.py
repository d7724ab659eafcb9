"""From the texts of the profile's files to services, quickly: this runs when a process starts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

import msgspec
import yaml

from madang.kernel.languages import Language, Text
from madang.records.catalogue.contracts import CatalogueBroken, Category, LifeEvent, Service
from madang.records.catalogue.rules import building
from madang.records.catalogue.rules.merging import Data, Shared, merged
from madang.records.catalogue.rules.search import Index
from madang.records.catalogue.rules.shape import CategoryShape, LifeEventShape, SearchShape, ServiceShape

SERVICES = "services/"
"""Where services lie in a profile; each of the other files is shared by them."""

_SHARED = ("archetypes.yaml", "patterns.yaml", "questions.yaml", "departments.yaml", "laws.yaml")
"""What services refer to, in the order of ``Shared``."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything that was read: services by id, the most used first, the categories' names, and how to find them."""

    services: Mapping[str, Service]
    categories: Mapping[Category, Text]
    events: Mapping[str, LifeEvent]
    index: Index


def read(files: Mapping[str, str]) -> Shelf:
    """The services in ``files`` (path in the profile to text). Raises CatalogueBroken for the first bad file."""
    shared = shared_of({name: parse(name, files[name]) for name in _SHARED if name in files})
    services = [_service(name, text, shared) for name, text in files.items() if name.startswith(SERVICES)]
    services.sort(key=lambda service: (-service.uses_per_year, service.id))
    said = _search(files.get("search.yaml", ""))
    index = Index(
        services, _every(said.fillers), chain.from_iterable(said.synonyms.values()), _every(said.endings)
    )
    by_id: Mapping[str, Service] = {service.id: service for service in services}
    events = _events(files.get("life_events.yaml", ""), by_id)
    return Shelf(by_id, _categories(files.get("categories.yaml", "")), events, index)


def shared_of(data: Mapping[str, Data]) -> Shared:
    """The shared files among ``data`` (file name to what it holds)."""
    return Shared(*(entries(data.get(name)) for name in _SHARED))


def entries(data: Data) -> Mapping[str, Data]:
    """The entries of a shared file, without those that are no entries at all."""
    whole = data if isinstance(data, dict) else {}
    return {key: entry for key, entry in whole.items() if isinstance(entry, dict)}


def parse(name: str, text: str) -> Data:
    """What a YAML text holds. Raises CatalogueBroken."""
    try:
        return yaml.load(text, yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError) as wrong:
        raise CatalogueBroken(file=name, what=str(wrong).replace("\n", " ")) from wrong


def _service(name: str, text: str, shared: Shared) -> Service:
    try:
        own = parse(name, text)
        file = msgspec.convert(merged(own, shared), ServiceShape)
        return building.service(file, worked_out="steps" in own)
    except (ValueError, TypeError, RecursionError) as wrong:
        raise CatalogueBroken(file=name, what=str(wrong)) from wrong


def _search(text: str) -> SearchShape:
    try:
        return msgspec.convert(parse("search.yaml", text) or SearchShape(), SearchShape)
    except msgspec.ValidationError as wrong:
        raise CatalogueBroken(file="search.yaml", what=str(wrong)) from wrong


def _every(words: Mapping[Language, Iterable[str]]) -> Iterable[str]:
    return chain.from_iterable(words.values())


def _categories(text: str) -> Mapping[Category, Text]:
    try:
        named = msgspec.convert(parse("categories.yaml", text) or {}, dict[Category, CategoryShape])
        return {category: Text(entry.name) for category, entry in named.items()}
    except ValueError as wrong:  # of the shape, or of a text without Korean
        raise CatalogueBroken(file="categories.yaml", what=str(wrong)) from wrong


def _events(text: str, services: Mapping[str, Service]) -> Mapping[str, LifeEvent]:
    """The events of a life; a service that is not there is left out, and ``check`` tells it."""
    try:
        named = msgspec.convert(parse("life_events.yaml", text) or {}, dict[str, LifeEventShape])
        return {
            key: LifeEvent(key, Text(entry.name), [services[one] for one in entry.services if one in services])
            for key, entry in named.items()
        }
    except ValueError as wrong:
        raise CatalogueBroken(file="life_events.yaml", what=str(wrong)) from wrong
