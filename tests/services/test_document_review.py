"""From a sent request to a decision: the machine's review, the desk, and everything that comes in between."""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import a_city
import pytest
from django.db import connection, connections

from madang.commons.audit import facade as audit
from madang.commons.events import facade as events
from madang.commons.events import wire
from madang.kernel import clock
from madang.kernel.actors import VISITOR
from madang.kernel.errors import NotPermitted, SignInNeeded
from madang.kernel.ids import new_id
from madang.kernel.languages import Language
from madang.records.catalogue.contracts import ServiceId
from madang.services.applications import facade as applications
from madang.services.applications.contracts import (
    AnswerFrom,
    CaseErased,
    CaseId,
    CaseReady,
    CaseUnknown,
    CaseWithdrawn,
    MoveNotAllowed,
    Standing,
)
from madang.services.document_review import facade, handlers, tasks
from madang.services.document_review.contracts import (
    AlreadyDecided,
    Permission,
    ReasonMissing,
    ReviewUnknown,
    Suggestion,
    Verdict,
)

EXTRACT = ServiceId("resident-register-extract")
TAX = ServiceId("local-tax-certificate")
BADGE = ServiceId("disability-parking-badge")
CAR = {"owner": "self", "drives": "driver"}
NOW = clock.now()


def apply(who, service, typed, now=NOW):
    case = applications.apply(a_city.resident(who), service, typed, Language.KO, now)
    return applications.payment_received(a_city.MONEY, case.id, now) if case.fee else case


def seen(case_id):
    return applications.case(a_city.REVIEWER, case_id)


