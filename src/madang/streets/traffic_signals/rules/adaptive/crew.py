"""The controllers of a whole network, side by side."""

from collections.abc import Mapping

from madang.streets.traffic_signals.contracts import IntersectionId, Limits, Network, StageId
from madang.streets.traffic_signals.rules.adaptive.controller import Controller, Decision, Detections


class Crew:
    """Every intersection's controller, stepped together once a second."""

    def __init__(self, network: Network, limits: Limits) -> None:
        self.controllers = {id_: Controller(network, id_, limits) for id_ in network.intersections}

    def step(
        self, second: float, seen: Detections, shown: Mapping[IntersectionId, tuple[StageId, StageId | None]]
    ) -> Mapping[IntersectionId, Decision]:
        """A decision for each intersection."""
        return {id_: one.step(second, seen, shown[id_]) for id_, one in self.controllers.items()}
