"""What a case is opened for: deciding while it is at hand, else what the officer says; the resident reads it."""

from datetime import timedelta
from urllib.parse import quote, urlencode

import a_city
import pytest
import yaml
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client

from madang.commons.audit import facade as audit
from madang.commons.audit.contracts import LINES_KEPT
from madang.commons.audit.models import EntryRow, LineRow
from madang.commons.identity import facade as identity
from madang.commons.identity.contracts.purposes import LineNeeded, PurposeUnknown
from madang.commons.identity.facade import purposes
from madang.commons.identity.rules import purposes as rules
from madang.kernel import clock
from madang.kernel.actors import WHATEVER_IS_ASKED
from madang.kernel.errors import NotPermitted, PurposeNeeded
from madang.kernel.languages import Language
from madang.records.catalogue.contracts import ServiceId
from madang.services.applications import facade as applications
from madang.services.document_review import facade
from madang.services.document_review.contracts import Permission
from tests.commons.identity.people import OPERATOR, PASSWORD

BADGE = ServiceId("disability-parking-badge")
EXTRACT = ServiceId("resident-register-extract")
CAR = {"owner": "self", "drives": "driver"}
NOW = clock.now()
LEAD = a_city.officer("desk lead 3", "행정국 자치행정과", Permission.SEE_EVERY_DESK)
MANY = 18


def made(residents, who="mild", service=BADGE, typed=CAR):
    case = applications.apply(a_city.resident(residents[who]), service, typed, Language.KO, NOW)
    facade.review(case.id, NOW)
    return case


def opened(residents, who):
    return [one for one in audit.accesses_of(a_city.resident(residents[who])) if one.action == "document_review.open"]


class TestWhatFor:
    def test_a_case_at_hand_names_its_purpose_itself(self, residents):
        case = made(residents)
        facade.open_case(a_city.officer(), case.number, NOW)
        [line] = opened(residents, "mild")
        assert (line.purpose, line.about, line.line) == (facade.DECIDING, case.id, "")

    def test_just_decided_it_is_still_at_hand_and_next_day_it_is_not(self, residents):
        case = made(residents)
        officer = a_city.officer()
        facade.decide(officer, case.id, approve=False, reason="보행상 장애가 아닙니다.", now=NOW)
        facade.open_case(officer, case.number, NOW + timedelta(hours=7))
        with pytest.raises(PurposeNeeded) as needed:
            facade.open_case(officer, case.number, NOW + timedelta(hours=9))
        assert (needed.value.about, needed.value.door) == (case.number, Permission.SEE_DESK)

    def test_what_a_machine_approved_is_nobodys_to_look_at_without_a_reason(self, residents):
        case = made(residents, "in_order", EXTRACT, {"purpose": "work"})
        clerk = a_city.officer("officer 2", "행정국 자치행정과")
        with pytest.raises(PurposeNeeded):
            facade.open_case(clerk, case.number, NOW)
        assert not opened(residents, "in_order"), "what was refused was not read"
        facade.open_case(a_city.saying(clerk, line="문의 회신"), case.number, NOW)
        [line] = opened(residents, "in_order")
        assert (line.purpose, line.line) == ("stated.objection", "문의 회신")

    def test_who_sees_every_desk_says_why_before_opening_or_deciding_another_departments(self, residents):
        case = made(residents)
        with pytest.raises(PurposeNeeded) as needed:
            facade.open_case(LEAD, case.number, NOW)
        assert needed.value.door == Permission.SEE_EVERY_DESK
        with pytest.raises(PurposeNeeded):
            facade.decide(LEAD, case.id, approve=False, reason="담당자 부재로 대신 처리", now=NOW)
        stands_in = a_city.saying(LEAD, "standing_in", "담당자 휴가")
        facade.decide(stands_in, case.id, approve=False, reason="담당자 부재로 대신 처리", now=NOW)
        entry = EntryRow.objects.get(action__in=("document_review.decide", "document_review.overrule"))
        assert entry.purpose == "stated.standing_in"

    def test_what_was_said_of_one_case_opens_no_other(self, residents):
        one, other = made(residents, "in_order", EXTRACT, {"purpose": "work"}), made(residents, "mild")
        clerk = a_city.saying(LEAD, about=other.number)
        facade.open_case(clerk, other.number, NOW)
        with pytest.raises(PurposeNeeded):
            facade.open_case(clerk, one.number, NOW)


