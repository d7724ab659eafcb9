"""Plan mode: every five minutes a cycle, splits and an offset for each intersection, with reasons.

``propose`` gives the plans; ``webster`` the peer that they are held against.
"""

from madang.streets.traffic_signals.rules.plans.proposals import NOT_IN_STEP, Planner, propose, webster

__all__ = ["NOT_IN_STEP", "Planner", "propose", "webster"]
