"""The catalogue's files in the city's profile: the only place here that reads a disk."""

from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

_SHARED = (
    "archetypes", "categories", "departments", "laws", "life_events", "patterns", "questions", "registers", "search",
)


def profile() -> Path:
    """The folder of this city's profile."""
    return Path(settings.MADANG_PROFILE)


def files(folder: Path) -> Mapping[str, str]:
    """The texts of the catalogue's files in the profile ``folder``, by their path in it, in order."""
    shared = (path for name in _SHARED if (path := folder / f"{name}.yaml").is_file())
    services = sorted((folder / "services").rglob("*.yaml"))
    return {path.relative_to(folder).as_posix(): _text(path) for path in (*shared, *services)}


def _text(path: Path) -> str:
    """The file's text; a byte that is not UTF-8 becomes U+FFFD, which the check of texts reports by its line."""
    return path.read_text(encoding="utf-8", errors="replace")
