"""Places over HTTP: open data, so nobody has to sign in."""

from collections.abc import Sequence
from datetime import time
from typing import Annotated, Final

from pydantic import Field

from madang.commons.gateway import http_api
from madang.commons.gateway.http_api import OPEN, CityRequest, Query, Schema
from madang.kernel.geography import Point
from madang.records.places import facade
from madang.records.places.contracts import Near, Place, PlaceKind, PointWrong

router = http_api.router("places")

_POINT: Final = r"^-?([0-8]?[0-9](\.[0-9]{1,9})?|90),-?((1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]{1,9})?|180)$"
"""Degrees that are on the earth, so that the API's document says all that there is to check."""


class PointOut(Schema):
    """WGS 84 degrees; the true place lies within so many metres."""

    latitude: float
    longitude: float
    within_m: int


class HoursOut(Schema):
    """Opening hours on Seoul's clock; 1 is Monday. Closed on public holidays."""

    days: list[int]
    opens: time
    closes: time


class PlaceOut(Schema):
    """A public place. ``metres`` and a slow walker's ``minutes`` are there when ``near`` was given."""

    id: str
    kind: PlaceKind
    name: str
    district: str
    district_name: str
    address: str
    point: PointOut
    hours: HoursOut
    metres: int | None
    minutes: int | None


class PlacesOut(Schema):
    """Places, the nearest first when ``near`` was given."""

    items: list[PlaceOut]


class DistrictOut(Schema):
    """A district."""

    code: str
    name: str
    area_km2: float
    latitude: float
    longitude: float


class DistrictsOut(Schema):
    """Districts, by code."""

    items: list[DistrictOut]


class Asked(Schema):
    """What is looked for."""

    kind: PlaceKind
    near: Annotated[str, Field(pattern=_POINT, description="`latitude,longitude`: `37.5665,126.978`.")] | None = None
    district: Annotated[str | None, Field(max_length=40, description="A district's code or Korean name.")] = None
    limit: Annotated[int, Field(ge=1, le=facade.MOST)] = 5


@router.get("/places", response=PlacesOut, auth=OPEN)
def places(request: CityRequest, asked: Query[Asked]) -> dict[str, object]:
    """Public places of a kind: the nearest to a point, or those of a district."""
    if asked.near is not None:
        found: Sequence[Near] = facade.nearest(asked.kind, _point(asked.near), asked.limit)
        return {"items": [_out(request, near.place, near) for near in found]}
    listed = facade.offline_places([asked.kind], asked.district, asked.limit)
    return {"items": [_out(request, place, None) for place in listed]}


@router.get("/districts", response=DistrictsOut, auth=OPEN)
def districts(request: CityRequest) -> dict[str, object]:
    """The city's districts."""
    return {
        "items": [
            DistrictOut(
                code=one.code, name=one.name.into(request.language), area_km2=one.area_km2,
                latitude=one.centroid.latitude, longitude=one.centroid.longitude,
            )
            for one in facade.districts()
        ],
    }


def _point(text: str) -> Point:
    latitude, _, longitude = text.partition(",")
    try:
        return Point(float(latitude), float(longitude))
    except ValueError:
        raise PointWrong(near=text) from None


def _out(request: CityRequest, place: Place, near: Near | None) -> PlaceOut:
    return PlaceOut(
        id=place.id, kind=place.kind, name=place.name.into(request.language), district=place.district,
        district_name=facade.district(place.district).name.into(request.language), address=place.address,
        point=PointOut(latitude=place.point.latitude, longitude=place.point.longitude, within_m=place.within_m),
        hours=HoursOut(days=list(place.hours.days), opens=place.hours.opens, closes=place.hours.closes),
        metres=near.metres if near else None, minutes=near.minutes if near else None,
    )
