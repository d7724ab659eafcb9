"""Systems: registered, given secrets, and known by their own tokens."""

from datetime import timedelta

import pytest

from madang.commons.audit.models import EntryRow
from madang.commons.identity import facade as identity
from madang.commons.identity.provider import facade
from madang.commons.identity.provider.contracts import SystemNotRight, SystemTaken, SystemUnknown
from madang.commons.identity.provider.models import AccessTokenRow, SystemRow
from madang.kernel import clock
from madang.kernel.actors import VISITOR
from madang.kernel.errors import SignInNeeded
from tests.commons.identity.people import resident
from tests.commons.identity.provider.relying import OPERATOR, add, code, redeem, sign_in, token


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here has one."""


def own_token(system, secret, scope=None):
    return token(system, secret, grant_type="client_credentials", scope=scope)


class TestOwnTokens:
    def test_a_token_names_its_system_department_and_what_was_granted(self, django_assert_num_queries):
        status, said = own_token(*add())
        assert (status, said["token_type"], said["scope"]) == (200, "Bearer", "reports.read reports.write")
        assert "refresh_token" not in said
        with django_assert_num_queries(1):
            client = identity.client_of_token(said["access_token"])
        assert (client.id, client.department) == ("seoul-library", "문화본부 도서관정책과")
        assert client.scopes == {"reports.read", "reports.write"}
        assert timedelta(minutes=29) < client.expires - clock.now() <= timedelta(minutes=30)

    def test_it_may_ask_for_less_and_never_for_more(self):
        system, secret = add()
        assert own_token(system, secret, "reports.read")[1]["scope"] == "reports.read"
        for more in ("reports.read payments.refund", "openid", "email"):
            assert own_token(system, secret, more) == (400, {"error": "invalid_scope"})
        assert AccessTokenRow.objects.count() == 1

    def test_only_the_hash_lies_in_the_database(self):
        system, secret = add()
        said = own_token(system, secret)[1]
        row = AccessTokenRow.objects.get()
        assert row.token == ""
        assert said["access_token"] not in (row.token_checksum, row.token)
        assert secret not in SystemRow.objects.get().client_secret

    @pytest.mark.parametrize("text", ["", "mat_", "mat_" + "x" * 43, "mcs_x", "\x00", "mat_\x00", "한글"])
    def test_any_other_text_names_nobody(self, text):
        add()
        assert identity.client_of_token(text) is None

    def test_it_ends(self):
        said = own_token(*add())[1]
        assert identity.client_of_token(said["access_token"], clock.now() + timedelta(minutes=31)) is None

    def test_a_persons_token_names_no_system(self, client):
        resident()
        system, secret = add()
        said = redeem(system, secret, code(sign_in(client)))[1]
        assert identity.client_of_token(said["access_token"]) is None

    def test_a_system_that_was_not_granted_this_way_gets_none(self):
        status, said = own_token(*add(grants=["authorization_code"]))
        assert (status, said["error"]) == (400, "unauthorized_client")

    @pytest.mark.parametrize("secret", ["", "wrong", "mcs_" + "x" * 43])
    def test_a_wrong_secret_gets_nothing(self, secret):
        add()
        assert own_token("seoul-library", secret) == (401, {"error": "invalid_client"})
        assert own_token("nobody", secret) == (401, {"error": "invalid_client"})
        assert not AccessTokenRow.objects.exists()


class TestSecrets:
    def test_after_a_rotation_the_old_one_works_for_a_day(self, monkeypatch):
        system, old = add()
        new = facade.rotate_secret(OPERATOR, system, clock.now())
        assert own_token(system, new.secret)[0] == own_token(system, old)[0] == 200
        tomorrow = clock.now() + timedelta(hours=25)
        monkeypatch.setattr(clock, "now", lambda: tomorrow)
        assert own_token(system, new.secret)[0] == 200
        assert own_token(system, old) == (401, {"error": "invalid_client"})

    def test_a_system_that_is_taken_away_takes_its_tokens_with_it(self):
        said = own_token(*add())[1]
        facade.remove_system(OPERATOR, "seoul-library")
        assert identity.client_of_token(said["access_token"]) is None
        with pytest.raises(SystemUnknown):
            facade.remove_system(OPERATOR, "seoul-library")

    def test_everything_is_recorded(self):
        add()
        facade.rotate_secret(OPERATOR, "seoul-library", clock.now())
        facade.remove_system(OPERATOR, "seoul-library")
        assert list(EntryRow.objects.order_by("id").values_list("action", flat=True)) == [
            "identity_provider.add_system", "identity_provider.rotate_secret", "identity_provider.remove_system",
        ]


class TestRegistering:
    def test_only_who_may_registers(self):
        with pytest.raises(SignInNeeded):
            facade.add_system(VISITOR, {})

    def test_one_system_a_name(self):
        add()
        with pytest.raises(SystemTaken):
            add()

    @pytest.mark.parametrize(("wrong", "told"), [
        ({"redirect_uris": ["http://library.seoul.example/back"]}, "https://"),
        ({"redirect_uris": ["https://*.seoul.example/back"]}, "https://"),
        ({"redirect_uris": ["https://a.example/#x"]}, "https://"),
        ({"redirect_uris": ["https://user@a.example/"]}, "https://"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "https://"),
        ({"redirect_uris": []}, "needs one"),
        ({"redirect_uris": ["https://a.example/", "https://b.example/"]}, "sector"),
        ({"grants": ["password"]}, "password"),
        ({"grants": ["refresh_token"]}, "grants"),
        ({"scopes": ["openid", "everything"]}, "everything"),
        ({"scopes": ["email"]}, "openid"),
        ({"public": True}, "public"),
        ({"id": "A b"}, "id"),
        ({"purpose": {"en": "x"}}, "Korean"),
        ({"colour": "red"}, "colour"),
    ])
    def test_what_is_not_safe_is_refused_with_its_place(self, wrong, told):
        with pytest.raises(SystemNotRight) as refused:
            add(**wrong)
        assert told in refused.value.why
        assert not SystemRow.objects.exists()