class TestTheLine:
    def record(self, residents):
        case = made(residents)
        facade.open_case(a_city.saying(LEAD), case.number, NOW)
        return LineRow.objects.get()

    def test_nobody_changes_it(self, residents):
        self.record(residents)
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            LineRow.objects.update(line="something else")

    def test_it_is_forgotten_and_the_record_stays_whole(self, residents):
        line = self.record(residents)
        entry = EntryRow.objects.get(id=line.entry)
        assert audit.forget_lines(clock.now() - LINES_KEPT) == 0
        assert audit.forget_lines(clock.now() + timedelta(seconds=1)) == 1
        [read] = opened(residents, "mild")
        assert (read.purpose, read.line) == (entry.purpose, "")

    def test_reading_lines_costs_one_query_more(self, residents, django_assert_num_queries):
        self.record(residents)
        with django_assert_num_queries(2):
            audit.accesses_of(a_city.resident(residents["mild"]))


class TestRules:
    allowed = purposes.policy().purposes

    def test_only_what_the_profile_names_and_with_a_line_where_it_asks_for_one(self):
        assert rules.stated("1", "resident_asks", " ", self.allowed).line == ""
        with pytest.raises(PurposeUnknown):
            rules.stated("1", "curiosity", "just so", self.allowed)
        for line in ("", "why", "x" * 201):
            with pytest.raises(LineNeeded):
                rules.stated("1", "objection", line, self.allowed)

    def test_every_purpose_has_eight_languages_and_a_law_and_opens_doors_that_there_are(self):
        told = yaml.safe_load((settings.MADANG_PROFILE / "purposes.yaml").read_text(encoding="utf-8"))
        known = {permission for role in identity.policy().roles.values() for permission in role.permissions}
        for name, one in told["purposes"].items():
            assert set(one["name"]) == set(Language), name
            assert set(one["doors"]) <= known, name
            assert {"name", "article", "year"} == set(one["law"])


@pytest.fixture
def signed_in(db):
    """Somebody of staff, in a browser with a session of its own."""

    def let_in(role, department, email):
        new = identity.NewAccount(email, PASSWORD, role, department=department, post="officer 9",
                                  language=Language.EN)
        account = identity.make_account(OPERATOR, new, NOW)
        browser = Client(headers={"Accept-Language": "en"})
        browser.force_login(identity.AccountRow.objects.get(id=account.id))
        return browser

    return let_in


