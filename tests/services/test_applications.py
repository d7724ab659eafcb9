"""A resident's requests, from the first keystroke to the end, in PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import a_city
import pytest
from django.db import connection, connections

from madang.commons.audit import facade as audit
from madang.commons.events import store as outbox
from madang.commons.notify import facade as notify
from madang.kernel import clock
from madang.kernel.actors import VISITOR, ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.errors import AssuranceTooLow, NotPermitted, SignInNeeded
from madang.kernel.ids import new_id
from madang.kernel.languages import Language
from madang.records.catalogue.contracts import ServiceId, ServiceUnknown
from madang.services.applications import facade
from madang.services.applications.contracts import (
    Answer,
    AnswerFrom,
    AnswersWrong,
    CaseUnknown,
    MoveNotAllowed,
    NumberMistyped,
    Reason,
    Standing,
)
from madang.services.applications.models import CaseRow
from madang.services.applications.rules import numbers

EXTRACT = ServiceId("resident-register-extract")
TAX = ServiceId("local-tax-certificate")
BADGE = ServiceId("disability-parking-badge")
NOW = clock.now()


@pytest.fixture
def garam(residents):
    return a_city.resident(residents["in_order"])


@pytest.fixture
def draft(garam):
    return facade.begin(garam, EXTRACT, Language.KO, NOW)


@pytest.fixture
def sent(garam, draft):
    facade.keep(garam, draft.number, {"purpose": "finance"}, NOW)
    return facade.submit(garam, draft.number, NOW)


def topics() -> list[str]:
    return [envelope.topic for envelope in outbox.lock_waiting(100)]


class TestDraft:
    def test_the_registers_have_filled_it_in(self, draft):
        assert draft.answers["full_name"] == Answer("김가람(합성)", AnswerFrom.REGISTER, "residents")
        assert draft.answers["address"].register == "households"
        assert draft.standing is Standing.DRAFT
        assert numbers.read_number(draft.number) == draft.number

    def test_begun_twice_it_is_the_same_draft(self, garam, draft):
        facade.keep(garam, draft.number, {"recipient": "한빛은행"}, NOW)
        again = facade.begin(garam, EXTRACT, Language.EN, NOW)
        assert again.id == draft.id
        assert again.answers["recipient"].value == "한빛은행"

    def test_what_the_registers_said_was_read_for_a_purpose_that_the_resident_sees(self, garam, draft):
        actions = {access.action: access.purpose for access in audit.accesses_of(garam)}
        assert actions["registers.read"] == facade.OWN_REQUEST
        assert actions["applications.begin"] == facade.OWN_REQUEST

    def test_what_was_typed_is_kept_also_when_it_is_wrong(self, garam, draft):
        kept, mistakes = facade.keep(garam, draft.number, {"purpose": "casino", "recipient": "x" * 81}, NOW)
        assert [mistake.code for mistake in mistakes] == ["choice", "too_long"]
        assert facade.case_of(garam, draft.number).answers["recipient"].value == "x" * 81
        assert kept.answers["purpose"].value == "casino"

    @pytest.mark.parametrize("typed", [
        "'; DROP TABLE applications_case; --", "<script>alert(1)</script>", "{{ 7*7 }}", "%s %(x)s {x}", "\\u0000",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🏳️‍🌈 Ω≈ç√", "../../etc/passwd",
    ])
    def test_sql_html_and_templates_are_text(self, garam, draft, typed):
        facade.keep(garam, draft.number, {"recipient": typed}, NOW)
        assert facade.case_of(garam, draft.number).answers["recipient"].value == typed

    @pytest.mark.parametrize("typed", ["\0", "a\0b", "\ud800", "\x1b[2J", "가" * 3_000_000])
    def test_what_cannot_be_stored_is_refused_and_nothing_else_is_lost(self, garam, draft, typed):
        kept, mistakes = facade.keep(garam, draft.number, {"recipient": typed, "purpose": "work"}, NOW)
        assert [mistake.field for mistake in mistakes] == ["recipient"]
        assert "recipient" not in kept.answers
        assert facade.case_of(garam, draft.number).answers["purpose"].value == "work"

    def test_a_silent_register_leaves_its_questions_to_later(self, garam, cut):
        cut("households")
        begun = facade.begin(garam, EXTRACT, Language.KO, NOW)
        assert begun.answers["address"].awaits_register
        facade.keep(garam, begun.number, {"purpose": "work"}, NOW)
        assert facade.submit(garam, begun.number, NOW).standing is Standing.IN_REVIEW

    def test_begun_again_when_the_register_is_back_it_is_filled_in(self, garam, cut):
        cut("households")
        begun = facade.begin(garam, EXTRACT, Language.KO, NOW)
        cut()
        again = facade.begin(garam, EXTRACT, Language.KO, NOW)
        assert (again.id, again.answers["address"].awaits_register) == (begun.id, False)

    def test_without_an_entry_the_resident_answers(self, residents):
        lan = a_city.resident(residents["vietnamese"])
        begun = facade.begin(lan, BADGE, Language.VI, NOW)
        assert "plate" not in begun.answers
        kept, mistakes = facade.keep(lan, begun.number, {"plate": "12가 3456"}, NOW)
        assert (kept.answers["plate"], mistakes) == (Answer("12가3456"), ())

    def test_visitors_strangers_and_unknown_services_are_refused(self, garam):
        with pytest.raises(SignInNeeded):
            facade.begin(VISITOR, EXTRACT, Language.KO, NOW)
        with pytest.raises(NotPermitted):
            facade.begin(replace(garam, permissions=frozenset()), EXTRACT, Language.KO, NOW)
        with pytest.raises(ServiceUnknown):
            facade.begin(garam, ServiceId("free-money"), Language.KO, NOW)


class TestSubmit:
    def test_sent_it_has_a_date_news_a_notice_and_a_trace(self, garam, sent):
        assert sent.standing is Standing.IN_REVIEW
        assert (sent.submitted, sent.assurance) == (NOW, Assurance.SUBSTANTIAL)
        assert sent.due > NOW
        assert topics() == ["applications.case_ready"]
        assert [message.template for message in notify.inbox(garam)] == ["case_received"]
        assert notify.inbox(garam)[0].link == f"/my/cases/{sent.number}"
        assert "applications.submit" in [access.action for access in audit.accesses_of(garam)]

    def test_sent_twice_it_is_the_same_case_once(self, garam, sent):
        assert facade.submit(garam, sent.number, NOW + timedelta(hours=1)) == sent
        assert topics() == ["applications.case_ready"]

    def test_unfinished_it_says_every_mistake(self, garam, draft):
        facade.keep(garam, draft.number, {"recipient": "x" * 81}, NOW)
        with pytest.raises(AnswersWrong) as wrong:
            facade.submit(garam, draft.number, NOW)
        assert [(mistake.field, mistake.code) for mistake in wrong.value.mistakes] == [
            ("purpose", "required"), ("recipient", "too_long"),
        ]
        assert topics() == []

    def test_a_fee_is_waited_for(self, garam):
        case = facade.apply(garam, TAX, {"purpose": "loan"}, Language.EN, NOW)
        assert (case.standing, case.fee.amount) == (Standing.AWAITING_PAYMENT, 800)
        assert topics() == ["applications.fee_due"]
        later = NOW + timedelta(days=10)
        paid = facade.payment_received(a_city.MONEY, case.id, later)
        assert paid.standing is Standing.IN_REVIEW
        assert paid.due > later
        assert facade.payment_received(a_city.MONEY, case.id, later) == paid
        assert topics() == ["applications.fee_due", "applications.case_ready"]

    def test_who_is_not_known_surely_enough_steps_up_and_loses_nothing(self, residents):
        weak = a_city.resident(residents["in_order"], Assurance.LOW)
        begun = facade.begin(weak, TAX, Language.KO, NOW)
        facade.keep(weak, begun.number, {"purpose": "loan"}, NOW)
        with pytest.raises(AssuranceTooLow):
            facade.submit(weak, begun.number, NOW)
        strong = a_city.resident(residents["in_order"])
        assert facade.submit(strong, begun.number, NOW).standing is Standing.AWAITING_PAYMENT

    def test_the_language_is_the_one_chosen_when_it_is_sent(self, garam, draft):
        facade.keep(garam, draft.number, {"purpose": "work"}, NOW)
        assert facade.submit(garam, draft.number, NOW, language=Language.TH).language is Language.TH

    def test_a_sent_request_is_not_typed_to_any_more(self, garam, sent):
        with pytest.raises(MoveNotAllowed):
            facade.keep(garam, sent.number, {"purpose": "work"}, NOW)

    def test_a_whole_request_at_once_keeps_all_or_nothing(self, garam):
        with pytest.raises(AnswersWrong):
            facade.apply(garam, EXTRACT, {"purpose": "casino"}, Language.KO, NOW)
        assert facade.my_cases(garam) == []
        first = facade.apply(garam, EXTRACT, {"purpose": "work"}, Language.KO, NOW)
        second = facade.apply(garam, EXTRACT, {"purpose": "work"}, Language.KO, NOW)
        assert first.id != second.id
        assert first.standing is Standing.IN_REVIEW

    def test_it_costs_few_queries(self, garam, draft, django_assert_max_num_queries):
        facade.keep(garam, draft.number, {"purpose": "work"}, NOW)
        facade.submit(garam, draft.number, NOW)  # the account's and the templates' first reading is not counted
        facade.begin(garam, EXTRACT, Language.KO, NOW)
        number = facade.my_cases(garam)[0].number
        facade.keep(garam, number, {"purpose": "work"}, NOW)
        # the ways of the notice, and thrice who reads for somebody without an account; the transaction begins and ends
        with django_assert_max_num_queries(8 + 6 + 3 + 2):
            facade.submit(garam, number, NOW)


class TestOthers:
    def test_somebody_elses_number_is_nobodys(self, residents, sent):
        other = a_city.resident(residents["arrears"])
        for ask in (
            lambda: facade.case_of(other, sent.number), lambda: facade.case_of(other, str(sent.id)),
            lambda: facade.withdraw(other, sent.number, NOW), lambda: facade.submit(other, sent.number, NOW),
            lambda: facade.keep(other, sent.number, {}, NOW),
        ):
            with pytest.raises(CaseUnknown):
                ask()
        assert facade.my_cases(other) == []

    def test_no_number_no_case(self, garam):
        with pytest.raises(CaseUnknown):
            facade.case_of(garam, str(new_id()))
        with pytest.raises(NumberMistyped):
            facade.case_of(garam, "2026-AAAA-AAAB'; --")

    def test_only_who_may_moves_a_case(self, garam, sent):
        for step in (
            lambda: facade.approve(garam, sent.id, (), NOW, automatic=True), lambda: facade.case(garam, sent.id),
            lambda: facade.refuse(garam, sent.id, (), NOW), lambda: facade.complete(garam, sent.id, None, NOW),
            lambda: facade.hand_over(garam, sent.id, (), NOW), lambda: facade.payment_received(garam, sent.id, NOW),
        ):
            with pytest.raises(NotPermitted):
                step()

    def test_my_cases_go_back_in_time(self, garam):
        for hour in range(5):
            facade.apply(garam, EXTRACT, {"purpose": "work"}, Language.KO, NOW + timedelta(hours=hour))
        first = facade.my_cases(garam, limit=2)
        rest = facade.my_cases(garam, first[-1].begun, 10)
        assert [case.begun for case in [*first, *rest]] == [NOW + timedelta(hours=hour) for hour in (4, 3, 2, 1, 0)]


class TestSteps:
    def test_each_step_asked_twice_is_one_step(self, garam, sent):
        why = [Reason("evidence.x", "The register does not bear this out.")]
        twice(lambda: facade.wait_for_register(a_city.REVIEWER, sent.id, "households", NOW))
        twice(lambda: facade.hand_over(a_city.REVIEWER, sent.id, why, NOW))
        twice(lambda: facade.approve(a_city.officer(), sent.id, (), NOW, automatic=False))
        document = new_id()
        twice(lambda: facade.complete(a_city.MAKER, sent.id, document, NOW))
        assert topics() == [
            f"applications.{what}" for what in ("case_ready", "case_handed_over", "case_approved", "case_completed")
        ]
        case = facade.case_of(garam, sent.number)
        assert [line.standing.value for line in case.history] == [
            "in_review", "waiting_for_register", "with_officer", "approved", "completed",
        ]
        assert (case.document, case.decided, case.is_closed) == (document, NOW, True)
        assert {message.template for message in notify.inbox(garam)} == {
            "case_received", "case_waits_for_register", "case_with_officer",
        }

    def test_a_machine_never_refuses(self, sent):
        facade.hand_over(a_city.REVIEWER, sent.id, (), NOW)
        with pytest.raises(NotPermitted):
            facade.refuse(a_city.REVIEWER, sent.id, (), NOW)
        assert a_city.REVIEWER.kind is ActorKind.SYSTEM

    def test_refused_by_an_officer_it_has_reasons_and_the_resident_is_told(self, garam, sent):
        facade.hand_over(a_city.REVIEWER, sent.id, (), NOW)
        refused = facade.refuse(a_city.officer(), sent.id, [Reason("officer", "주소가 다릅니다.")], NOW)
        assert (refused.standing, refused.reasons[0].text) == (Standing.REFUSED, "주소가 다릅니다.")
        assert facade.refuse(a_city.officer(), sent.id, (), NOW) == refused
        assert notify.inbox(garam)[0].template == "case_refused"
        with pytest.raises(MoveNotAllowed):
            facade.approve(a_city.officer(), sent.id, (), NOW, automatic=False)

    def test_taken_back_it_is_over(self, garam, sent):
        twice(lambda: facade.withdraw(garam, sent.number, NOW))
        assert topics()[-1] == "applications.case_withdrawn"
        with pytest.raises(MoveNotAllowed):
            facade.approve(a_city.REVIEWER, sent.id, (), NOW, automatic=True)

    def test_a_decided_case_is_not_taken_back(self, garam, sent):
        facade.approve(a_city.REVIEWER, sent.id, (), NOW, automatic=True)
        with pytest.raises(MoveNotAllowed):
            facade.withdraw(garam, sent.number, NOW)

    def test_money_that_comes_after_the_request_was_taken_back_changes_nothing(self, garam):
        case = facade.apply(garam, TAX, {"purpose": "loan"}, Language.KO, NOW)
        facade.withdraw(garam, case.number, NOW)
        assert facade.payment_received(a_city.MONEY, case.id, NOW).standing is Standing.WITHDRAWN

    def test_a_discarded_draft_makes_no_news_and_room_for_another(self, garam, draft):
        facade.withdraw(garam, draft.number, NOW)
        assert topics() == []
        assert facade.begin(garam, EXTRACT, Language.KO, NOW).id != draft.id

    def test_reasons_are_read_in_any_language_later(self, garam, sent):
        facade.hand_over(a_city.REVIEWER, sent.id, [Reason("form.least", "This can be {least} at the least.",
                                                           {"least": "3"}, "copies")], NOW)
        [reason] = facade.case_of(garam, sent.number).reasons
        assert reason.said(Language.EN, str) == "This can be 3 at the least."
        assert reason.said(Language.KO, {"This can be {least} at the least.": "{least} 이상"}.get) == "3 이상"

    def test_what_may_be_kept_no_longer_is_erased(self, garam, draft, sent):
        other = facade.begin(garam, TAX, Language.KO, NOW)
        facade.withdraw(garam, sent.number, NOW)
        assert facade.forget(NOW + timedelta(days=29)) == 0
        assert facade.forget(NOW + timedelta(days=31)) == 1
        assert not CaseRow.objects.filter(id=other.id).exists()
        assert facade.forget(NOW + timedelta(days=3000)) == 1
        assert facade.case_of(garam, sent.number).answers == {}
        assert topics()[-1] == "applications.case_erased"
        assert facade.forget(NOW + timedelta(days=3000)) == 0


class TestAtOnce:
    def test_two_windows_begin_one_draft(self, lasting_residents):
        garam = a_city.resident(lasting_residents["in_order"])
        drafts = at_once(lambda: facade.begin(garam, EXTRACT, Language.KO, NOW), 4)
        assert len({draft.id for draft in drafts}) == 1

    def test_two_clicks_send_one_case(self, lasting_residents):
        garam = a_city.resident(lasting_residents["in_order"])
        draft = facade.begin(garam, EXTRACT, Language.KO, NOW)
        facade.keep(garam, draft.number, {"purpose": "work"}, NOW)
        cases = at_once(lambda: facade.submit(garam, draft.number, NOW), 4)
        assert len({case.id for case in cases}) == 1
        assert outbox.count_waiting() == 1

    def test_taken_back_and_approved_at_once_it_is_one_of_both(self, lasting_residents):
        garam = a_city.resident(lasting_residents["in_order"])
        case = facade.apply(garam, EXTRACT, {"purpose": "work"}, Language.KO, NOW)
        steps = [
            lambda: facade.withdraw(garam, case.number, NOW),
            lambda: facade.approve(a_city.REVIEWER, case.id, (), NOW, automatic=True),
        ]
        outcomes = [outcome for step in zip(*[at_each(steps)], strict=True) for outcome in step]
        assert [type(outcome) for outcome in outcomes].count(MoveNotAllowed) == 1
        assert len(facade.case_of(garam, case.number).history) == 2


def twice(step):
    assert step() == step()


def at_once(step, times):
    return at_each([step] * times)


def at_each(steps):
    def run(step):
        try:
            return step()
        except MoveNotAllowed as late:
            return late
        finally:
            connections.close_all()

    connection.close()
    with ThreadPoolExecutor(len(steps)) as threads:
        return list(threads.map(run, steps))
