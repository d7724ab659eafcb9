"""Places from the profile's files: districts.yaml, dong.yaml, places.yaml."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from madang.records.places.contracts import Problem, ProfileWrong
from madang.records.places.rules import profile
from madang.records.places.rules.distance import Walking
from madang.records.places.rules.profile import LINE, Reader, Where

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _WithLines(_Loader):  # type: ignore[misc]  # the C loader when there is one; both have the same methods
    """A safe loader whose mappings know on which line they begin."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 -- the library's signature
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        found[LINE] = node.start_mark.line + 1
        return found


@cache
def where() -> Where:
    """Everything that the profile of this city says about places. Raises ProfileWrong with every mistake."""
    found, problems = read(settings.MADANG_PROFILE)
    if problems:
        raise ProfileWrong(problems)
    return found


def read(folder: Path) -> tuple[Where, list[Problem]]:
    """What a profile's folder says, and what is wrong with it."""
    readers = [Reader(str(folder / name)) for name in ("districts.yaml", "dong.yaml", "places.yaml")]
    data = [_load(reader) for reader in readers]
    districts = profile.districts(data[0], readers[0])
    dongs = profile.dongs(data[1], districts, readers[1])
    places = profile.places(data[2], dongs, readers[2])
    walking: Walking = profile.walking(data[2], readers[2])
    problems = [problem for reader in readers for problem in reader.problems]
    return Where(districts, dongs, places, walking), problems


def _load(reader: Reader) -> Any:
    try:
        return yaml.load(Path(reader.file).read_text(encoding="utf-8"), Loader=_WithLines)  # noqa: S506 -- a safe loader
    except OSError as wrong:
        reader.report(1, "file", f"cannot be read: {wrong.strerror}", "put it there")
    except UnicodeDecodeError:
        reader.report(1, "file", "is not UTF-8", "save it as UTF-8")
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 1
        reader.report(line, "file", f"is not YAML: {wrong.problem}", "mend the line")
    return None
