"""How applications decides: standings, answers, numbers, deadlines, prefilling."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import a_service
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.actors import Actor, ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.clock import SEOUL
from madang.kernel.errors import CityError, NotPermitted
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language
from madang.kernel.money import Won
from madang.records.catalogue.contracts import FieldKind, ServiceId
from madang.services.applications.contracts import (
    Answer,
    AnswerFrom,
    Case,
    CaseId,
    MoveNotAllowed,
    NumberMistyped,
    Standing,
)
from madang.services.applications.rules import answers, deadlines, moves, numbers, prefill

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=SEOUL)
RESIDENT = Actor(ActorKind.RESIDENT, "resident", assurance=Assurance.LOW)
OFFICER = Actor(ActorKind.OFFICER, "taxation-7", assurance=Assurance.SUBSTANTIAL)
MACHINE = Actor.system("document_review")
FINAL = (Standing.REFUSED, Standing.COMPLETED, Standing.WITHDRAWN)
NOT_APPEALED = frozenset(Standing) - {Standing.APPEALED}


def a_case(standing: Standing = Standing.DRAFT, fee: int = 0) -> Case:
    return Case(
        id=CaseId(new_id()), number="2026-2222-2222", service=ServiceId("test-service"), resident=ResidentId(new_id()),
        language=Language.KO, standing=standing, answers={}, fee=Won(fee), begun=NOW, submitted=None, due=None,
        decided=None, reasons=(), document=None, history=(),
    )


class TestMoves:
    @given(
        st.sampled_from(FINAL), st.sampled_from(sorted(NOT_APPEALED)), st.sampled_from([RESIDENT, OFFICER, MACHINE]),
    )
    def test_only_an_appeal_leaves_a_final_standing(self, final, wanted, actor):
        with pytest.raises(MoveNotAllowed):
            moves.moved(a_case(final), wanted, actor, NOW)

    @given(st.lists(st.sampled_from(Standing), max_size=30))
    def test_whatever_is_tried_a_case_only_goes_where_the_table_leads(self, tries):
        case = a_case()
        for wanted in tries:
            before = case
            try:
                case = moves.moved(case, wanted, OFFICER, NOW)
            except MoveNotAllowed:
                continue
            assert case.standing in moves.after(before.standing)
            assert case.history[:-1] == before.history
            assert case.history[-1].standing is case.standing

    @given(st.sampled_from(Standing))
    def test_no_machine_and_no_resident_refuses(self, standing):
        for actor in (MACHINE, RESIDENT):
            with pytest.raises(CityError):
                moves.refused(a_case(standing), actor, NOW, ())

    def test_a_machine_does_not_approve_what_lies_with_an_officer(self):
        with pytest.raises(NotPermitted):
            moves.approved(a_case(Standing.WITH_OFFICER), MACHINE, NOW, (), automatic=True)
        with pytest.raises(NotPermitted):
            moves.approved(a_case(Standing.WITH_OFFICER), MACHINE, NOW, (), automatic=False)
        assert moves.approved(a_case(Standing.WITH_OFFICER), OFFICER, NOW, (), automatic=False).decided == NOW

    def test_every_standing_can_be_reached_and_every_open_one_left(self):
        reached = {Standing.DRAFT, *(to for _, to in moves.MOVES)}
        assert reached == set(Standing)
        assert all(moves.after(standing) for standing in Standing if standing not in FINAL)

    def test_a_fee_is_waited_for_and_what_is_free_is_not(self):
        assert moves.submitted(a_case(fee=800), RESIDENT, NOW, NOW).standing is Standing.AWAITING_PAYMENT
        sent = moves.submitted(a_case(), RESIDENT, NOW, NOW)
        assert sent.standing is Standing.IN_REVIEW
        assert (sent.submitted, sent.assurance) == (NOW, Assurance.LOW)

    def test_the_page_draws_the_same_steps(self):
        page = (Path(__file__).parents[2] / "docs" / "applications.md").read_text(encoding="utf-8")
        drawn = {
            tuple(part.strip() for part in line.partition(":")[0].split("-->"))
            for line in page.splitlines() if "-->" in line and "[*]" not in line
        }
        assert drawn == {(begin.value, to.value) for begin, to in moves.MOVES}


class TestNumbers:
    @given(st.uuids(), st.integers(2020, 2199))
    def test_a_number_is_read_back_however_it_is_spaced(self, case, year):
        number = numbers.number_for(CaseId(case), year)
        assert numbers.read_number(number) == number
        assert numbers.read_number(number.lower().replace("-", " ")) == number

    @given(st.uuids(), st.integers(0, 7), st.sampled_from(numbers.ALPHABET))
    def test_one_wrong_letter_is_noticed(self, case, place, letter):
        number = numbers.number_for(CaseId(case), 2026)
        at = 5 + place + (place > 3)
        wrong = number[:at] + letter + number[at + 1:]
        if wrong != number:
            with pytest.raises(NumberMistyped):
                numbers.read_number(wrong)

    @given(st.uuids(), st.integers(0, 7), st.integers(0, 7))
    def test_two_letters_exchanged_are_noticed(self, case, one, other):
        number = numbers.number_for(CaseId(case), 2026)
        letters = list(number.replace("-", ""))
        letters[4 + one], letters[4 + other] = letters[4 + other], letters[4 + one]
        if letters != list(number.replace("-", "")):
            with pytest.raises(NumberMistyped):
                numbers.read_number("".join(letters))

    @given(st.text(max_size=60))
    def test_anything_typed_is_a_number_or_a_mistake(self, typed):
        with suppress(NumberMistyped):
            assert numbers.read_number(typed)

    def test_the_example_in_the_message_is_a_number(self):
        example = NumberMistyped(given="x").data["example"]
        assert numbers.read_number(example) == example


class TestDeadlines:
    hours = deadlines.OfficeHours(time(9), time(18), {date(2026, 12, 25), date(2027, 1, 1)})

    @pytest.mark.parametrize(("received", "days", "due"), [
        ("2026-11-23T10:30", 3, "2026-11-26T10:30"),
        ("2026-11-20T10:30", 1, "2026-11-23T10:30"),  # over a weekend
        ("2026-11-21T10:30", 1, "2026-11-24T09:00"),  # received on a Saturday
        ("2026-11-23T20:00", 1, "2026-11-25T09:00"),  # after hours
        ("2026-11-23T06:00", 1, "2026-11-24T09:00"),  # before hours
        ("2026-12-24T10:00", 1, "2026-12-28T10:00"),  # a holiday and a weekend
        ("2026-11-23T10:30", 7, "2026-12-01T18:00"),  # counted in days, the first included
        ("2026-11-23T10:30", 0, "2026-11-23T18:00"),
    ])
    def test_days_are_counted_as_the_law_counts(self, received, days, due):
        at = datetime.fromisoformat(received).replace(tzinfo=SEOUL)
        assert deadlines.due(at, days, self.hours) == datetime.fromisoformat(due).replace(tzinfo=SEOUL)

    @given(st.integers(0, 700_000), st.integers(0, 60))
    def test_a_promise_ends_on_a_working_day_in_office_hours_and_later_than_it_began(self, minutes, days):
        at = NOW + timedelta(minutes=minutes)
        due = deadlines.due(at, days, self.hours)
        assert due > at
        assert self.hours.is_working(due.date())
        assert time(9) <= due.time() <= time(18)
        assert due - at < timedelta(days=days * 2 + 8)


class TestAnswers:
    service = a_service.service()
    held = prefill.prefilled(service, {
        "residents": {"name_ko": "김하나", "phone": "010-1111-2222"}, "vehicles": {"plate": "12가 3456"},
    })

    @given(st.dictionaries(st.sampled_from([field.name for field in a_service.EVERY_KIND]) | st.text(), st.text()))
    def test_any_answers_are_taken_without_a_crash_and_only_what_can_be_stored(self, typed):
        merged = answers.merged(self.service, self.held, typed)
        names = {field.name for field in self.service.fields()}
        assert set(merged.answers) <= names
        assert all("\0" not in answer.value for answer in merged.answers.values())
        assert merged.answers["name"] == self.held["name"]
        for mistake in (*merged.mistakes, *answers.mistakes_in(self.service, merged.answers)):
            assert mistake.said(str)

    @given(st.dictionaries(st.sampled_from([field.name for field in a_service.EVERY_KIND]), st.text()))
    def test_what_is_kept_is_kept_again_the_same(self, typed):
        once = answers.merged(self.service, self.held, typed).answers
        again = answers.merged(self.service, once, {name: answer.value for name, answer in once.items()}).answers
        assert again == once

    @pytest.mark.parametrize(("name", "typed", "kept"), [
        ("phone", "010 9876 5432", "010-9876-5432"),
        ("phone", "+82 10-9876-5432", "010-9876-5432"),
        ("phone", "0212345678", "02-1234-5678"),
        ("phone", "15881234", "1588-1234"),
        ("phone", "０１０－９８７６－５４３２", "010-9876-5432"),
        ("plate", "34 나 5678", "34나5678"),
        ("plate", "서울 34 나 5678", "서울34나5678"),
        ("plate", "123허4567", "123허4567"),
        ("use", "bank", "bank"),
        ("copies", "3", "3"),
        ("since", "2026. 3. 1.", "2026-03-01"),
        ("since", "2026년 3월 1일", "2026-03-01"),
        ("since", "2024-02-29", "2024-02-29"),
        ("year", "1988", "1988"),
        ("agreed", "Yes", "yes"),
        ("remark", "첫째 줄\n둘째 줄 <b>&'; DROP TABLE", "첫째 줄\n둘째 줄 <b>&'; DROP TABLE"),
        ("code", "ABC-12", "ABC-12"),
    ])
    def test_a_right_answer_is_kept_in_its_plain_form(self, name, typed, kept):
        merged = answers.merged(self.service, self.held, {name: typed})
        assert merged.mistakes == ()
        assert merged.answers[name].value == kept

    @pytest.mark.parametrize(("name", "typed", "code"), [
        ("phone", "12345", "phone"), ("phone", "010-1234-567", "phone"), ("phone", "", "required"),
        ("plate", "가나다", "plate"), ("plate", "12힣3456", "plate"),
        ("use", "casino", "choice"), ("copies", "0", "least"), ("copies", "11", "most"), ("copies", "1.5", "number"),
        ("copies", "9" * 40, "number"), ("since", "2026-02-30", "date"), ("since", "yesterday", "date"),
        ("year", "26", "year"), ("year", "1900", "least"), ("agreed", "perhaps", "yes_no"),
        ("remark", "x" * 501, "too_long"), ("code", "abc-12", "pattern"), ("use", "  ", "required"),
    ])
    def test_a_wrong_answer_is_kept_and_said_beside_its_question(self, name, typed, code):
        merged = answers.merged(self.service, self.held, {name: typed})
        assert [(mistake.field, mistake.code) for mistake in merged.mistakes] == [
            (name, {"plate": "vehicle_number"}.get(code, code))
        ]
        assert merged.answers[name].value == typed.strip()

    @pytest.mark.parametrize(("name", "typed", "code"), [
        ("remark", "a\0b", "unreadable"), ("remark", "\ud800", "unreadable"), ("code", "A\x1b[2J", "unreadable"),
        ("code", "user\u202etxt", "unreadable"), ("code", "two\nlines", "unreadable"),
        ("remark", "x" * 10_001, "too_long"), ("<script>", "x", "unknown"), ("use\0", "x", "unknown"),
    ])
    def test_what_cannot_be_stored_is_said_and_not_kept(self, name, typed, code):
        merged = answers.merged(self.service, self.held, {name: typed})
        assert [mistake.code for mistake in merged.mistakes] == [code]
        assert merged.answers == self.held

    def test_ten_megabytes_are_refused_at_once(self):
        merged = answers.merged(self.service, self.held, {"remark": "가" * 10_000_000})
        assert merged.mistakes[0].facts == {"longest": "500", "length": "10000000"}
        assert "remark" not in merged.answers

    def test_the_registers_word_stands_where_it_is_locked(self):
        merged = answers.merged(self.service, self.held, {"name": "김둘"})
        assert [mistake.code for mistake in merged.mistakes] == ["locked"]
        assert merged.answers["name"] == Answer("김하나", AnswerFrom.REGISTER, "residents")
        assert answers.merged(self.service, self.held, {"name": "김하나"}).mistakes == ()

    def test_a_correction_is_the_residents_word_and_remembers_the_registers(self):
        corrected = answers.merged(self.service, self.held, {"plate": "99허1234"}).answers
        assert corrected["plate"] == Answer("99허1234", AnswerFrom.RESIDENT, "vehicles", "12가 3456")
        back = answers.merged(self.service, corrected, {"plate": "12가3456"}).answers
        assert back["plate"] == self.held["plate"]

    def test_a_form_is_sent_only_when_it_is_whole(self):
        missing = answers.mistakes_in(self.service, self.held)
        assert [(mistake.field, mistake.code) for mistake in missing] == [("use", "required")]
        whole = answers.merged(self.service, self.held, {"use": "bank"}).answers
        assert answers.mistakes_in(self.service, whole) == []

    def test_questions_that_the_form_no_longer_has_are_left_behind(self):
        assert answers.of_the_form(self.service, {"gone": Answer("x"), "use": Answer("bank")}) == {
            "use": Answer("bank")
        }

    @given(st.sampled_from(FieldKind), st.text(max_size=300))
    def test_every_kind_judges_anything(self, kind, typed):
        service = a_service.service([a_service.question("it", kind, choices=())])
        merged = answers.merged(service, {}, {"it": typed})
        assert len(merged.mistakes) <= 1


class TestPrefill:
    service = a_service.service()

    def test_each_register_is_asked_once_for_what_is_needed(self):
        assert prefill.fields_to_read(self.service) == {"residents": ["name_ko", "phone"], "vehicles": ["plate"]}

    def test_a_silent_register_leaves_its_questions_to_later(self):
        held = prefill.prefilled(self.service, {"residents": {"name_ko": "김하나"}})
        assert held["plate"].awaits_register
        assert not [wrong for wrong in answers.mistakes_in(self.service, held) if wrong.field == "plate"]
        assert prefill.fields_to_read(self.service, held) == {"vehicles": ["plate"]}
        later = prefill.refilled(self.service, held, {"vehicles": {"plate": "12가 3456"}})
        assert later["plate"] == Answer("12가 3456", AnswerFrom.REGISTER, "vehicles")
        assert later["name"] == held["name"]

    def test_a_resident_may_answer_for_a_silent_register_and_keeps_the_word(self):
        held = prefill.prefilled(self.service, {"residents": {}})
        typed = answers.merged(self.service, held, {"plate": "34나5678"}).answers
        assert prefill.refilled(self.service, typed, {"vehicles": {"plate": "12가 3456"}})["plate"].value == "34나5678"

    def test_a_register_without_an_entry_leaves_the_question_to_the_resident(self):
        held = prefill.prefilled(self.service, {"residents": {}, "vehicles": {}})
        assert "name" not in held
        assert answers.merged(self.service, held, {"name": "김하나"}).answers["name"] == Answer("김하나")
        silent = prefill.prefilled(self.service, {})
        assert "name" not in prefill.refilled(self.service, silent, {"residents": {}})

    def test_defaults_are_filled_in(self):
        assert prefill.prefilled(self.service, {})["copies"] == Answer("1")


def test_case_ids_are_version_7():
    assert UUID(str(a_case().id)).version == 7
