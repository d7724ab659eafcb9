"""What stands and what comes on one lane, counted from its detectors and put right by what they cannot deny."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from madang.streets.traffic_signals.rules.adaptive.layout import Lane

SPACE: Final = 7.0
"""Metres a standing vehicle takes (as in ``Link.storage``)."""
GRACE: Final = 5
"""Seconds by which a vehicle may be later than its speed says before the empty stop line is believed instead."""
MEMORY: Final = 300.0
"""Seconds over which arrival rates are averaged."""
COVERED: Final = 0.9
"""Share of a second from which on a detector counts as stood upon."""
JAM: Final = 4
"""Seconds of standing on a detector that say that a queue reaches it."""


@dataclass(slots=True)
class Seen:
    """One second of a lane: None where the detector is silent. ``arrived`` may be a share of a whole link's count."""

    left: float | None
    standing: float | None
    arrived: float | None
    reached: float | None


@dataclass(slots=True)
class LaneState:
    """The lane's estimate. ``queue``: vehicles that would have passed if let; ``coming``: (second, number)."""

    lane: Lane
    rate: float = 0.05
    """Arrivals a second, averaged."""
    queue: float = 0.0
    beyond: float = 0.0
    coming: deque[tuple[float, float]] = field(default_factory=deque)
    _recent: deque[tuple[float, float]] = field(default_factory=deque)
    empty: int = 0
    stood: int = 0
    jammed: int = 0

    @property
    def lead(self) -> float:
        """Seconds from the advance detector to the stop line."""
        ahead = self.lane.ahead
        return ahead.distance / max(self.lane.link.speed, 1.0) if ahead is not None else 0.0

    def tick(self, second: float, seen: Seen, served: float) -> None:
        """One second on. ``served``: what the lane would discharge now, for when its stop line is silent."""
        self._arrive(second, seen)
        left = seen.left if seen.left is not None else min(self.queue, served)
        self._leave(left)
        self._believe(seen)
        flow = seen.arrived if seen.arrived is not None else seen.left
        if flow is not None:
            self.rate += (flow - self.rate) / MEMORY

    @property
    def waiting(self) -> float:
        """All that stand, also beyond the advance detector."""
        return self.queue + self.beyond

    def _arrive(self, second: float, seen: Seen) -> None:
        if seen.arrived is None:
            self.queue += self.rate
        elif seen.arrived:
            self.coming.append((second + self.lead, seen.arrived))
        while self.coming and self.coming[0][0] <= second:
            _, number = self.coming.popleft()
            self.queue += number
            self._recent.append((second, number))
        while self._recent and self._recent[0][0] < second - GRACE:
            self._recent.popleft()

    def _leave(self, left: float) -> None:
        self.queue -= left
        while self.queue < 0 and self.coming:
            when, number = self.coming.popleft()
            self.queue += number
            if self.queue > 0:
                self.coming.appendleft((when, self.queue))
                self.queue = 0.0
        self.queue = max(0.0, self.queue)

    def _believe(self, seen: Seen) -> None:
        """What the stop line and the advance detector cannot deny."""
        if seen.standing is not None:
            self.empty = self.empty + 1 if not seen.standing else 0
            self.stood = self.stood + 1 if seen.standing >= COVERED and not seen.left else 0
            if self.empty >= GRACE:
                self.queue = min(self.queue, sum(number for _, number in self._recent))
            elif self.stood:
                self.queue = max(self.queue, 1.0)
        if seen.reached is not None and self.lane.ahead is not None:
            self.jammed = self.jammed + 1 if seen.reached >= COVERED else 0
            if self.jammed >= JAM:
                self.queue = max(self.queue, self.lane.ahead.distance / SPACE)
                self.beyond += self.rate
            elif seen.reached == 0:
                self.beyond = 0.0
