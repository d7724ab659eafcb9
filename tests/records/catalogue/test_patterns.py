"""A service that follows a usual course: three layers, short texts, and what it may not do."""

from dataclasses import replace

import pytest
import yaml

from madang.entrypoints.settings import HOUSE
from madang.kernel.languages import Language
from madang.records.catalogue import store
from madang.records.catalogue.contracts import Archetype, Category
from madang.records.catalogue.rules import checking, counting, reading

SEOUL = HOUSE / "profiles" / "seoul"
BENEFIT = "services/life/bathhouse-voucher.yaml"
EIGHT = [language.value for language in Language]


def own(**changes):
    """A service as short as one can be."""
    file = {
        "id": "bathhouse-voucher", "category": "life", "pattern": "voucher", "department": "taxation",
        "name": {language: f"bathhouse {language}" for language in EIGHT},
        "purpose": {language: f"purpose {language}" for language in ("ko", "en", "zh", "ja", "vi")},
        "law": [{"law": "disability-welfare-act"}], "keywords": {"ko": ["목욕권"], "en": ["sauna pass"]},
        "uses_per_year": 10, "texts": {"source_version": 1, "machine": ["en"]},
    }
    return file | changes


@pytest.fixture
def seoul():
    files = dict(store.files(SEOUL))
    tax = yaml.safe_load(files["services/economy_employment/local-tax-certificate.yaml"])
    kept = ("audience", "eligibility", "you_get", "you_need", "steps", "evidence", "personal_data", "assurance")
    pattern = {
        "archetype": "benefit", "name": dict.fromkeys(EIGHT, "voucher"),
        "defaults": {key: tax[key] for key in kept if key in tax} | {"outcome": None, "fee": 700},
    }
    files["life_events.yaml"] = "{}"
    files["patterns.yaml"] = yaml.safe_dump({"voucher": pattern}, allow_unicode=True)
    return {name: text for name, text in files.items() if "/" not in name or "local-tax-certificate" in name}


def with_own(files, **changes):
    return {**files, BENEFIT: yaml.safe_dump(own(**changes), allow_unicode=True)}


def faults(files):
    return [(problem.field, problem.what) for problem in checking.problems(files) if problem.file == BENEFIT]


def test_service_stands_on_its_pattern_and_that_on_its_archetype(seoul):
    files = with_own(seoul)
    assert checking.problems(files) == []
    service = reading.read(files).services["bathhouse-voucher"]
    assert (service.archetype, service.fee.amount) == (Archetype.BENEFIT, 700)  # the pattern's word
    assert service.time.working_days == 30  # the archetype's
    assert reading.read(with_own(seoul, fee=5)).services["bathhouse-voucher"].fee.amount == 5  # its own
    assert service.purpose.into(Language.MN) == "purpose en"
    assert not service.worked_out


def test_only_what_a_pattern_carries_may_be_short(seoul):
    assert faults(with_own(seoul, name={"ko": "목욕권", "en": "Bath"}))  # the name stands in all eight
    assert faults(with_own(seoul, purpose={"ko": "목욕권", "th": "x"}))  # English is what others fall back to
    steps = yaml.safe_load(seoul["services/economy_employment/local-tax-certificate.yaml"])["steps"]
    assert ("purpose", "has no text in Русский (ru)") in faults(with_own(seoul, steps=steps))


def test_a_pattern_that_is_not_there_is_named(seoul):
    assert any("is not in patterns.yaml" in what for _, what in faults(with_own(seoul, pattern="coupon")))


def test_two_services_are_not_called_the_same(seoul):
    tax = yaml.safe_load(seoul["services/economy_employment/local-tax-certificate.yaml"])
    assert any("is also what" in what for _, what in faults(with_own(seoul, name=tax["name"])))


def test_a_file_lies_in_the_folder_of_its_category(seoul):
    assert any("folder" in what for _, what in faults(with_own(seoul, category="administration")))


@pytest.mark.parametrize("wanted", ["tax_year", "nothing"])
def test_an_amount_to_pay_is_asked_for_as_a_number(seoul, wanted):
    assert any(field == "fee_answer" for field, _ in faults(with_own(seoul, fee_answer=wanted, fee=0)))


def test_counts_name_every_kind_also_with_none(seoul):
    services = list(reading.read(with_own(seoul)).services.values())
    counts = counting.counts(services)
    assert (counts.total, counts.full) == (2, 1)
    assert counts.categories[Category.LIFE] == 1
    assert counts.categories[Category.TRANSPORTATION] == 0
    assert counts.incomplete[Language.RU] == 1
    old = [replace(one, texts=replace(one.texts, behind={Language.VI: 1})) for one in services]
    assert counting.counts(old).stale[Language.VI] == 2
