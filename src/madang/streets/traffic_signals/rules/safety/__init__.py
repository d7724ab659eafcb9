"""What no plan may do, whoever made it: kept apart from any optimiser, and asked last before the street."""

from madang.streets.traffic_signals.rules.safety.junction import Junction, Light, green_needed, walk_needed
from madang.streets.traffic_signals.rules.safety.monitor import Monitor, Shown
from madang.streets.traffic_signals.rules.safety.plans import (
    breaches,
    breaches_in,
    transition_breaches,
    transition_breaches_in,
)

__all__ = [
    "Junction", "Light", "Monitor", "Shown", "breaches", "breaches_in", "green_needed", "transition_breaches",
    "transition_breaches_in", "walk_needed",
]
