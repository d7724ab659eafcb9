"""Joiners, movers and leavers; roles that nobody uses; roles taken in an emergency."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from madang.commons.audit.models import EntryRow
from madang.commons.identity import facade as identity
from madang.commons.identity import store
from madang.commons.identity.contracts.centre import (
    EmergencyUnknown,
    NotYourOwnReview,
    ReasonNeeded,
    RoleNotForEmergency,
)
from madang.commons.identity.contracts.staff import Member, Move, StaffListWrong, TooManyLeave
from madang.commons.identity.facade import emergencies, staff
from madang.entrypoints.cli import main
from madang.kernel import clock
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.errors import AssuranceTooLow, NotPermitted
from tests.commons.identity.people import OPERATOR, PASSWORD, officer, resident

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here has one."""


def listed(*members):
    return [Member(f"{name}@city.example", department, post, f"{post} 1") for name, department, post in members]


def take(*members, **how):
    changes = staff.take_list(OPERATOR, listed(*members), "hr", clock.now(), **how)
    return {one.email.partition("@")[0]: one for one in changes}


def roles(name):
    account = store.account_of_email(f"{name}@city.example", clock.now())
    return account and account.roles


class TestLists:
    def test_a_joiner_gets_the_roles_of_the_post_and_an_unknown_post_none(self):
        take(("kim", "Welfare", "case_officer"), ("lee", "Welfare", "gardener"))
        assert (roles("kim"), roles("lee")) == (("officer",), ())

    def test_a_mover_loses_the_roles_of_before_at_once(self):
        take(("kim", "Welfare", "case_officer"))
        identity.grant(OPERATOR, "kim@city.example", "auditor", clock.now())
        moved = take(("kim", "Taxation", "desk_lead"))["kim"]
        assert (moved.move, set(moved.lost)) == (Move.MOVES, {"officer", "auditor"})
        assert roles("kim") == ("desk_lead",)

    def test_the_same_list_again_changes_nothing(self):
        take(("kim", "Welfare", "case_officer"))
        count = EntryRow.objects.count()
        assert take(("kim", "Welfare", "case_officer"))["kim"].move is Move.STAYS
        assert EntryRow.objects.count() == count

    def test_a_leavers_open_browser_and_token_die_on_the_next_request(self):
        take(("kim", "Welfare", "case_officer"), ("lee", "Welfare", "auditor"))
        row = store.AccountRow.objects.get(email="kim@city.example")
        store.set_password(row.id, PASSWORD)
        store.set_totp(row.id, SECRET)
        browser = Client()
        browser.post("/accounts/login/", {"login": row.email, "password": PASSWORD})
        browser.post("/accounts/2fa/authenticate/", {"code": identity.totp_now(SECRET, clock.now())})
        token = identity.open_token_for(row.id, clock.now(), second_factor=True)
        assert browser.get("/desk/").status_code == 200
        assert Client().get("/api/v1/cases", headers={"Authorization": f"Bearer {token}"}).status_code != 401
        assert take(("lee", "Welfare", "auditor"))["kim"].move is Move.LEAVES
        assert browser.get("/desk/")["Location"].startswith("/accounts/login/")
        assert Client().get("/api/v1/cases", headers={"Authorization": f"Bearer {token}"}).status_code == 401
        assert not store.factors(row.id)
        row.refresh_from_db()
        assert not row.is_active
        assert Client().post("/accounts/login/", {"login": row.email, "password": PASSWORD})["Location"] != "/desk/"

    def test_who_comes_back_comes_back_with_the_new_posts_roles_only(self):
        take(("kim", "Welfare", "case_officer"), ("lee", "Welfare", "auditor"))
        take(("lee", "Welfare", "auditor"))
        take(("kim", "Taxation", "agent_120"), ("lee", "Welfare", "auditor"))
        assert roles("kim") == ("agent_120",)

    def test_residents_and_accounts_made_by_hand_are_not_touched(self):
        by_hand, somebody = officer(), resident()
        take(("kim", "Welfare", "case_officer"))
        take(("lee", "Welfare", "auditor"), ("kim", "Welfare", "case_officer"))
        assert store.account(by_hand.id, clock.now())
        assert store.account(somebody.id, clock.now())

    def test_a_cut_off_list_is_refused_unless_it_is_meant(self):
        everybody = [(f"p{number}", "Welfare", "auditor") for number in range(10)]
        take(*everybody)
        with pytest.raises(TooManyLeave):
            take(*everybody[:5])
        assert roles("p9") == ("auditor",)
        take(*everybody[:5], all_leavers=True)
        assert roles("p9") is None

    @pytest.mark.parametrize(("text", "line"), [
        ("email,department,post\n", 1),
        ("email,department,post,title\nkim,Welfare,x,y\n", 2),
        ("email,department,post,title\na@b.example,Welfare,x,y\nA@B.example,Tax,x,y\n", 3),
    ])
    def test_a_wrong_list_names_its_line(self, text, line):
        with pytest.raises(StaffListWrong) as wrong:
            staff.members_in(text.splitlines(keepends=True))
        assert wrong.value.line == line

    def test_the_command_says_what_would_change_and_changes_nothing(self, tmp_path, capsys):
        file = tmp_path / "staff.csv"
        line = "kim@city.example,Welfare,case_officer,officer 3"
        file.write_text(f"email,department,post,title\n{line}\n", encoding="utf-8")
        assert main(["people", "import", str(file), "--dry-run", "--json"]) == 0
        [change] = json.loads(capsys.readouterr().out)["changes"]
        assert (change["move"], change["roles"]) == ("joins", ["officer"])
        assert roles("kim") is None
        assert main(["people", "import", str(file)]) == 0
        assert roles("kim") == ("officer",)
        assert main(["people", "leave", "kim@city.example"]) == 0
        assert roles("kim") is None


