"""A corridor over time and space, as it is drawn and told."""

from collections.abc import Sequence
from dataclasses import dataclass

from madang.streets.traffic_signals.contracts.network import IntersectionId

Span = tuple[float, float]
"""Begin and end in seconds."""


@dataclass(frozen=True, slots=True)
class Stop:
    """An intersection on the corridor: metres from the first, and its greens in the diagram's time, both ways."""

    intersection: IntersectionId
    metres: float
    onward: Sequence[Span]
    back: Sequence[Span]
    cycle: int


@dataclass(frozen=True, slots=True)
class Band:
    """Vehicles that leave the first stop between ``begin`` and ``end`` find green at every stop; arrivals by stop."""

    begin: float
    end: float
    arrivals: Sequence[float]
    """Seconds after leaving at which each stop is reached."""


@dataclass(frozen=True, slots=True)
class Diagram:
    """The diagram over ``seconds`` from midnight in Seoul."""

    seconds: float
    stops: Sequence[Stop]
    onward: Sequence[Band]
    back: Sequence[Band]

    def share(self, bands: Sequence[Band]) -> int:
        """The part of the time in which somebody may leave and find green all the way, in percent."""
        return round(100 * sum(band.end - band.begin for band in bands) / self.seconds)
