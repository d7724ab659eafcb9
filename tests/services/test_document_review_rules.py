"""How document review decides: what it reads, what each check finds, and what the checks lead to."""

from dataclasses import replace
from datetime import datetime

import a_service
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.assurance import Assurance
from madang.kernel.clock import SEOUL
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language
from madang.kernel.money import Won
from madang.records.catalogue.contracts import FieldKind, Processing, ServiceId, Source
from madang.services.applications.contracts import Answer, AnswerFrom, Case, CaseId, Mistake, Standing
from madang.services.document_review.contracts import (
    Check,
    Finding,
    Kind,
    ReasonMissing,
    Review,
    Suggestion,
    Verdict,
)
from madang.services.document_review.rules import consistency, cross_reference, policy, verdicts
from madang.services.document_review.rules.reading import fields_to_read, same

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=SEOUL)
CITY = policy.Policy(own_word_suffices=frozenset({FieldKind.PHONE}))
IN_ORDER = {
    "residents": {"name_ko": "김하나", "phone": "010-1111-2222"}, "vehicles": {"plate": "12가 3456"},
    "disability": {"walking_impaired": "yes"}, "households": {"district": "중구"},
}
PREFILLED = {
    "name": Answer("김하나", AnswerFrom.REGISTER, "residents"),
    "phone": Answer("010-1111-2222", AnswerFrom.REGISTER, "residents"),
    "plate": Answer("12가 3456", AnswerFrom.REGISTER, "vehicles"), "use": Answer("bank"), "copies": Answer("1"),
}
EVIDENCE = (a_service.OWN_CAR, a_service.IMPAIRED, a_service.LIVES_HERE)
SERVICE = a_service.service(evidence=EVIDENCE)

texts = st.text(max_size=20)
answers = st.builds(Answer, texts, st.sampled_from(AnswerFrom), st.sampled_from(["", *IN_ORDER]), texts)
readings = st.dictionaries(
    st.sampled_from(list(IN_ORDER)),
    st.none() | st.dictionaries(st.sampled_from(["name_ko", "phone", "plate", "walking_impaired", "district"]), texts),
)
mistakes = st.lists(st.just(Mistake("use", "required", "Please answer this question.", {})), max_size=2)


def a_case(held=None, **more) -> Case:
    made = Case(
        id=CaseId(new_id()), number="2026-2222-2222", service=ServiceId("test-service"), resident=ResidentId(new_id()),
        language=Language.KO, standing=Standing.IN_REVIEW, answers=PREFILLED | (held or {}), fee=Won(0), begun=NOW,
        submitted=NOW, due=NOW, decided=None, reasons=(), document=None, history=(), assurance=Assurance.LOW,
    )
    return replace(made, **more)


def checks_of(case=None, service=SERVICE, reading=None, wrong=(), city=CITY) -> list[Check]:
    return verdicts.checks_of(case or a_case(), service, IN_ORDER if reading is None else reading, wrong, city)


def open_rules(checks) -> dict[str, Finding]:
    return {check.rule: check.finding for check in checks if check.finding is not Finding.HOLDS}


class TestVerdict:
    @given(
        st.dictionaries(st.sampled_from([field.name for field in a_service.EVERY_KIND]), answers), readings, mistakes,
        st.sampled_from(Assurance), st.sampled_from(Processing),
    )
    def test_a_machine_approves_only_when_all_holds_and_never_refuses(self, held, reading, wrong, known, who):
        service = replace(SERVICE, processing=who)
        checks = checks_of(a_case(held, assurance=known), service, reading, wrong)
        verdict = verdicts.verdict(checks)
        assert set(Verdict) == {Verdict.APPROVE, Verdict.HAND_TO_PERSON}
        holds = all(check.finding is Finding.HOLDS for check in checks)
        assert verdict is (Verdict.APPROVE if holds else Verdict.HAND_TO_PERSON)
        if wrong or who is Processing.OFFICER or known < service.assurance:
            assert verdict is Verdict.HAND_TO_PERSON
        for check in checks:
            assert check.rule
            assert check.read
            assert check.said(Language.EN, str)

    def test_what_is_in_order_is_approved(self):
        checks = checks_of()
        assert open_rules(checks) == {}
        assert verdicts.verdict(checks) is Verdict.APPROVE
        assert {check.kind for check in checks} == set(Kind)

    def test_nothing_checked_is_nothing_approved(self):
        assert verdicts.verdict([]) is Verdict.HAND_TO_PERSON


