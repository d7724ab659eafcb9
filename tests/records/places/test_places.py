"""Districts, dong and public places: complete, findable, and wrong data said with its line."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from madang.kernel.geography import Point
from madang.kernel.languages import Language
from madang.records.places import facade
from madang.records.places.contracts import DistrictUnknown, PlaceKind
from madang.records.places.rules.distance import Walking

CITY_HALL = Point(37.5665, 126.978)
IN_SEOUL = st.builds(Point, st.floats(37.42, 37.70), st.floats(126.77, 127.18))


def test_the_city_is_whole():
    districts, dongs = facade.districts(), facade.dongs()
    assert len(districts) == 25
    assert len(dongs) == 425
    assert sum(district.area_km2 for district in districts) == pytest.approx(605.2, abs=0.3)
    assert all(len(district.name.by_language) == len(Language) for district in districts)
    assert {dong.district for dong in dongs} == {district.code for district in districts}
    assert sum(len(facade.dongs(district.code)) for district in districts) == 425


def test_every_dong_lies_by_its_district():
    for dong in facade.dongs():
        centre = facade.district(dong.district).centroid
        assert centre.metres_to(dong.point) < 9_000, dong.name_ko


def test_every_dong_has_a_centre_and_every_district_an_office_and_a_kiosk():
    kinds = {kind: facade.offline_places([kind], None, 1000) for kind in PlaceKind}
    assert len(facade.offline_places(["district_office"], None, 100)) == 25
    assert len(kinds[PlaceKind.KIOSK]) == 25
    jongno = facade.offline_places(["phone", "district_office", "community_center"], "종로구", 100)
    assert jongno[0].name.into(Language.KO) == "종로구청"
    assert len(jongno) == 1 + 17
    assert {place.district for place in jongno} == {"11110"}


@given(IN_SEOUL, st.integers(1, 20))
def test_nearest_is_nearest(point, limit):
    found = facade.nearest(PlaceKind.COMMUNITY_CENTER, point, limit)
    assert len(found) == limit
    assert [near.metres for near in found] == sorted(near.metres for near in found)
    every = facade.nearest(PlaceKind.COMMUNITY_CENTER, point, 100)
    assert every[:limit] == found


def test_a_slow_walker_gets_fifteen_minutes_far():
    # 0.8 m/s for 15 minutes are 720 m of street, 554 m as the crow flies.
    walking = Walking(0.8, 1.3)
    assert walking.minutes(553) == 15
    assert walking.minutes(555) == 16
    assert walking.minutes(0) == 0


def test_the_nearest_office_to_city_hall_is_next_door():
    [near] = facade.nearest(PlaceKind.DISTRICT_OFFICE, CITY_HALL, 1)
    assert near.place.district in {"11110", "11140"}
    assert near.metres < 2_000


def test_an_unknown_district_is_said():
    with pytest.raises(DistrictUnknown, match="Gotham"):
        facade.offline_places(["kiosk"], "Gotham")


@pytest.fixture
def copied(tmp_path) -> Path:
    for name in ("districts.yaml", "dong.yaml", "places.yaml"):
        shutil.copy(settings.MADANG_PROFILE / name, tmp_path / name)
    return tmp_path


def _spoil(folder: Path, name: str, old: str, new: str) -> int:
    """Replace the first ``old``; the line that it is on."""
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(("name", "old", "new", "field"), [
    ("dong.yaml", 'code: "1111054000"', 'code: "1111053000"', "code"),
    ("dong.yaml", 'code: "1111054000"', 'code: "9911054000"', "code"),
    ("dong.yaml", "at: [37.5884, 126.9812]", "at: [137.5884, 126.9812]", "at"),
    ("dong.yaml", "ko: 삼청동", "kr: 삼청동", "row"),
    ("dong.yaml", "at: [37.5884, 126.9812], by: legal", "at: [37.5884, 126.9812], by: guess", "by"),
    ("places.yaml", "within_m: 300", "within_m: far", "within_m"),
    ("places.yaml", 'opens: "09:00"', 'opens: "25:00"', "opens"),
    ("places.yaml", "hours: office}", "hours: night}", "hours"),
    ("districts.yaml", "area_km2: 23.91", "area_km2: -1", "area_km2"),
])
def test_a_mistake_is_said_with_its_line(copied, name, old, new, field):
    line = _spoil(copied, name, old, new)
    found = facade.problems(copied)
    said = [problem for problem in found if problem.file.endswith(name) and field in problem.field]
    # A mapping begins on its own line or, in districts.yaml, up to three above the field.
    assert any(line - 3 <= problem.line <= line for problem in said), [str(problem) for problem in found]


def test_a_file_that_is_missing_or_no_yaml_or_no_text_is_said(copied):
    (copied / "dong.yaml").unlink()
    (copied / "places.yaml").write_text("hours: {office: [", encoding="utf-8")
    (copied / "districts.yaml").write_bytes("name: 서울".encode("utf-16"))
    told = "\n".join(str(problem) for problem in facade.problems(copied))
    assert "cannot be read" in told
    assert "is not YAML" in told
    assert "is not UTF-8" in told


def test_the_profile_of_seoul_has_no_mistake():
    assert facade.problems(settings.MADANG_PROFILE) == []
