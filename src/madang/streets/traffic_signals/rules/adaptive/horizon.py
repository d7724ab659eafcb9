"""The coming minute, for many orders of stages at once: which one keeps all vehicles together waiting least.

Each lane is a queue that fills by what is known to come and empties at the lane's own pace in its stages; the queue
after every step follows from cumulated arrivals and services (Lindley 1952), so that no step need be simulated.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from madang.streets.traffic_signals.contracts import Floats

STEP: Final = 2.0
"""Seconds."""
STEPS: Final = 30
"""A minute ahead."""
STOP_COST: Final = 4.0
"""Seconds that a stop costs beside the waiting: braking and starting again at 50 km/h, 2.6 and 4.5 m/s²."""
BACKLOG_COST: Final = 0.3
"""Seconds a vehicle squared that what is still queued at the end costs: it drains in proportion to itself."""
FADING: Final = 25.0
"""Seconds after which a second of waiting counts 1/e: what lies farther ahead will be decided again (decision 0032)."""
UNSEEN: Final = 0.5
"""The weight of arrivals that are expected only from the average, not seen."""
_FIRST: Final = (0, 1, 2, 4, 7, 12)
_SECOND: Final = (0, 2, 5, 10)

WEIGHT: Final = np.exp(-np.arange(STEPS) * STEP / FADING)

Whole = NDArray[np.int_]
Heavy = tuple[int, int, float]
"""A vehicle's step of arrival and lane, and how many vehicles it counts beyond the one that detectors see."""


def costs(queue: Floats, arrivals: Floats, rates: Floats, orders: Whole, heavy: Sequence[Heavy] = ()) -> Floats:
    """Vehicle-seconds of each order of stages.

    ``queue``: by lane; ``arrivals``: by step and lane; ``rates``: vehicles a step by (stage, next stage) and lane;
    ``orders``: by order and step, indices into ``rates``; ``heavy``: who counts more than one vehicle.
    """
    served = rates[orders]
    net = np.cumsum(arrivals[None] - served, axis=1)
    net += queue
    lowest = np.minimum.accumulate(net, axis=1)
    np.minimum(lowest, 0.0, out=lowest)
    net -= lowest
    held = (net.sum(axis=2) * WEIGHT).sum(axis=1) * STEP
    blocked = (net > 0.5) | (served <= 0.0)  # noqa: PLR2004 -- half a vehicle
    stops = np.einsum("ktl,tl->k", blocked, arrivals * WEIGHT[:, None])
    cost = held + STOP_COST * stops + BACKLOG_COST * net[:, -1].sum(axis=1) ** 2
    for step, lane, weight in heavy:
        passed = np.logical_or.accumulate((net[:, step:, lane] < 1) & (served[:, step:, lane] > 0), axis=1)
        cost += weight * STEP * (~passed * WEIGHT[step:]).sum(axis=1)
    return np.asarray(cost)


@lru_cache(maxsize=4096)
def orders(now: int, rest: int, greens: tuple[int, ...], changes: tuple[tuple[int, ...], ...]) -> tuple[Whole, Whole]:
    """Every order worth trying: steps as indices (stage × stages + next), and the stage gone to at once (or ``now``).

    ``rest``: steps that the present stage must still have; ``greens``: least steps of each stage; ``changes``: steps
    from stage to stage.
    """
    stages, found, first = len(greens), [], []
    found.append(_row([(now, STEPS)], changes, stages))
    first.append(now)
    for stay in _FIRST:
        for then in range(stages):
            for more in _SECOND:
                for last in range(stages):
                    if then in {now, last}:
                        continue
                    row = _row([(now, rest + stay), (then, greens[then] + more), (last, STEPS)], changes, stages)
                    found.append(row)
                    first.append(then if rest + stay == 0 else now)
    table, kept = np.unique(np.array(found), axis=0, return_index=True)
    return table, np.array(first)[kept]


def _row(parts: list[tuple[int, int]], changes: tuple[tuple[int, ...], ...], stages: int) -> list[int]:
    row: list[int] = []
    for place, (stage, steps) in enumerate(parts):
        row += [stage * stages + stage] * steps
        if place + 1 < len(parts):
            row += [stage * stages + parts[place + 1][0]] * changes[stage][parts[place + 1][0]]
    return row[:STEPS]