class TestCrossReference:
    @pytest.mark.parametrize(("register", "entry", "rule"), [
        ("vehicles", {"plate": "99허1234"}, "evidence.own_car"), ("vehicles", None, "evidence.own_car"),
        ("vehicles", {}, "evidence.own_car"), ("disability", {"walking_impaired": "no"}, "evidence.impaired"),
        ("disability", None, "evidence.impaired"), ("households", {"district": ""}, "evidence.lives_here"),
    ])
    def test_evidence_that_is_not_borne_out_goes_to_a_person_in_the_services_words(self, register, entry, rule):
        checks = checks_of(reading=IN_ORDER | {register: entry})
        assert open_rules(checks) == {rule: Finding.FAILS}
        [reason] = verdicts.reasons_for_a_person(Review(CaseId(new_id()), checks, Verdict.HAND_TO_PERSON, NOW))
        assert reason.said(Language.KO, str).endswith("니다.")

    def test_it_says_what_stood_where(self):
        [car] = [check for check in checks_of() if check.rule == "evidence.own_car"]
        assert (car.read, car.found) == ("vehicles.plate, answers.plate", "12가 3456 / 12가 3456")

    def test_a_resident_never_reads_what_stood_in_the_register(self):
        [car] = [
            check for check in checks_of(reading=IN_ORDER | {"vehicles": {"plate": "99허1234"}})
            if check.rule == "evidence.own_car"
        ]
        assert "99허1234" in car.found
        assert "99허1234" not in str(car.as_reason())

    def test_a_correction_is_looked_at_unless_the_register_says_so_too(self):
        corrected = a_case({"plate": Answer("99허1234", AnswerFrom.RESIDENT, "vehicles", "12가 3456")})
        plain = a_service.service()
        assert open_rules(checks_of(corrected, plain)) == {"answers.as_registered": Finding.UNCLEAR}
        by_now = checks_of(corrected, plain, IN_ORDER | {"vehicles": {"plate": "99 허 1234"}})
        assert open_rules(by_now) == {}

    def test_what_evidence_compares_is_not_compared_twice(self):
        corrected = a_case({"plate": Answer("99허1234", AnswerFrom.RESIDENT, "vehicles", "12가 3456")})
        assert open_rules(checks_of(corrected)) == {"evidence.own_car": Finding.FAILS}

    def test_how_to_reach_somebody_is_theirs_to_say(self):
        called = a_case({"phone": Answer("010-9999-9999", AnswerFrom.RESIDENT, "residents", "010-1111-2222")})
        assert open_rules(checks_of(called)) == {}
        assert open_rules(checks_of(called, city=policy.Policy())) == {"answers.as_registered": Finding.UNCLEAR}

    def test_an_answer_without_an_entry_behind_it_is_looked_at(self):
        alone = a_case({"name": Answer("김하나")})
        found = cross_reference.checks(alone, SERVICE, IN_ORDER | {"residents": None}, CITY)
        assert open_rules(found) == {"answers.as_registered": Finding.UNCLEAR}

    @pytest.mark.parametrize(("one", "other"), [("12가 3456", "12가3456"), ("YES", "yes"), ("010-1-2", "01012")])
    def test_spaces_dashes_and_letter_case_are_not_a_difference(self, one, other):
        assert same(one, other)

    def test_each_register_is_asked_once_for_what_the_service_names(self):
        assert fields_to_read(SERVICE) == {
            "residents": ["name_ko", "phone"], "vehicles": ["plate"], "disability": ["walking_impaired"],
            "households": ["district"],
        }


