"""What a walking resident types is taken by the forms, whatever they ask."""

import re
from datetime import date

import pytest

from madang.entrypoints.walk.typing import typed
from madang.kernel.languages import Language, Text
from madang.records.catalogue.contracts import Choice, Field, FieldKind
from madang.services.applications.rules import kinds

TODAY = date(2026, 11, 23)
LABEL = Text({Language.KO: "질문"})


def question(kind, **more):
    if kind is FieldKind.CHOICE:
        more["choices"] = (Choice("one", LABEL), Choice("two", LABEL))
    return Field("asked", kind, LABEL, **more)


@pytest.mark.parametrize("kind", [kind for kind in FieldKind if kind is not FieldKind.SLOT])
def test_each_kind_of_question_is_answered_so_that_it_is_taken(kind):
    field = question(kind)
    value = kinds.plain(field, typed([field], TODAY)["asked"])
    assert kinds.mistake(field, value) is None


@pytest.mark.parametrize(("least", "most"), [(None, None), (5, None), (None, 0), (3, 3), (1000, 9_000_000)])
def test_numbers_keep_to_their_bounds(least, most):
    field = question(FieldKind.NUMBER, least=least, most=most)
    assert kinds.mistake(field, typed([field], TODAY)["asked"]) is None


@pytest.mark.parametrize("pattern", [r"\d{10}", r"\d{3}-\d{2}-\d{5}", r"[0-9-]{10,16}", r".{1,20}"])
def test_texts_have_the_shape_that_is_asked_for(pattern):
    field = question(FieldKind.TEXT, pattern=pattern)
    assert re.fullmatch(pattern, typed([field], TODAY)["asked"])


def test_a_shape_that_nobody_foresaw_is_said():
    with pytest.raises(LookupError, match="asked"):
        typed([question(FieldKind.TEXT, pattern="[xyz]{40}")], TODAY)


def test_what_to_book_is_not_typed_but_looked_up():
    assert typed([question(FieldKind.SLOT)], TODAY) == {}
