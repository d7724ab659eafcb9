"""What traffic signals says to the rest of the city."""

from enum import StrEnum

from madang.streets.traffic_signals.contracts.measurement import (
    FAULTS,
    DetectorCounts,
    DetectorHealth,
    DetectorMinute,
    Flags,
    Floats,
    ProbeTravel,
    Traffic,
)
from madang.streets.traffic_signals.contracts.network import (
    Corridor,
    Crossing,
    CrossingId,
    Detector,
    DetectorId,
    Intersection,
    IntersectionId,
    Link,
    LinkId,
    Movement,
    MovementId,
    Network,
    NetworkFileWrong,
    Place,
    Stage,
    StageId,
    Turn,
)
from madang.streets.traffic_signals.contracts.plan import (
    Breach,
    Coordination,
    Effect,
    Limits,
    PlanSet,
    PlanSetId,
    PlanState,
    Proposal,
    StageTime,
    TimingPlan,
)

__all__ = [
    "FAULTS", "Breach", "Coordination", "Corridor", "Crossing", "CrossingId", "Detector", "DetectorCounts",
    "DetectorHealth", "DetectorId",
    "DetectorMinute", "Effect", "Flags", "Floats", "Intersection", "IntersectionId", "Limits", "Link", "LinkId",
    "Movement", "MovementId", "Network", "NetworkFileWrong", "Permission",
    "Place", "PlanSet", "PlanSetId", "PlanState", "ProbeTravel",
    "Proposal", "Stage", "StageId", "StageTime", "TimingPlan", "Traffic", "Turn",
]


class Permission(StrEnum):
    """What one may be allowed to do here."""

    SEE = "traffic_signals.see"
    APPROVE = "traffic_signals.approve"
    """Approve, hold, override and roll back plans, and set the limits of automatic roll-out."""
    REPORT = "traffic_signals.report"
    """Send detector counts and take plans up: machines."""
    ASK_PRIORITY = "traffic_signals.ask_priority"
    """Ask for a bus or a tram to find green: operators' systems."""
    ASK_EMERGENCY = "traffic_signals.ask_emergency"
    """Ask for an emergency vehicle to find green: the fire service's and the police's systems."""