class TestConsistency:
    def test_a_span_that_ends_before_it_begins_is_seen(self):
        fields = [a_service.question(f"stay_{end}", FieldKind.DATE) for end in ("from", "until")]
        backwards = {"stay_from": Answer("2026-05-02"), "stay_until": Answer("2026-05-01")}
        service = a_service.service(fields)
        assert open_rules(consistency.checks(a_case(backwards), service)) == {"answers.in_order": Finding.FAILS}
        forwards = {"stay_from": Answer("2026-05-01"), "stay_until": Answer("2026-05-01")}
        assert open_rules(consistency.checks(a_case(forwards), service)) == {}

    def test_two_words_about_one_thing_are_seen(self):
        fields = [a_service.question(name, source=Source("residents", "name_ko")) for name in ("a", "b")]
        service = a_service.service(fields)
        assert open_rules(consistency.checks(a_case({"a": Answer("하나"), "b": Answer("둘")}), service)) == {
            "answers.agree": Finding.FAILS
        }


class TestPolicy:
    def test_what_people_decide_goes_to_people(self):
        checks = checks_of(service=replace(SERVICE, processing=Processing.OFFICER))
        assert open_rules(checks) == {"policy.who_decides": Finding.UNCLEAR}
        assert Review(CaseId(new_id()), checks, Verdict.HAND_TO_PERSON, NOW).suggestion is Suggestion.APPROVE

    def test_who_was_not_known_surely_enough_is_not_approved_by_a_machine(self):
        checks = checks_of(service=replace(SERVICE, assurance=Assurance.SUBSTANTIAL))
        assert open_rules(checks) == {"policy.assurance": Finding.FAILS}

    def test_a_share_is_drawn_and_always_the_same(self):
        cases = [CaseId(new_id()) for _ in range(4000)]
        drawn = sum(policy.is_drawn(case, 0.1) for case in cases)
        assert 300 < drawn < 500
        assert not any(policy.is_drawn(case, 0.0) for case in cases)
        assert all(policy.is_drawn(case, 1.0) for case in cases)
        assert [policy.is_drawn(case, 0.1) for case in cases] == [policy.is_drawn(case, 0.1) for case in cases]

    def test_the_share_of_a_service_is_its_own(self):
        city = policy.Policy(sampled=0.0, sampled_by_service={"test-service": 1.0})
        assert open_rules(checks_of(city=city)) == {"policy.sample": Finding.UNCLEAR}


class TestOfficer:
    def test_overruling_is_told_from_following(self):
        assert verdicts.overrules(Suggestion.AGAINST, approve=True)
        assert verdicts.overrules(Suggestion.APPROVE, approve=False)
        assert not verdicts.overrules(Suggestion.LOOK_CLOSER, approve=True)
        assert not verdicts.overrules(Suggestion.LOOK_CLOSER, approve=False)

    @pytest.mark.parametrize(("reason", "suggestion", "approve"), [
        ("", Suggestion.APPROVE, False), ("  ..  ", Suggestion.APPROVE, False), ("", Suggestion.AGAINST, True),
        ("x" * 2001, Suggestion.APPROVE, True), ("a\0bcdefgh", Suggestion.APPROVE, True),
    ])
    def test_a_reason_is_asked_for_where_the_resident_will_ask_for_it(self, reason, suggestion, approve):
        with pytest.raises(ReasonMissing):
            verdicts.readable_reason(reason, suggestion, approve=approve)

    def test_an_approval_that_the_checks_support_needs_none(self):
        assert verdicts.readable_reason(" ", Suggestion.LOOK_CLOSER, approve=True) == ""
        kept = verdicts.readable_reason(" 서류를\n확인했습니다. ", Suggestion.AGAINST, approve=True)
        assert kept == "서류를 확인했습니다."

    @given(st.text(), st.sampled_from(Suggestion), st.booleans())
    def test_any_reason_is_readable_or_asked_for_again(self, given_reason, suggestion, approve):
        try:
            kept = verdicts.readable_reason(given_reason, suggestion, approve=approve)
        except ReasonMissing:
            return
        assert "\0" not in kept
        assert len(kept) <= 2000

    def test_a_refusal_says_how_to_appeal(self):
        own, appeal = verdicts.reasons_of_officer("다른 사람의 차입니다.", SERVICE, approve=False)
        assert own.text == "다른 사람의 차입니다."
        assert "이의신청" in appeal.said(Language.KO, str)