class TestPages:
    def test_the_page_asks_first_keeps_what_was_typed_and_leads_on(self, residents, signed_in):
        case = made(residents, "in_order", EXTRACT, {"purpose": "work"})
        desk = signed_in("officer", "행정국 자치행정과", "clerk@seoul.example")
        asked = desk.get(f"/desk/{case.number}/")
        assert asked["Location"].startswith("/accounts/purpose/?")
        page = desk.get(asked["Location"])
        assert "To deal with an objection or appeal" in page.text
        assert "To stand in for another department" not in page.text, "another door's purpose"
        wrong = desk.post(asked["Location"], {"purpose": "objection", "line": "<b>"})
        assert (wrong.status_code, "&lt;b&gt;" in wrong.text) == (422, True)
        done = desk.post(asked["Location"], {"purpose": "objection", "line": "2026-11 이의신청"})
        assert done["Location"] == f"/desk/{case.number}/"
        assert "To deal with an objection or appeal – “2026-11 이의신청”" in desk.get(done["Location"]).text
        other = made(residents, "in_order", EXTRACT, {"purpose": "work"})
        assert "/accounts/purpose/" in desk.get(f"/desk/{other.number}/")["Location"]

    def test_the_resident_reads_it_in_their_language(self, residents, at_the_door):
        case = made(residents)
        facade.open_case(a_city.saying(LEAD, "standing_in", "담당자 휴가"), case.number, NOW)
        browser = at_the_door(a_city.resident(residents["mild"]))
        page = browser.get("/my/accesses", headers={"Accept-Language": "vi"})
        assert "Để làm thay bộ phận khác" in page.text
        assert "<q>담당자 휴가</q>" in page.text

    def test_a_forged_address_gives_no_purpose_and_leads_nowhere_else(self, residents, signed_in):
        desk = signed_in("officer", "행정국 자치행정과", "clerk@seoul.example")
        for door in ("document_review.see_every_desk", "", "notify.set_for_resident"):
            page = desk.get("/accounts/purpose/?" + urlencode({"about": "1", "door": door}))
            assert page.status_code == 403
        away = urlencode({"about": "1", "door": "document_review.see_desk", "next": "//evil.example/"})
        sent = desk.post(f"/accounts/purpose/?{away}", {"purpose": "resident_asks"})
        assert sent["Location"] == "/desk/"
        stranger = Client().get("/accounts/purpose/?door=document_review.see_desk")
        assert stranger["Location"].startswith("/accounts/login")

    def test_it_holds_for_half_an_hour(self, residents, signed_in, monkeypatch):
        case = made(residents, "in_order", EXTRACT, {"purpose": "work"})
        desk = signed_in("officer", "행정국 자치행정과", "clerk@seoul.example")
        desk.post(desk.get(f"/desk/{case.number}/")["Location"], {"purpose": "resident_asks"})
        assert desk.get(f"/desk/{case.number}/").status_code == 200
        later = clock.now() + timedelta(minutes=31)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert desk.get(f"/desk/{case.number}/").status_code == 302


class TestApi:
    def test_a_program_says_it_with_the_request(self, residents, signed_in):
        case = made(residents, "in_order", EXTRACT, {"purpose": "work"})
        desk = signed_in("officer", "행정국 자치행정과", "clerk@seoul.example")
        path = f"/api/v1/desk/{case.number}"
        refused = desk.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "city.purpose_needed")
        assert refused.json()["facts"]["about"] == case.number
        said = {"Madang-Purpose": "objection", "Madang-Purpose-Line": quote("이의신청 검토")}
        assert desk.get(path, headers=said).status_code == 200
        [line] = opened(residents, "in_order")
        assert (line.purpose, line.line) == ("stated.objection", "이의신청 검토")
        assert desk.get(path).status_code == 403, "it was said for one request"
        unknown = desk.get(path, headers={"Madang-Purpose": "curiosity"})
        assert (unknown.status_code, unknown.json()["code"]) == (422, "identity.purpose_unknown")

    def test_another_departments_cases_are_not_there_whatever_is_said(self, residents, signed_in):
        case = made(residents)
        tax = signed_in("officer", "재무국 세무과", "tax@seoul.example")
        said = {"Madang-Purpose": "objection", "Madang-Purpose-Line": "abcdef"}
        assert tax.get(f"/api/v1/desk/{case.number}", headers=said).status_code == 404
        decision = {"decision": "refuse", "reason": "남의 부서의 일입니다."}
        path = f"/api/v1/desk/{case.number}/decision"
        assert tax.post(path, decision, "application/json", headers=said).status_code == 404
        assert tax.get("/api/v1/desk").json()["items"] == []
        assert tax.get(f"/desk/{case.number}/").status_code == 404
        assert case.number not in tax.get("/desk/").text


def test_a_resident_states_nothing(residents):
    with pytest.raises(NotPermitted):
        purposes.choices(a_city.resident(residents["mild"]), Permission.SEE_DESK)
    with pytest.raises(PurposeUnknown):
        purposes.stating(a_city.resident(residents["mild"]), "objection", "abcdef")
    assert purposes.stating(LEAD, "inspection", quote("정기 점검")).stated[0].about == WHATEVER_IS_ASKED
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_line")
        assert cursor.fetchone() == (0,)
