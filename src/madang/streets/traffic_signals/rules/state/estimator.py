"""The state of all movements, interval by interval. Decision 0033 says how it is made and how a city is divided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from madang.kernel import clock
from madang.streets.traffic_signals.contracts import (
    DetectorCounts,
    DetectorHealth,
    Floats,
    IntersectionId,
    Network,
    ProbeTravel,
    TimingPlan,
    Traffic,
)
from madang.streets.traffic_signals.rules.networks.columns import columns, totals
from madang.streets.traffic_signals.rules.state import (
    clocks,
    faults,
    flows,
    memory,
    outlook,
    reports,
    waiting,
    words,
)
from madang.streets.traffic_signals.rules.state.balance import system
from madang.streets.traffic_signals.rules.state.forecast import HORIZONS
from madang.streets.traffic_signals.rules.state.greens import Greens
from madang.streets.traffic_signals.rules.state.history import moment
from madang.streets.traffic_signals.rules.state.limits import StateLimits

NOTHING: Mapping[IntersectionId, TimingPlan] = {}


@dataclass(frozen=True, slots=True)
class Interval:
    """Begin and end in seconds since 1970, and the length."""

    begin: float
    seconds: float

    @property
    def end(self) -> float:
        """Where the next interval begins."""
        return self.begin + self.seconds


@dataclass
class Estimator:
    """Follows the traffic of one network (a city, or an area of it). Not for two threads at once.

    ``holidays``: days in Seoul that count as Sundays.
    """

    network: Network
    limits: StateLimits = field(default_factory=StateLimits)
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        self.net = columns(self.network)
        self.rows = system(self.net)
        self._greens = Greens(self.network, self.net.movements)
        self._detectors = {name: at for at, name in enumerate(self.net.detectors)}
        self._links = {str(name): at for at, name in enumerate(self.net.links)}
        self._memory = memory.fresh(self.net, self.limits)
        self._places = flows.layout(self.net)
        self._traffic = self._foreseen(
            Interval(0.0, 0.0), flows.unknown(self.net, self._memory), np.zeros(len(self.net.movements)))

    def update(
        self, counts: DetectorCounts, probes: ProbeTravel | None = None,
        greens: Mapping[IntersectionId, TimingPlan] | None = None,
        boundary: Mapping[str, tuple[float, float]] | None = None,
    ) -> Traffic:
        """Take an interval in and give the state at its end.

        ``greens``: the plans that ran. ``boundary``: flow and standard error (veh/h) of links that come from another
        area. An interval that makes no sense, was there before, or lies more than an hour off without a second one to
        confirm the time, changes nothing: the last state is given again. Raises nothing, whatever the numbers are.
        """
        span = reports.interval(counts)
        if span is None or not self._in_time(Interval(*span)):
            return self._traffic
        interval = Interval(*span)
        with np.errstate(over="ignore", invalid="ignore"):
            told = words.words(self.net, self._links, self._memory, (probes, boundary or {}), interval.seconds)
            self._traffic = self._taken_in(interval, counts, told, greens or {})
        return self._traffic

    def health(self) -> list[DetectorHealth]:
        """The detectors that cannot be believed now, and why."""
        return faults.health(self._memory.watch, self.net.detectors)

    def turning_ratios(self) -> Floats:
        """Each movement's part of its approach, one row a movement of ``Traffic.movements``."""
        return self._memory.ratio.copy()

    def usual_soon(self, at: datetime) -> Floats:
        """The plain profile's flow of each link in the five minutes after ``at``, veh/h; 0 where there is none yet."""
        middle = at.timestamp() + HORIZONS[0] / 2
        return self._memory.profile.at(moment(middle, self.holidays))[0]

    def leaving(self) -> dict[str, tuple[float, float]]:
        """Flow and standard error (veh/h) of the links that lead out of this network: what other areas want to know."""
        out = np.flatnonzero(self.net.fed & ~self.net.approach)
        flow, square = self._memory.coming[0], self._memory.coming[1] ** 2
        total = totals(self.net.exit, flow, len(self.net.links))
        error = np.sqrt(totals(self.net.exit, square, len(self.net.links)))
        return {self.net.links[at]: (float(total[at]), float(error[at])) for at in out.tolist()}

    def snapshot(self) -> bytes:
        """All that is remembered, for ``restore`` in another process."""
        return memory.packed(self._memory, self.net)

    def restore(self, data: bytes) -> None:
        """Go on from a snapshot of this network. Raises SnapshotUnfitError and stays as it was."""
        self._go_on(memory.unpacked(data, self.net, self.limits))

    def pieces(self) -> dict[str, Any]:
        """As ``snapshot``, as arrays by name of which an interval changes few, for whoever keeps what changed."""
        return memory.pieces(self._memory, self.net)

    def join(self, pieces: Mapping[str, Any]) -> None:
        """Go on from ``pieces`` of this network. Raises SnapshotUnfitError and stays as it was."""
        self._go_on(memory.joined(pieces, self.net, self.limits))

    def _go_on(self, remembered: memory.Memory) -> None:
        self._memory = remembered
        kept = self._memory.coming
        self._traffic = self._foreseen(
            Interval(float(self._memory.clock[0]), 0.0), flows.unknown(self.net, self._memory), self._memory.queue)
        self._memory.coming = kept

    def _in_time(self, interval: Interval) -> bool:
        last, pending = self._memory.clock
        step = self.limits.clock_step
        follows = -1.0 <= interval.begin - last <= step
        confirmed = pending and -1.0 <= interval.begin - pending <= step and not abs(interval.begin - last) <= step
        if last == 0 or follows or confirmed:
            gap = interval.begin - last
            if last and gap > 1:
                self._memory.tally.unseen = self._memory.tally.unseen + gap
            if confirmed:
                self._memory.tally.waiting.clear()
            self._memory.clock = np.array([last, 0.0])
            return True
        if abs(interval.begin - last) > step:
            self._memory.clock = np.array([last, interval.begin])
        return False

    def _taken_in(
        self, interval: Interval, counts: DetectorCounts, told: words.Words, greens: Mapping[IntersectionId, TimingPlan]
    ) -> Traffic:
        memory, seconds, limits = self._memory, interval.seconds, self.limits
        last = memory.clock[0] or interval.begin
        now = moment(interval.begin + seconds / 2, self.holidays)
        expected = flows.expected(memory, (moment(last - seconds / 2, self.holidays), now), interval.end - last, limits)
        heard = reports.read(counts, self._detectors)
        usable = faults.look(
            memory.watch, heard, self._vehicles_expected(expected, seconds), self.net.detector_lanes,
            (interval.end, seconds), limits)
        if clocks.note(memory, heard.vehicles, interval.begin, interval.end):
            clocks.check(self.net, memory, interval.end, limits, self.holidays)
            clocks.turn(memory)
        seen = flows.counted(self.net, self._places, (heard.vehicles, heard.occupancy), usable, seconds)
        expected = flows.informed(expected, told.flow)
        flowing = flows.fitted(self.net, self.rows, self._places, memory, (expected, seen, seconds, limits))
        flows.remember(self.net, memory, (expected, seen, flowing), now, (seconds, limits))
        words.learn_penetration(memory, told, seen, seconds)
        standing = waiting.queued(
            self.net, memory, self._greens, (interval.begin, seconds),
            waiting.Evidence(seen, flowing, told.travel, greens, self._places), limits)
        memory.clock[0] = interval.end
        outlook.learn(memory, seen, interval.end, seconds)
        return self._foreseen(interval, flowing, standing)

    def _vehicles_expected(self, expected: flows.Expected, seconds: float) -> Floats:
        """What each detector should count, from history or, where more comes from the junctions before, from there."""
        into = totals(self.net.exit, expected.usual[self.net.entry] * self._memory.ratio, len(self.net.links))
        usual = np.maximum(expected.usual, np.where(self.net.fed & self.net.approach, 0.5 * into, 0.0))
        passing = self.net.seen.times(usual[self.net.entry] * self._memory.ratio, len(self.net.detectors))
        return passing * seconds / 3_600

    def _foreseen(self, interval: Interval, flowing: flows.Flowing, standing: Floats) -> Traffic:
        """The state with its forecast; the forecast is kept until it can be checked."""
        soon, later = outlook.foresee(self.net, self._memory, flowing, interval.end, self.holidays)
        self._memory.coming = np.stack([soon.flow, soon.error])
        return Traffic(
            datetime.fromtimestamp(interval.end, UTC).astimezone(clock.SEOUL), self.net.movements,
            flowing.movements, standing, self.net.saturation * self._memory.discharge.factor,
            np.sqrt(flowing.movement_variance), flowing.measured, soon.flow, later.flow, soon.error, later.error,
        )
