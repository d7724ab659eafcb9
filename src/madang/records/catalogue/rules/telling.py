"""Which services a query's words tell of, whatever phrase they stand in: also the words of a purpose, and synonyms.

A word tells the more the fewer services have it (inverse document frequency: Spärck Jones 1972). A word that no
service has tells nothing of which one is meant, and weighs on the answer; one that ends like a verb weighs little,
because people say what they want in verbs and what it is about in nouns.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, takewhile
from math import log

from madang.records.catalogue.contracts import Service
from madang.records.catalogue.rules import spelling

_OF_A_PURPOSE = 0.85
"""What a word counts that stands only in a purpose: it is said of the service, and is not its name."""
_SYNONYM = 0.95
_UNKNOWN = 0.6
"""Of the weight of the rarest word: what nobody wrote may be a slip or another thing altogether."""
_VERB = 0.15
_LEAST_PREFIX = 4
"""Letters that two words must begin with alike to be taken for one: two syllables of Hangul, four Latin letters."""
_ENDING = 4
"""Letters by which a word may go on: a particle, an inflection."""
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]")
"""Thai, kana and Han are written without spaces: there a word is sought within a text."""
_HAN = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
"""Here two letters are a word or most of one; of Thai, two letters say nothing."""
_LEAST_UNSPACED = 4
"""Letters of Han or kana from which on it is more than one word."""
_WITHIN = 0.95
_BEST = 0.93
"""All words told: as good as a name that begins alike, and behind a name that is the same."""

Told = Mapping[int, float]
"""By service, how much of the query it answers, from 0 to 1."""


class Telling:
    """The words of every service and how telling each is."""

    def __init__(
        self, services: Sequence[Service], synonyms: Iterable[Sequence[str]] = (), endings: Iterable[str] = ()
    ) -> None:
        """``synonyms`` are groups of words for one thing; ``endings`` are how verbs end."""
        alike = _alike(synonyms)
        self.endings = tuple("".join(spelling.words(ending)) for ending in endings)
        self.found: dict[str, dict[int, float]] = defaultdict(dict)
        for number, service in enumerate(services):
            for word, weight in _words(service):
                self._note(word, number, weight)
                for other in alike.get(word, ()):
                    self._note(other, number, weight * _SYNONYM)
        self.sorted = sorted(self.found)
        self.unspaced = [word for word in self.sorted if _UNSPACED.search(word)]
        self.rarest = log(1 + len(services))
        self.services = len(services)

    def told(self, words: Sequence[str]) -> Told:
        """The services of which the words tell. Nothing for words that no service has."""
        words = [piece for word in words for piece in self._pieces(word)]
        matched = [self._matches(word) for word in words]
        weights = [self._weight(word, len(matches)) for word, matches in zip(words, matched, strict=True)]
        whole = sum(weights)
        score: defaultdict[int, float] = defaultdict(float)
        for matches, weight in zip(matched, weights, strict=True):
            for service, closeness in matches.items():
                score[service] += weight * closeness
        return {service: _BEST * found / whole for service, found in score.items()}

    def _pieces(self, word: str) -> Sequence[str]:
        """A word; or, of unspaced text that stands so nowhere, the letter pairs that do: its words in another order."""
        if len(word) < _LEAST_UNSPACED or not _HAN.search(word) or self._matches(word):
            return [word]
        pairs = [first + second for first, second in pairwise(word)]
        known = [pair for pair in pairs if self._matches(pair)]
        return known if len(known) > len(pairs) / 2 else [word]

    def _note(self, word: str, service: int, weight: float) -> None:
        held = self.found[word]
        held[service] = max(weight, held.get(service, 0.0))

    def _weight(self, word: str, having: int) -> float:
        """How telling a word is that ``having`` services have."""
        weight = log(1 + self.services / having) if having else self.rarest * _UNKNOWN
        return weight * (_VERB if word.endswith(self.endings) else 1) if self.endings else weight

    def _matches(self, word: str) -> Mapping[int, float]:
        """The services that have the word, or one of which either is the beginning."""
        best = dict(self.found.get(word, {}))
        for other, closeness in self._near(word):
            for service, weight in self.found[other].items():
                best[service] = max(best.get(service, 0.0), weight * closeness)
        return best

    def _near(self, word: str) -> Iterator[tuple[str, float]]:
        if len(word) > 1 and _UNSPACED.search(word):
            yield from ((text, _WITHIN) for text in self.unspaced if word in text and word != text)
        if len(word) < _LEAST_PREFIX:
            return
        for length in range(max(_LEAST_PREFIX, len(word) - _ENDING), len(word)):
            if (shorter := word[:length]) in self.found:
                yield shorter, length / len(word)
        begin = bisect_left(self.sorted, word)
        for longer in takewhile(lambda one: one.startswith(word), self.sorted[begin : begin + 50]):
            if longer != word and len(longer) - len(word) <= 2 * _ENDING:
                yield longer, (len(word) / len(longer)) ** 0.5


def _words(service: Service) -> Iterator[tuple[str, float]]:
    keywords = [text for texts in service.keywords.values() for text in texts]
    for text in (*service.name.by_language.values(), *keywords):
        yield from ((word, 1.0) for word in spelling.words(text))
    for text in service.purpose.by_language.values():
        for piece in (text[at : at + spelling.LONGEST] for at in range(0, len(text), spelling.LONGEST)):
            yield from ((word, _OF_A_PURPOSE) for word in spelling.words(piece))


def _alike(groups: Iterable[Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """For each word the others of its groups."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for group in groups:
        words = ["".join(spelling.words(one)) for one in group]
        for word in words:
            alike[word] += [other for other in words if other != word]
    return alike
