"""A guardian recorded at a counter from a paper: scope, end, two officers for the highest level, record, revocation."""

from datetime import timedelta

import pytest
from django.test import Client

from madang.commons.audit import facade as audit
from madang.commons.audit.models import EntryRow
from madang.commons.identity import facade as identity
from madang.commons.identity import store
from madang.commons.identity.contracts.centre import AtCounter, SecondOfficerNeeded
from madang.commons.identity.contracts.delegations import (
    DelegationNotAllowed,
    DelegationUnknown,
    NotForYourself,
    Standing,
    TimeNotAllowed,
)
from madang.commons.identity.contracts.guardians import (
    AlreadyGuardian,
    EndsAtACounter,
    Guardianship,
    PaperUnknown,
    WardUnknown,
)
from madang.commons.identity.facade import acting, centre, guardians
from madang.commons.identity.models import GuardianshipRow
from madang.commons.identity.store import delegations as rows
from madang.kernel import clock
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.errors import AssuranceTooLow, NotFound, NotPermitted
from madang.kernel.ids import AccountId, ResidentId, new_id
from madang.kernel.languages import Language
from tests.commons.identity.people import OPERATOR, PASSWORD, resident

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
MAY = frozenset({"identity.record_guardians", "identity.prove_in_person"})
NOW = clock.now()


def at_desk(level=Assurance.SUBSTANTIAL, may=MAY):
    return Actor(ActorKind.OFFICER, "Centre, officer 5", AccountId(new_id()), None, may, level)


@pytest.fixture
def people(db, monkeypatch):
    """A guardian with an account, a ward without one, and a register that knows both."""
    guardian, ward = resident("guardian@seoul.example", language=Language.EN), ResidentId(new_id())
    names = {guardian.resident: "김후견 (합성)", ward: "이피후견 (합성)"}

    class Register:
        def name_of(self, who):
            if who not in names:
                raise NotFound
            return names[who]

        def minors_of(self, who):
            return ()

    monkeypatch.setattr(rows, "families", Register)
    return guardian, ward


def paper(people, **changed):
    guardian, ward = people
    facts = {
        "at": AtCounter(guardian.email, "resident_card", "청운효자동 주민센터"), "ward": ward,
        "paper": "court_decision", "decided": NOW.date(),
        "scopes": ["applications", "messages"], "last_day": NOW.date() + timedelta(days=365),
    }
    return Guardianship(**(facts | changed))


def actor_of(account):
    return identity.actor_of_token(identity.open_token_for(account.id, clock.now(), second_factor=True))


class TestRecord:
    def test_the_guardian_can_act_at_once_in_what_was_recorded_until_then(self, people):
        guardian, ward = people
        made = guardians.record(at_desk(), paper(people), NOW)
        assert (made.standing, made.consent) == (Standing.ACTIVE, "in_person")
        [held] = acting.concerning(actor_of(guardian), NOW)
        assert (held.represented, held.scopes) == (ward, ("applications", "messages"))
        assert held.until.date() == paper(people).last_day + timedelta(days=1)
        kept = GuardianshipRow.objects.get()
        assert (kept.paper, kept.document, kept.second_officer) == ("court_decision", "resident_card", None)

    def test_the_ward_reads_who_recorded_it(self, people):
        guardians.record(at_desk(), paper(people), NOW)
        [line] = audit.accesses_of(Actor(ActorKind.RESIDENT, "resident", subject=people[1]))
        assert (line.action, line.by, line.fields) == (
            "identity.guardian_recorded", "Centre, officer 5", ("court_decision",),
        )

    @pytest.mark.parametrize(("changed", "wrong"), [
        ({"paper": "a note"}, PaperUnknown),
        ({"decided": NOW.date() + timedelta(days=1)}, PaperUnknown),
        ({"scopes": []}, DelegationNotAllowed),
        ({"scopes": ["everything"]}, DelegationNotAllowed),
        ({"last_day": NOW.date() + timedelta(days=1096)}, TimeNotAllowed),
        ({"last_day": NOW.date()}, TimeNotAllowed),
        ({"ward": ResidentId(new_id())}, WardUnknown),
    ])
    def test_what_is_wrong_is_refused_and_nothing_is_kept(self, people, changed, wrong):
        with pytest.raises(wrong):
            guardians.record(at_desk(), paper(people, **changed), NOW)
        assert not GuardianshipRow.objects.exists()

    def test_nobody_is_their_own_guardian_or_twice_the_same(self, people):
        with pytest.raises(NotForYourself):
            guardians.record(at_desk(), paper(people, ward=people[0].resident), NOW)
        guardians.record(at_desk(), paper(people), NOW)
        with pytest.raises(AlreadyGuardian):
            guardians.record(at_desk(), paper(people), NOW)

    def test_it_takes_an_officer_with_a_second_factor(self, people):
        with pytest.raises(NotPermitted):
            guardians.record(at_desk(may=frozenset()), paper(people), NOW)
        with pytest.raises(AssuranceTooLow):
            guardians.record(at_desk(Assurance.LOW), paper(people), NOW)


