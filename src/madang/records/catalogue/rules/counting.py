"""How much the catalogue holds, and how far its texts are."""

from collections import Counter
from collections.abc import Sequence

from madang.kernel.languages import Language
from madang.records.catalogue.contracts import Archetype, Category, Counts, Service


def counts(services: Sequence[Service]) -> Counts:
    """The numbers of ``services``; every category, archetype and language is named, also with none."""
    categories = Counter(service.category for service in services)
    archetypes = Counter(service.archetype for service in services)
    stale = Counter(language for service in services for language in service.texts.behind)
    machine = Counter(language for service in services for language in service.texts.machine)
    purposes = Counter(language for one in services for language, words in one.purpose.by_language.items() if words)
    return Counts(
        total=len(services),
        full=sum(service.worked_out for service in services),
        categories={category: categories[category] for category in Category},
        archetypes={archetype: archetypes[archetype] for archetype in Archetype},
        stale={language: stale[language] for language in Language},
        machine={language: machine[language] for language in Language},
        incomplete={language: len(services) - purposes[language] for language in Language},
    )
