"""The synthetic residents of a demonstration: nobody in them exists."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from madang.commons.db.transactions import transaction
from madang.kernel import clock
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language
from madang.records.places import facade as places
from madang.records.registers.contracts import DemoResident, Population, Register
from madang.records.registers.rules import people as rules
from madang.records.registers.rules.columns import Integers
from madang.records.registers.rules.entries import Dong, entries
from madang.records.registers.rules.ids import resident_id, resident_ids
from madang.records.registers.store import population as store
from madang.records.registers.store import profile

DEFAULT_RESIDENTS: Final = 100_000
_DEMO_SEED: Final = 0
Report = Callable[[int, int], None]
"""Told after each chunk: residents so far, entries so far."""


def make(residents: int = DEFAULT_RESIDENTS, seed: int = 1, report: Report | None = None) -> Population:
    """Replace everybody by ``residents`` synthetic ones: all of them or, when it fails or is stopped, none.

    The same seed makes the same people; fewer people are the first of more. The demonstration's residents are
    always among them. Memory stays that of one chunk.
    """
    began = time.monotonic()
    with transaction():
        store.empty()
        rows = _add_demonstration()
        first = len(profile.shares().demo)
        for chunk, start in enumerate(range(first, residents, rules.CHUNK)):
            rows += _add_chunk(seed, chunk, start, min(rules.CHUNK, residents - start))
            if report:
                report(min(start + rules.CHUNK, residents), rows)
        made = Population(max(residents, first), seed, rows, time.monotonic() - began, clock.now())
        store.note(made)
    store.analyse()
    return made


def made() -> Population | None:
    """What the registers hold now, or None when nothing was made yet."""
    return store.made()


def some_residents(first: int, count: int, seed: int = 1) -> Sequence[ResidentId]:
    """``count`` of the synthetic residents that ``make`` makes with ``seed``, from the ``first`` one on."""
    return [resident_id(seed, number) for number in range(first, first + count)]


def demo_residents() -> Sequence[DemoResident]:
    """The residents of every demonstration, by ``key``: the same ids whatever the seed and the number."""
    return [
        DemoResident(
            key, resident_id(_DEMO_SEED, number), said.residents["name_ko"], said.residents["name_en"],
            said.language, said.story, said.signs_in,
        )
        for number, (key, said) in enumerate(profile.shares().demo.items())
    ]


def _add_demonstration() -> int:
    rows = 0
    for number, said in enumerate(profile.shares().demo.values()):
        for register in Register:
            if (entry := said.entry(register)) is not None:
                entry = entry | {"household": said.household} if register is Register.HOUSEHOLDS else entry
                store.add_one(register, resident_id(_DEMO_SEED, number), entry)
                rows += 1
    return rows


def _add_chunk(seed: int, chunk: int, start: int, size: int) -> int:
    shares, dongs = profile.shares(), _dongs()
    chance = rules.chunk_generator(seed, chunk)
    people = rules.draw_people(shares, _by_district(dongs), chance)
    ids = resident_ids(seed, np.arange(start, start + size, dtype=np.uint64))
    return sum(store.add(table.first(size), ids) for table in entries(shares, dongs, people, start, chance))


def _dongs() -> list[Dong]:
    districts = {district.code: district.name.into(Language.KO) for district in places.districts()}
    return [Dong(dong.district, districts[dong.district], dong.name_ko) for dong in places.dongs()]


def _by_district(dongs: Sequence[Dong]) -> dict[str, Integers]:
    places_of = defaultdict[str, list[int]](list)
    for place, dong in enumerate(dongs):
        places_of[dong.district_code].append(place)
    return {code: np.array(found) for code, found in places_of.items()}