class TestTwoOfficers:
    @pytest.fixture
    def waiting(self, people):
        centre.prove(at_desk(), AtCounter(people[0].email, "passport", "청운효자동 주민센터"), NOW)
        first = at_desk()
        return first, guardians.record(first, paper(people), NOW)

    def test_until_a_second_confirms_it_nobody_acts(self, people, waiting):
        first, made = waiting
        assert made.standing is Standing.AWAITS_OFFICER
        assert acting.concerning(actor_of(people[0]), NOW) == []
        assert guardians.waiting(first, NOW) == []
        with pytest.raises(SecondOfficerNeeded):
            guardians.answer(first, made.id, NOW, confirm=True)
        second = at_desk()
        [seen] = guardians.waiting(second, NOW)
        guardians.answer(second, seen.id, NOW, confirm=True)
        assert rows.find(made.id).holds(clock.now())
        assert GuardianshipRow.objects.get().second_officer == second.account
        with pytest.raises(DelegationUnknown):
            guardians.answer(at_desk(), made.id, NOW, confirm=True)

    def test_refused_it_never_holds(self, people, waiting):
        guardians.answer(at_desk(), waiting[1].id, NOW, confirm=False)
        assert rows.find(waiting[1].id).standing is Standing.REFUSED
        assert EntryRow.objects.filter(action="identity.guardian_refused").exists()

    def test_the_ward_cannot_say_yes_in_the_officers_place(self, people, waiting):
        ward = identity.make_account(
            OPERATOR, identity.NewAccount("ward@seoul.example", PASSWORD, "resident", resident=people[1]), NOW,
        )
        with pytest.raises(DelegationUnknown):
            acting.accept(actor_of(ward), waiting[1].id, NOW)

    def test_unconfirmed_it_ends(self, people, waiting):
        acting.forget_old(NOW + timedelta(days=15))
        assert rows.find(waiting[1].id).standing is Standing.ENDED


class TestEnd:
    def test_an_officer_ends_it_and_the_next_request_is_refused(self, people):
        made = guardians.record(at_desk(), paper(people), NOW)
        [seen] = guardians.of_ward(at_desk(), people[1], NOW)
        guardians.end(at_desk(), seen.id, NOW)
        assert not rows.find(made.id).holds(clock.now())
        assert guardians.of_ward(at_desk(), people[1], NOW) == []
        assert EntryRow.objects.filter(action="identity.see_guardians", subject=people[1]).count() == 2

    def test_the_guardian_may_give_it_up_and_the_ward_may_not_end_it(self, people):
        made = guardians.record(at_desk(), paper(people), NOW)
        ward = identity.make_account(
            OPERATOR, identity.NewAccount("ward@seoul.example", PASSWORD, "resident", resident=people[1]), NOW,
        )
        with pytest.raises(EndsAtACounter):
            acting.end(actor_of(ward), made.id, NOW)
        acting.end(actor_of(people[0]), made.id, NOW)
        assert rows.find(made.id).standing is Standing.ENDED


def test_letters_go_to_whoever_acts_for_somebody_without_an_account(people):
    guardian, ward = people
    assert identity.stands_for(ward, "messages") is None
    guardians.record(at_desk(), paper(people), NOW)
    assert identity.stands_for(ward, "messages").email == guardian.email
    assert identity.stands_for(ward, "payments") is None


class TestPages:
    @pytest.fixture
    def desk(self, db):
        def sit(email):
            new = identity.NewAccount(
                email, PASSWORD, "centre_officer", department="행정국", post="centre officer 5", language=Language.EN,
            )
            account = identity.make_account(OPERATOR, new, NOW)
            store.set_totp(account.id, SECRET)
            browser = Client(headers={"Accept-Language": "en"})
            browser.post("/accounts/login/", {"login": email, "password": PASSWORD})
            browser.post("/accounts/2fa/authenticate/", {"code": identity.totp_now(SECRET, clock.now())})
            return browser

        return sit

    def typed(self, people):
        return {
            "email": people[0].email, "document": "resident_card", "centre": "청운효자동 주민센터",
            "ward": str(people[1]), "paper": "register_certificate",
            "decided": str(NOW.date()), "scopes": ["applications"],
            "last_day": str(NOW.date() + timedelta(days=30)),
        }

    def test_recorded_found_and_ended(self, people, desk):
        browser = desk("one@seoul.example")
        assert "Certificate from the guardianship register" in browser.get("/accounts/centre/guardian/").text
        wrong = browser.post("/accounts/centre/guardian/", self.typed(people) | {"email": "nobody@seoul.example"})
        assert (wrong.status_code, "nobody@seoul.example" in wrong.text) == (422, True)
        done = browser.post("/accounts/centre/guardian/", self.typed(people))
        assert "The guardian can act from now on" in done.text
        found = browser.post("/accounts/centre/guardian/of/", {"ward": str(people[1])})
        made = GuardianshipRow.objects.get().delegation_id
        assert f"/accounts/centre/guardian/{made}/" in found.text
        browser.post(f"/accounts/centre/guardian/{made}/", {"do": "end"})
        assert "Nobody is recorded" in browser.post("/accounts/centre/guardian/of/", {"ward": str(people[1])}).text

    def test_a_second_officer_confirms_on_the_page(self, people, desk):
        centre.prove(at_desk(), AtCounter(people[0].email, "passport", "청운효자동 주민센터"), NOW)
        one, two = desk("one@seoul.example"), desk("two@seoul.example")
        assert "Another officer must confirm" in one.post("/accounts/centre/guardian/", self.typed(people)).text
        made = GuardianshipRow.objects.get().delegation_id
        assert str(made) not in one.get("/accounts/centre/guardian/").text
        assert one.post(f"/accounts/centre/guardian/{made}/", {"do": "confirm"}).status_code == 409
        assert "이피후견 (합성)" in two.get("/accounts/centre/guardian/").text
        two.post(f"/accounts/centre/guardian/{made}/", {"do": "confirm"})
        assert rows.find(made).holds(clock.now())

    def test_strangers_find_no_door(self, people):
        assert Client().get("/accounts/centre/guardian/")["Location"].startswith("/accounts/login")
        browser = Client()
        browser.force_login(store.AccountRow.objects.get(email=people[0].email))
        assert browser.get("/accounts/centre/guardian/").status_code == 403
        assert browser.post("/accounts/centre/guardian/of/", {"ward": str(people[1])}).status_code == 403
