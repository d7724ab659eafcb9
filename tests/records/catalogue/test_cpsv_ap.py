"""The catalogue as linked data: read by rdflib, held against what CPSV-AP 3.2 asks of each class."""

import json
from pathlib import Path

import pytest
from django.test import Client
from rdflib import Graph, Namespace
from rdflib.namespace import DCTERMS, RDF

from madang.entrypoints import shapes
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Archetype

SHAPES = Path(__file__).with_name("cpsv_ap_shapes.ttl")
CPSV = Namespace("http://purl.org/vocab/cpsv#")
CV = Namespace("http://data.europa.eu/m8g/")


def one_of_each_kind() -> list[str]:
    first = {service.archetype: service.id for service in reversed(catalogue.services())}
    assert set(first) == set(Archetype)
    return sorted(first.values())


@pytest.mark.parametrize("service", one_of_each_kind())
def test_a_service_of_each_kind_fits_the_shapes(service):
    assert shapes.check(catalogue.linked_data(service), SHAPES) == []


def test_what_does_not_fit_is_found_and_told_where():
    broken = json.loads(json.dumps(catalogue.linked_data("local-tax-certificate")))
    service = next(node for node in broken["@graph"] if node["@type"] == "cpsv:PublicService")
    del service["dct:title"]
    service["cv:hasCompetentAuthority"] = {"@id": "https://nobody.example/"}
    found = shapes.check(broken, SHAPES)
    assert {one.path.rpartition("/")[2] for one in found} == {"title", "hasCompetentAuthority"}
    assert {one.focus for one in found} == {service["@id"]}


def test_the_whole_catalogue_is_read_with_all_that_a_service_needs():
    graph = Graph().parse(data=json.dumps(catalogue.linked_data()), format="json-ld")
    services = set(graph.subjects(RDF.type, CPSV.PublicService))
    assert len(services) == len(catalogue.services())
    for what in (DCTERMS.identifier, DCTERMS.title, DCTERMS.description, CV.hasCompetentAuthority):
        assert {service for service in services if graph.value(service, what) is None} == set(), what
    offices = set(graph.objects(None, CV.hasCompetentAuthority))
    assert len({service.department.by_language["ko"] for service in catalogue.services()}) == len(offices)


def test_shapes_that_are_none_are_refused(tmp_path):
    (tmp_path / "wrong.ttl").write_text("this is no Turtle", encoding="utf-8")
    with pytest.raises(ValueError, match="line 1 is no Turtle"):
        shapes.check(catalogue.linked_data("local-tax-certificate"), tmp_path / "wrong.ttl")


def test_anybody_reads_it_over_http(client: Client):
    answer = client.get("/api/v1/services/local-tax-certificate/cpsv-ap")
    assert answer["Content-Type"] == "application/ld+json"
    assert answer.json()["@graph"]
    assert len(client.get("/api/v1/services/cpsv-ap").content) < 16 * 2**20
    assert client.get("/api/v1/services/nothing-here/cpsv-ap").status_code == 404