def test_the_review_lists_roles_that_nobody_used(capsys):
    made = officer()
    used = Actor(ActorKind.OFFICER, "x", made.id)
    assert main(["people", "review", "--json"]) == 0
    [one] = json.loads(capsys.readouterr().out)["unused"]
    assert {"applications", "document_review"} <= set(one["rooms"])
    with store.transaction.atomic():
        emergencies.audit.record(used, "document_review.decide", purpose="a test")
    [one] = staff.unused(OPERATOR, clock.now())
    assert "document_review" not in one.rooms


class TestEmergencies:
    def in_need(self, made, level=Assurance.SUBSTANTIAL):
        token = identity.open_token_for(made.id, clock.now(), second_factor=level > Assurance.LOW)
        return identity.actor_of_token(token)

    def test_a_role_is_held_for_its_time_and_everything_is_marked(self):
        made = officer()
        actor = self.in_need(made)
        assert not actor.may("certificates.revoke")
        emergencies.take(actor, "desk_lead", "The desk lead is ill and a document is forged", clock.now())
        meanwhile = self.in_need(made)
        assert meanwhile.may("certificates.revoke")
        assert meanwhile.name.endswith("emergency")
        later = clock.now() + timedelta(minutes=61)
        token = identity.open_token_for(made.id, later, second_factor=True)
        over = identity.actor_of_token(token, later)
        assert not over.may("certificates.revoke")
        assert not over.name.endswith("emergency")

    def test_a_reason_a_role_of_the_profile_and_a_second_factor_are_needed(self):
        made = officer()
        with pytest.raises(ReasonNeeded):
            emergencies.take(self.in_need(made), "desk_lead", "quick", clock.now())
        with pytest.raises(RoleNotForEmergency):
            emergencies.take(self.in_need(made), "operator", "I need to make accounts now", clock.now())
        with pytest.raises(AssuranceTooLow):
            emergencies.take(self.in_need(made, Assurance.LOW), "desk_lead", "The desk lead is ill today", clock.now())
        with pytest.raises(NotPermitted):
            emergencies.take(self.in_need(officer("a@city.example", "auditor")), "desk_lead", "y" * 20, clock.now())

    def test_another_person_reviews_it_once_and_a_wrong_one_ends_at_once(self):
        made, lead = officer(), officer("lead@city.example", "desk_lead")
        taken = emergencies.take(self.in_need(lead), "officer", "Nobody else is at the desk today", clock.now())
        with pytest.raises(NotYourOwnReview):
            emergencies.review(self.in_need(lead), taken, "It was quite all right", clock.now(), was_right=True)
        taken = emergencies.take(self.in_need(made), "desk_lead", "The desk lead is ill today", clock.now())
        emergencies.review(self.in_need(lead), taken, "There was no emergency at all", clock.now(), was_right=False)
        assert not self.in_need(made).may("certificates.revoke")
        with pytest.raises(EmergencyUnknown):
            emergencies.review(self.in_need(lead), taken, "Once more, to be sure", clock.now(), was_right=True)

    def test_a_late_review_is_told_once(self):
        officer("lead@city.example", "desk_lead")
        emergencies.take(self.in_need(officer()), "desk_lead", "The desk lead is ill today", clock.now())
        assert emergencies.escalate(clock.now()) == 0
        late = clock.now() + timedelta(days=3, minutes=1)
        assert emergencies.escalate(late) == 1
        assert emergencies.escalate(late) == 0

    def test_the_pages_take_and_review(self, client):
        for name, role in (("officer@seoul.example", "officer"), ("lead@city.example", "desk_lead")):
            store.set_totp(officer(name, role).id, SECRET)

        def at_desk(email, code_at):
            browser = Client(headers={"Accept-Language": "en"})
            browser.cookies["madang_language"] = "en"
            browser.post("/accounts/login/", {"login": email, "password": PASSWORD})
            browser.post("/accounts/2fa/authenticate/", {"code": identity.totp_now(SECRET, code_at)})
            return browser

        desk, lead = at_desk("officer@seoul.example", clock.now()), at_desk("lead@city.example", clock.now())
        assert desk.post("/accounts/emergencies/take/", {"role": "desk_lead", "reason": "x"}).status_code == 422
        said = {"role": "desk_lead", "reason": "The desk lead is ill today"}
        assert desk.post("/accounts/emergencies/take/", said).status_code == 302
        page = lead.get("/accounts/emergencies/").content.decode()
        assert "The desk lead is ill today" in page
        [one] = emergencies.open_reviews(OPERATOR)
        lead.post(f"/accounts/emergencies/{one.id}/", {"finding": "The lead was ill indeed", "was_right": "yes"})
        assert not emergencies.open_reviews(OPERATOR)
        assert client.get("/accounts/emergencies/")["Location"].startswith("/accounts/login/")
