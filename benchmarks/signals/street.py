"""One simulated hour: starts the simulator, reads our loops, shows the lights, and adds up the delay it wrote down."""

import random
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree as ET

from benchmarks.signals.places import Loops, loops
from madang.streets.traffic_signals.contracts import DetectorId, Network
from madang.streets.traffic_signals.rules.networks import sumo as sumo_files
from madang.streets.traffic_signals.rules.networks.detectors import with_detectors

Seen = dict[DetectorId, tuple[float, float]]
"""Vehicles that passed in the last second, and the share of it covered; silent detectors are missing."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A network with its demand. ``dead``: share of detectors that say nothing; ``demand``: its multiple."""

    folder: Path
    dead: float = 0.0
    demand: float = 1.0
    intergreens: float | None = None
    """Seconds between any two stages, all yellow, in place of the network's own."""

    @property
    def text(self) -> bytes:
        """The network file."""
        return (self.folder / f"{self.folder.name}.net.xml").read_bytes()

    @property
    def network(self) -> Network:
        """The network with our detectors."""
        network = with_detectors(sumo_files.read(self.text, self.folder.name))
        return network if self.intergreens is None else _with_intergreens(network, self.intergreens)

    @property
    def hours(self) -> tuple[int, int]:
        """Begin and end in seconds of the day: from its own file, one hour."""
        begin = re.search(r'begin value="(\d+)', (self.folder / f"{self.folder.name}.sumocfg").read_text("utf-8"))
        start = int(begin[1]) if begin else 0
        return start, start + 3600


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an hour cost: mean seconds of delay a trip; trips not finished; trips that could not even set out."""

    delay: float
    trips: int
    unfinished: int
    shut_out: int


class Street:
    """The running simulation, as ours may see it and as peers may."""

    def __init__(self, sumo: ModuleType, network: Network, seen: Loops, living: frozenset[DetectorId]) -> None:
        self.sumo: Any = sumo
        self.network = network
        self._loops = {id_: names for id_, names in seen.items() if id_ in living}

    def seen(self) -> Seen:
        """What our living detectors counted in the last second."""
        loop = self.sumo.inductionloop
        found: Seen = {}
        for id_, names in self._loops.items():
            passed, covered = 0, 0.0
            for name in names:
                if loop.getLastStepVehicleNumber(name):
                    covered = max(covered, min(1.0, loop.getLastStepOccupancy(name) / 100))
                    passed += sum(1 for each in loop.getVehicleData(name) if each[3] >= 0)
            found[id_] = (float(passed), covered)
        return found


def simulate(sumo: ModuleType, scene: Scene, seed: int, drive: Callable[[Street], Iterator[None]]) -> Outcome:
    """Run the hour; ``drive`` is resumed once a second, after the simulator's step."""
    network = scene.network
    with tempfile.TemporaryDirectory(prefix="madang-signals-") as folder:
        seen, additional = loops(scene.text, network)
        (Path(folder) / "loops.add.xml").write_text(additional, encoding="utf-8")
        begin, end = scene.hours
        with _started(sumo, scene, seed, Path(folder)):
            driving = drive(Street(sumo, network, seen, _living(network, scene.dead, seed)))
            next(driving)
            for _ in range(begin, end):
                sumo.simulationStep()
                next(driving)
            shut_out = len(sumo.simulation.getPendingVehicles()) if hasattr(
                sumo.simulation, "getPendingVehicles") else 0
        return _outcome(Path(folder) / "trips.xml", shut_out)


@contextmanager
def _started(sumo: ModuleType, scene: Scene, seed: int, folder: Path) -> Iterator[None]:
    begin, end = scene.hours
    sumo.start([
        "sumo", "-c", str(scene.folder / f"{scene.folder.name}.sumocfg"), "-a", str(folder / "loops.add.xml"),
        "--begin", str(begin), "--end", str(end), "--seed", str(seed), "--scale", str(scene.demand),
        "--time-to-teleport", "-1", "--tripinfo-output", str(folder / "trips.xml"),
        "--tripinfo-output.write-unfinished", "--no-step-log", "true", "--no-warnings", "true",
    ])
    try:
        yield
    finally:
        sumo.close()


def _with_intergreens(network: Network, seconds: float) -> Network:
    return replace(network, intersections={
        id_: replace(one, yellow=seconds, intergreens={
            pair: seconds if own else 0.0 for pair, own in one.intergreens.items()
        }) for id_, one in network.intersections.items()
    })


def _living(network: Network, dead: float, seed: int) -> frozenset[DetectorId]:
    ids = sorted(network.detectors)
    return frozenset(ids) - frozenset(random.Random(seed).sample(ids, round(dead * len(ids))))


def _outcome(trips: Path, shut_out: int) -> Outcome:
    found = list(ET.parse(trips).getroot().iter("tripinfo"))  # noqa: S314 -- written by the simulator that we started
    delays = [float(each.get("timeLoss", "0")) + float(each.get("departDelay", "0")) for each in found]
    unfinished = sum(float(each.get("arrival", "-1")) < 0 for each in found)
    return Outcome(sum(delays) / max(1, len(delays)), len(delays), unfinished, shut_out)
