"""How this city takes payments, from ``payments.yaml``, and what lateness costs, from ``arrears.yaml``."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from madang.kernel.money import Won
from madang.services.payments.contracts import DebtKind
from madang.services.payments.rules.arrears import Terms
from madang.services.payments.rules.patience import Patience


@cache
def patience() -> Patience:
    """How the city waits for a provider."""
    told = _told()
    return Patience(
        checkout=timedelta(minutes=told["checkout_minutes"]), notice=timedelta(minutes=told["notice_minutes"]),
        ask_again=[timedelta(seconds=seconds) for seconds in told["ask_again_seconds"]],
        give_up=timedelta(hours=told["give_up_hours"]),
    )


def provider() -> str:
    """The provider with which new payments begin."""
    return str(_told()["provider"])


@cache
def terms(kind: DebtKind) -> Terms:
    """What the law adds to a late bill of this kind."""
    said, step = _file("arrears.yaml")["kinds"][kind], _file("arrears.yaml")["step"]
    return Terms(
        said["source"], said["at_once"], said["monthly"], said["months"], Won(said["monthly_from"]), step
    )


def reminders() -> Sequence[int]:
    """On which days a resident is reminded, counted from the last day for paying."""
    days: Sequence[int] = _file("arrears.yaml")["reminders"]
    return days


def _told() -> dict[str, Any]:
    return _file("payments.yaml")


@cache
def _file(name: str) -> dict[str, Any]:
    file = Path(settings.MADANG_PROFILE) / name
    told: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return told
