"""The desk as an officer meets it: pages and API."""

import a_city
import pytest

from madang.kernel import clock
from madang.kernel.languages import Language
from madang.records.catalogue.contracts import ServiceId
from madang.services.applications import facade as applications
from madang.services.document_review import facade

BADGE = ServiceId("disability-parking-badge")
CAR = {"owner": "self", "drives": "driver"}
NOW = clock.now()


@pytest.fixture
def badge(residents):
    who = a_city.resident(residents["mild"])
    case = applications.apply(who, BADGE, {**CAR, "plate": "12가 3456"}, Language.KO, NOW)
    facade.review(case.id, NOW)
    return case


@pytest.fixture
def desk(at_the_door):
    return at_the_door(a_city.officer())


def test_the_queue_shows_what_waits(desk, badge):
    page = desk.get("/desk/").content.decode()
    assert f'href="/desk/{badge.number}/"' in page
    assert "One request waits for a decision" in page
    assert "The checks speak against approval" in page


def test_an_empty_desk_says_so(desk, residents):
    assert "Nothing waits for a decision." in desk.get("/desk/").content.decode()


def test_a_case_shows_whose_word_each_answer_is_and_why_each_check_found_what_it_did(desk, badge):
    page = desk.get(f"/desk/{badge.number}/").content.decode()
    for seen in (
        "정하늘(합성)", "says “00라1006”", "evidence.walking_is_impaired", "disability.walking_impaired",
        "Your registration shows no walking impairment.", "Suggested by the machine:", "We have received your request.",
    ):
        assert seen in page
    assert "<script" not in page.lower()


def test_a_refusal_without_a_reason_comes_back_with_what_was_typed(desk, badge):
    answer = desk.post(f"/desk/{badge.number}/", {"decision": "refuse", "reason": "<b>"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Give the reason in a sentence" in page
    assert "&lt;b&gt;" in page
    assert applications.case(a_city.REVIEWER, badge.id).standing == "with_officer"


def test_without_a_choice_nothing_is_decided(desk, badge):
    answer = desk.post(f"/desk/{badge.number}/", {"decision": "perhaps", "reason": "그럴 수도 있습니다."})
    assert answer.status_code == 422
    assert "Choose one of the two" in answer.content.decode()


def test_decided_in_one_action(desk, badge):
    answer = desk.post(f"/desk/{badge.number}/", {"decision": "refuse", "reason": "보행상 장애가 확인되지 않습니다."})
    assert answer.status_code == 302
    assert f"Request {badge.number} is refused." in desk.get(answer["Location"]).content.decode()
    page = desk.get(f"/desk/{badge.number}/").content.decode()
    assert "보행상 장애가 확인되지 않습니다." in page
    assert "<form method" not in page.split('id="content"')[1]


def test_a_colleague_who_was_first_is_named_and_nothing_typed_is_lost(desk, badge):
    facade.decide(a_city.officer("officer 15"), badge.id, approve=False, reason="이미 확인했습니다.", now=NOW)
    answer = desk.post(f"/desk/{badge.number}/", {"decision": "approve", "reason": "진단서를 확인했습니다."})
    page = answer.content.decode()
    assert answer.status_code == 409
    for seen in ("A colleague was first", "officer 15", "진단서를 확인했습니다."):
        assert seen in page


def test_visitors_sign_in_residents_and_other_departments_find_nothing(client, at_the_door, residents, badge):
    assert client.get("/desk/")["Location"].startswith("/accounts/login/")
    assert at_the_door(a_city.resident(residents["mild"])).get("/desk/").status_code == 403
    tax = at_the_door(a_city.officer("officer 7", "재무국 세무과"))
    assert tax.get(f"/desk/{badge.number}/").status_code == 404
    assert at_the_door(a_city.officer()).get("/desk/2026-AAAA-AAAB/").status_code == 404


class TestApi:
    def test_queue_case_and_decision(self, desk, badge):
        queue = desk.get("/api/v1/desk").json()
        assert (queue["waiting"], queue["items"][0]["number"]) == (1, badge.number)
        case = desk.get(f"/api/v1/desk/{badge.number}").json()
        assert case["suggestion"] == "against"
        assert case["answers"]["plate"] == {"value": "12가3456", "by": "resident", "corrects": "00라1006"}
        path = f"/api/v1/desk/{badge.number}/decision"
        bad = desk.post(path, {"decision": "refuse"}, "application/json")
        assert (bad.status_code, bad.json()["code"]) == (422, "document_review.reason_missing")
        assert bad.json()["errors"][0]["field"] == "reason"
        decided = desk.post(path, {"decision": "refuse", "reason": "확인되지 않습니다."}, "application/json").json()
        assert (decided["standing"], decided["decision"]["overruled"]) == ("refused", False)

    def test_not_for_residents(self, at_the_door, residents, badge):
        mild = at_the_door(a_city.resident(residents["mild"]))
        assert mild.get("/api/v1/desk").status_code == 403
        path = f"/api/v1/desk/{badge.number}/decision"
        assert mild.post(path, {"decision": "approve"}, "application/json").status_code == 403


@pytest.mark.parametrize("language", [*Language])
def test_the_desk_speaks_eight_languages(at_the_door, badge, language):
    desk = at_the_door(a_city.officer())
    page = desk.get(f"/desk/{badge.number}/", headers={"Accept-Language": language.tag}).content.decode()
    said = {"ko": "결정은 담당자가 합니다.", "en": "You decide.", "vi": "Quý vị là người quyết định."}
    assert f'lang="{language.tag}"' in page
    assert (said["en"] in page) == (language is Language.EN)
    assert said.get(language, "") in page
