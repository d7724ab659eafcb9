"""The catalogue as CPSV-AP 3.2 (SEMIC, 2024) in JSON-LD, so that other catalogues of public services can take it in.

Terms and cardinalities are the profile's (https://semiceu.github.io/CPSV-AP/releases/3.2.0/): one identifier, title,
description and competent authority at least for each service. A Korean city has no code in the EU's list of
territorial units and no term in its list of channels, so places and kinds are concepts of the city's own.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from madang.kernel.languages import Text
from madang.records.catalogue.contracts import Category, LifeEvent, Service

CONTEXT: Final[Mapping[str, Any]] = {
    "adms": "http://www.w3.org/ns/adms#", "cpsv": "http://purl.org/vocab/cpsv#",
    "cv": "http://data.europa.eu/m8g/", "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/",
    "eli": "http://data.europa.eu/eli/ontology#", "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/", "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_UNIT = "http://data.europa.eu/88u/dataset/atu-type"
"""The class that the profile's shapes expect of an administrative unit."""
_LANGUAGE = "http://publications.europa.eu/resource/authority/language/"
_LANGUAGES: Final = {
    "ko": "KOR", "en": "ENG", "zh": "ZHO", "ja": "JPN", "vi": "VIE", "th": "THA", "mn": "MON", "ru": "RUS",
}
_WON = "http://publications.europa.eu/resource/authority/currency/KRW"
_Node = dict[str, Any]


def document(
    services: Sequence[Service], events: Sequence[LifeEvent], categories: Mapping[Category, Text], city: Text, at: str
) -> _Node:
    """One JSON-LD document; ``at`` is the city's own address, under which each thing has its name."""
    nodes = _Nodes(at, city)
    shown = {service.id for service in services}
    for service in services:
        grouped = [event for event in events if any(one.id == service.id for one in event.services)]
        nodes.add_service(service, grouped, categories[service.category])
    nodes.add_catalogue(sorted(shown))
    return {"@context": dict(CONTEXT), "@graph": list(nodes.by_id.values())}


