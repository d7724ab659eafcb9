"""The door to traffic signals."""

from madang.streets.traffic_signals.facade.counts import (
    acknowledge,
    before_and_after,
    erase,
    import_network,
    report,
)
from madang.streets.traffic_signals.facade.decisions import (
    approve,
    hold,
    lift,
    override,
    refuse,
    roll_back,
    set_roll_out,
)
from madang.streets.traffic_signals.facade.engine import network
from madang.streets.traffic_signals.facade.priority import ask_priority, priorities, priority_for_controllers
from madang.streets.traffic_signals.facade.runs import run
from madang.streets.traffic_signals.facade.views import (
    AtIntersection,
    Overview,
    check,
    corridor,
    detectors,
    intersection,
    overview,
    plans_for_controllers,
    plans_in,
    plans_of,
    publication_now,
    publications,
    roll_out,
    run_of,
    runs_of,
)

__all__ = [
    "AtIntersection",
    "Overview",
    "acknowledge",
    "approve",
    "ask_priority",
    "before_and_after",
    "check",
    "corridor",
    "detectors",
    "erase",
    "hold",
    "import_network",
    "intersection",
    "lift",
    "network",
    "override",
    "overview",
    "plans_for_controllers", "plans_in",
    "plans_of",
    "priorities", "priority_for_controllers",
    "publication_now",
    "publications",
    "refuse",
    "report",
    "roll_back",
    "roll_out",
    "run",
    "run_of",
    "runs_of",
    "set_roll_out",
]
