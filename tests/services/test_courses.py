"""Every usual course leads from its form to its outcome, with a service that says nothing but who it is."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import a_city
import pypdf
import pytest
import yaml
from django.conf import settings as django_settings
from walking import ANSWER, NOW, carry_on, sent

from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Archetype, Processing, Service
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Standing
from madang.services.certificates import facade as certificates
from madang.services.certificates.contracts import Permission as OfCertificates
from madang.services.document_review import facade as review
from madang.services.document_review.contracts import ReasonMissing

SEOUL = Path(django_settings.MADANG_PROFILE)
PATTERNS = yaml.safe_load((SEOUL / "patterns.yaml").read_text(encoding="utf-8"))
WORDS = {language.value: "합성" if language is Language.KO else "synthetic" for language in Language}


PRICE = {"name": "pass", "kind": "choice", "label": WORDS, "choices": [
    {"value": "day_1000", "label": WORDS}, {"value": "week_3000", "label": WORDS},
]}
"""What a service of a price list must say itself: what can be chosen and what it costs."""


def a_service(pattern: str) -> Mapping[str, object]:
    prices = {"steps": [{"name": "choice", "title": WORDS, "fields": [PRICE]}], "fee_answer": "pass"}
    return (prices if pattern == "price-list" else {}) | {
        "id": f"of-{pattern}", "pattern": pattern, "category": "life", "department": "waste",
        "name": {code: f"{word} {pattern}" for code, word in WORDS.items()}, "purpose": WORDS,
        "law": [{"law": "civil-petitions-act"}], "keywords": {code: [word] for code, word in WORDS.items()},
        "uses_per_year": 1, "texts": {"source_version": 1, "machine": []},
    }


@pytest.fixture(scope="module")
def profile(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("profile") / "seoul"
    shutil.copytree(SEOUL, folder, ignore=shutil.ignore_patterns("services"))
    (folder / "services" / "life").mkdir(parents=True)
    (folder / "life_events.yaml").write_text("{}", encoding="utf-8")
    for pattern in PATTERNS:
        file = folder / "services" / "life" / f"of-{pattern}.yaml"
        file.write_text(yaml.safe_dump(a_service(pattern), allow_unicode=True), encoding="utf-8")
    return folder


@pytest.fixture
def city(profile, settings, residents) -> Mapping[str, Service]:
    settings.MADANG_PROFILE = profile
    return {service.pattern: service for service in catalogue.services()}


def test_each_course_makes_a_whole_service(profile):
    assert catalogue.problems(profile) == []
    assert {service.pattern for service in catalogue.services_in(profile)} == set(PATTERNS)


def test_each_course_leads_to_its_outcome(city, residents, time_passes):
    garam = a_city.resident(residents["in_order"])
    cases = {pattern: sent(garam, service) for pattern, service in city.items()}
    time_passes()
    for _ in range(2):  # some are paid, some are decided
        for pattern, case in cases.items():
            carry_on(city[pattern], case)
        time_passes()
    ended = {pattern: applications.case_of(garam, case.number) for pattern, case in cases.items()}
    assert {pattern: case.standing for pattern, case in ended.items()} == dict.fromkeys(PATTERNS, Standing.COMPLETED)
    for pattern, case in ended.items():
        service = city[pattern]
        assert (case.document is not None) == (service.outcome is not None), pattern
        assert case.automatic == (service.processing is Processing.AUTOMATIC), pattern
        read = [reason.said(Language.VI, str) for reason in case.reasons]
        assert case.automatic or ANSWER in read, pattern


@pytest.mark.parametrize("pattern", ["cash-benefit", "street-problem", "advice", "resident-vote"])
def test_no_officer_ends_a_request_without_an_answer(city, residents, time_passes, pattern):
    service = city[pattern]
    case = sent(a_city.resident(residents["in_order"]), service)
    time_passes()
    desk = a_city.officer(department=service.department.into(Language.KO))
    with pytest.raises(ReasonMissing):
        review.decide(desk, case.id, approve=True, reason="", now=NOW)


def test_a_document_that_many_services_share_names_its_own(city, residents, time_passes):
    garam = a_city.resident(residents["in_order"])
    case = sent(garam, city["notification"])
    time_passes()
    carry_on(city["notification"], case)
    time_passes()
    holder = replace(garam, permissions=garam.permissions | {OfCertificates.SEE_OWN})
    held = certificates.certificate(holder, applications.case_of(garam, case.number).document)
    said = pypdf.PdfReader(BytesIO(certificates.download(holder, held.id))).pages[0].extract_text()
    assert "합성 notification" in said
    assert "신고수리확인서" in "".join(said.split())
    assert held.facts["event_on"] == str(NOW.date() + timedelta(days=14))
    assert "phone" not in held.facts


def test_only_what_registers_prove_is_decided_by_a_machine(city):
    automatic = {pattern for pattern, one in city.items() if one.processing is Processing.AUTOMATIC}
    payments = {pattern for pattern, one in city.items() if one.archetype is Archetype.PAYMENT}
    booked = {pattern for pattern, one in city.items() if one.slot_question}
    assert automatic - payments - booked == {"opinion-survey"}
    assert booked == {"facility-booking", "course-booking", "event-booking", "appointment", "equipment-loan"}
    assert city["opinion-survey"].evidence
