"""What was run, kept in a file from one call to the next, and the figures that follow from it."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Any

PLAIN = ""
"""The name of the runs that are no variant."""
Runs = dict[str, dict[str, Any]]
"""The answers by network and controller."""
_PAIRS = {
    "plan_vs_fixed": ("plan", "fixed", mean), "adaptive_vs_fixed": ("adaptive", "fixed", mean),
    "adaptive_vs_maxpressure": ("adaptive", "maxpressure", max), "adaptive_vs_greedy": ("adaptive", "greedy", max),
}


class NotPossible(SystemExit):
    """The simulator or the published networks are missing, or results do not fit: exit code 3, with what to do."""

    def __init__(self, message: str) -> None:
        sys.stderr.write(message + "\n")
        super().__init__(3)


@dataclass
class Results:
    """Runs by variant, network and controller; ``setting`` is what all of them share."""

    file: Path | None
    setting: Mapping[str, Any]
    runs: dict[str, Runs] = field(default_factory=dict)

    @classmethod
    def read(cls, file: str | None, setting: Mapping[str, Any]) -> "Results":
        """What ``file`` holds; raises NotPossible where it was run with another setting."""
        if file is None or not Path(file).exists():
            return cls(Path(file) if file else None, setting)
        held = json.loads(Path(file).read_text("utf-8"))
        if held["setting"] != dict(setting):
            message = f"{file} holds runs with {held['setting']}, not {dict(setting)}: name another file."
            raise NotPossible(message)
        return cls(Path(file), setting, held["runs"])

    def has(self, variant: str, network: str, controller: str) -> bool:
        """Whether this was run already."""
        return controller in self.runs.get(variant, {}).get(network, {})

    def add(self, variant: str, network: str, controller: str, answer: Mapping[str, Any]) -> None:
        """One more answer, written at once; raises NotPossible for another version of the simulator."""
        known = self._version()
        if known not in {None, answer["sumo_version"]}:
            message = f"{self.file} holds runs of {known}, not {answer['sumo_version']}: name another file."
            raise NotPossible(message)
        self.runs.setdefault(variant, {}).setdefault(network, {})[controller] = dict(answer)
        if self.file is not None:
            text = json.dumps({"setting": dict(self.setting), "runs": self.runs} | self.figures(), indent=1)
            self.file.write_text(text, encoding="utf-8")

    def figures(self) -> dict[str, Any]:
        """Medians, summary and every seed; those of variants under ``variants``."""
        return _told(self.runs.get(PLAIN, {})) | {
            "variants": {name: _told(runs) for name, runs in self.runs.items() if name != PLAIN},
            "seeds": self.setting["seeds"], "intergreens": self.setting["intergreens"], "sumo_version": self._version(),
        }

    def _version(self) -> str | None:
        found = (each["sumo_version"] for runs in self.runs.values() for one in runs.values() for each in one.values())
        return next(found, None)


def _told(runs: Runs) -> dict[str, Any]:
    networks = {name: {who: round(median(_each(of, "delay")), 2) for who, of in one.items()}
                for name, one in runs.items()}
    return {
        "networks": networks, "summary": _summary(networks),
        "every_seed": {name: {who: [round(delay, 2) for delay in _each(of, "delay")] for who, of in one.items()}
                       for name, one in runs.items()},
        **{what: {name: {who: _each(of, what) for who, of in one.items()} for name, one in runs.items()}
           for what in ("unfinished", "shut_out", "cpu")},
        "milliseconds_a_second": {
            name: {who: of["runs"][0].get("milliseconds") for who, of in one.items()} for name, one in runs.items()},
    }


def _each(answer: Mapping[str, Any], what: str) -> list[float]:
    return [run[what] for run in answer["runs"]]


def _summary(networks: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Ratios of medians over the networks that have both: the mean beside fixed plans, the worst beside the peers."""
    found = {}
    for name, (one, other, over) in _PAIRS.items():
        ratios = [delays[one] / delays[other] for delays in networks.values() if one in delays and other in delays]
        if ratios:
            found[name] = round(over(ratios), 3)
    return found
