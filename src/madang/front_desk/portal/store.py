"""What the city's profile says about the owner's page."""

from functools import cache

import msgspec
from django.conf import settings


class Telling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``owner_figures.yaml``: the smallest count that is told, and how many months are shown."""

    source: str
    year: int
    smallest_told: int
    months: int


@cache
def telling() -> Telling:
    """As the profile says, read once. Raises msgspec.ValidationError."""
    file = settings.MADANG_PROFILE / "owner_figures.yaml"
    return msgspec.yaml.decode(file.read_bytes(), type=Telling)
