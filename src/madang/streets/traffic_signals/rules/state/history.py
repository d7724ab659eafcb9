"""What is usual at a time of day: a profile of each link for working days, Saturdays, and Sundays and holidays."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from madang.kernel import clock
from madang.streets.traffic_signals.contracts import Floats

SLOTS = 48
"""Half hours of a day; between their middles the profile is a straight line."""
KINDS = 3
"""Working day, Saturday, Sunday or holiday."""
DAY = 86_400.0
SATURDAY, SUNDAY = 5, 6
TRUSTED = 0.75
"""Hours of counts near a time of day after which the profile weighs as much as the last hour does."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a profile sees it: two neighbouring slots and how far it is into the second."""

    low: int
    high: int
    into: float


def seconds_of_day(epoch: float) -> float:
    """Seconds since midnight in Seoul."""
    moment = datetime.fromtimestamp(epoch, UTC).astimezone(clock.SEOUL)
    return moment.hour * 3_600.0 + moment.minute * 60.0 + moment.second + moment.microsecond / 1e6


def moment(epoch: float, holidays: frozenset[date] = frozenset()) -> Moment:
    """Where ``epoch`` (seconds since 1970) falls in a profile."""
    seoul = datetime.fromtimestamp(epoch, UTC).astimezone(clock.SEOUL)
    kind = 2 if seoul.weekday() == SUNDAY or seoul.date() in holidays else int(seoul.weekday() == SATURDAY)
    position = seconds_of_day(epoch) / DAY * SLOTS - 0.5
    low = int(np.floor(position))
    return Moment(kind * SLOTS + low % SLOTS, kind * SLOTS + (low + 1) % SLOTS, position - low)


class Profile:
    """Usual flows (veh/h), one column a slot, exponentially weighted, and how many hours of counts each rests on."""

    def __init__(self, links: int, days: float) -> None:
        self.usual: NDArray[np.float32] = np.zeros((KINDS * SLOTS, links), np.float32)
        self.hours: NDArray[np.float32] = np.zeros((KINDS * SLOTS, links), np.float32)
        self._most = days * 0.5

    def at(self, when: Moment) -> tuple[Floats, Floats]:
        """The usual flow of each link and how far to trust it, 0–1."""
        low, high = (1 - when.into) * self.hours[when.low], when.into * self.hours[when.high]
        hours = low.astype(np.float64) + high
        mixed = low * self.usual[when.low] + high * self.usual[when.high]
        # a slot that has no count yet leaves the other's value standing
        return np.divide(mixed, hours, out=np.zeros_like(hours), where=hours > 0), hours / (hours + TRUSTED / 2)

    def learn(self, when: Moment, flow: Floats, hours: Floats) -> None:
        """Take ``flow`` in, which was seen for so many ``hours`` (0 where it was not)."""
        for slot, part in ((when.low, 1 - when.into), (when.high, when.into)):
            new = (hours * part).astype(np.float32)
            total = self.hours[slot] + new
            gain = np.divide(new, total, out=np.zeros_like(new), where=total > 0)
            self.usual[slot] += gain * (flow.astype(np.float32) - self.usual[slot])
            self.hours[slot] = np.minimum(total, np.float32(self._most))