class _Nodes:
    """The things told so far, each once."""

    def __init__(self, at: str, city: Text) -> None:
        self.by_id: dict[str, _Node] = {}
        self._at, self._city = at, city
        self._place = self._add("id/city", ["dct:Location", _UNIT, "skos:Concept"], {"skos:prefLabel": said(city)})
        for code in _LANGUAGES.values():
            self.by_id[_LANGUAGE + code] = {"@id": _LANGUAGE + code, "@type": "dct:LinguisticSystem"}
        self.by_id[_WON] = {"@id": _WON, "@type": "skos:Concept"}

    def add_catalogue(self, services: Iterable[str]) -> None:
        """The whole of which each service is a part."""
        publisher = self._add("id/publisher", "foaf:Agent", {
            "dct:identifier": f"{self._at}/id/publisher", "dct:title": said(self._city),
        })
        self._add("id/catalogue", "dcat:Dataset", {
            "dct:title": said(self._city), "dct:description": [{"@value": "Public services", "@language": "en"}],
            "dct:publisher": publisher, "dct:hasPart": [self._ref(f"services/{one}") for one in services],
        })

    def add_service(self, service: Service, events: Sequence[LifeEvent], category: Text) -> None:
        """A service and all that it names."""
        at = f"services/{service.id}"
        self._add(at, "cpsv:PublicService", {
            "dct:identifier": f"{self._at}/{at}",
            "dct:title": said(service.name),
            "dct:description": said(service.purpose),
            "cv:hasCompetentAuthority": self._authority(service.department),
            "dct:spatial": self._place,
            "dct:isPartOf": self._ref("id/catalogue"),
            "dct:language": [{"@id": _LANGUAGE + code} for code in _LANGUAGES.values()],
            "dcat:keyword": [
                {"@value": word, "@language": tag} for tag, words in service.keywords.items() for word in words
            ],
            "cv:thematicArea": self._concept(f"id/category/{service.category}", category),
            "cv:processingTime": {"@value": f"PT{service.time.usual_minutes}M", "@type": "xsd:duration"},
            "cv:hasChannel": self._channels(service),
            "cv:hasCost": self._cost(service),
            "cpsv:hasInput": [self._evidence(one.register, one.field, one.reason) for one in service.evidence],
            "cpsv:produces": self._output(service),
            "cv:hasLegalResource": [self._law(law.name, law.article) for law in service.law],
            "cv:isGroupedBy": [self._event(event) for event in events],
        })

    def _authority(self, department: Text) -> _Node:
        return self._add(f"id/department/{_key(department)}", "cv:PublicOrganisation", {
            "dct:identifier": f"{self._at}/id/department/{_key(department)}", "dct:title": said(department),
            "skos:prefLabel": said(department), "dct:spatial": self._place,
        })

    def _channels(self, service: Service) -> list[_Node]:
        ways = [("online", service.you_need), *((way.kind, way.note) for way in service.offline)]
        return [
            self._add(f"services/{service.id}#{kind}", "cv:Channel", {
                "dct:identifier": f"{self._at}/services/{service.id}#{kind}", "dct:description": said(note),
                "dct:type": self._concept(f"id/channel/{kind}", None),
            })
            for kind, note in ways
        ]

    def _cost(self, service: Service) -> list[_Node]:
        if service.fee_answer:  # what stands on a bill is not known here
            return []
        at = f"services/{service.id}#cost"
        return [self._add(at, "cv:Cost", {
            "dct:identifier": f"{self._at}/{at}", "cv:currency": {"@id": _WON},
            "cv:hasValue": {"@value": f"{service.fee.amount}.0E0", "@type": "xsd:double"},
        })]

    def _evidence(self, register: str, field: str, reason: Text) -> _Node:
        at = f"id/evidence/{register}.{field}"
        return self._add(at, "cv:Evidence", {
            "dct:identifier": f"{self._at}/{at}",
            "dct:title": [{"@value": f"{register}: {field}", "@language": "en"}],
        } | ({} if at in self.by_id else {"dct:description": said(reason)}))

    def _output(self, service: Service) -> list[_Node]:
        at = f"services/{service.id}#output"
        return [self._add(at, "cv:Output", {"dct:identifier": f"{self._at}/{at}", "dct:title": said(service.you_get)})]

    def _law(self, name: Text, article: str) -> _Node:
        at = f"id/law/{_key(name)}" + (f"-{_key_of(article)}" if article else "")
        numbered = {"eli:number": article} if article else {}
        return self._add(at, "eli:LegalResource", {"dct:title": said(name)} | numbered)

    def _event(self, event: LifeEvent) -> _Node:
        return self._add(f"life/{event.id}", ["cv:Event", "cv:LifeEvent"], {
            "dct:identifier": f"{self._at}/life/{event.id}", "dct:title": said(event.name),
        })

    def _concept(self, at: str, name: Text | None) -> _Node:
        return self._add(at, "skos:Concept", {"skos:prefLabel": said(name)} if name else {})

    def _add(self, at: str, kind: str | list[str], facts: Mapping[str, Any]) -> _Node:
        reference = self._ref(at)
        told = {name: value for name, value in facts.items() if value not in ([], None)}
        self.by_id.setdefault(reference["@id"], {**reference, "@type": kind, **told})
        return reference

    def _ref(self, at: str) -> _Node:
        return {"@id": f"{self._at}/{at}"}


def said(text: Text) -> list[_Node]:
    """A text in every language that it has, as JSON-LD tells languages."""
    return [{"@value": words, "@language": language.tag} for language, words in text.by_language.items() if words]


def _key(name: Text) -> str:
    return _key_of("|".join(name.by_language.values()))


def _key_of(words: str) -> str:
    return sha256(words.encode()).hexdigest()[:12]
