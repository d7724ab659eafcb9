"""What rules say in English is said in the reader's language, figures and all."""

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

from madang.streets.traffic_signals import rules
from madang.streets.traffic_signals.contracts.operation import PlanNotSafe
from madang.streets.traffic_signals.rules.operation import coverage, priority
from madang.streets.traffic_signals.rules.safety import breaches
from madang.streets.traffic_signals.web import sentences, words
from tests.streets.signals import LIMITS, crossroads, plan

LANGUAGES = ["ko", "zh-hans", "ja", "vi", "th", "mn", "ru"]
RULES = Path(rules.__file__).parent
SPOKEN = ("safety/plans.py", "safety/junction.py", "state/faults.py")


def spoken():
    """Every sentence with figures in the rules' code, an 8 for each figure."""
    for file in SPOKEN:
        for node in ast.walk(ast.parse((RULES / file).read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                text = "".join(str(part.value) if isinstance(part, ast.Constant) else "8" for part in node.values)
                if " " in text and not text.startswith(("from stage", "8 s 8,")):
                    yield text.replace("min 8", "min later")
    yield from (coverage.NEVER, "8 s from stage A to stage B, at least 8 are needed")
    for one in (coverage.SILENT, coverage.FAULTY, coverage.SETTLING, *(
        said for name, said in vars(priority).items() if name.isupper() and isinstance(said, str)
    )):
        yield re.sub(r"\{\w+\}", "8", one)


@pytest.mark.parametrize("english", sorted(set(spoken())))
def test_every_sentence_of_the_rules_is_known(english):
    assert sentences.said(english).language == "", english


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_and_names_stay_when_the_language_changes(language):
    with translation.override(language):
        found = sentences.said("The cycle changes from 90 s to 120 s.")
    assert "90" in found.text
    assert "120" in found.text
    assert found.text.index("90") < found.text.index("120")
    assert "cycle" not in found.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("wrong", [plan(3, 40), plan(30, 30, cycle=99), plan(30, 30, offset=500), plan(170, 170)])
def test_what_was_refused_is_said_without_english(language, wrong):
    found = breaches(crossroads(), wrong, LIMITS)
    assert found
    with translation.override(language):
        for one, clause, what in words.breaches(found):
            assert what.language == ""
            assert (clause, what.text) != (one.clause, one.what)
        said = words.mistake(PlanNotSafe("X", found[0].clause, found[0].what))
        assert found[0].what not in said


def test_a_sentence_that_nobody_translated_is_marked_as_english():
    with translation.override("ko"):
        assert sentences.said("Something that no rule says.") == sentences.Said("Something that no rule says.", "en")
