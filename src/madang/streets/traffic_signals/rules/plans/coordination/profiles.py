"""Cyclic flow profiles: what arrives at and leaves a stop line in each part of a cycle (Robertson 1969, TRANSYT).

Profiles are rows of vehicles a step, ``B`` equal steps to a cycle. All is periodic: the last step is before the first.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.streets.traffic_signals.contracts import Floats
from madang.streets.traffic_signals.rules.plans import method as shared

Spectrum = NDArray[np.complex128]


def dispersion(steps: int, seconds: Floats, step: Floats, *, alpha: float, beta: float) -> Spectrum:
    """What a street does to a profile's spectrum, [L, steps // 2 + 1]: Robertson's formula, solved for a cycle.

    ``seconds`` of undisturbed travel and seconds a ``step``, [L]. The first vehicles come after ``beta`` of the travel
    time; those behind them spread out with the smoothing factor 1 / (1 + ``alpha`` ``beta`` t). No vehicle is lost.
    """
    first = beta * seconds / step
    factor = 1 / (1 + alpha * first)
    turn = np.exp(-2j * np.pi * np.arange(steps // 2 + 1) / steps)
    spectrum: Spectrum = delayed(steps, first) * factor[:, None] / (1 - (1 - factor[:, None]) * turn)
    return spectrum


def delayed(steps: int, late: Floats) -> Spectrum:
    """The spectrum of a delay of ``late`` [L] steps; a part of a step is shared between two."""
    turn = np.exp(-2j * np.pi * np.arange(steps // 2 + 1) / steps)
    whole = np.floor(late)
    part = (late - whole)[:, None]
    shift = np.exp(-2j * np.pi * np.outer(whole, np.arange(steps // 2 + 1)) / steps)
    spectrum: Spectrum = shift * ((1 - part) + part * turn)
    return spectrum


def through(profile: Floats, spectrum: Spectrum) -> Floats:
    """``profile`` [L, B] after a street or a delay."""
    carried = np.fft.irfft(np.fft.rfft(profile, axis=1) * spectrum, profile.shape[1], axis=1)
    found: Floats = np.maximum(carried, 0.0)
    return found


@dataclass(frozen=True, slots=True)
class Queued:
    """What stands at a stop line: ``mean`` vehicles over the cycle, and ``stopped`` vehicles a cycle.

    ``reach``: how many stood or still moved up behind the line at once, at most.
    """

    mean: Floats
    stopped: Floats
    reach: Floats


def departures(arriving: Floats, service: Floats) -> Floats:
    """What leaves in each step when as much may leave as ``service`` says, all [X, B]; not more arrives in a cycle."""
    leaving, left = np.empty_like(arriving), np.zeros(len(arriving))
    for around in (False, True):
        for at in range(arriving.shape[1]):
            here = left + arriving[:, at]
            left = np.maximum(0.0, here - service[:, at])
            if around:
                leaving[:, at] = here - left
    return leaving


def queued(arriving: Floats, service: Floats) -> Queued:
    """The queue of each row when ``arriving`` [X, B] meets ``service`` [X, B]."""
    return _queued(lambda at: arriving[:, at], service.T, np.zeros(len(arriving)))


def queued_shifted(arriving: Floats, service: Floats) -> Queued:
    """As ``queued`` for each whole delay of the arrivals: all [X, B], a column a delay."""
    steps = arriving.shape[1]
    twice = np.concatenate([arriving[:, ::-1], arriving[:, ::-1]], axis=1)
    # arrivals of step `at` delayed by 0, 1, … steps: at, at - 1, … which is a run of the reversed profile
    return _queued(
        lambda at: twice[:, steps - 1 - at : 2 * steps - 1 - at], service.T[:, :, None], np.zeros(arriving.shape))


def _queued(arriving: Callable[[int], Floats], service: Floats, left: Floats) -> Queued:
    mean, stopped, reach, most = (np.zeros_like(left) for _ in range(4))
    for around in (False, True):
        for at in range(len(service)):
            come = arriving(at)
            left = np.maximum(left + (come - service[at]), 0.0)
            reach = np.where(left > 0, reach + come, 0.0)
            if around:
                mean += left
                stopped += np.minimum(come, left)
                np.maximum(most, reach, out=most)
    return Queued(mean / len(service), stopped, most)


def waiting(queue: Queued, cycle: Floats, chance: Floats, room: Floats) -> Floats:
    """Vehicles that stand, with what stops and full lanes cost, as ``delay.Trial`` counts them; all broadcast."""
    longest = queue.reach + chance
    spilt = shared.SPILL * np.maximum(0.0, longest + np.sqrt(longest) - room)
    found: Floats = queue.mean + shared.STOP_LOSS * queue.stopped / cycle + spilt
    return found
