"""One area at work: its counts in, its state and its next plans out. It stays where it is, with what it remembers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from madang.streets.traffic_signals.contracts import (
    DetectorCounts,
    DetectorHealth,
    IntersectionId,
    Limits,
    Network,
    ProbeTravel,
    Proposal,
    Traffic,
)
from madang.streets.traffic_signals.rules.city import wire
from madang.streets.traffic_signals.rules.plans import Planner
from madang.streets.traffic_signals.rules.state.estimator import Estimator
from madang.streets.traffic_signals.rules.state.limits import StateLimits

Boundary = Mapping[str, tuple[float, float]]
"""Flow and standard error (veh/h) of links that cross from one area to another."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an area is told: its intervals in their order, the plans that ran, and what comes from other areas.

    ``running`` holds the plans as ``wire.packed``.
    ``now`` is None when only the state is wanted. ``restore`` and ``keep``: begin from a snapshot, and give one.
    """

    counts: Sequence[DetectorCounts] = ()
    probes: ProbeTravel | None = None
    running: bytes = b""
    boundary: Boundary = field(default_factory=dict)
    now: datetime | None = None
    restore: bytes | None = None
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What an area answers. ``traffic`` names no movements: who asked knows their order; ``proposals`` are packed."""

    traffic: Traffic | None
    proposals: bytes
    health: Sequence[DetectorHealth]
    leaving: Boundary
    snapshot: bytes | None = None


class Area:
    """A part of the network with its estimator and its planner, laid out once."""

    def __init__(self, network: Network, limits: Limits, state: StateLimits, holidays: frozenset[date]) -> None:
        self._estimator = Estimator(network, state, holidays)
        self._planner = Planner(network, limits)

    def __call__(self, step: Step) -> Done:
        """Take a step. Raises SnapshotUnfitError when told to begin from another network's snapshot."""
        if step.restore is not None:
            self._estimator.restore(step.restore)
        traffic, running = None, {plan.intersection: plan for plan in wire.plans(step.running)}
        for counts in step.counts:
            traffic = self._estimator.update(counts, step.probes, running, step.boundary)
        proposals: Mapping[IntersectionId, Proposal] = {}
        if step.now is not None and traffic is not None:
            proposals = self._planner.propose(traffic, running, step.now)
        return Done(
            traffic and _unnamed(traffic), wire.packed(proposals.values()), self._estimator.health(),
            self._estimator.leaving(), self._estimator.snapshot() if step.keep else None,
        )


def _unnamed(traffic: Traffic) -> Traffic:
    return Traffic(
        traffic.at, (), traffic.volume, traffic.queue, traffic.saturation_flow, traffic.uncertainty, traffic.measured,
        traffic.volume_soon, traffic.volume_later, traffic.error_soon, traffic.error_later,
    )
