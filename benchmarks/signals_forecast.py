"""The forecast of the next 5 and 15 minutes at the city's approaches, beside persistence and the plain profile.

A made-up network and days drawn by a seed; the first days teach the profile, the last ones are held out. Errors are of
what then went through each counted approach, in veh/h: ``mae_soon`` is ours, ``mae_persistence`` the last five minutes
as they were counted, ``mae_profile`` the usual flow of that time of day, ``mae_limit`` the true mean itself, which only
counting noise parts from what goes through. ``coverage``: how often the stated 90 % interval of a movement held.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from madang.kernel.clock import SEOUL
from madang.streets.traffic_signals.contracts import Floats, Traffic
from madang.streets.traffic_signals.rules.networks.demand import Demand, Minutes
from madang.streets.traffic_signals.rules.networks.generated import city
from madang.streets.traffic_signals.rules.state.estimator import Estimator

FIRST = datetime(2026, 3, 2, tzinfo=SEOUL)
EVERY = 300.0
A_DAY = 288
FROM = 72
"""Six in the morning: at night nothing is to be forecast."""
NINETY = 1.645


def measure(*, quick: bool) -> dict[str, Any]:
    """Errors in veh/h and coverage over the held-out days."""
    network = city(60 if quick else 400, 197 if quick else 1_312, seed=11)
    demand, estimator = Demand(network, 3), Estimator(network)
    taught, held_out = (2, 1) if quick else (4, 3)
    for day in range(taught):
        for one in demand.run(FIRST + timedelta(days=day), EVERY, A_DAY, seed=day):
            estimator.update(one.counts)
    found: dict[str, list[float]] = {}
    for day in range(taught, taught + held_out):
        days = list(demand.run(FIRST + timedelta(days=day), EVERY, A_DAY, seed=day))
        for name, figure in _judged(estimator, days).items():
            found.setdefault(name, []).append(figure)
    return {name: round(float(np.mean(figures)), 3) for name, figures in found.items()} | {
        "intersections": len(network.intersections), "days_taught": taught, "days_held_out": held_out}


def _judged(estimator: Estimator, days: Sequence[Minutes]) -> dict[str, float]:
    states = [estimator.update(one.counts) for one in days]
    usual = [estimator.usual_soon(one.begin + timedelta(seconds=EVERY)) for one in days]
    passed, mean = np.array([one.passed for one in days]), np.array([one.mean for one in days])
    figures: dict[str, float] = {}
    for name, ahead in (("soon", 1), ("later", 3)):
        real = np.array([passed[at + 1:at + 1 + ahead].mean(0) for at in range(len(days) - ahead)])
        true = np.array([mean[at + 1:at + 1 + ahead].mean(0) for at in range(len(days) - ahead)])
        figures |= _errors(estimator, (states, usual, passed), (real, true), name)
    return figures


def _errors(
    estimator: Estimator, known: tuple[Sequence[Traffic], Sequence[Floats], Floats], came: tuple[Floats, Floats],
    name: str,
) -> dict[str, float]:
    (states, usual, passed), (real, true) = known, came
    size, entry = len(real), estimator.net.entry
    measured = np.array([one.measured for one in states])[FROM:size]
    flow, error = (np.array([getattr(one, f"{kind}_{name}") for one in states])[:size] for kind in ("volume", "error"))
    inside = (np.abs(flow - real) <= NINETY * error)[FROM:]

    def approaches(movements: Floats) -> Floats:
        return np.stack([np.bincount(entry, row, len(estimator.net.links)) for row in movements])

    counted = (approaches(measured.astype(np.float64)) > 0) & estimator.net.approach
    went = approaches(real)[FROM:][counted]

    def mae(found: Floats) -> float:
        return float(np.abs(found[:size][FROM:][counted] - went).mean())

    figures = {f"mae_{name}": mae(approaches(flow)), f"coverage_{name}": float(inside[measured].mean()),
               f"coverage_{name}_filled": float(inside[~measured].mean())}
    if name == "soon":
        figures |= {"mae_persistence": mae(approaches(passed)), "mae_profile": mae(np.array(usual)),
                    "mae_limit": mae(approaches(true))}
    return figures
