"""What places says to the rooms that ask where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from madang.kernel.errors import Invalid, NotFound
from madang.kernel.geography import Point
from madang.kernel.languages import Language, Text


class PlaceKind(StrEnum):
    """What sort of public place; a service's offline ways name them."""

    COMMUNITY_CENTER = "community_center"
    """주민센터: one in every dong."""
    DISTRICT_OFFICE = "district_office"
    """구청."""
    KIOSK = "kiosk"
    """무인민원발급기: prints documents."""


@dataclass(frozen=True, slots=True)
class District:
    """One of the city's 자치구. ``code`` has five digits."""

    code: str
    name: Text
    centroid: Point
    area_km2: float


@dataclass(frozen=True, slots=True)
class Dong:
    """An administrative dong. ``code`` has ten digits; ``point`` is amid its people, give or take ``within_m``."""

    code: str
    district: str
    """The district's code."""
    name: Text
    """Korean and English: names in roman letters serve the other languages."""
    point: Point
    within_m: int

    @property
    def name_ko(self) -> str:
        """As addresses write it."""
        return self.name.into(Language.KO)


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours on ISO weekdays (1 is Monday), on Seoul's clock; public holidays are closed."""

    days: Sequence[int]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Place:
    """A public place where people are served. ``within_m``: how far off ``point`` may be. ``address`` may be empty."""

    id: str
    kind: PlaceKind
    name: Text
    district: str
    """The district's code."""
    address: str
    point: Point
    within_m: int
    hours: Hours


@dataclass(frozen=True, slots=True)
class Near:
    """A place and how far it is: great-circle metres, and minutes for a slow walker along streets, both estimates.

    ``minutes_most``: the same walk when the place lies as far off its point as ``within_m`` allows.
    """

    place: Place
    metres: int
    minutes: int
    minutes_most: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in the profile's data about places, said so that its author can mend it."""

    file: str
    line: int
    field: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """As a compiler would say it."""
        return f"{self.file}:{self.line}: {self.field}: {self.what}; {self.remedy}"


class ProfileWrong(ValueError):
    """The profile's data about places cannot be used; the message has one problem a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(eq=False)
class DistrictUnknown(NotFound):
    """The city has no such district."""

    district: str

    code = "places.district_unknown"
    message = "There is no district called “{district}”."


@dataclass(eq=False)
class PointWrong(Invalid):
    """The text is not a point on the earth."""

    near: str

    code = "places.point_wrong"
    message = "“{near}” is not a point: give latitude and longitude, for example 37.5665,126.978."
