"""The catalogue's files in the city's profile: the only place here that reads a disk."""

from collections.abc import Mapping
from pathlib import Path

import yaml
from django.conf import settings

from madang.kernel.languages import Language, Text

_SHARED = (
    "archetypes", "categories", "departments", "laws", "life_events", "patterns", "questions", "registers", "search",
)


def profile() -> Path:
    """The folder of this city's profile."""
    return Path(settings.MADANG_PROFILE)


def city_name(folder: Path) -> Text:
    """What the city of the profile ``folder`` is called."""
    told = yaml.safe_load(_text(folder / "city.yaml"))["name"]
    return Text({Language(code): str(name) for code, name in told.items()})


def address() -> str:
    """Where the city is reached, without a slash at the end."""
    return str(settings.MADANG_PUBLIC_URL)


def files(folder: Path) -> Mapping[str, str]:
    """The texts of the catalogue's files in the profile ``folder``, by their path in it, in order."""
    shared = (path for name in _SHARED if (path := folder / f"{name}.yaml").is_file())
    services = sorted((folder / "services").rglob("*.yaml"))
    return {path.relative_to(folder).as_posix(): _text(path) for path in (*shared, *services)}


def _text(path: Path) -> str:
    """The file's text; a byte that is not UTF-8 becomes U+FFFD, which the check of texts reports by its line."""
    return path.read_text(encoding="utf-8", errors="replace")
