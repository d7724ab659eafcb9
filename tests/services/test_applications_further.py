"""Asked for more, appealed, delayed: in PostgreSQL, through the doors."""

from dataclasses import replace
from datetime import timedelta

import a_city
import pytest

from madang.commons.events import store as outbox
from madang.commons.notify import facade as notify
from madang.kernel import clock
from madang.kernel.errors import NotPermitted
from madang.kernel.languages import Language
from madang.records.catalogue.contracts import ServiceId
from madang.services.applications import facade
from madang.services.applications.contracts import (
    AnswersWrong,
    CaseUnknown,
    MoveNotAllowed,
    Permission,
    Reason,
    Standing,
)
from madang.services.applications.contracts.further import (
    AnswerMissing,
    AppealTooLate,
    AskKind,
    DateNotAllowed,
    DecidedItFirst,
    DelayedBefore,
    NothingAsked,
    NothingToAppeal,
)
from madang.services.document_review import facade as review

BADGE = ServiceId("disability-parking-badge")
EXTRACT = ServiceId("resident-register-extract")
CAR = {"owner": "self", "drives": "driver", "plate": "12가 3456"}
NOW = clock.now()
NEEDED = facade.Wanted(AskKind.WORDS, "차량 사용 관계를 적어 주세요.", days=14)


@pytest.fixture
def haneul(residents):
    return a_city.resident(residents["mild"])


@pytest.fixture
def badge(haneul):
    case = facade.apply(haneul, BADGE, CAR, Language.KO, NOW)
    review.review(case.id, NOW)
    return facade.case_of(haneul, case.number)


@pytest.fixture
def officer():
    return a_city.officer()


@pytest.fixture
def colleague():
    return a_city.officer("officer 15")


@pytest.fixture
def refused(badge, officer):
    return facade.refuse(officer, badge.id, [Reason("officer", "보행상 장애가 확인되지 않습니다.")], NOW)


def told(who):
    return [message.template for message in notify.inbox(who)]


class TestAskedForMore:
    def test_the_case_waits_for_its_resident_who_is_told_and_leaves_the_desk(self, badge, haneul, officer, time_passes):
        asked = facade.ask(officer, badge.number, NEEDED, NOW)
        time_passes()
        assert (asked.standing, asked.paused) == (Standing.AWAITING_RESIDENT, NOW)
        assert "case_asked" in told(haneul)
        assert review.queue(officer) == []
        with pytest.raises(MoveNotAllowed):
            facade.approve(officer, badge.id, [], NOW, automatic=False)

    def test_answered_it_lies_on_the_desk_again_with_its_time_moved_on(self, badge, haneul, officer, time_passes):
        facade.ask(officer, badge.number, NEEDED, NOW)
        later = NOW + timedelta(days=7)
        back = facade.answer(haneul, badge.number, "어머니 명의의 차를 제가 씁니다.", later)
        time_passes()
        assert (back.standing, back.paused) == (Standing.WITH_OFFICER, None)
        assert back.due > badge.due
        assert [item.due for item in review.queue(officer)] == [back.due]
        assert back.asks[0].answer == "어머니 명의의 차를 제가 씁니다."

    def test_a_question_of_the_form_is_checked_as_the_form_checks_it(self, badge, haneul, officer):
        facade.ask(officer, badge.number, replace(NEEDED, kind=AskKind.QUESTION, question="plate"), NOW)
        with pytest.raises(AnswersWrong):
            facade.answer(haneul, badge.number, "not a plate", NOW)
        back = facade.answer(haneul, badge.number, "34나 5678", NOW)
        assert back.answers["plate"].value == "34나5678"

    def test_nothing_can_be_answered_that_was_not_asked_nor_twice(self, badge, haneul, officer):
        with pytest.raises(NothingAsked):
            facade.answer(haneul, badge.number, "여기 있습니다.", NOW)
        facade.ask(officer, badge.number, NEEDED, NOW)
        with pytest.raises(AnswerMissing):
            facade.answer(haneul, badge.number, "  \n ", NOW)
        facade.answer(haneul, badge.number, "여기 있습니다.", NOW)
        with pytest.raises(NothingAsked):
            facade.answer(haneul, badge.number, "여기 있습니다.", NOW)

    def test_silence_is_reminded_of_asked_again_and_then_decided_by_a_person(self, badge, haneul, officer):
        asked = facade.ask(officer, badge.number, NEEDED, NOW)
        until = asked.open_ask.until
        assert facade.look_after_asked(until - timedelta(days=4)) == 0
        assert facade.look_after_asked(until - timedelta(days=2)) == 1
        assert facade.look_after_asked(until - timedelta(days=2)) == 0
        assert facade.look_after_asked(until + timedelta(seconds=1)) == 1
        second = facade.case_of(haneul, badge.number).open_ask.until
        assert second >= until + timedelta(days=10)
        assert told(haneul).count("case_asked_reminder") == 2
        facade.look_after_asked(second - timedelta(days=1))
        assert facade.look_after_asked(second + timedelta(seconds=1)) == 1
        assert facade.look_after_asked(second + timedelta(days=9)) == 0
        case = facade.case_of(haneul, badge.number)
        assert (case.standing, case.asks[0].lapsed is not None) == (Standing.WITH_OFFICER, True)
        ended = facade.refuse(officer, badge.id, [Reason("officer", "자료가 없습니다.")], NOW)
        assert ended.standing is Standing.REFUSED

    def test_who_may_ask_and_for_how_long(self, badge, haneul, officer):
        with pytest.raises(NotPermitted):
            facade.ask(haneul, badge.number, NEEDED, NOW)
        with pytest.raises(CaseUnknown):
            facade.ask(a_city.officer(department="재무국 세무과"), badge.number, NEEDED, NOW)
        for days in (0, 61):
            with pytest.raises(DateNotAllowed):
                facade.ask(officer, badge.number, replace(NEEDED, days=days), NOW)

    def test_taken_back_while_it_waits(self, badge, haneul, officer):
        facade.ask(officer, badge.number, NEEDED, NOW)
        assert facade.withdraw(haneul, badge.number, NOW).standing is Standing.WITHDRAWN


