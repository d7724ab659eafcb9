"""Whether a detector's day runs at another time than its own history: its clock is wrong."""

from datetime import date

import numpy as np

from madang.streets.traffic_signals.contracts import Flags, Floats
from madang.streets.traffic_signals.rules.networks.columns import Columns, Indices, totals
from madang.streets.traffic_signals.rules.state import faults
from madang.streets.traffic_signals.rules.state.history import moment
from madang.streets.traffic_signals.rules.state.limits import StateLimits
from madang.streets.traffic_signals.rules.state.memory import QUARTERS, Memory

QUARTER = 900.0
SHIFTS = [shift for shift in range(-24, 25) if abs(shift) > 1]
"""Quarter hours off that are tried: half an hour to six hours either way."""
SUSPECT, FITS = 9.0, 3.0
"""Mean squared misfit, in counting errors, from which a clock is looked at, and below which another time fits."""


def note(memory: Memory, vehicles: Floats, begin: float, end: float) -> bool:
    """Add counts to the present quarter hour (NaN: not counted); True when it is over."""
    row = memory.quarters[-1]
    memory.quarters[-1] = np.where(np.isnan(row), vehicles, row + np.nan_to_num(vehicles))
    return begin // QUARTER != end // QUARTER


def turn(memory: Memory) -> None:
    """Begin a new quarter hour."""
    memory.quarters = np.vstack([memory.quarters[1:], np.full(memory.quarters.shape[1], np.nan)])


def check(net: Columns, memory: Memory, end: float, limits: StateLimits, holidays: frozenset[date]) -> None:
    """Compare the last six hours of each detector with its link's profile now and at other times."""
    share = totals(net.seen.rows, net.seen.share * memory.ratio[net.seen.movements], len(net.detectors))
    ready = (memory.watch.fault == faults.SOUND) | (memory.watch.fault == faults.CLOCK)
    ready &= np.isfinite(memory.quarters).all(0) & (share > 0)
    at = np.flatnonzero(ready)
    if not len(at):
        return
    flow = memory.quarters[:, at] * 3_600 / QUARTER
    now, trusted = _usual(net, memory, (at, share), (end, 0), holidays)
    at, flow, now = at[trusted], flow[:, trusted], now[:, trusted]
    here = _misfit(flow, now)
    looked = np.flatnonzero((here > SUSPECT) | (memory.watch.fault[at] == faults.CLOCK))
    best, minutes = here.copy(), np.zeros(len(at))
    for shift in SHIFTS if len(looked) else ():
        other, known = _usual(net, memory, (at[looked], share), (end, shift), holidays)
        fit = np.where(known, _misfit(flow[:, looked], other), np.inf)
        better = (fit < best[looked]) & (fit < FITS) & (fit < limits.clock_gain * here[looked])
        best[looked[better]] = fit[better]
        minutes[looked[better]] = shift * QUARTER / 60
    checked, off = np.zeros(len(net.detectors), np.bool_), np.zeros(len(net.detectors))
    # a quiet hour fits every time: a clock is right again only when its day fits at the right time
    checked[at], off[at] = (minutes != 0) | (here < FITS), minutes
    faults.mark_clocks(memory.watch, checked, off, end)


def _usual(
    net: Columns, memory: Memory, of: tuple[Indices, Floats], when: tuple[float, int], holidays: frozenset[date]
) -> tuple[Floats, Flags]:
    """What the profile says of each quarter, shifted, for some detectors; and where it is trusted throughout."""
    (at, share), (end, shift) = of, when
    rows, trusts, links = [], [], net.detector_link[at]
    for quarter in range(QUARTERS):
        middle = end - (QUARTERS - 1 - quarter + 0.5) * QUARTER + shift * QUARTER
        mean, trust = memory.profile.at(moment(middle, holidays))
        rows.append(mean[links] * share[at])
        trusts.append(trust[links])
    return np.stack(rows), np.min(trusts, axis=0) > 0.5  # noqa: PLR2004 -- more than a day of it


def _misfit(flow: Floats, usual: Floats) -> Floats:
    """Mean squared misfit in units of counting error and the usual daily deviation; each day's level is its own."""
    level = flow.sum(0) / np.maximum(usual.sum(0), 1.0)
    usual = usual * np.clip(level, 0.5, 2.0)
    variance = np.maximum(usual, 4.0) * 4 + (0.15 * usual) ** 2
    return np.asarray(((flow - usual) ** 2 / variance).mean(0))
