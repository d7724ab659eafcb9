"""How this city takes payments, from ``payments.yaml``."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

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
def _told() -> dict[str, Any]:
    file = Path(settings.MADANG_PROFILE) / "payments.yaml"
    told: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return told
