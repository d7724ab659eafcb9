"""The door to places. What stands here is public: no permission is asked."""

from collections.abc import Collection, Sequence
from pathlib import Path

from madang.kernel.geography import Point
from madang.kernel.languages import Language
from madang.records.places import store
from madang.records.places.contracts import District, DistrictUnknown, Dong, Near, Place, PlaceKind, Problem
from madang.records.places.rules import distance

MOST = 100
"""Places in one answer, at most."""


def districts() -> Sequence[District]:
    """The city's districts, by code."""
    return store.where().districts


def district(code_or_name: str) -> District:
    """The district with this code or Korean name. Raises DistrictUnknown."""
    for one in districts():
        if code_or_name in {one.code, one.name.into(Language.KO)}:
            return one
    raise DistrictUnknown(district=code_or_name)


def dongs(district_code: str | None = None) -> Sequence[Dong]:
    """The dong of a district, by code, or of the whole city. Raises DistrictUnknown."""
    if district_code is None:
        return store.where().dongs
    code = district(district_code).code
    return [dong for dong in store.where().dongs if dong.district == code]


def nearest(kind: PlaceKind, point: Point, limit: int = 5) -> Sequence[Near]:
    """The nearest places of a kind, nearest first, with metres and a slow walker's minutes."""
    where = store.where()
    of_kind = (place for place in where.places if place.kind == kind)
    return distance.nearest(of_kind, point, where.walking, min(limit, MOST))


def nearest_of(kinds: Collection[str], point: Point, limit: int = 5) -> Sequence[Near]:
    """The nearest places of any of ``kinds``; kinds that are no places (``phone``) are passed over."""
    known = [PlaceKind(kind) for kind in kinds if kind in tuple(PlaceKind)]
    return distance.merged((near for kind in known for near in nearest(kind, point, limit)), limit)


def offline_places(kinds: Collection[str], district_code: str | None = None, limit: int = 5) -> Sequence[Place]:
    """Places of these kinds, in a district when one is given (by code or Korean name), in the order of ``kinds``.

    Kinds that are no places (``phone``) are passed over. Raises DistrictUnknown.
    """
    wanted = list(kinds)
    code = None if district_code is None else district(district_code).code
    found = [place for place in store.where().places if place.kind in wanted and code in {None, place.district}]
    return sorted(found, key=lambda place: wanted.index(place.kind))[: min(limit, MOST)]


def problems(folder: Path) -> Sequence[Problem]:
    """What is wrong with a profile's districts, dong and places, each with file, line and remedy."""
    return store.read(folder)[1]
