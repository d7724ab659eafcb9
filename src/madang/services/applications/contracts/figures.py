"""What the owner of a service may know of its requests: counts and times, and nothing of anybody."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from madang.records.catalogue.contracts import ServiceId


@dataclass(frozen=True, slots=True)
class ServiceMonth:
    """What became, by now, of a service's requests that were begun in a month (its first day, on Seoul's calendar)."""

    service: ServiceId
    month: date
    begun: int
    sent: int
    done: int
    """Ended online in what they were asked for."""
    by_machine: int
    """Of ``done``, those that no person had to look at."""
    handed_over: int
    refused: int
    taken_back: int
    unpaid: int
    """Sent, and the fee not paid yet."""
    median_minutes: float | None
    """From sending to the decision; None while nothing is decided."""


@dataclass(frozen=True, slots=True)
class LeftDrafts:
    """Drafts of a service that nobody went on with, by the questions that were answered in them (names, no answers)."""

    service: ServiceId
    answered: Collection[str]
    drafts: int
