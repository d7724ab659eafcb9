"""The city's list of systems from the profile, and the shares of past months from PostgreSQL."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from django.conf import settings

from madang.stewardship.platform_register import rules
from madang.stewardship.platform_register.contracts import City, SystemsWrong
from madang.stewardship.platform_register.models import ShareRow


@cache
def city() -> City:
    """The profile's ``systems.yaml``, read once a process. Raises SystemsWrong with the file's name."""
    file = Path(settings.MADANG_PROFILE) / "systems.yaml"
    try:
        return rules.city_from(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (SystemsWrong, yaml.YAMLError, OSError) as wrong:
        message = f"{file}: {wrong}"
        raise SystemsWrong(message) from wrong


def snapshots(limit: int = 60) -> Sequence[tuple[date, float]]:
    """Shares by month, oldest first, the last ``limit``."""
    rows = ShareRow.objects.order_by("-month")[:limit]
    return [(row.month, row.complying / row.systems if row.systems else 0.0) for row in reversed(rows)]


def note_share(month: date, complying: int, systems: int) -> None:
    """Keep a month's share; noted before, it is renewed."""
    ShareRow.objects.update_or_create(month=month, defaults={"complying": complying, "systems": systems})
