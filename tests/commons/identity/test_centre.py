"""The counter: proof in person, the highest level, recovery with a printed code, two officers, a first account."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from madang.commons.audit.models import EntryRow
from madang.commons.events.models import OutboxRow
from madang.commons.identity import facade as identity
from madang.commons.identity import store
from madang.commons.identity.contracts import PasswordTooWeak, SignInRefused, TooManyAttempts
from madang.commons.identity.contracts.centre import (
    AtCounter,
    DocumentUnknown,
    RecoveryCodeWrong,
    RecoveryUnknown,
    ResidentUnknown,
    SecondOfficerNeeded,
)
from madang.commons.identity.facade import centre
from madang.commons.identity.models import ProofRow, RecoveryRow
from madang.commons.identity.store import delegations
from madang.commons.notify import facade as notify
from madang.front_desk.portal import facade as portal
from madang.kernel import clock
from madang.kernel.actors import Actor, ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.errors import AssuranceTooLow, NotFound, NotPermitted
from madang.kernel.ids import AccountId, ResidentId, new_id
from madang.kernel.languages import Language
from tests.commons.identity.people import PASSWORD, officer, resident

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NEW = "a fresh horse battery"
MAY = frozenset({"identity.prove_in_person", "identity.recover_accounts", "identity.open_accounts"})


def at_desk(level=Assurance.SUBSTANTIAL, may=MAY):
    return Actor(ActorKind.OFFICER, "Centre, officer 5", AccountId(new_id()), None, may, level)


@pytest.fixture
def made(db):
    return resident()


def seen(made, document="passport"):
    return AtCounter(made.email, document, "청운효자동 주민센터")


def level(made, now=None):
    now = now or clock.now()
    token = identity.open_token_for(made.id, now, second_factor=True)
    return identity.actor_of_token(token, now).assurance


class TestProof:
    def test_high_needs_the_proof_and_a_factor_bound_after_it(self, made):
        store.set_totp(made.id, SECRET)
        centre.prove(at_desk(), seen(made), clock.now())
        assert level(made) is Assurance.SUBSTANTIAL, "a factor from before may be somebody else's"
        store.Authenticator.objects.all().delete()
        store.set_totp(made.id, SECRET)
        assert level(made) is Assurance.HIGH
        token = identity.open_token_for(made.id, clock.now())
        assert identity.actor_of_token(token).assurance is Assurance.LOW, "a password alone stays what it is"

    def test_it_ends(self, made):
        centre.prove(at_desk(), seen(made), clock.now())
        store.set_totp(made.id, SECRET)
        assert level(made, clock.now() + timedelta(days=3649)) is Assurance.HIGH
        assert level(made, clock.now() + timedelta(days=3651)) is Assurance.SUBSTANTIAL

    def test_only_the_kind_of_document_is_kept(self, made):
        centre.prove(at_desk(), seen(made), clock.now())
        row = ProofRow.objects.get()
        assert (row.document, row.centre) == ("passport", "청운효자동 주민센터")
        assert EntryRow.objects.get(action="identity.prove_in_person").fields == ["passport"]
        with pytest.raises(DocumentUnknown):
            centre.prove(at_desk(), seen(made, "M12345678"), clock.now())

    def test_it_takes_an_officer_with_a_second_factor(self, made):
        with pytest.raises(NotPermitted):
            centre.prove(at_desk(may=frozenset()), seen(made), clock.now())
        with pytest.raises(AssuranceTooLow):
            centre.prove(at_desk(Assurance.LOW), seen(made), clock.now())


def test_who_needs_the_highest_level_is_sent_to_a_centre_not_round_in_circles(made):
    store.set_totp(made.id, SECRET)
    browser = Client()
    browser.post("/accounts/login/", {"login": made.email, "password": PASSWORD})
    browser.post("/accounts/2fa/authenticate/", {"code": identity.totp_now(SECRET, clock.now())})
    assert browser.get("/accounts/step-up/?next=/my/&needed=3").status_code == 200
    assert browser.get("/accounts/step-up/?next=/my/")["Location"] == "/my/"


class TestRecovery:
    def test_the_code_sets_a_new_password_once_and_everything_old_ends(self, made, client):
        store.set_totp(made.id, SECRET)
        token = identity.open_token_for(made.id, clock.now(), second_factor=True)
        browser = Client()
        browser.force_login(store.AccountRow.objects.get(id=made.id))
        code = centre.recover(at_desk(), seen(made), clock.now())
        assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", code)
        assert store.factors(made.id), "until the code is used, the password alone opens nothing"
        typed = {"email": made.email, "code": code.lower().replace("-", " "), "password": NEW}
        assert client.post("/accounts/recover/", typed)["Location"] == "/accounts/login/"
        assert not store.factors(made.id)
        assert identity.actor_of_token(token) is None
        assert browser.get("/my/")["Location"].startswith("/accounts/login/")
        assert identity.open_api_session(made.email, NEW, "", clock.now())
        assert client.post("/accounts/recover/", typed).status_code == 422

    def test_a_code_is_good_for_half_an_hour_and_a_newer_one_ends_it(self, made):
        now = clock.now()
        old = centre.recover(at_desk(), seen(made), now)
        new = centre.recover(at_desk(), seen(made), now)
        for code, at in ((old, now), (new, now + timedelta(minutes=31))):
            with pytest.raises(RecoveryCodeWrong):
                centre.set_password_with_code(made.email, code, NEW, at)
        centre.set_password_with_code(made.email, new, NEW, now + timedelta(minutes=29))

    def test_only_its_hash_is_kept_and_the_holder_is_told(self, made):
        code = centre.recover(at_desk(), seen(made), clock.now())
        assert code.replace("-", "").encode() not in bytes(RecoveryRow.objects.get().code)
        assert OutboxRow.objects.filter(topic="identity.account_recovered").exists()
        portal.tell_of_recovery(made.resident, RecoveryRow.objects.get().id)
        [told] = notify.inbox(Actor(ActorKind.RESIDENT, "resident", made.id, made.resident))
        assert "120" in told.body

    def test_a_weak_password_does_not_use_the_code_up(self, made):
        code = centre.recover(at_desk(), seen(made), clock.now())
        with pytest.raises(PasswordTooWeak):
            centre.set_password_with_code(made.email, code, "short", clock.now())
        centre.set_password_with_code(made.email, code, NEW, clock.now())

    @pytest.mark.parametrize("email", ["resident@seoul.example", "nobody@seoul.example"])
    def test_guessing_waits_whether_or_not_there_is_an_account(self, made, email):
        for _ in range(5):
            with pytest.raises(RecoveryCodeWrong):
                centre.set_password_with_code(email, "0000-0000-0000", NEW, clock.now())
        with pytest.raises(TooManyAttempts):
            centre.set_password_with_code(email, "0000-0000-0000", NEW, clock.now())

    def test_the_highest_level_needs_two_officers(self, made):
        centre.prove(at_desk(), seen(made), clock.now())
        first, second = at_desk(), at_desk()
        assert centre.recover(first, seen(made), clock.now()) == ""
        [waits] = centre.waiting(second, clock.now())
        with pytest.raises(SecondOfficerNeeded):
            centre.confirm(first, waits.id, clock.now())
        code = centre.confirm(second, waits.id, clock.now())
        centre.set_password_with_code(made.email, code, NEW, clock.now())
        with pytest.raises(RecoveryUnknown):
            centre.confirm(second, waits.id, clock.now())

    def test_the_pages_show_the_code_once(self, db, made):
        clerk = officer("centre@seoul.example", "centre_officer")
        store.set_totp(clerk.id, SECRET)
        desk = Client(headers={"Accept-Language": "en"})
        assert desk.get("/accounts/centre/recover/").status_code == 302
        desk.cookies["madang_language"] = "en"
        desk.post("/accounts/login/", {"login": clerk.email, "password": PASSWORD})
        desk.post("/accounts/2fa/authenticate/", {"code": identity.totp_now(SECRET, clock.now())})
        typed = {"email": made.email, "document": "passport", "centre": "서교동"}
        page = desk.post("/accounts/centre/recover/", typed).content.decode()
        code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page)
        assert code
        assert code[0] not in desk.get("/accounts/centre/recover/").content.decode()
        wrong = desk.post("/accounts/centre/prove/", typed | {"email": "nobody@seoul.example"})
        assert wrong.status_code == 422
        assert 'value="서교동"' in wrong.content.decode()
        assert desk.post("/accounts/centre/prove/", typed).status_code == 200
        made_by_hand = Client()
        made_by_hand.post("/accounts/login/", {"login": made.email, "password": PASSWORD})
        assert made_by_hand.get("/accounts/centre/prove/").status_code == 403


class TestFirstAccount:
    @pytest.fixture
    def register(self, monkeypatch):
        known = ResidentId(new_id())

        class Register:
            def name_of(self, who):
                if who != known:
                    raise NotFound
                return "김하늘(합성)"

        monkeypatch.setattr(delegations, "families", Register)
        return known

    def test_somebody_without_an_account_gets_one_and_sets_the_password_themselves(self, db, register):
        at = AtCounter("first@seoul.example", "resident_card", "서교동")
        code = centre.open_account(at_desk(), at, register, Language.VI, clock.now())
        account = identity.account_of_resident(register)
        assert (account.roles, account.language) == (("resident",), Language.VI)
        centre.set_password_with_code(at.email, code, NEW, clock.now())
        assert identity.open_api_session(at.email, NEW, "", clock.now())
        store.set_totp(account.id, SECRET)
        assert level(account) is Assurance.HIGH

    def test_nobody_gets_two_and_nobody_unknown_gets_one(self, db, register):
        at = AtCounter("first@seoul.example", "resident_card", "서교동")
        centre.open_account(at_desk(), at, register, Language.KO, clock.now())
        for who, email in ((register, "second@seoul.example"), (ResidentId(new_id()), "other@seoul.example")):
            with pytest.raises(ResidentUnknown):
                centre.open_account(at_desk(), AtCounter(email, "passport", "x"), who, Language.KO, clock.now())
        with pytest.raises(SignInRefused):
            identity.open_api_session("other@seoul.example", NEW, "", clock.now())
