"""Which detectors cannot be believed, and how one sees it. Looked for in the order of ``FAULTS``."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from madang.kernel import clock
from madang.streets.traffic_signals.contracts import FAULTS, DetectorHealth, DetectorId, Flags, Floats
from madang.streets.traffic_signals.rules.state.limits import StateLimits
from madang.streets.traffic_signals.rules.state.reports import Reports

SOUND = -1
SILENT, STUCK, ABSURD, DUPLICATED, CLOCK = range(len(FAULTS))
FEW_VEHICLES = 3.0
ALWAYS_COVERED = 0.97
CAUTION = 0.3
"""What is expected from history and neighbours may be too high by this factor before zeros count as evidence."""
FORGETTING = 0.8
"""What is left of the count of repeated reports after an interval without one."""


@dataclass(slots=True)
class Watch:
    """What is remembered of each detector; arrays of one row a detector."""

    fault: NDArray[np.int8]
    since: Floats
    """Seconds since 1970, NaN when sound."""
    shown: Floats
    """The value that is the evidence: vehicles a lane and hour, minutes off, times, the stuck value."""
    silence: Floats
    alike: Floats
    """Evidence that a value is stuck: natural logarithm of the odds."""
    alike_for: Floats
    clean: Floats
    repeated: Floats
    last: Floats
    last_occupancy: Floats
    missed: Floats

    @classmethod
    def over(cls, detectors: int) -> "Watch":
        """A watch that has seen nothing yet."""
        nothing = {field.name: np.zeros(detectors) for field in fields(cls) if field.name != "fault"}
        watch = cls(fault=np.full(detectors, SOUND, np.int8), **nothing)
        watch.since[:], watch.last[:], watch.last_occupancy[:] = np.nan, np.nan, np.nan
        return watch


def look(
    watch: Watch, reports: Reports, expected: Floats, lanes: Floats, when: tuple[float, float], limits: StateLimits
) -> Flags:
    """Take an interval's reports in, and say which of them may be used.

    ``expected``: vehicles, from history and neighbours; ``when``: the interval's end (seconds since 1970) and length.
    """
    said, (end, seconds) = reports.vehicles, when
    absent = np.isnan(said) & ~reports.senseless
    watch.silence = np.where(absent, watch.silence + seconds, 0.0)
    too_many = np.nan_to_num(said) > limits.most_a_lane * lanes * seconds / 3_600 * 1.1 + FEW_VEHICLES
    _stuck_evidence(watch, said, reports.occupancy, expected, seconds)
    watch.repeated = np.where(reports.times > 1, watch.repeated + 1, watch.repeated * FORGETTING)
    stuck = (watch.alike > limits.stuck_evidence) | (
        (watch.alike_for >= limits.stuck_on) & (watch.last == 0) & (watch.last_occupancy > ALWAYS_COVERED))
    wrong = too_many | reports.senseless
    watch.clean = np.where(wrong | stuck | absent, 0.0, watch.clean + seconds)
    _mark(watch, SILENT, watch.silence >= limits.silent_after, watch.silence / 60, end - watch.silence)
    _mark(watch, STUCK, stuck & ~absent, watch.last, end - watch.alike_for)
    rate = np.nan_to_num(said) / lanes * 3_600 / seconds
    _mark(watch, ABSURD, wrong, np.where(reports.senseless, -1.0, rate), np.full_like(rate, end - seconds))
    _mark(watch, DUPLICATED, watch.repeated >= limits.repeats, watch.repeated, np.full_like(rate, end - seconds))
    _clear(watch, limits, absent)
    return np.asarray(~absent & ~wrong & ((watch.fault == SOUND) | (watch.fault == DUPLICATED)), np.bool_)


def health(watch: Watch, detectors: Sequence[DetectorId]) -> list[DetectorHealth]:
    """What is wrong with each faulty detector, for the engineer."""
    return [
        DetectorHealth(
            detectors[at], FAULTS[watch.fault[at]],
            datetime.fromtimestamp(float(watch.since[at]), UTC).astimezone(clock.SEOUL), _evidence(watch, at),
        )
        for at in np.flatnonzero(watch.fault != SOUND).tolist()
    ]


def _stuck_evidence(watch: Watch, said: Floats, occupancy: Floats, expected: Floats, seconds: float) -> None:
    """Add up how unlikely it is that chance alone repeats a value, or counts nothing where vehicles pass."""
    there = ~np.isnan(said)
    same_occupancy = (occupancy == watch.last_occupancy) | (np.isnan(occupancy) & np.isnan(watch.last_occupancy))
    same = there & (said == watch.last) & same_occupancy
    chance = np.clip(1 / (2 * np.sqrt(np.pi * np.maximum(said, 1.0))), 1e-3, 0.4)
    new = np.where(said > 0, -np.log(chance), CAUTION * expected)
    first = np.where(said == 0, CAUTION * expected, 0.0)
    watch.alike = np.where(same, watch.alike + new, np.where(there, first, watch.alike))
    watch.alike_for = np.where(same, watch.alike_for + seconds, np.where(there, seconds, watch.alike_for))
    watch.missed = np.where(there & (said == 0), np.where(same, watch.missed, 0.0) + expected, 0.0)
    watch.last = np.where(there, said, watch.last)
    watch.last_occupancy = np.where(there, occupancy, watch.last_occupancy)


def _mark(watch: Watch, kind: int, found: Flags, shown: Floats, since: Floats) -> None:
    """Note a fault where none that is looked for earlier stands."""
    new = found & ((watch.fault == SOUND) | (watch.fault > kind))
    same = found & (watch.fault == kind)
    watch.fault[new] = kind
    watch.since[new] = since[new]
    watch.shown[new | same] = shown[new | same]


def _clear(watch: Watch, limits: StateLimits, absent: Flags) -> None:
    over = (watch.fault == SILENT) & ~absent
    over |= ((watch.fault == STUCK) | (watch.fault == ABSURD)) & (watch.clean >= limits.clean_after)
    over |= (watch.fault == DUPLICATED) & (watch.repeated < 1)
    watch.fault[over] = SOUND
    watch.since[over] = np.nan


def mark_clocks(watch: Watch, checked: Flags, minutes: Floats, end: float) -> None:
    """Note the clocks that are off by ``minutes`` (0: right) among those ``checked``."""
    right = checked & (minutes == 0) & (watch.fault == CLOCK)
    watch.fault[right] = SOUND
    watch.since[right] = np.nan
    _mark(watch, CLOCK, checked & (minutes != 0), minutes, np.full_like(minutes, end))


def _evidence(watch: Watch, at: int) -> str:
    shown = float(watch.shown[at])
    if watch.fault[at] == SILENT:
        return f"no report for {shown:.0f} min"
    if watch.fault[at] == STUCK:
        return _stuck(watch, at)
    if watch.fault[at] == ABSURD:
        return "a count below zero or infinite, or an occupancy outside 0 to 1" if shown < 0 else (
            f"{shown:.0f} vehicles an hour on one lane, more than can pass")
    if watch.fault[at] == DUPLICATED:
        return f"reported more than once in an interval, {shown:.0f} times of late"
    return f"its counts fit its own history {abs(shown):.0f} min {'later' if shown > 0 else 'earlier'}"


def _stuck(watch: Watch, at: int) -> str:
    minutes = watch.alike_for[at] / 60
    if watch.shown[at] > 0 or watch.last_occupancy[at] > ALWAYS_COVERED:
        return f"{watch.shown[at]:.0f} vehicles and the same occupancy in every interval for {minutes:.0f} min"
    return f"no vehicle for {minutes:.0f} min where history and neighbours make one expect {watch.missed[at]:.0f}"
