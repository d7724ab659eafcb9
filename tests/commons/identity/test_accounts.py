"""Accounts, roles, tokens, and the people of the demonstration."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from statistics import median

import pytest
from django.db import connection

from madang.commons.audit.models import EntryRow
from madang.commons.identity import facade as identity
from madang.commons.identity import store
from madang.commons.identity.contracts import (
    AccountUnknown,
    EmailTaken,
    NewAccount,
    NotADemoAccount,
    PasswordTooWeak,
    RoleUnknown,
    SignInRefused,
    TooManyAttempts,
)
from madang.commons.identity.models import ApiSessionRow, AttemptsRow
from madang.kernel import clock
from madang.kernel.actors import VISITOR, Actor, ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.errors import NotPermitted, SignInNeeded
from madang.kernel.ids import AccountId, ResidentId, new_id
from madang.kernel.languages import Language
from tests.commons.identity.people import OPERATOR, PASSWORD, officer, resident

NOW = clock.now()


class TestAccounts:
    def test_an_account_is_made_with_its_role_and_found_by_its_resident(self, db):
        made = resident("New.Resident@Seoul.Example", language=Language.VI)
        assert (made.email, made.roles, made.language) == ("new.resident@seoul.example", ("resident",), Language.VI)
        assert identity.account_of_resident(made.resident) == made
        assert identity.account_of_resident(ResidentId(new_id())) is None
        assert EntryRow.objects.get(action="identity.make_account").about == made.id

    def test_one_account_an_address(self, db):
        resident()
        with pytest.raises(EmailTaken):
            resident("RESIDENT@seoul.example")

    @pytest.mark.parametrize("password", ["short", "1234567890", "password123", "resident@seoul"])
    def test_a_weak_password_is_refused_with_the_reason(self, db, password):
        with pytest.raises(PasswordTooWeak) as weak:
            identity.make_account(OPERATOR, NewAccount("resident@seoul.example", password, "resident"), NOW)
        assert weak.value.why

    def test_an_unknown_role_is_refused_and_the_known_ones_told(self, db):
        with pytest.raises(RoleUnknown) as wrong:
            identity.make_account(OPERATOR, NewAccount("a@seoul.example", PASSWORD, "king"), NOW)
        assert "officer" in wrong.value.known

    def test_only_who_may_makes_accounts_and_gives_roles(self, db):
        resident()
        for may_not, refusal in ((VISITOR, SignInNeeded), (Actor(ActorKind.OFFICER, "x"), NotPermitted)):
            with pytest.raises(refusal):
                identity.make_account(may_not, NewAccount("a@seoul.example", PASSWORD, "resident"), NOW)
            with pytest.raises(refusal):
                identity.grant(may_not, "resident@seoul.example", "operator", NOW)
            with pytest.raises(refusal):
                identity.accounts(may_not, NOW)

    def test_a_role_holds_from_when_it_was_given_until_it_ends(self, db):
        made = officer()
        later = NOW + timedelta(days=10)
        identity.grant(OPERATOR, made.email, "desk_lead", clock.now(), until=later)
        assert store.account(made.id, clock.now()).roles == ("desk_lead", "officer")
        assert store.account(made.id, later).roles == ("officer",)
        assert store.account(made.id, NOW - timedelta(days=1)).roles == ()
        assert identity.withdraw(OPERATOR, made.email, "officer", clock.now()).roles == ("desk_lead",)

    def test_a_language_is_kept(self, db):
        made = resident()
        identity.set_language(made.id, Language.MN)
        assert identity.account_of_resident(made.resident).language is Language.MN


class TestTokens:
    def test_a_token_opens_the_door_until_it_is_closed(self, db):
        made = resident()
        token = identity.open_api_session(made.email, PASSWORD, "", clock.now())
        actor = identity.actor_of_token(token)
        assert (actor.account, actor.subject, actor.assurance) == (made.id, made.resident, Assurance.LOW)
        assert actor.may("applications.apply")
        assert identity.close_api_session(token)
        assert identity.actor_of_token(token) is None
        assert not identity.close_api_session(token)

    def test_only_its_hash_is_kept(self, db):
        token = identity.open_api_session(resident().email, PASSWORD, "", clock.now())
        assert len(token) >= 43
        assert token.encode() not in bytes(ApiSessionRow.objects.get().token)

    @pytest.mark.parametrize("forged", ["", "x", "x" * 43, "'; DROP TABLE identity_account; --", "\x00", "한글"])
    def test_a_forged_token_opens_nothing(self, db, forged):
        assert identity.actor_of_token(forged) is None

    def test_a_token_expires(self, db):
        token = identity.open_api_session(resident().email, PASSWORD, "", NOW)
        assert identity.actor_of_token(token, NOW + timedelta(hours=11, minutes=59))
        assert identity.actor_of_token(token, NOW + timedelta(hours=12)) is None

    def test_a_changed_password_ends_every_token(self, db):
        made = resident()
        token = identity.open_api_session(made.email, PASSWORD, "", clock.now())
        store.set_password(made.id, "another horse battery")
        assert identity.actor_of_token(token) is None

    def test_a_closed_account_has_no_tokens(self, db):
        made = resident()
        token = identity.open_api_session(made.email, PASSWORD, "", clock.now())
        store.AccountRow.objects.filter(id=made.id).update(is_active=False)
        assert identity.actor_of_token(token) is None
        with pytest.raises(SignInRefused):
            identity.open_api_session(made.email, PASSWORD, "", clock.now())

    def test_a_token_costs_one_query(self, db, django_assert_num_queries):
        token = identity.open_api_session(resident().email, PASSWORD, "", clock.now())
        with django_assert_num_queries(1):
            identity.actor_of_token(token)

    def test_a_code_is_needed_once_set_up_is_good_once_and_raises_the_level_for_its_time(self, db):
        made = resident()
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        store.set_totp(made.id, secret)
        now = clock.now()
        code = identity.totp_now(secret, now)
        for wrong in ("", "000000" if code != "000000" else "111111"):
            with pytest.raises(SignInRefused):
                identity.open_api_session(made.email, PASSWORD, wrong, now)
        token = identity.open_api_session(made.email, PASSWORD, code, now)
        assert identity.actor_of_token(token, now).assurance is Assurance.SUBSTANTIAL
        assert identity.actor_of_token(token, now + timedelta(minutes=60)).assurance is Assurance.LOW
        with pytest.raises(SignInRefused):
            identity.open_api_session(made.email, PASSWORD, code, now)

    def test_secrets_lie_encrypted(self, db):
        made = resident()
        store.set_totp(made.id, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        with connection.cursor() as cursor:
            cursor.execute("SELECT data::text FROM mfa_authenticator")
            assert "JBSWY3DP" not in cursor.fetchone()[0]
        assert store.totp_secret(made.id).startswith("JBSWY3DP")


class TestGuessing:
    def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(self, db):
        made = resident()
        answers = []
        for email in (made.email, "nobody@seoul.example"):
            with pytest.raises(SignInRefused) as refused:
                identity.open_api_session(email, "wrong", "", clock.now())
            answers.append((refused.value.code, str(refused.value), refused.value.data))
        assert answers[0] == answers[1]

    def test_they_take_the_same_time(self, db, settings):
        settings.PASSWORD_HASHERS = ["madang.commons.identity.passwords.CityArgon2"]
        made = resident()
        times = {made.email: [], "nobody@seoul.example": []}
        for _ in range(5):
            for email, took in times.items():
                begun = time.perf_counter()
                assert store.who(email, "wrong") is None
                took.append(time.perf_counter() - begun)
        known, unknown = (median(took) for took in times.values())
        assert 0.5 < known / unknown < 2

    @pytest.mark.parametrize("email", ["resident@seoul.example", "nobody@seoul.example"])
    def test_after_five_wrong_attempts_an_address_waits_whether_or_not_it_has_an_account(self, db, email):
        resident()
        for _ in range(5):
            with pytest.raises(SignInRefused):
                identity.open_api_session(email, "wrong", "", NOW)
        with pytest.raises(TooManyAttempts):
            identity.open_api_session(email, PASSWORD, "", NOW)

    def test_the_wait_ends(self, db):
        made = resident()
        for _ in range(5):
            with pytest.raises(SignInRefused):
                identity.open_api_session(made.email, "wrong", "", NOW)
        assert identity.open_api_session(made.email, PASSWORD, "", NOW + timedelta(minutes=5))

    def test_signing_in_rightly_costs_no_attempt(self, db):
        made = resident()
        for _ in range(7):
            identity.open_api_session(made.email, PASSWORD, "", NOW)
        assert not AttemptsRow.objects.exists()

    def test_guesses_at_once_count_each_other(self, transactional_db):
        made = resident()

        def guess(number):
            try:
                identity.open_api_session(made.email, f"wrong {number}", "", NOW)
            except (SignInRefused, TooManyAttempts) as answer:
                return type(answer)
            finally:
                connection.close()
            return None

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(guess, range(24)))
        assert answers.count(SignInRefused) <= 5
        assert set(answers) == {SignInRefused, TooManyAttempts}


RESIDENTS = {ResidentId(new_id()): language for language in (Language.KO, Language.VI, Language.MN)}


class TestDemonstration:
    def test_its_people_can_sign_in_as_they_were_told(self, db):
        now = clock.now()
        people = identity.make_demo_people(RESIDENTS, now)
        assert [one.role for one in people[:3]] == ["resident"] * 3
        assert {one.role for one in people} >= {"officer", "desk_lead", "auditor", "operator"}
        assert [bool(one.totp_secret) for one in people[:3]] == [False, True, False]
        for one in people:
            code = identity.totp_now(one.totp_secret, now) if one.totp_secret else ""
            actor = identity.actor_of_token(identity.open_api_session(one.email, one.password, code, now), now)
            assert actor.assurance is (Assurance.SUBSTANTIAL if one.totp_secret else Assurance.LOW)
            assert actor.subject == one.resident
        assert {identity.account_of_resident(one).language for one in RESIDENTS} == set(RESIDENTS.values())

    def test_a_second_start_changes_nothing(self, db):
        first = identity.make_demo_people(RESIDENTS, NOW)
        count = EntryRow.objects.count()
        assert identity.make_demo_people(RESIDENTS, clock.now()) == first
        assert EntryRow.objects.count() == count

    def test_a_password_can_be_given(self, db):
        identity.make_demo_people(RESIDENTS, NOW)
        people = identity.make_demo_people(RESIDENTS, NOW, password="demo demo demo")
        assert identity.open_api_session(people[0].email, "demo demo demo", "", clock.now())

    def test_codes_are_told_for_its_accounts_only(self, db):
        now = clock.now()
        people = identity.make_demo_people(RESIDENTS, now)
        assert identity.demo_code(people[1].email, now) == identity.totp_now(people[1].totp_secret, now)
        real = resident("real@seoul.example")
        store.set_totp(AccountId(real.id), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        with pytest.raises(NotADemoAccount):
            identity.demo_code(real.email, now)
        with pytest.raises(AccountUnknown):
            identity.demo_code("nobody@seoul.example", now)

    def test_codes_are_those_of_the_standard(self):
        """RFC 6238 (2011), appendix B, SHA-1, cut to six digits."""
        secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
            assert identity.totp_now(secret, datetime.fromtimestamp(seconds, clock.SEOUL)) == code