def waiting_work() -> list[tuple[str, dict, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, args, scheduled_at IS NOT NULL FROM procrastinate_jobs"
            " WHERE task_name = 'document_review.review' ORDER BY id"
        )
        return [(name, json.loads(args), later) for name, args, later in cursor.fetchall()]


def die(*_said, **_more):
    raise SystemExit


@pytest.fixture
def badge(residents):
    case = apply(residents["walking_impaired"], BADGE, CAR)
    facade.review(case.id, NOW)
    return case


class TestMachine:
    def test_what_is_in_order_is_approved_at_once(self, residents):
        case = apply(residents["in_order"], EXTRACT, {"purpose": "work"})
        assert facade.review(case.id, NOW) is None
        after = seen(case.id)
        assert (after.standing, after.automatic) == (Standing.APPROVED, True)

    @pytest.mark.parametrize(("who", "service", "typed", "rule"), [
        ("arrears", TAX, {"purpose": "loan"}, "evidence.nothing_overdue"),
        ("mild", BADGE, CAR, "evidence.walking_is_impaired"),
        ("in_order", BADGE, CAR, "evidence.disability_is_registered"),
        ("in_order", EXTRACT, {"purpose": "work", "full_name_latin": "QUEEN Garam"}, "answers.as_registered"),
        ("incomplete", EXTRACT, {"purpose": "work", "address": "서울특별시 관악구"}, "evidence.address_is_registered"),
    ])
    def test_what_is_not_goes_to_a_person_with_reasons(self, residents, who, service, typed, rule):
        case = apply(residents[who], service, typed)
        facade.review(case.id, NOW)
        after = seen(case.id)
        assert after.standing is Standing.WITH_OFFICER
        assert rule in [reason.rule for reason in after.reasons]

    def test_what_people_decide_goes_to_people_also_in_order(self, residents, badge):
        review = facade.review_of(a_city.officer(), badge.id)
        assert (review.verdict, review.suggestion) == (Verdict.HAND_TO_PERSON, Suggestion.APPROVE)
        assert [check.rule for check in review.open_checks] == ["policy.who_decides"]

    def test_reviewed_again_nothing_happens_and_no_register_is_asked(self, residents, cut):
        case = apply(residents["in_order"], EXTRACT, {"purpose": "work"})
        facade.review(case.id, NOW)
        after = seen(case.id)
        cut("residents", "households")
        assert facade.review(case.id, NOW) is None
        assert seen(case.id) == after

    def test_of_two_workers_who_read_different_things_the_first_decides(self, residents, monkeypatch):
        case = apply(residents["arrears"], TAX, {"purpose": "loan"})
        conclude, first = facade._conclude, []

        def come_late(late_case, filled, service, said, now):
            if not first:
                first.append(case.id)
                facade.review(case.id, NOW)
                said = said | {"local_tax": {"paid_up": "yes"}}
                now = clock.now()
            conclude(late_case, filled, service, said, now)

        monkeypatch.setattr(facade, "_conclude", come_late)
        facade.review(case.id, NOW)
        assert seen(case.id).standing is Standing.WITH_OFFICER
        assert len(seen(case.id).history) == 3

    @pytest.mark.parametrize(("service", "dies_at"), [
        (EXTRACT, "filled_in"), (EXTRACT, "answer_from_registers"), (EXTRACT, "approve"),
        (BADGE, "filled_in"), (BADGE, "answer_from_registers"), (BADGE, "hand_over"),
    ])
    def test_a_worker_that_dies_in_the_middle_is_followed_by_one_that_finishes(
        self, residents, monkeypatch, cut, service, dies_at
    ):
        cut("residents")
        case = apply(residents["walking_impaired"], service, {"purpose": "work"} if service is EXTRACT else CAR)
        cut()
        with monkeypatch.context() as dying:
            dying.setattr(applications, dies_at, die)
            with pytest.raises(SystemExit):
                tasks.review.run(case.id)
        assert seen(case.id).standing is Standing.IN_REVIEW
        tasks.review.run(case.id)
        tasks.review.run(case.id)
        after = seen(case.id)
        assert after.standing is (Standing.APPROVED if service is EXTRACT else Standing.WITH_OFFICER)
        assert len(after.history) == 2
        assert not any(answer.awaits_register for answer in after.answers.values())

    def test_taken_back_while_the_registers_were_asked_nothing_is_kept(self, residents, monkeypatch):
        case = apply(residents["in_order"], EXTRACT, {"purpose": "work"})
        conclude = facade._conclude

        def take_back_first(*said):
            applications.withdraw(a_city.resident(residents["in_order"]), case.number, NOW)
            conclude(*said)

        monkeypatch.setattr(facade, "_conclude", take_back_first)
        facade.review(case.id, NOW)
        assert seen(case.id).standing is Standing.WITHDRAWN
        with pytest.raises(ReviewUnknown):
            facade.review_of(a_city.officer("lead", "", Permission.SEE_EVERY_DESK), case.id)

    def test_a_case_that_is_not_there_is_an_error(self, residents):
        with pytest.raises(CaseUnknown):
            facade.review(CaseId(new_id()), NOW)

    def test_it_costs_few_queries(self, residents, django_assert_max_num_queries):
        for _ in range(2):
            case = apply(residents["in_order"], EXTRACT, {"purpose": "work"})
            # the case, two registers with the trace of each, the review, the decision with its news and trace
            with django_assert_max_num_queries(20):
                facade.review(case.id, NOW)


class TestWaiting:
    def test_a_silent_register_delays_and_the_case_goes_on_by_itself(self, residents, cut):
        case = apply(residents["in_order"], EXTRACT, {"purpose": "work"})
        cut("households")
        tasks.review.run(case.id)
        waits = seen(case.id)
        assert (waits.standing, waits.waits_for) == (Standing.WAITING_FOR_REGISTER, "households")
        assert waiting_work()[-1][1:] == ({"case": str(case.id), "waited": 1}, True)
        tasks.review.run(case.id, waited=1)
        assert seen(case.id) == waits
        cut()
        tasks.review.run(case.id, waited=2)
        assert seen(case.id).standing is Standing.APPROVED
        assert len(waiting_work()) == 2

    def test_another_silent_register_is_named(self, residents, cut):
        case = apply(residents["in_order"], EXTRACT, {"purpose": "work"})
        cut("households")
        facade.review(case.id, NOW)
        cut("residents")
        facade.review(case.id, NOW)
        assert seen(case.id).waits_for == "residents"
        assert len(seen(case.id).history) == 2

    def test_it_comes_back_quickly_at_first_and_for_ever(self):
        waits = [tasks.PATIENCE.waits[min(waited, len(tasks.PATIENCE.waits) - 1)] for waited in range(1000)]
        assert waits[:4] == [1, 2, 5, 10]
        assert max(waits) == waits[-1] == 300
        assert tasks.PATIENCE.attempts is None

    def test_what_was_open_at_the_beginning_is_read_now(self, residents, cut):
        cut("residents", "households")
        case = apply(residents["in_order"], EXTRACT, {"purpose": "work"})
        assert case.answers["address"].awaits_register
        cut()
        facade.review(case.id, NOW)
        after = seen(case.id)
        assert after.standing is Standing.APPROVED
        assert after.answers["address"].by is AnswerFrom.REGISTER
        assert after.answers["address"].value.startswith("서울특별시 종로구")


class TestDesk:
    def test_the_nearest_deadline_stands_first_and_the_plainest_of_a_day(self, residents):
        numbers = {}
        for who in ("mild", "walking_impaired", "in_order"):
            case = apply(residents[who], BADGE, CAR)
            facade.review(case.id, NOW)
            numbers[case.number] = who
        queue = facade.queue(a_city.officer())
        assert [numbers[item.number] for item in queue] == ["walking_impaired", "mild", "in_order"]
        assert [item.failing for item in queue] == [0, 1, 2]
        assert facade.waiting(a_city.officer()) == 3

    def test_it_is_open_to_officers_of_the_department_only(self, residents, badge):
        tax = a_city.officer("officer 7", "재무국 세무과")
        assert facade.queue(tax) == []
        for ask in (
            lambda: facade.review_of(tax, badge.id), lambda: facade.open_case(tax, badge.number, NOW),
            lambda: facade.decide(tax, badge.id, approve=True, reason="", now=NOW),
        ):
            with pytest.raises(ReviewUnknown):
                ask()
        lead = a_city.officer("desk lead 3", "행정국 자치행정과", Permission.SEE_EVERY_DESK)
        assert [item.case for item in facade.queue(lead)] == [badge.id]
        with pytest.raises(SignInNeeded):
            facade.queue(VISITOR)
        with pytest.raises(NotPermitted):
            facade.queue(a_city.resident(residents["mild"]))
        with pytest.raises(NotPermitted):
            facade.decide(a_city.resident(residents["mild"]), badge.id, approve=True, reason="", now=NOW)

    def test_that_it_was_opened_and_by_whom_is_there_for_the_resident_to_read(self, residents, badge):
        facade.open_case(a_city.officer(), badge.number, NOW)
        opened = next(
            access for access in audit.accesses_of(a_city.resident(residents["walking_impaired"]))
            if access.action == "document_review.open"
        )
        assert (opened.by, opened.purpose) == (a_city.officer().name, facade.DECIDING)
        assert "plate" in opened.fields

    def test_that_a_review_was_looked_at_is_in_the_residents_record(self, residents, badge):
        facade.review_of(a_city.officer(), badge.id)
        seen_by = audit.accesses_of(a_city.resident(residents["walking_impaired"]))
        assert "document_review.look" in {access.action for access in seen_by}

    def test_approved_it_leaves_the_desk(self, badge):
        case = facade.decide(a_city.officer(), badge.id, approve=True, reason="", now=NOW)
        assert (case.standing, case.automatic) == (Standing.APPROVED, False)
        assert facade.queue(a_city.officer()) == []
        decision = facade.review_of(a_city.officer(), badge.id).decision
        assert (decision.approved, decision.overruled) == (True, False)

    def test_refused_it_has_the_officers_words_and_the_way_to_appeal(self, badge):
        with pytest.raises(ReasonMissing):
            facade.decide(a_city.officer(), badge.id, approve=False, reason=" ", now=NOW)
        case = facade.decide(a_city.officer(), badge.id, approve=False, reason="차량을 확인할 수 없습니다.", now=NOW)
        assert case.standing is Standing.REFUSED
        assert [reason.rule for reason in case.reasons] == ["officer", "appeal"]
        assert facade.review_of(a_city.officer(), badge.id).decision.overruled

    def test_against_the_checks_it_takes_a_reason_and_is_recorded(self, residents):
        case = apply(residents["mild"], BADGE, CAR)
        facade.review(case.id, NOW)
        with pytest.raises(ReasonMissing):
            facade.decide(a_city.officer(), case.id, approve=True, reason="", now=NOW)
        facade.decide(a_city.officer(), case.id, approve=True, reason="진단서를 직접 확인했습니다.", now=NOW)
        actions = [access.action for access in audit.accesses_of(a_city.resident(residents["mild"]))]
        assert "document_review.overrule" in actions

    def test_decided_twice_by_one_officer_it_is_decided_once_by_two_it_is_said(self, badge):
        mine = facade.decide(a_city.officer(), badge.id, approve=True, reason="", now=NOW)
        assert facade.decide(a_city.officer(), badge.id, approve=True, reason="", now=NOW) == mine
        with pytest.raises(AlreadyDecided) as late:
            facade.decide(a_city.officer("officer 15"), badge.id, approve=False, reason="아닙니다, 아니에요.", now=NOW)
        assert late.value.by == a_city.officer().name
        with pytest.raises(AlreadyDecided):
            facade.decide(a_city.officer(), badge.id, approve=False, reason="아닙니다, 아니에요.", now=NOW)

    def test_two_officers_at_once_decide_once(self, lasting_residents):
        case = apply(lasting_residents["walking_impaired"], BADGE, CAR)
        facade.review(case.id, NOW)

        def decide(post_and_way):
            post, approve = post_and_way
            try:
                return facade.decide(
                    a_city.officer(post), case.id, approve=approve, reason="서류로 확인했습니다.", now=NOW
                ).standing
            except AlreadyDecided:
                return None
            finally:
                connections.close_all()

        connection.close()
        with ThreadPoolExecutor(4) as desks:
            outcomes = list(desks.map(decide, [(f"officer {n}", n % 2 == 0) for n in range(4)]))
        assert outcomes.count(None) == 3
        assert len(seen(case.id).history) == 3

    def test_two_workers_at_once_review_once(self, lasting_residents):
        case = apply(lasting_residents["in_order"], EXTRACT, {"purpose": "work"})

        def review(_worker):
            try:
                facade.review(case.id, clock.now())
            finally:
                connections.close_all()

        connection.close()
        with ThreadPoolExecutor(4) as workers:
            list(workers.map(review, range(4)))
        assert len(seen(case.id).history) == 2

    def test_what_the_resident_took_back_leaves_the_desk(self, residents, badge):
        applications.withdraw(a_city.resident(residents["walking_impaired"]), badge.number, NOW)
        with pytest.raises(MoveNotAllowed):
            facade.decide(a_city.officer(), badge.id, approve=True, reason="", now=NOW)
        handlers.clear_desk.handle(CaseWithdrawn(badge.id, BADGE, badge.resident), NOW)
        assert facade.queue(a_city.officer()) == []


class TestWhatWakesIt:
    def test_a_ready_case_is_put_down_as_work_once(self, residents):
        ready = wire.pack(CaseReady(CaseId(new_id()), EXTRACT, residents["in_order"]), NOW)
        before = len(waiting_work())
        assert events.handle(handlers.review_ready, ready, NOW)
        assert not events.handle(handlers.review_ready, ready, NOW)
        name, facts, later = waiting_work()[-1]
        assert len(waiting_work()) == before + 1
        assert UUID(facts["case"])
        assert (name, later) == ("document_review.review", False)

    def test_what_was_read_goes_when_the_answers_go(self, badge):
        assert any(check.found for check in facade.review_of(a_city.officer(), badge.id).checks)
        handlers.forget_erased.handle(CaseErased(badge.id, BADGE), NOW)
        assert not any(check.found for check in facade.review_of(a_city.officer(), badge.id).checks)
