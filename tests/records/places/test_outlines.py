"""Our points against outlines that others published; nothing of them is in the house. Skips when they are not here."""

import json
import os
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

import pytest

from madang.kernel.geography import Point
from madang.records.places import facade

SHARED = Path(os.environ.get("MADANG_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
OUTLINES = SHARED / "seoul" / "boundaries" / "seoul_hangjeongdong_2021.geojson"

pytestmark = pytest.mark.skipif(not OUTLINES.exists(), reason=f"no outlines at {OUTLINES}: set MADANG_SHARED_DATA")


def _centre(ring: list[list[float]]) -> tuple[float, Point]:
    """A ring's doubled area (in square degrees) and centroid, by the shoelace formula."""
    area = east = north = 0.0
    for (x, y), (u, v) in pairwise(ring):
        cross = x * v - u * y
        area, east, north = area + cross, east + (x + u) * cross, north + (y + v) * cross
    return abs(area), Point(north / (3 * area), east / (3 * area))


@pytest.fixture(scope="module")
def outlines() -> dict[str, tuple[str, Point]]:
    features = json.loads(OUTLINES.read_text(encoding="utf-8"))["features"]
    found = {}
    for feature in features:
        largest = max((_centre(part[0]) for part in feature["geometry"]["coordinates"]), key=lambda one: one[0])
        said = feature["properties"]
        found[said["adm_cd2"]] = (said["adm_nm"].split(" ", 2)[2], largest[1])
    return found


def test_names_and_codes_are_the_official_ones(outlines):
    assert {dong.code: dong.name_ko for dong in facade.dongs()} == {code: name for code, (name, _) in outlines.items()}


def test_points_lie_where_their_dong_is(outlines):
    metres = [dong.point.metres_to(outlines[dong.code][1]) for dong in facade.dongs()]
    assert median(metres) < 250
    assert quantiles(metres, n=10)[-1] < 600
    assert max(metres) < 2_500
