"""Finding a service by what people type: misspelt, half typed, run together, in any of the eight languages.

An index is made once. A query picks the phrases that share letter pairs with it, and only those few are compared
closely; so the time grows with the query, hardly with the number of services.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from madang.kernel.languages import Language
from madang.records.catalogue.contracts import Found, Service
from madang.records.catalogue.rules import spelling
from madang.records.catalogue.rules.telling import Telling

Ids = NDArray[np.int32]

_CLOSE = 160
"""Phrases compared closely: enough for every phrase of a dozen services that share words."""
_WEIGHED = 24
"""Services whose words are compared one by one: more than a page of results shows."""
_LEAST = 0.66
"""Below this a match is chance: of 77 words for other things the best scored 0.63 (tests, 2026)."""
_PERHAPS = 0.4
"""Shown when nothing better is found, if a telling word of the query is the service's own: better than a dead end."""
_GUESSES = 3
_LEAST_GUESSED_FROM = 3
"""Letters of a word that may carry a guess: a short syllable stands in many words that have nothing in common."""
_FOREIGN = 0.99
"""A phrase in another language than the page's stands behind the same one in the page's language."""
_RETYPED = 0.97
_STEP = 0.02
"""Matches closer than this are equally good; then use decides."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A name or everyday word of a service, as it is shown and as it is compared."""

    service: int
    language: Language
    text: str
    spaced: str
    key: str
    initials: str


class Index:
    """Every phrase of every service, by the letter pairs in it."""

    def __init__(
        self,
        services: Sequence[Service],
        fillers: Iterable[str] = (),
        synonyms: Iterable[Sequence[str]] = (),
        endings: Iterable[str] = (),
    ) -> None:
        """``fillers`` say nothing of which service is meant; ``synonyms`` and ``endings`` as in ``Telling``."""
        self.telling = Telling(services, synonyms, endings)
        self.names = [{phrase.language: phrase for phrase in _names(at, one)} for at, one in enumerate(services)]
        self.services = services
        self.fillers = frozenset(chain.from_iterable(spelling.words(filler) for filler in fillers))
        self.phrases = [phrase for number, service in enumerate(services) for phrase in _phrases(number, service)]
        self.vocabulary = _vocabulary(self.phrases, len(services))
        self.lengths = np.array([max(1, len(phrase.key)) for phrase in self.phrases], dtype=np.float32)
        self.pairs = _postings(_pairs(phrase.key) for phrase in self.phrases)
        self.letters = _postings(set(phrase.key[:1] + phrase.initials[:1]) for phrase in self.phrases)
        self.initials = _postings(_pairs(phrase.initials) for phrase in self.phrases)

    def find(self, query: str, language: Language, limit: int = 10) -> Sequence[Found]:
        """The services that ``query`` may mean, best first; equally good ones by use."""
        words = self._telling(spelling.words(query))
        found = self._find(words, language)
        if max((score for score, _ in found.values()), default=0.0) < 0.9 and (other := spelling.retyped(query)):  # noqa: PLR2004 -- nearly a whole name: no need to doubt the keyboard
            for number, (score, phrase) in self._find(self._telling(other), language).items():
                _keep_best(found, number, score * _RETYPED, phrase)
        good = [(score, number, phrase) for number, (score, phrase) in found.items() if score >= _LEAST]
        if guessed := not good:
            good, limit = self._perhaps(words, found), min(limit, _GUESSES)
        good.sort(key=lambda hit: (-round(hit[0] / _STEP), -self.services[hit[1]].uses_per_year, hit[1]))
        return [
            Found(self.services[number], round(score, 3), phrase.text, guessed=guessed)
            for score, number, phrase in good[:limit]
        ]

    def _perhaps(
        self, words: Sequence[str], found: Mapping[int, tuple[float, Phrase]]
    ) -> list[tuple[float, int, Phrase]]:
        told = self.telling.told([word for word in words if len(word) >= _LEAST_GUESSED_FROM])
        return [(told[number], number, found[number][1]) for number in found if told.get(number, 0) >= _PERHAPS]

    def _telling(self, words: Sequence[str]) -> Sequence[str]:
        return [word for word in words if word not in self.fillers] or words

    def _find(self, words: Sequence[str], language: Language) -> dict[int, tuple[float, Phrase]]:
        """The best score and phrase of each service that comes into question."""
        best: dict[int, tuple[float, Phrase]] = {}
        key = "".join(words)
        if not key:
            return best
        for number, told in self.telling.told(words).items():
            names = self.names[number]
            _keep_best(best, number, told, names.get(language) or names[Language.KO])
        near = [self.phrases[place] for place in self._near(key)]
        for phrase, score in zip(near, _scores(words, near), strict=True):
            _keep_best(best, phrase.service, score * (1 if phrase.language is language else _FOREIGN), phrase)
        for number in sorted(best, key=lambda number: -best[number][0])[:_WEIGHED]:
            _keep_best(best, number, _covered(words, self.vocabulary[number]), best[number][1])
        return best

    def _near(self, key: str) -> list[int]:
        """The phrases that share most letter pairs with ``key``, in no order."""
        if len(key) == 1:
            return list(self.letters.get(key, _NONE)[:_CLOSE])
        wanted = _pairs(key)
        shared = self._shared(self.pairs, wanted)
        if spelling.are_initials(key):
            shared = shared + 2 * self._shared(self.initials, wanted)
        likeness = shared * (1 / len(wanted) + 2 / (len(wanted) + self.lengths))
        likely = np.flatnonzero(likeness > 0.3 * likeness.max())  # most share a pair or none
        if len(likely) > _CLOSE:
            likely = likely[np.argpartition(likeness[likely], -_CLOSE)[-_CLOSE:]]
        return list(likely)

    def _shared(self, postings: Mapping[str, Ids], wanted: Iterable[str]) -> NDArray[np.float32]:
        lists = [postings[pair] for pair in wanted if pair in postings]
        joined = np.concatenate(lists) if lists else _NONE
        return np.bincount(joined, minlength=len(self.phrases)).astype(np.float32)


