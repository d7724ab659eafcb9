"""The flow of the next 5 and 15 minutes: what is usual then, and how much of today's deviation will be left.

A deviation from the usual fades as an autoregressive process does; how fast is learned from what became of earlier
forecasts, and so is their error. With no profile yet the usual is the level of the last half hour, and the forecast is
exponential smoothing (Holt; damped as by Gardner and McKenzie, Management Science 31, 1985).
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from madang.streets.traffic_signals.contracts import Flags, Floats

HORIZONS = (300.0, 900.0)
"""Seconds: the next 5 and the next 15 minutes, as means over them."""
EVERY = 60.0
PRIOR = 200.0
"""Forecasts of links after which what was learned weighs as much as the starting values."""
KEPT = 1 - 1 / 600
"""What is left of what was learned after each check: some two days of five minutes."""
OF_LINK = 30.0
"""The same for a link's own error."""


@dataclass(slots=True)
class Skill:
    """What earlier forecasts of one horizon taught: all sums over links, and each link's own relative squared error."""

    fading: Floats
    """Sums of deviation times what became of it, and of deviation squared."""
    spread: Floats
    """Sums of squared error beyond counting noise, of squared flow, and the number of forecasts."""
    own: Floats
    """Each link's mean of squared error over expected squared error."""
    heard: Floats
    """How many forecasts of each link were checked."""

    @classmethod
    def fresh(cls, links: int, horizon: float, damping: float, deviation: float) -> "Skill":
        """What is assumed before anything was checked: fading by ``damping``, errors a third of ``deviation``."""
        start = np.exp(-horizon / 2 / damping)
        return cls(
            np.array([start, 1.0]) * PRIOR, np.array([(deviation / 3) ** 2 * PRIOR, PRIOR, PRIOR]),
            np.ones(links), np.zeros(links),
        )

    @property
    def left(self) -> float:
        """The part of a deviation that is left over the horizon."""
        return float(np.clip(self.fading[0] / max(self.fading[1], 1e-9), 0.0, 1.0))

    @property
    def relative(self) -> float:
        """The variance of the relative error beyond counting noise."""
        return float(np.clip(self.spread[0] / max(self.spread[1], 1e-9), 1e-5, 1.0))


@dataclass(frozen=True, slots=True)
class Made:
    """A forecast that waits for its check, one row a link: the usual and the forecast of each horizon."""

    end: float
    passed: Floats
    unseen: Floats
    deviation: Floats
    usual: tuple[Floats, Floats]
    flow: tuple[Floats, Floats]


@dataclass(slots=True)
class Tally:
    """What went through each link so far, and for how many seconds of that it was not counted."""

    passed: Floats
    unseen: Floats
    waiting: deque[Made] = field(default_factory=lambda: deque(maxlen=16))

    def add(self, flow: Floats, seconds: float) -> None:
        """Take in a counted flow (veh/h, NaN where not counted)."""
        self.passed = self.passed + np.nan_to_num(flow) * seconds / 3_600
        self.unseen = self.unseen + np.where(np.isnan(flow), seconds, 0.0)

    def due(self, end: float, horizon: float) -> Made | None:
        """The forecast whose horizon ends at ``end``."""
        return next((one for one in self.waiting if abs(one.end + horizon - end) < EVERY / 2), None)


def expected_square(skill: Skill, flow: Floats, horizon: float) -> Floats:
    """The squared error (veh/h squared) that a forecast of ``flow`` has: counting noise and its own."""
    return np.maximum(flow, 3_600 / horizon) * 3_600 / horizon + skill.relative * flow**2


def check(skill: Skill, tally: Tally, number: int, end: float) -> None:
    """Compare the forecast that is due with what went through, and learn from it."""
    horizon = HORIZONS[number]
    made = tally.due(end, horizon)
    if made is None:
        return
    whole: Flags = tally.unseen - made.unseen < 1
    real = (tally.passed - made.passed) * 3_600 / horizon
    usual, flow = made.usual[number], made.flow[number]
    wrong = (real - flow) ** 2
    ratio = np.minimum(wrong / expected_square(skill, flow, horizon), 25.0)
    _learn_fading(skill, whole, made.deviation, real - usual, flow)
    noise = np.maximum(flow, 3_600 / horizon) * 3_600 / horizon
    bounded = np.minimum(wrong, 25 * (noise + skill.relative * flow**2))
    new = np.array([float((bounded - noise)[whole].sum()), float((flow**2)[whole].sum()), float(whole.sum())])
    # sums of squares are scaled to one flow, so that the start's weight is counted in forecasts
    scale = max(new[1] / max(new[2], 1.0), 1.0)
    new[:2] /= scale
    skill.spread = skill.spread * KEPT + new
    gain = np.where(whole, 1 / np.minimum(skill.heard + 2 * OF_LINK / 3, 10 * OF_LINK), 0.0)
    skill.own = skill.own + gain * (ratio - skill.own)
    skill.heard = skill.heard + whole


def _learn_fading(skill: Skill, whole: Flags, before: Floats, after: Floats, flow: Floats) -> None:
    weight = np.where(whole, 1 / (flow + 60), 0.0)
    new = np.array([float((weight * before * after).sum()), float((weight * before**2).sum())])
    skill.fading = np.maximum(skill.fading * KEPT + new, 1e-9)
