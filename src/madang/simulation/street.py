"""A street that plays detectors and controllers from outside: it sends counts every minute and takes plans up.

Arrivals follow the hour; each approach is a queue that leaves in its green (a point queue: no spill-back, no platoons).
A few detectors are silent or stuck from the start, so that their pages have something to show. Nothing here is real.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, pi
from typing import Any

import httpx
import numpy as np

from madang.kernel import clock
from madang.streets.traffic_signals.contracts import Detector, Network, Place

MINUTE = 60.0
PAST_MINUTES = 12
"""Minutes of the past that are sent at the start, so that the first run has something to go by."""
FLOW_A_LANE = 260.0
"""Vehicles an hour and lane in the busiest hour."""
SATURATION = 1_800.0
FAULTY = 0.02
VEHICLE_METRES = 6.0


@dataclass(frozen=True, slots=True)
class Door:
    """How the city is reached."""

    url: str
    key: str


class Street:
    """Queues on every approach, and the detectors on them."""

    def __init__(self, network: Network, seed: int = 1) -> None:
        self._network, self._chance = network, np.random.default_rng(seed)
        self._links = [link for link in network.links.values() if link.end is not None]
        self._rows = {link.id: row for row, link in enumerate(self._links)}
        self._busy = self._chance.uniform(0.5, 1.1, len(self._links))
        self._lanes = np.array([link.lanes for link in self._links], float)
        self._green = np.full(len(self._links), 0.35)
        self._queue = np.zeros(len(self._links))
        self._detectors = [one for one in network.detectors.values() if one.link in self._rows]
        fate = self._chance.random(len(self._detectors))
        self._silent, self._stuck = fate < FAULTY / 2, (fate >= FAULTY / 2) & (fate < FAULTY)

    def take_up(self, plans: Sequence[Mapping[str, Any]]) -> None:
        """Let each approach have the share of green that its plan gives it."""
        for plan in plans:
            at = self._network.intersections.get(plan["intersection"])
            greens = {each["stage"]: each["green"] for each in plan["stages"]}
            if at is None:
                continue
            for movement in at.movements:
                served = sum(greens.get(stage.id, 0) for stage in at.stages if movement.id in stage.green)
                if movement.entry in self._rows and movement.turn == "through":
                    self._green[self._rows[movement.entry]] = max(0.05, served / max(plan["cycle"], 1))

    def minute(self, at: datetime) -> dict[str, dict[str, list[Any]]]:
        """What the detectors of each area counted in the minute from ``at`` on."""
        came = self._chance.poisson(self._busy * self._lanes * FLOW_A_LANE * level(at) / MINUTE)
        room = self._lanes * SATURATION * self._green / MINUTE
        left = np.minimum(self._queue + came, room)
        self._queue = np.minimum(self._queue + came - left, 40 * self._lanes)
        found: dict[str, dict[str, list[Any]]] = {}
        for row, one in enumerate(self._detectors):
            counted, covered = (-1.0, -1.0) if self._silent[row] else (4.0, 0.4) if self._stuck[row] else (
                self._seen(one, came, left))
            batch = found.setdefault(self._area(one), {"detectors": [], "vehicles": [], "occupancy": []})
            batch["detectors"].append(one.id)
            batch["vehicles"].append(counted)
            batch["occupancy"].append(round(covered, 3))
        return found

    def _seen(self, one: Detector, came: Any, left: Any) -> tuple[float, float]:
        row, link = self._rows[one.link], self._links[self._rows[one.link]]
        share = len(one.lanes) / link.lanes if one.lanes else 1.0
        passing = left if one.place is Place.STOP_LINE else came
        counted = float(self._chance.binomial(int(passing[row]), min(1.0, share)))
        standing = self._queue[row] / link.lanes * VEHICLE_METRES > one.distance
        flowing = counted * VEHICLE_METRES / max(link.speed, 1.0) / MINUTE / max(len(one.lanes), 1)
        return counted, min(1.0, flowing + (0.5 if standing else 0.0))

    def _area(self, one: Detector) -> str:
        end = self._links[self._rows[one.link]].end
        return self._network.intersections[end].area if end is not None else ""


def level(at: datetime) -> float:
    """The hour's share of the busiest: peaks at eight and at eighteen o'clock in Seoul."""
    local = clock.in_seoul(at)
    hour = local.hour + local.minute / 60
    return 0.25 + 0.75 * max(0.0, 0.6 + 0.4 * cos((hour - 8) * 2 * pi / 10)) * (0.3 if hour < 6 else 1.0)  # noqa: PLR2004 -- night


def play(network: Network, door: Door, stop: threading.Event, now: Callable[[], datetime] = clock.now) -> None:
    """Send counts every minute and take plans up, until told to stop; what is not answered is tried again."""
    street, tags = Street(network), dict[str, str]()
    minute = now().replace(second=0, microsecond=0) - timedelta(minutes=PAST_MINUTES)
    key = {"X-Api-Key": door.key}
    with httpx.Client(base_url=door.url, verify=False, timeout=20, headers=key) as city:  # noqa: S501 -- our own gateway on loopback
        while not stop.is_set():
            if now() < minute + timedelta(minutes=1):
                stop.wait(1.0)
                continue
            counted = street.minute(minute)
            while not stop.is_set() and not _sent(city, counted, minute):
                stop.wait(5.0)
            minute += timedelta(minutes=1)
            if minute + timedelta(minutes=1) > now():
                _take_up(city, street, tags, sorted(counted))


def _sent(city: httpx.Client, counted: Mapping[str, Mapping[str, Any]], minute: datetime) -> bool:
    batches = [
        {"area": area, "begin": minute.isoformat(), "seconds": MINUTE, **batch} for area, batch in counted.items()
    ]
    try:
        answer = city.post("/api/v1/signals/detector-minutes", json={"batches": batches})
    except httpx.TransportError:
        return False
    # what is refused once would be refused again
    return answer.status_code in {httpx.codes.ACCEPTED, httpx.codes.UNPROCESSABLE_ENTITY}


def _take_up(city: httpx.Client, street: Street, tags: dict[str, str], areas: Sequence[str]) -> None:
    for area in areas:
        try:
            known = {"If-None-Match": tags.get(area, "")}
            answer = city.get("/api/v1/signals/plans", params={"area": area}, headers=known)
            if answer.status_code == httpx.codes.OK:
                found = answer.json()
                street.take_up(found["plans"])
                tags[area] = answer.headers["etag"]
                sent = {"area": area, "intersections": len(found["plans"])}
                city.post(f"/api/v1/signals/plans/{found['publication']}/taken-up", json=sent)
        except httpx.TransportError:
            time.sleep(1.0)
            return
