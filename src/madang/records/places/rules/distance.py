"""What is near, for somebody on foot."""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest
from math import ceil

from madang.kernel.geography import Point
from madang.records.places.contracts import Near, Place


@dataclass(frozen=True, slots=True)
class Walking:
    """How a slow walker gets along: metres in a second, and how much longer streets are than the straight line."""

    metres_per_second: float
    detour: float

    def minutes(self, metres: float) -> int:
        """Whole minutes, rounded up, for ``metres`` of straight line."""
        return ceil(metres * self.detour / self.metres_per_second / 60)


def nearest(places: Iterable[Place], point: Point, walking: Walking, limit: int) -> list[Near]:
    """The ``limit`` nearest places, nearest first; places at one point in the order of their ids."""
    by_distance = ((place.point.metres_to(point), place.id, place) for place in places)
    found = nsmallest(limit, by_distance, key=lambda one: one[:2])
    return [
        Near(place, round(metres), walking.minutes(metres), walking.minutes(metres + place.within_m))
        for metres, _, place in found
    ]


def merged(found: Iterable[Near], limit: int) -> list[Near]:
    """Places of several kinds in one order: the ``limit`` nearest, those of one distance in the order of their ids."""
    return nsmallest(limit, found, key=lambda near: (near.metres, near.place.id))
