"""Whether an intersection's data can be steered by, and when they can again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from madang.streets.traffic_signals.contracts import (
    Detector,
    DetectorHealth,
    DetectorId,
    IntersectionId,
    Network,
)
from madang.streets.traffic_signals.contracts.operation import DataLimits

NEVER = "no report yet"
SILENT = "no report for {minutes} minutes"
FAULTY = "{faulty} of {detectors} detectors are faulty"
SETTLING = "data are good again since {minutes} minutes"


@dataclass(frozen=True, slots=True)
class Watch:
    """Since when an intersection's data have failed, and since when they are good again."""

    failed: Mapping[IntersectionId, str]
    """Why each is on its fixed plan."""
    good_since: Mapping[IntersectionId, datetime]
    """Of those that failed: since when nothing is wrong."""


def detectors_of(network: Network) -> Mapping[IntersectionId, Sequence[Detector]]:
    """The detectors on each intersection's approaches."""
    found: dict[IntersectionId, list[Detector]] = defaultdict(list)
    for detector in network.detectors.values():
        link = network.links.get(detector.link)
        if link is not None and link.end is not None:
            found[link.end].append(detector)
    return found


def watch(
    before: Watch, detectors: Mapping[IntersectionId, Sequence[Detector]], health: Sequence[DetectorHealth],
    heard: Mapping[DetectorId, datetime], limits: DataLimits, now: datetime,
) -> Watch:
    """Look at every intersection that has detectors. ``heard``: when each detector last said something.

    Who has no detector at all is steered by its neighbours' and is not looked at.
    """
    faulty = {each.detector for each in health}
    failed, good = {}, {}
    for place, own in detectors.items():
        why = _why(own, faulty, heard, limits, now)
        if why is None and before.failed.get(place, NEVER) != NEVER:
            since = good[place] = before.good_since.get(place, now)
            minutes = int((now - since).total_seconds() // 60)
            why = SETTLING.format(minutes=minutes) if minutes < limits.back_after_minutes else None
        if why is not None:
            failed[place] = why
    return Watch(failed, {place: since for place, since in good.items() if place in failed})


def _why(
    own: Sequence[Detector], faulty: set[DetectorId], heard: Mapping[DetectorId, datetime], limits: DataLimits,
    now: datetime,
) -> str | None:
    last = max((heard[one.id] for one in own if one.id in heard), default=None)
    if last is None:
        return NEVER
    if now - last > timedelta(minutes=limits.stale_minutes):
        return SILENT.format(minutes=limits.stale_minutes)
    wrong = sum(one.id in faulty for one in own)
    return FAULTY.format(faulty=wrong, detectors=len(own)) if wrong > limits.most_faulty * len(own) else None
