"""What the texts' tool must see: everything that is said, and everything that is wrong with a translation."""

from pathlib import Path

import pytest

from tools import text_sources, texts

TEMPLATE = """{% load i18n %}
    <p>{% translate "Go home" %}</p>
  {% blocktranslate trimmed count n=n %}
    {{ n }} bus
  {% plural %}
    {{ n }} buses
  {% endblocktranslate %}
"""
PYTHON = """
from django.utils.translation import gettext_lazy as _
LABEL = _("Stop")
class Late(Exception):
    code = "x.late"
    message = "It is {minutes} minutes late."
def said():
    return [Mistake("a", "b", "Say when.", {}), Happening(at, by, note="It left."), to_translate("Marked")]
"""


@pytest.fixture
def room(tmp_path: Path, monkeypatch) -> Path:
    app = tmp_path / "src" / "madang" / "streets" / "buses"
    (app / "templates").mkdir(parents=True)
    (app / "apps.py").touch()
    (app / "templates" / "stop.html").write_text(TEMPLATE)
    (app / "contracts.py").write_text(PYTHON)
    monkeypatch.setattr(text_sources, "ROOT", tmp_path / "src" / "madang")
    monkeypatch.setattr(text_sources, "HEIRS", {})
    monkeypatch.setattr(texts, "HOUSE", tmp_path)
    return app


def translate(room: Path, old: str, new: str) -> None:
    for locale in texts.LOCALES:
        po = room / "locale" / locale / "LC_MESSAGES" / "django.po"
        said = po.read_text()
        po.write_text(said.replace(f'msgid "{old}"\nmsgstr ""', f'msgid "{old}"\nmsgstr "{new}"'))


def test_everything_that_is_said_is_found_with_its_line(room: Path):
    found = {one.text: one.line for one in text_sources.texts_of(room)}
    assert found["Go home"] == 2
    assert set(found) == {
        "Go home", "%(n)s bus", "Stop", "It is {minutes} minutes late.", "Say when.", "It left.", "Marked",
    }


def test_what_is_not_translated_fails_with_file_and_line(room: Path, capsys):
    texts.update([room])
    assert texts.check([room]) == 1
    assert "streets/buses/templates/stop.html:2: not translated into ko: “Go home”" in capsys.readouterr().out


def test_a_changed_placeholder_fails(room: Path, capsys):
    texts.update([room])
    translate(room, "It is {minutes} minutes late.", "{minute}")
    assert texts.check([room]) == 1
    assert "{minutes}, {minute} is not the same" in capsys.readouterr().out


def test_update_keeps_translations_and_drops_what_nobody_says(room: Path):
    texts.update([room])
    translate(room, "Go home", "집")
    (room / "contracts.py").write_text("")
    texts.update([room])
    po = (room / "locale/ko/LC_MESSAGES/django.po").read_text()
    assert 'msgstr "집"' in po
    assert "Stop" not in po


def test_only_what_changed_is_compiled(room: Path, capsys):
    texts.update([room])
    texts.compile_stale([room])
    assert "7 catalogues compiled" in capsys.readouterr().out
    texts.compile_stale([room])
    assert "current" in capsys.readouterr().out
