"""How long the city keeps its archive, and how it is kept: ``lake.yaml`` of the profile."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Keeping:
    """How the archive is kept."""

    keep: timedelta
    snapshots: timedelta
    """How far back the archive can be read as it was."""
    tend_every: timedelta
    rows_per_file: int
    join_at_least: int


@cache
def keeping(folder: Path) -> Keeping:
    """The profile's rules. Raises ValueError that names the file and what it lacks."""
    raw = yaml.safe_load((folder / "lake.yaml").read_text(encoding="utf-8"))
    try:
        return Keeping(
            keep=timedelta(days=raw["keep_days"]),
            snapshots=timedelta(minutes=raw["snapshots_minutes"]),
            tend_every=timedelta(minutes=raw["tend_every_minutes"]),
            rows_per_file=int(raw["rows_per_file"]),
            join_at_least=int(raw["join_at_least"]),
        )
    except (KeyError, TypeError) as wrong:
        message = f"lake.yaml: {wrong} is missing or not a number; compare with profiles/seoul/lake.yaml"
        raise ValueError(message) from wrong
