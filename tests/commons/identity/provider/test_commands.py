"""``madang clients`` and ``madang keys``."""

import json

import pytest

from madang.commons.identity import facade as identity
from madang.entrypoints.cli import main
from madang.entrypoints.settings import HOUSE
from tests.commons.identity.provider.relying import token

EXAMPLE = str(HOUSE / "profiles" / "seoul" / "clients" / "seoul-library.yaml")


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here has one."""


def said(capsys, *words):
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_example_is_added_listed_rotated_and_removed(capsys):
    made = said(capsys, "clients", "add", EXAMPLE)
    assert made["system"] == "seoul-library"
    own = token(made["system"], made["secret"], grant_type="client_credentials")[1]["access_token"]
    assert identity.client_of_token(own).scopes == {"reports.read"}
    assert [one["id"] for one in said(capsys, "clients", "list")["systems"]] == ["seoul-library"]
    assert said(capsys, "clients", "rotate", "seoul-library")["secret"] != made["secret"]
    assert made["secret"] not in json.dumps(said(capsys, "clients", "list"))
    said(capsys, "clients", "remove", "seoul-library")
    assert main(["clients", "remove", "seoul-library"]) == 2
    assert "There is no system" in capsys.readouterr().err


def test_a_file_that_is_none_is_told(capsys, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("id: x\n", encoding="utf-8")
    assert main(["clients", "add", str(wrong)]) == main(["clients", "add", str(tmp_path / "none")]) == 2
    assert "cannot be registered" in capsys.readouterr().err


def test_keys_are_listed_and_rotated(capsys, tmp_path, settings):
    settings.MADANG_INSTANCE = tmp_path
    assert [key["standing"] for key in said(capsys, "keys", "list")["keys"]] == ["signing"]
    assert sorted(key["standing"] for key in said(capsys, "keys", "rotate")["keys"]) == ["announced", "signing"]
    assert [key["standing"] for key in said(capsys, "keys", "rotate", "--at-once")["keys"]] == ["signing"]
