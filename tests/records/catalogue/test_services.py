"""The three services of the first door stand, whole, in eight languages."""

import pytest

from madang.kernel.assurance import Assurance
from madang.kernel.languages import Language
from madang.kernel.money import Won
from madang.records.catalogue import facade
from madang.records.catalogue.contracts import Category, Processing, ServiceUnknown


@pytest.mark.parametrize(
    ("service_id", "processing", "assurance", "fee"),
    [
        ("resident-register-extract", Processing.AUTOMATIC, Assurance.LOW, 0),
        ("local-tax-certificate", Processing.AUTOMATIC, Assurance.SUBSTANTIAL, 800),
        ("disability-parking-badge", Processing.OFFICER, Assurance.SUBSTANTIAL, 0),
    ],
)
def test_a_service_says_who_decides_how_surely_and_for_how_much(service_id, processing, assurance, fee):
    service = facade.service(service_id)
    assert (service.processing, service.assurance, service.fee) == (processing, assurance, Won(fee))


def test_services_come_by_use():
    uses = [service.uses_per_year for service in facade.services()]
    assert uses == sorted(uses, reverse=True)


def test_a_category_holds_its_services_and_has_a_name_in_each_language():
    transport = facade.by_category(Category.TRANSPORTATION)
    assert "disability-parking-badge" in [service.id for service in transport]
    assert {service.category for service in transport} == {Category.TRANSPORTATION}
    assert list(facade.categories()) == list(Category)
    assert all(name.best(language) is language for name in facade.categories().values() for language in Language)


def test_an_unknown_service_is_named_back():
    with pytest.raises(ServiceUnknown, match="no service called “cat”"):
        facade.service("cat")


def test_a_question_asked_by_many_services_is_worded_once():
    name = facade.service("resident-register-extract").fields()[0]
    assert name == facade.service("local-tax-certificate").fields()[0]
    assert (name.name, name.locked, name.source.field) == ("full_name", True, "name_ko")


def test_texts_say_where_they_come_from():
    texts = facade.service("resident-register-extract").texts
    assert (texts.source_version, Language.KO in texts.machine, Language.VI in texts.machine) == (1, False, True)
