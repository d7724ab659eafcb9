"""What this city offers to book, and by which rules, from ``bookings.yaml``."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import holidays
import msgspec
import yaml
from django.conf import settings

from madang.records.catalogue.contracts import Service
from madang.services.bookings.rules.layout import Offer, Patience


def offer(service: Service) -> Offer | None:
    """What a service offers: its pattern's offer with the service's own words above it; None when nothing."""
    told = _told()
    usual, own = told["patterns"].get(service.pattern), told["services"].get(service.id)
    if usual is None and own is None:
        return None
    return _offer((usual or {}) | (own or {}))


@cache
def patience() -> Patience:
    """How this city waits, and what follows from not coming."""
    told = _told()["rules"]
    return Patience(
        hold=timedelta(minutes=told["hold_minutes"]), offer=timedelta(hours=told["offer_hours"]),
        missed=told["missed"], within=timedelta(days=told["within_days"]), barred=timedelta(days=told["barred_days"]),
        kept=timedelta(days=told["kept_days"]),
    )


@cache
def holidays_of(year: int) -> frozenset[date]:
    """The public holidays of a year and the next, substitute holidays included."""
    return frozenset(holidays.country_holidays(_told()["country"], years=(year, year + 1)))


def _offer(told: Mapping[str, Any]) -> Offer:
    return msgspec.convert({**told, "begins": [time.fromisoformat(one) for one in told["begins"]]}, Offer)


@cache
def _told() -> dict[str, Any]:
    file = Path(settings.MADANG_PROFILE) / "bookings.yaml"
    told: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return told
