"""People find a service as they type, not as the law writes it."""

import dataclasses
import functools
import random
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.entrypoints.settings import HOUSE
from madang.kernel.languages import Language, Text
from madang.records.catalogue import facade, store
from madang.records.catalogue.rules import reading, spelling
from madang.records.catalogue.rules.search import Index

EXTRACT, TAX, BADGE = "resident-register-extract", "local-tax-certificate", "disability-parking-badge"
TYPED = yaml.safe_load(Path(__file__).with_name("as_typed.yaml").read_text(encoding="utf-8"))
UNRELATED = TYPED.pop("nothing")


THREE = reading.read({
    name: text for name, text in store.files(HOUSE / "profiles" / "seoul").items()
    if "/" not in name or Path(name).stem in {EXTRACT, TAX, BADGE}
})
"""Three services that have little in common, so that each query means one of them."""


@functools.cache
def whole_city():
    return reading.read(store.files(HOUSE / "profiles" / "seoul")).index


def search(query, language, limit=10):
    return THREE.index.find(query, language, limit)


def found(query, language=Language.KO):
    return [hit.service.id for hit in search(query, language)]


@pytest.mark.parametrize(
    ("query", "service"),
    [(query, service) for service, typed in TYPED.items() for query in typed],
)
def test_what_people_type_finds_the_service_first_whatever_the_page_speaks(query, service):
    assert [found(query, language)[:1] for language in (Language.KO, Language.EN, Language.VI)] == [[service]] * 3


def test_words_for_other_things_find_nothing():
    assert {word: found(word) for word in UNRELATED if found(word)} == {}


@pytest.mark.parametrize(("typed", "service"), [
    ("缴纳财产税", "property-tax-payment"),
    ("二手车过户", "vehicle-transfer-registration"),
])
def test_unspaced_words_in_another_order_find_what_they_are_words_of(typed, service):
    assert service in [hit.service.id for hit in whole_city().find(typed, Language.ZH, 3)]


def test_of_several_words_one_that_tells_is_better_than_a_dead_end_and_is_said_to_be_a_guess():
    guesses = whole_city().find("nursery waiting list", Language.EN)
    assert "daycare-admission-waitlist" in [hit.service.id for hit in guesses]
    assert len(guesses) <= 3
    assert all(hit.score < 0.66 for hit in guesses)


def keys(text):
    return list("".join(spelling.words(text)))


def slipped(text, letters):
    """``text`` after one slip of one key: left out, pressed twice, swapped with the next, or a neighbour instead."""
    place = st.integers(0, len(text) - 1)
    return st.one_of(
        place.map(lambda at: text[:at] + text[at + 1 :]),
        place.map(lambda at: text[:at] + text[at] + text[at:]),
        place.map(lambda at: text[:at] + text[at : at + 2][::-1] + text[at + 2 :]),
        st.tuples(place, st.sampled_from(letters)).map(lambda slip: text[: slip[0]] + slip[1] + text[slip[0] + 1 :]),
    )


NAMES = {
    EXTRACT: ["주민등록", "주민등록표", "주민등록초본", "resident register", "resident register extract"],
    TAX: ["납세증명", "납세증명서", "지방세 납세증명서", "local tax certificate", "tax certificate"],
    BADGE: ["주차표지", "장애인주차", "장애인전용주차구역", "disability parking badge", "parking badge"],
}


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_one_slip_of_a_key_still_finds_the_service_first(data):
    service = data.draw(st.sampled_from(sorted(NAMES)))
    name = data.draw(st.sampled_from(NAMES[service]))
    korean = not name.isascii()
    typed = "".join(keys(name)) if korean else name
    letters = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ" if korean else "abcdefghijklmnopqrstuvwxyz"
    assert found(data.draw(slipped(typed, letters)))[:1] == [service]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_nothing_that_can_be_typed_breaks_the_search(query):
    for hit in facade.search(query, Language.EN):
        assert 0 < hit.score <= 1


STRANGE = ["", " ", "\0", "주민\0등록", "가" * 10_000, "﷽" * 3000, "🅿️🚗", "שלום", "\u202eabc", "'; drop--", "\ud800"]


@pytest.mark.parametrize("query", STRANGE)
def test_strange_input_is_harmless_and_quick(query):
    began = time.process_time()
    facade.search(query, Language.KO)
    assert time.process_time() - began < 0.1


def test_a_limit_is_kept():
    assert len(facade.search("증명", Language.KO, limit=1)) == 1


def test_equal_matches_come_by_use():
    service = facade.service(EXTRACT)
    rare, common = (dataclasses.replace(service, id=name, uses_per_year=uses) for name, uses in (("a", 1), ("b", 9)))
    assert [hit.service.id for hit in Index([rare, common]).find("초본", Language.KO)] == ["b", "a"]


def test_the_text_that_matched_is_shown_in_the_page_s_language_when_it_can_be():
    assert search("tax certificate", Language.EN)[0].matched == "tax certificate"
    assert search("住民登録", Language.EN)[0].matched == "住民登録"


def many(count):
    """As many services as the city has, whose words are like ours and yet each its own."""
    dice = random.Random(847)
    hangul = ["".join(chr(0xAC00 + dice.randrange(11172)) for _ in range(2)) for _ in range(400)]
    latin = ["".join(dice.choice("bdfgklmnprst") + dice.choice("aeiou") for _ in range(3)) for _ in range(400)]

    def other(language, text):
        return dice.choice(hangul) + text if language == "ko" else f"{dice.choice(latin)} {text}"

    for number in range(count):
        service = list(THREE.services.values())[number % 3]
        yield dataclasses.replace(
            service,
            id=f"{service.id}-{number}",
            name=Text({language: other(language, text) for language, text in service.name.by_language.items()}),
            keywords={lang: [other(lang, text) for text in texts] for lang, texts in service.keywords.items()},
        )


@pytest.mark.parametrize(("services", "seconds"), [(3, 0.005), (847, 0.015)])
def test_the_95th_percentile_of_a_search_is_quick(services, seconds):
    index = Index([*THREE.services.values(), *many(services - 3)])
    queries = [query for typed in TYPED.values() for query in typed]
    times = []
    for query in queries * 3:
        began = time.process_time()
        index.find(query, Language.KO)
        times.append(time.process_time() - began)
    assert sorted(times)[int(len(times) * 0.95)] <= seconds
