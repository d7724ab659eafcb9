"""A form takes what its resident shows from a wallet: over 19, without the birth date; and nobody else's word."""

import shutil
from dataclasses import replace
from uuid import uuid4

import pytest
import yaml
from django.conf import settings as city

from madang.commons.identity.foreign.contracts import Identity
from madang.commons.identity.wallets import facade as wallets
from madang.commons.identity.wallets.contracts import Shown
from madang.kernel import clock
from madang.kernel.actors import Acting, Actor, ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.errors import BeyondDelegation
from madang.kernel.ids import AccountId, new_id
from madang.kernel.languages import Language
from madang.records.catalogue import facade as catalogue
from madang.records.registers.facade import population
from madang.services.applications import facade
from madang.services.applications.contracts import Answer, AnswerFrom, Permission, ShownBySomebodyElse

SERVICE, STEP = "resident-register-extract", "what_to_show"


@pytest.fixture
def asks_for_19(settings, tmp_path):
    """A city one of whose services asks whether somebody is 19."""
    shutil.copytree(city.MADANG_PROFILE, tmp_path / "city")
    [file] = (tmp_path / "city" / "services").rglob(f"{SERVICE}.yaml")
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    next(step for step in told["steps"] if step["name"] == STEP)["fields"].append({"ask": "adult"})
    file.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    settings.MADANG_PROFILE = tmp_path / "city"


@pytest.fixture
def garam(db, asks_for_19):
    population.make(0)
    allowed = frozenset({Permission.APPLY, Permission.SEE_OWN})
    who = population.demo_residents()[0].id
    return Actor(ActorKind.RESIDENT, "resident", AccountId(new_id()), who, allowed, Assurance.SUBSTANTIAL)


@pytest.fixture
def draft(garam):
    return facade.begin(garam, SERVICE, Language.EN, clock.now())


def showing(garam, said="yes", resident=None):
    who = Identity("city-documents", "x", Assurance.SUBSTANTIAL, str(resident or garam.subject), clock.now())
    return Shown(who, {"age_over_19": said, "birthdate": "1990-01-01"})


def test_it_stands_as_the_credentials_word_until_the_resident_says_otherwise(garam, draft):
    kept = facade.keep_shown(garam, draft.number, showing(garam), clock.now())
    assert kept.answers["adult"] == Answer("yes", AnswerFrom.CREDENTIAL, "city-documents")
    assert "1990-01-01" not in {answer.value for name, answer in kept.answers.items() if name != "birth_date"}
    again, _ = facade.keep(garam, draft.number, {"adult": "yes"}, clock.now())
    assert again.answers["adult"].by is AnswerFrom.CREDENTIAL
    changed, _ = facade.keep(garam, draft.number, {"adult": "no"}, clock.now())
    assert changed.answers["adult"] == Answer("no")


def test_nobody_elses_credential_is_evidence(garam, draft):
    with pytest.raises(ShownBySomebodyElse):
        facade.keep_shown(garam, draft.number, showing(garam, resident=population.demo_residents()[1].id), clock.now())


def test_whoever_acts_for_another_shows_nothing_of_theirs(garam, draft):
    acting = Acting(uuid4(), "parent", None, "somebody", clock.now())
    with pytest.raises(BeyondDelegation):
        facade.keep_shown(replace(garam, acting=acting), draft.number, showing(garam), clock.now())


def test_only_questions_that_ask_for_a_claim_are_answered(garam, draft):
    kept = facade.keep_shown(garam, draft.number, showing(garam), clock.now())
    same = {name: answer for name, answer in kept.answers.items() if name != "adult"}
    assert same == dict(draft.answers)


def test_the_pages_way_there_and_back_keeps_what_was_typed(garam, draft, at_the_door):
    browser = at_the_door(garam)
    page = f"/apply/{draft.number}/{STEP}"
    assert "Show it from the wallet on your phone" in browser.get(page).content.decode()
    there = browser.post(page, {"purpose": "finance", "show_number": "yes", "go": "wallet"})
    assert there["Location"] == "/accounts/wallet/?evidence=1"
    assert facade.case_of(garam, draft.number).answers["show_number"].value == "yes"


def test_shown_a_moment_ago_it_is_fetched_once(garam, draft, at_the_door, monkeypatch):
    told = [showing(garam)]
    monkeypatch.setattr(wallets, "fetched", lambda *_: told.pop() if told else None)
    browser = at_the_door(garam)
    back = browser.get(f"/apply/{draft.number}/{STEP}/shown")
    assert back["Location"] == f"/apply/{draft.number}/{STEP}"
    assert "Filled in from your wallet" in browser.get(back["Location"]).content.decode()
    assert browser.get(f"/apply/{draft.number}/{STEP}/shown").status_code == 302


def test_a_question_that_a_register_answers_takes_no_claim(asks_for_19, tmp_path):
    file = tmp_path / "city" / "questions.yaml"
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    told["birth_date"]["claim"] = "birthdate"
    file.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    assert any("wallet" in str(problem) for problem in catalogue.problems(tmp_path / "city"))


def test_a_service_of_the_city_asks_it_of_those_who_borrow(db):
    population.make(0)
    who = population.demo_residents()[0].id
    allowed = frozenset({Permission.APPLY, Permission.SEE_OWN})
    borrower = Actor(ActorKind.RESIDENT, "resident", AccountId(new_id()), who, allowed, Assurance.SUBSTANTIAL)
    loan = facade.begin(borrower, "small-business-loan", Language.EN, clock.now())
    kept = facade.keep_shown(borrower, loan.number, showing(borrower), clock.now())
    assert kept.answers["adult"] == Answer("yes", AnswerFrom.CREDENTIAL, "city-documents")
