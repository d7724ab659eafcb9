"""Signals on published networks: fixed plans, Webster, greedy, MaxPressure, and ours in plan and adaptive mode.

Mean delay a trip in seconds, timeLoss + departDelay over one simulated hour, trips that did not finish counted; one run
a seed, the median of the seeds a figure, every seed shown. Ours sees counts and occupancy of its detectors only; the
peers see the simulator's lanes. ``shut_out`` counts vehicles that could not even enter: they are in nobody's mean.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean, median
from typing import Any

from madang.entrypoints.settings import HOUSE

NETWORKS = ("cologne1", "cologne3", "ingolstadt1", "ingolstadt7")
CONTROLLERS = ("fixed", "webster", "maxpressure", "greedy", "plan", "adaptive")
SEEDS = 5
_AT_ONCE = 2


class NotPossible(SystemExit):
    """The simulator or the published networks are missing: exit code 3, with what to do."""

    def __init__(self, message: str) -> None:
        sys.stderr.write(message + "\n")
        super().__init__(3)


def measure(*, quick: bool, **asked: Any) -> dict[str, Any]:
    """The figures of every network. ``quick``: one seed, the two smallest networks.

    ``asked`` may hold networks and controllers (names), seeds (how many), dead (share of detectors), demand (multiple)
    and simulator (the Python of an environment with another version of it).
    """
    beside = HOUSE / ".simulator" / "bin" / "python"
    python = str(asked.get("simulator") or (beside if beside.exists() else sys.executable))
    _require_simulator(python)
    folder = _published()
    names = asked.get("networks") or (("cologne1", "ingolstadt1") if quick else NETWORKS)
    controllers = asked.get("controllers") or CONTROLLERS
    seeds = list(range(1, 1 + (asked.get("seeds") or (1 if quick else SEEDS))))
    variant = {"dead": asked.get("dead") or 0.0, "demand": asked.get("demand") or 1.0}
    jobs = [(name, controller) for name in names for controller in controllers]
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        answers = dict(zip(jobs, workers.map(
            lambda job: _run(python, variant | {"folder": str(folder / job[0]), "controller": job[1], "seeds": seeds}),
            jobs,
        ), strict=True))
    networks = {
        name: {controller: round(median(_delays(answers[name, controller])), 2) for controller in controllers}
        for name in names
    }
    figures = {
        "networks": networks,
        "summary": _summary(networks, controllers),
        "seeds": len(seeds),
        "sumo_version": next(iter(answers.values()))["sumo_version"],
        **variant,
        "every_seed": _told(answers, _delays),
        "unfinished": _told(answers, lambda answer: [run["unfinished"] for run in answer["runs"]]),
        "shut_out": _told(answers, lambda answer: [run["shut_out"] for run in answer["runs"]]),
        "milliseconds_a_second": _told(answers, lambda answer: answer["runs"][0].get("milliseconds")),
    }
    if figures["sumo_version"].endswith(" 1.9.1"):
        figures["published"] = _published_delays(folder, names)
    return figures


def _summary(networks: Mapping[str, Mapping[str, float]], controllers: Sequence[str]) -> dict[str, float]:
    pairs = {
        "plan_vs_fixed": ("plan", "fixed", mean), "adaptive_vs_fixed": ("adaptive", "fixed", mean),
        "adaptive_vs_maxpressure": ("adaptive", "maxpressure", max), "adaptive_vs_greedy": ("adaptive", "greedy", max),
    }
    return {
        name: round(over([delays[one] / delays[other] for delays in networks.values()]), 3)
        for name, (one, other, over) in pairs.items() if one in controllers and other in controllers
    }


def _told(answers: Mapping[tuple[str, str], Any], what: Any) -> dict[str, dict[str, Any]]:
    told: dict[str, dict[str, Any]] = {}
    for (name, controller), answer in answers.items():
        told.setdefault(name, {})[controller] = what(answer)
    return told


def _delays(answer: Mapping[str, Any]) -> list[float]:
    return [round(run["delay"], 2) for run in answer["runs"]]


def _run(python: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """One process of the simulator's environment; this house's sources are all that it is given."""
    surroundings = os.environ | {"PYTHONPATH": os.pathsep.join([str(HOUSE / "src"), str(HOUSE)])}
    done = subprocess.run(
        [python, "-m", "benchmarks.signals.one"], input=json.dumps(request), text=True, capture_output=True,
        check=False, env=surroundings, cwd=HOUSE,
    )
    if done.returncode:
        message = f"{request['controller']} on {request['folder']} failed:\n{done.stderr[-2000:]}"
        raise NotPossible(message)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _require_simulator(python: str) -> None:
    look = "from importlib.util import find_spec as f; raise SystemExit(0 if f('libsumo') or f('sumo') else 3)"
    if subprocess.run([python, "-c", look], check=False).returncode:
        message = (
            f"{python} has no simulator, which this benchmark alone needs (about 400 MB). `make simulator` puts it\n"
            "into an environment of its own beside the city's; --simulator names the Python of another one."
        )
        raise NotPossible(message)


def _published() -> Path:
    shared = Path(os.environ.get("MADANG_SHARED_DATA", HOUSE.parent / "shared" / "data"))
    if not (shared / "traffic_signals").is_dir():
        message = f"{shared / 'traffic_signals'} is absent: set MADANG_SHARED_DATA to the folder of published data."
        raise NotPossible(message)
    return shared / "traffic_signals"


def _published_delays(folder: Path, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """RESCO's own figures: median of the classical, mean of the last ten episodes of the learned controllers."""
    known = json.loads((folder / "published_results.json").read_text("utf-8"))
    return {
        name: {
            controller: figures["delay"].get("last10", figures["delay"].get("median"))
            for controller, figures in known.get(name, {}).items()
        } for name in names
    }
