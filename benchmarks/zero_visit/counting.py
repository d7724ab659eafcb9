"""What the bench assumes, counts while it runs, and finds in the database when all is done."""

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import msgspec
import psycopg

_PATIENCE_SECONDS = 60.0
_ENDED = ("completed", "with_officer", "refused")


class Assumed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``assumptions.yaml``."""

    rates: dict[str, float]
    can_use_an_app: float
    have_a_mobile_id: float
    register_down_seconds: float

    @classmethod
    def read(cls) -> Self:
        """As the file says. Raises msgspec.ValidationError."""
        return msgspec.yaml.decode((Path(__file__).parent / "assumptions.yaml").read_bytes(), type=cls)

    def told(self) -> dict[str, float]:
        """What was taken as given about people."""
        return {"can_use_an_app": self.can_use_an_app, "have_a_mobile_id": self.have_a_mobile_id}

    def share_needed(self, most: float) -> float:
        """Which share must have a mobile ID so that no more than ``most`` (0 to 1) go to a counter, all else given."""
        rests_on_it = self.rates["identity_fails"] * (1 - self.can_use_an_app) + self.rates["in_person_demanded"]
        return round(max(0.0, 1 - most / rests_on_it), 2)


@dataclass(slots=True)
class Counted:
    """What happened to applications as they were made."""

    begun: int = 0
    acknowledged: list[str] = field(default_factory=list)
    """Numbers of the requests that the city took."""
    struck: Counter[str] = field(default_factory=Counter)
    solved: Counter[str] = field(default_factory=Counter)
    gave_up: Counter[str] = field(default_factory=Counter)
    """By fault; ``of_the_platform`` are first tries that it did not take though no fault was meant for them."""
    refused: Counter[str] = field(default_factory=Counter)
    """What programs were told instead of a number, each time."""
    tries_again: int = 0
    before: int = 0
    """Cases that the city had before."""


def in_the_end(instance: Path, counted: Counted, services: tuple[str, ...]) -> dict[str, Any]:
    """Wait until nothing moves any more, and count what is lost and what there is twice."""
    url = json.loads((instance / "run" / "addresses.json").read_text(encoding="utf-8"))["database_url"]
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        while (standings := _standings(connection, counted)) and time.monotonic() < deadline:
            if sum(standings[one] for one in _ENDED) >= len(counted.acknowledged):
                break
            time.sleep(0.5)
        cases = submitted(connection, services) - counted.before
        twice = 'SELECT count(*) FROM (SELECT 1 FROM certificates_certificate GROUP BY "case" HAVING count(*) > 1) t'
        documents = _one(connection, twice)
        waited = _one(connection, "SELECT count(*) FROM applications_case WHERE history::text LIKE '%waiting_for_reg%'")
    return {
        "lost": len(counted.acknowledged) - sum(standings[one] for one in _ENDED),
        "duplicated": documents + cases - len(set(counted.acknowledged)),
        "outcomes": dict(standings),
        "waited_for_the_register": waited,
    }


def submitted(connection: psycopg.Connection[Any], services: tuple[str, ...]) -> int:
    """How many requests were sent for these services."""
    question = "SELECT count(*) FROM applications_case WHERE submitted IS NOT NULL AND service = ANY(%s)"
    return _one(connection, question, list(services))


def _standings(connection: psycopg.Connection[Any], counted: Counted) -> Counter[str]:
    question = "SELECT standing, count(*) FROM applications_case WHERE number = ANY(%s) GROUP BY standing"
    return Counter(dict(connection.execute(question, [counted.acknowledged]).fetchall()))


def _one(connection: psycopg.Connection[Any], question: str, *values: object) -> int:
    row = connection.execute(question, values or None).fetchone()
    return int(row[0]) if row else 0
