"""Residents who apply one after another, whatever happens to the city, and who remember what they were promised."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from madang.entrypoints.launch import Launched
from tests.city import madang, signed_in

EXTRACT = {"service": "resident-register-extract", "answers": {"purpose": "finance"}, "submit": True, "language": "en"}
WHO = ("resident1", "resident3", "resident4", "resident6")
"""Demonstration residents whose extract a machine approves; the fifth's goes to an officer."""

_PAUSE_SECONDS = 0.9
_CREATED = 201
_ASK_AGAIN = frozenset({409, 429, 500, 502, 503, 504})


class NeverAnsweredError(AssertionError):
    """Something did not come about in the time that it was given."""


@dataclass
class Applicants:
    """Several residents; ``acknowledged`` is by resident the numbers of the requests that the city said it has."""

    clients: dict[str, httpx.Client]
    acknowledged: dict[str, list[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    tries: int = 0

    def apply(self, who: str, patience: float = 180.0) -> str:
        """Send one request until it is acknowledged, each time under the same key; its number."""
        key, until = str(uuid4()), time.monotonic() + patience
        while time.monotonic() < until:
            answer = self._sent(who, key)
            if answer is not None and answer.status_code == _CREATED:
                number = str(answer.json()["number"])
                self.acknowledged.setdefault(who, []).append(number)
                return number
            if answer is not None and answer.status_code not in _ASK_AGAIN:
                self.refused.append(f"{answer.status_code} {answer.text}")
                raise NeverAnsweredError(self.refused[-1])
            time.sleep(0.3)
        raise NeverAnsweredError(f"no acknowledgement within {patience:.0f} s")

    def _sent(self, who: str, key: str) -> httpx.Response | None:
        self.tries += 1
        try:
            return self.clients[who].post("/api/v1/cases", json=EXTRACT, headers={"idempotency-key": key}, timeout=10)
        except httpx.TransportError:
            return None

    def case(self, who: str, number: str) -> dict[str, Any]:
        """The case as the resident sees it; empty while nobody answers."""
        try:
            answer = self.clients[who].get(f"/api/v1/cases/{number}", timeout=10)
        except httpx.TransportError:
            return {}
        return answer.json() if answer.is_success else {}

    def await_standing(self, who: str, number: str, standing: str, patience: float = 90.0) -> dict[str, Any]:
        """Look until the case stands so; the case."""
        seen: dict[str, Any] = {}

        def stands() -> bool:
            seen.update(self.case(who, number))
            return seen.get("standing") == standing

        until(stands, patience, lambda: f"{number} is {seen.get('standing')}, not {standing}")
        return seen


@contextmanager
def applying(applicants: Applicants) -> Iterator[None]:
    """All residents apply, a few requests a second together, while the block runs and until each has its answer."""
    stop = threading.Event()
    failures: list[BaseException] = []

    def live(who: str) -> None:
        try:
            while not stop.wait(_PAUSE_SECONDS):
                applicants.apply(who)
        except Exception as failure:  # noqa: BLE001 -- told to the test when the thread ends
            failures.append(failure)

    threads = [threading.Thread(target=live, args=(who,), daemon=True) for who in applicants.clients]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(120)
    assert not failures, failures


def applicants_of(city: Launched, who: Sequence[str] = WHO) -> Applicants:
    """The residents, signed in."""
    return Applicants({one: signed_in(city, one) for one in who})


def require_all_kept(applicants: Applicants, patience: float = 120.0) -> int:
    """Every acknowledged request ends completed, with one certificate, and none was made twice; how many there are."""
    assert not applicants.refused, applicants.refused
    for who, numbers in applicants.acknowledged.items():
        assert len(set(numbers)) == len(numbers), "two keys, one case"
        for number in numbers:
            applicants.await_standing(who, number, "completed", patience)
        documents = [one["number"] for one in pages(applicants.clients[who], "/api/v1/documents")]
        wrong = {number: documents.count(number) for number in numbers if documents.count(number) != 1}
        assert not wrong, f"certificates by case: {wrong}"
        cases = {one["number"] for one in pages(applicants.clients[who], "/api/v1/cases") if one["submitted"]}
        assert cases >= set(numbers)
    return sum(map(len, applicants.acknowledged.values()))


def count_of_cases(applicants: Applicants) -> int:
    """How many requests the city holds of all residents together."""
    return sum(
        1 for client in applicants.clients.values() for one in pages(client, "/api/v1/cases") if one["submitted"]
    )


def require_clean_books(city: Launched) -> None:
    """No dead letters; the audit's chain is whole; the lake has every event once."""
    dead = madang(city, "events", "dead", "--json")
    assert dead.returncode == 0, dead.stdout + dead.stderr
    audit = madang(city, "check", "audit", "--json")
    assert audit.returncode == 0, audit.stdout + audit.stderr
    lake = ""

    def is_whole() -> bool:
        nonlocal lake
        looked = madang(city, "check", "lake", "--json")
        lake = looked.stdout + looked.stderr
        return looked.returncode == 0 and '"twice": 0' in lake and '"behind": 0' in lake

    until(is_whole, 60.0, lambda: f"the lake did not catch up: {lake}")


def pages(client: httpx.Client, path: str) -> Iterator[dict[str, Any]]:
    """Every item of a list, page after page."""
    after = ""
    while True:
        page = client.get(path, params={"limit": 100} | ({"after": after} if after else {})).raise_for_status().json()
        yield from page["items"]
        after = page["next"]
        if not after:
            return


def until(comes: Callable[[], bool], patience: float, otherwise: Callable[[], str]) -> float:
    """Wait for something; the seconds that it took. Raises NeverAnsweredError with ``otherwise``."""
    began = time.monotonic()
    while not comes():
        if time.monotonic() - began > patience:
            raise NeverAnsweredError(f"{otherwise()} after {patience:.0f} s")
        time.sleep(0.25)
    return time.monotonic() - began