class TestAppeal:
    def test_another_officer_overturns_and_the_case_goes_the_way_of_every_approved_one(
        self, refused, haneul, officer, colleague, time_passes
    ):
        facade.appeal(haneul, refused.number, "진단서를 다시 보아 주세요.", NOW)
        with pytest.raises(DecidedItFirst):
            facade.open_appeal(officer, refused.number)
        with pytest.raises(DecidedItFirst):
            facade.decide_appeal(officer, refused.number, overturn=True, reason="다시 보았습니다.", now=NOW)
        assert [case.id for case in facade.appeals_waiting(colleague)] == [refused.id]
        after = facade.decide_appeal(colleague, refused.number, overturn=True, reason="다시 보았습니다.", now=NOW)
        assert (after.standing, after.appeals[0].overturned) == (Standing.APPROVED, True)
        time_passes()
        done = facade.case_of(haneul, refused.number)
        assert (done.standing, done.document is not None) == (Standing.COMPLETED, True)
        assert {"case_refused", "appeal_received", "appeal_decided", "document_ready"} <= set(told(haneul))
        assert [line.standing.value for line in done.history][-4:] == ["refused", "appealed", "approved", "completed"]

    def test_upheld_it_is_refused_with_the_second_reasons_and_cannot_be_appealed_again(
        self, refused, haneul, colleague
    ):
        facade.appeal(haneul, refused.number, "다시 보아 주세요.", NOW)
        with pytest.raises(AnswerMissing):
            facade.decide_appeal(colleague, refused.number, overturn=False, reason=" ", now=NOW)
        said = {"overturn": False, "reason": "같은 결론입니다.", "now": NOW}
        after = facade.decide_appeal(colleague, refused.number, **said)
        assert (after.standing, after.reasons[0].text) == (Standing.REFUSED, "같은 결론입니다.")
        with pytest.raises(NothingToAppeal):
            facade.appeal(haneul, refused.number, "또 보아 주세요.", NOW)

    def test_the_desk_s_own_doors_do_not_decide_an_appeal(self, refused, haneul, officer):
        facade.appeal(haneul, refused.number, "다시 보아 주세요.", NOW)
        for decide in (facade.refuse, lambda *asked: facade.approve(*asked, automatic=False)):
            with pytest.raises(MoveNotAllowed):
                decide(officer, refused.id, [], NOW)

    def test_within_sixty_days_and_not_a_second_later(self, refused, haneul):
        until = facade.appeal_open_until(refused)
        assert (until.date() - NOW.date()).days >= 60
        with pytest.raises(AppealTooLate):
            facade.appeal(haneul, refused.number, "늦었습니다.", until + timedelta(seconds=1))
        assert facade.appeal(haneul, refused.number, "제때입니다.", until).standing is Standing.APPEALED

    def test_a_person_looks_at_what_a_machine_decided(self, residents, colleague):
        garam = a_city.resident(residents["in_order"])
        case = facade.apply(garam, EXTRACT, {"purpose": "finance"}, Language.KO, NOW)
        review.review(case.id, NOW)
        done = facade.complete(a_city.MAKER, case.id, None, NOW)
        assert done.automatic
        facade.appeal(garam, case.number, "사람이 보아 주세요.", NOW)
        lead = a_city.saying(replace(colleague, permissions={*colleague.permissions, Permission.LEAD}))
        lead = replace(lead, stated=[replace(lead.stated[0], doors={Permission.LEAD})])
        after = facade.decide_appeal(lead, case.number, overturn=False, reason="맞게 처리되었습니다.", now=NOW)
        assert after.standing is Standing.COMPLETED

    def test_written_down_at_a_counter_for_somebody_without_a_device(self, refused, haneul, officer):
        with pytest.raises(NotPermitted):
            facade.enter_appeal(officer, refused.number, "다시 보아 주세요.", NOW)
        counter = a_city.officer("counter 3", "동주민센터", Permission.ENTER_FOR_RESIDENT)
        after = facade.enter_appeal(counter, refused.number, "다시 보아 주세요.", NOW)
        assert after.appeals[0].entered_by == "동주민센터, counter 3"
        assert facade.case_of(haneul, refused.number).standing is Standing.APPEALED


