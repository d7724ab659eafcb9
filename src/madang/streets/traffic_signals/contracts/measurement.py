"""What detectors, cameras and vehicles say, and what the city makes of it. Columns, because there are many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from madang.kernel.events import Event
from madang.streets.traffic_signals.contracts.network import DetectorId, MovementId

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DetectorCounts:
    """What detectors counted in one interval: column i of each array is ``detectors[i]``.

    ``begin`` is aware; ``seconds`` the interval's length. ``vehicles``: those that passed (NaN when not reported);
    ``occupancy``: share of the time covered, 0–1. One detector may appear twice (sent again): the last one counts.
    """

    begin: datetime
    seconds: float
    detectors: Sequence[DetectorId]
    vehicles: Floats
    occupancy: Floats


@dataclass(frozen=True, slots=True)
class ProbeTravel:
    """Vehicle positions made into travel: mean speed (m/s) and number of vehicles seen for each named link."""

    begin: datetime
    seconds: float
    links: Sequence[str]
    speed: Floats
    vehicles: Floats


@dataclass(frozen=True, slots=True)
class DetectorMinute(Event):
    """A minute of one area's detectors, as it goes over the bus. ``vehicles`` -1 and ``occupancy`` -1 mean silent."""

    topic = "traffic_signals.detector_minute"
    area: str
    begin: datetime
    seconds: float
    detectors: tuple[str, ...]
    vehicles: tuple[float, ...]
    occupancy: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Traffic:
    """The state of movements at one moment (``at`` is the end of the last interval used), one row a movement.

    ``volume`` and ``saturation_flow`` in veh/h, ``queue`` in vehicles at the end of the interval, ``uncertainty`` the
    volume's standard error in veh/h, ``measured`` False where the volume was filled in from neighbours, history or
    probes. ``volume_soon`` and
    ``volume_later`` are the forecasts for the next 5 and 15 minutes, with their standard errors.
    """

    at: datetime
    movements: Sequence[MovementId]
    volume: Floats
    queue: Floats
    saturation_flow: Floats
    uncertainty: Floats
    measured: Flags
    volume_soon: Floats
    volume_later: Floats
    error_soon: Floats
    error_later: Floats


FAULTS = ("silent", "stuck", "absurd", "duplicated", "clock")
"""The kinds of detector faults that are told apart, in the order in which they are looked for."""


@dataclass(frozen=True, slots=True)
class DetectorHealth:
    """What is wrong with a detector, since when; ``fault`` is one of ``FAULTS``."""

    detector: DetectorId
    fault: str
    since: datetime
    evidence: str
    """What was seen, in English, for the engineer: ``240 vehicles in a minute on one lane, at most 45 can pass``."""
