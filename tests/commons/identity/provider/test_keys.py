"""Signing keys: announced before they sign, kept until nothing rests on them, readable by their owner alone."""

import json
import stat
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madang.commons.identity.provider import facade
from madang.commons.identity.provider.rules import keys as rules
from madang.commons.identity.provider.store import keys
from madang.kernel import clock
from tests.commons.identity.people import resident
from tests.commons.identity.provider.relying import OPERATOR, add, code, redeem, sign_in

DAY = timedelta(days=1)
NOW = clock.now()


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    settings.MADANG_INSTANCE = tmp_path


@given(ages=st.lists(st.integers(0, 4000), min_size=1, max_size=6, unique=True), announced=st.integers(1, 72))
def test_one_key_signs_and_whoever_read_the_set_before_it_did_knows_it(ages, announced):
    made = [(f"k{age}", NOW - timedelta(hours=age)) for age in ages]
    wait = timedelta(hours=announced)
    states = rules.standings(made, wait, NOW)
    [signing] = [state for state in states if state.standing == "signing"]
    assert NOW - signing.made >= wait or signing == states[-1]
    assert all(state.made > signing.made for state in states if state.standing == "announced")
    assert all(state.made < signing.made for state in states if state.standing == "kept")
    gone = rules.ended(states, wait, timedelta(minutes=5), NOW)
    assert signing.kid not in gone
    assert not {state.kid for state in states if state.standing == "announced"} & set(gone)


def test_a_rotation_announces_signs_keeps_and_ends():
    first = facade.key_states(OPERATOR, NOW)[0].kid
    later = clock.now()
    second = keys.make(later)

    def standing(at):
        return {state.kid: state.standing for state in rules.standings(keys.made(), DAY, at)}

    assert standing(later + DAY / 2) == {first: "signing", second: "announced"}
    assert standing(later + DAY) == {first: "kept", second: "signing"}
    facade.keep_keys(later + DAY + timedelta(minutes=9))
    assert first in dict(keys.made())
    facade.keep_keys(later + DAY + timedelta(minutes=11))
    assert list(dict(keys.made())) == [second]


def test_a_key_is_renewed_after_its_days():
    facade.key_states(OPERATOR, NOW)
    facade.keep_keys(NOW + 89 * DAY)
    assert len(keys.made()) == 1
    facade.keep_keys(NOW + 91 * DAY)
    assert len(keys.made()) == 2


def test_only_the_owner_reads_them_and_nobody_sees_the_private_half(client):
    shown = json.loads(client.get("/oauth/keys").content)["keys"]
    assert [sorted(key) for key in shown] == [["alg", "e", "kid", "kty", "n", "use"]]
    keys.subject_salt()
    assert {stat.S_IMODE(file.stat().st_mode) for file in keys.folder().iterdir()} == {0o600}
    assert stat.S_IMODE(keys.folder().stat().st_mode) == 0o700


def test_after_a_rotation_at_once_the_old_key_is_known_to_nobody(db, client):
    resident()
    system = add()
    hint = redeem(*system, code(sign_in(client)))[1]["id_token"]
    new = facade.rotate_key(OPERATOR, clock.now(), at_once=True)
    assert [key["kid"] for key in json.loads(client.get("/oauth/keys").content)["keys"]] == [new]
    assert client.get("/oauth/logout", {"id_token_hint": hint}).status_code == 200
    assert redeem(*system, code(client))[0] == 200
