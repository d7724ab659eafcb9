"""Forecasts of all movements from the state of links, and what becomes of them."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from madang.streets.traffic_signals.contracts import Floats
from madang.streets.traffic_signals.rules.networks.columns import Columns
from madang.streets.traffic_signals.rules.state import forecast
from madang.streets.traffic_signals.rules.state.flows import Counted, Flowing, usual
from madang.streets.traffic_signals.rules.state.forecast import HORIZONS, Made
from madang.streets.traffic_signals.rules.state.history import moment
from madang.streets.traffic_signals.rules.state.memory import Memory


@dataclass(frozen=True, slots=True)
class Outlook:
    """The mean flow of each movement over a horizon and its standard error, veh/h."""

    flow: Floats
    error: Floats


def learn(memory: Memory, counts: Counted, end: float, seconds: float) -> None:
    """Count on, and check the forecasts that end here."""
    memory.tally.add(counts.links, seconds)
    for number in range(len(HORIZONS)):
        forecast.check(memory.skills[number], memory.tally, number, end)


def foresee(
    net: Columns, memory: Memory, now: Flowing, end: float, holidays: frozenset[date]
) -> tuple[Outlook, Outlook]:
    """The next 5 and 15 minutes. Kept for their check, one a minute at most."""
    here, _, _ = usual(memory, moment(end, holidays))
    deviation = now.links - here
    coming, usuals = [], []
    for horizon, skill in zip(HORIZONS, memory.skills, strict=True):
        then, _, _ = usual(memory, moment(end + horizon / 2, holidays))
        coming.append(np.maximum(then + skill.left * deviation, 0.0))
        usuals.append(then)
    waiting = memory.tally.waiting
    if end and (not waiting or end - waiting[-1].end >= forecast.EVERY - 1):
        waiting.append(Made(end, memory.tally.passed, memory.tally.unseen, deviation, (usuals[0], usuals[1]),
                            (coming[0], coming[1])))
    soon, later = (_of_movements(net, memory, now, coming[number], number) for number in range(len(HORIZONS)))
    return soon, later


def _of_movements(net: Columns, memory: Memory, now: Flowing, coming: Floats, number: int) -> Outlook:
    skill, share, horizon = memory.skills[number], memory.ratio, HORIZONS[number]
    flow = coming[net.entry] * share
    noise = np.maximum(flow, 3_600 / horizon) * 3_600 / horizon
    ratio = coming[net.entry] ** 2 * memory.doubt * share * (1 - share)
    unseen = np.where(now.measured, 0.0, (share * skill.left) ** 2 * now.link_variance[net.entry])
    error = skill.own[net.entry] * (noise + skill.relative * flow**2) + ratio + unseen
    return Outlook(flow, np.sqrt(error))