_NONE: Ids = np.empty(0, dtype=np.int32)


def _phrases(number: int, service: Service) -> Iterable[Phrase]:
    yield from _names(number, service)
    for code, texts in service.keywords.items():
        yield from (_phrase(number, Language(code), text) for text in texts)


def _names(number: int, service: Service) -> Iterable[Phrase]:
    return [_phrase(number, language, text) for language, text in service.name.by_language.items()]


def _phrase(number: int, language: Language, text: str) -> Phrase:
    words = spelling.words(text)
    return Phrase(number, language, text, " ".join(words), "".join(words), spelling.initials(text))


def _vocabulary(phrases: Iterable[Phrase], services: int) -> list[list[str]]:
    """Each service's words, of all its phrases."""
    words: list[set[str]] = [set() for _ in range(services)]
    for phrase in phrases:
        words[phrase.service].update(phrase.spaced.split(" "))
    return [sorted(found) for found in words]


def _pairs(key: str) -> set[str]:
    return {first + second for first, second in pairwise(key)}


def _postings(grams: Iterable[set[str]]) -> dict[str, Ids]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, found in enumerate(grams):
        for gram in found:
            places[gram].append(place)
    return {gram: np.array(numbers, dtype=np.int32) for gram, numbers in places.items()}


def _keep_best(best: dict[int, tuple[float, Phrase]], number: int, score: float, phrase: Phrase) -> None:
    if number not in best or score > best[number][0]:
        best[number] = (score, phrase)


def _scores(words: Sequence[str], phrases: Sequence[Phrase]) -> list[float]:
    """How well each phrase answers the query, from 0 to 1."""
    if not phrases:
        return []
    key, spaced = "".join(words), " ".join(words)
    whole = process.cdist([key], [phrase.key for phrase in phrases], scorer=fuzz.ratio)[0]
    turned = process.cdist([spaced], [phrase.spaced for phrase in phrases], scorer=fuzz.token_sort_ratio)[0]
    part = process.cdist([key], [phrase.key for phrase in phrases], scorer=fuzz.partial_ratio, score_cutoff=86)[0]
    fuzzy = np.maximum.reduce([whole * 0.0095, turned * 0.0092, _worth(key, phrases) * part])
    return [max(float(score), _exact(key, phrase)) for score, phrase in zip(fuzzy, phrases, strict=True)]


def _covered(words: Sequence[str], vocabulary: Sequence[str]) -> float:
    """How much of a query of several words a service's words answer, in whatever order and phrase they stand."""
    likeness = process.cdist(words, vocabulary, scorer=fuzz.ratio, score_cutoff=80).max(axis=1)
    lengths = np.array([len(word) for word in words])
    likeness[(lengths < 4) & (likeness < 100)] = 0  # noqa: PLR2004 -- of three letters one slip leaves too little to tell by
    return float((likeness * lengths).sum() / lengths.sum() * 0.0093)


def _worth(key: str, phrases: Sequence[Phrase]) -> NDArray[np.float32]:
    """What a match of a part counts: less when the shorter of the two is small, because short parts match by chance."""
    shorter = np.minimum([len(phrase.key) for phrase in phrases], len(key))
    return np.interp(shorter, [3, 5, 9], [0.0, 0.0075, 0.0088]).astype(np.float32)


def _exact(key: str, phrase: Phrase) -> float:
    """The score of a match without any slip: the whole phrase, its beginning, a part of it, or it as a part."""
    share = min(len(key), len(phrase.key)) / max(len(key), len(phrase.key), 1)
    if key == phrase.key:
        return 1.0
    if phrase.key.startswith(key):
        return 0.9 + 0.08 * share
    if phrase.initials and spelling.are_initials(key) and key in phrase.initials:
        return 0.8 + 0.1 * len(key) / len(phrase.initials) + 0.05 * phrase.initials.startswith(key)
    if len(key) > 1 and key in phrase.key:
        return 0.82 + 0.08 * share
    if len(phrase.key) > 1 and phrase.key in key:
        return 0.76 + 0.14 * share
    return 0.0
