"""`madang people` and `madang code`."""

import io
import json

import pytest

from madang.commons.identity import facade as identity
from madang.entrypoints.cli import main
from madang.kernel import clock
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language
from tests.commons.identity.people import PASSWORD, officer


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here has one."""


def said(capsys, *words):
    assert main(list(words)) == 0
    return capsys.readouterr().out


def test_roles_are_listed_with_what_they_may(capsys):
    roles = json.loads(said(capsys, "people", "roles", "--json"))
    assert "applications.apply" in roles["roles"]["resident"]
    assert "resident" in said(capsys, "people", "roles")


def test_staff_are_made_listed_and_given_roles(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    said(capsys, "people", "make", "new@seoul.example", "--role", "officer", "--department", "Civil Affairs Division",
         "--post", "officer 7")
    assert "Civil Affairs Division, officer 7" in said(capsys, "people", "list")
    assert said(capsys, "people", "grant", "new@seoul.example", "desk_lead").strip().endswith("desk_lead, officer")
    assert said(capsys, "people", "withdraw", "new@seoul.example", "officer").strip().endswith("desk_lead")
    [account] = json.loads(said(capsys, "people", "list", "--json"))["accounts"]
    assert account["roles"] == ["desk_lead"]
    assert "password" not in account


@pytest.mark.parametrize(("words", "says"), [
    (["people", "grant", "nobody@seoul.example", "officer"], "no account for nobody@seoul.example"),
    (["people", "grant", "officer@seoul.example", "king"], "no role"),
    (["code", "officer@seoul.example"], "not an account of the demonstration"),
    (["code", "nobody@seoul.example"], "no account for"),
])
def test_what_cannot_be_done_is_said(capsys, words, says):
    officer()
    assert main(words) == 2
    assert says in capsys.readouterr().err


def test_a_demonstration_s_code_is_shown(capsys):
    people = identity.make_demo_people({ResidentId(new_id()): Language.KO for _ in range(2)}, clock.now())
    code = said(capsys, "code", people[1].email).strip()
    assert identity.open_api_session(people[1].email, people[1].password, code, clock.now())