class TestPromisedTime:
    def test_each_mark_is_noted_once_and_the_last_one_escalates(self, badge, haneul, officer):
        assert facade.watch(NOW) == 0
        over = badge.due + timedelta(minutes=1)
        assert facade.watch(over) == 1
        assert facade.watch(over) == 0
        case = facade.case_of(haneul, badge.number)
        assert case.warned == 100
        assert "The promised time is over" in case.history[-1].note
        assert [one.id for one in facade.late(officer)] == [badge.id]
        assert "applications.case_escalated" in [envelope.topic for envelope in outbox.lock_waiting(100)]

    def test_while_the_resident_is_asked_nobody_is_late(self, badge, officer):
        facade.ask(officer, badge.number, NEEDED, NOW)
        assert facade.watch(badge.due + timedelta(days=1)) == 0

    def test_a_later_date_once_with_a_reason_that_the_resident_reads(self, badge, haneul, officer):
        facade.watch(badge.due + timedelta(minutes=1))
        latest = facade.latest_date(badge, badge.due)
        with pytest.raises(DateNotAllowed):
            facade.delay(officer, badge.number, "현장 확인이 필요합니다.", latest.date() + timedelta(days=1), badge.due)
        after = facade.delay(officer, badge.number, "현장 확인이 필요합니다.", latest.date(), badge.due)
        assert (after.due.date(), after.warned) == (latest.date(), 0)
        assert "case_delayed" in told(haneul)
        with pytest.raises(DelayedBefore):
            facade.delay(officer, badge.number, "한 번 더.", latest.date(), badge.due)


def test_pages_of_asking_and_appealing_work_from_end_to_end(badge, haneul, officer, colleague, at_the_door):
    desk, home, other = at_the_door(officer), at_the_door(haneul), at_the_door(colleague)
    ask = f"/desk/{badge.number}/ask"
    assert "Ask the resident for something more" in desk.get(ask).content.decode()
    wrong = desk.post(ask, {"question": "words", "words": "", "until": "14"})
    assert (wrong.status_code, "Write it in a sentence" in wrong.content.decode()) == (422, True)
    wrong = desk.post(ask, {"question": "words", "words": "왜 필요한지", "until": "900"})
    assert (wrong.status_code, "왜 필요한지" in wrong.content.decode()) == (422, True)
    assert desk.post(ask, {"question": "words", "words": "차량 관계", "until": "14"}).status_code == 302
    page = home.get(f"/my/cases/{badge.number}").content.decode()
    assert "차량 관계" in page
    assert home.post(f"/my/cases/{badge.number}/answer", {"answer": ""}).status_code == 422
    assert home.post(f"/my/cases/{badge.number}/answer", {"answer": "제 차입니다."}).status_code == 302
    assert home.get(f"/my/cases/{badge.number}/answer").status_code == 409
    later = f"/desk/{badge.number}/later"
    assert desk.post(later, {"until": "soon", "reason": "현장 확인"}).status_code == 422
    assert desk.get("/desk/all/late").status_code == 200
    facade.refuse(officer, badge.id, [Reason("officer", "해당하지 않습니다.")], NOW)
    assert "Appeal against the decision" in home.get(f"/my/cases/{badge.number}").content.decode()
    assert home.post(f"/my/cases/{badge.number}/appeal", {"words": "다시 보아 주세요."}).status_code == 302
    assert desk.get(f"/desk/{badge.number}/appeal").status_code == 403
    assert badge.number in other.get("/desk/all/appeals").content.decode()
    assert "다시 보아 주세요." in other.get(f"/desk/{badge.number}/appeal").content.decode()
    decided = other.post(f"/desk/{badge.number}/appeal", {"reason": "같은 결론입니다.", "go": "uphold"})
    assert decided.status_code == 302
    assert "같은 결론입니다." in home.get(f"/my/cases/{badge.number}").content.decode()
