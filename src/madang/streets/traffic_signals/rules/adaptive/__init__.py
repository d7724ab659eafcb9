"""Adaptive mode: which stage the next second shows, decided at each intersection from its own detectors.

``Controller`` decides, ``Crew`` steps a network's controllers together, ``Guard`` lets through only what is safe.
"""

from madang.streets.traffic_signals.rules.adaptive.calls import Call
from madang.streets.traffic_signals.rules.adaptive.controller import Controller, Decision, Detections
from madang.streets.traffic_signals.rules.adaptive.crew import Crew
from madang.streets.traffic_signals.rules.adaptive.guard import Guard

__all__ = ["Call", "Controller", "Crew", "Decision", "Detections", "Guard"]
