"""Signals on published networks: fixed plans, Webster, greedy, MaxPressure, and ours in plan and adaptive mode.

Mean delay a trip in seconds, timeLoss + departDelay over one simulated hour, trips that did not finish counted; one run
a seed, the median of the seeds a figure, every seed shown. Two of the six networks were never tuned on (``held_out``).
Ours sees counts and occupancy of its detectors only; the peers see the simulator's lanes. ``shut_out`` counts vehicles
that could not even enter: they are in nobody's mean. Controllers that are run only when named: ``plan_by_transition``,
whose controllers follow the cycles that lead from plan to plan; ``plan_in_step``, with coordination besides;
``maxpressure_far`` and ``greedy_far``.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from benchmarks.signals.held_out import SHAPES, make
from benchmarks.signals.results import NotPossible, Results
from madang.entrypoints.settings import HOUSE

PUBLISHED = ("cologne1", "cologne3", "ingolstadt1", "ingolstadt7")
NETWORKS = (*PUBLISHED, *SHAPES)
VARIANTS: Mapping[str, Mapping[str, float]] = {
    "dead10": {"dead": 0.1}, "dead30": {"dead": 0.3}, "demand20": {"demand": 1.2},
}
CONTROLLERS = ("fixed", "webster", "maxpressure", "greedy", "plan", "adaptive")
SEEDS = 5
_AT_ONCE = 2


def measure(*, quick: bool, **asked: Any) -> dict[str, Any]:
    """The figures of every network. ``quick``: one seed, the two smallest networks.

    ``asked`` may hold networks and controllers (names), seeds (how many), variant (of ``VARIANTS``), intergreens
    (seconds, in place of the networks' own), simulator (the Python of an environment with another version of it), and
    into (a file of results: what it holds is not run again, what is run is added to it).
    """
    beside = HOUSE / ".simulator" / "bin" / "python"
    python = str(asked.get("simulator") or (beside if beside.exists() else sys.executable))
    _require_simulator(python)
    names = asked.get("networks") or (("cologne1", "ingolstadt1") if quick else NETWORKS)
    controllers = asked.get("controllers") or CONTROLLERS
    variant = asked.get("variant") or ""
    setting = {"seeds": asked.get("seeds") or (1 if quick else SEEDS), "intergreens": asked.get("intergreens")}
    kept = Results.read(asked.get("into"), setting)
    jobs = [(name, each) for name in names for each in controllers if not kept.has(variant, name, each)]
    with tempfile.TemporaryDirectory(prefix="madang-networks-") as made, ThreadPoolExecutor(_AT_ONCE) as workers:
        folders = {name: _folder(name, Path(made)) for name in dict.fromkeys(name for name, _ in jobs)}
        common = {"dead": 0.0, "demand": 1.0} | VARIANTS.get(variant, {}) | {
            "seeds": list(range(1, 1 + setting["seeds"])), "intergreens": setting["intergreens"]}
        running = {
            workers.submit(_run, python, common | {"folder": str(folders[job[0]]), "controller": job[1]}): job
            for job in jobs
        }
        for done in as_completed(running):
            kept.add(variant, *running[done], done.result())
    figures = kept.figures()
    _print_table(figures, variant)
    if str(figures["sumo_version"]).endswith(" 1.9.1"):
        figures["published"] = _published_delays(_published(), names)
    return figures


def _folder(name: str, made: Path) -> Path:
    if name not in SHAPES:
        return _published() / name
    old = HOUSE / ".simulator-1.9" / "bin" / "python"
    if not old.exists():
        message = f"{name} is made by netgenerate, which `make simulator-old` installs."
        raise NotPossible(message)
    return make(name, made, str(old))


def _print_table(figures: Mapping[str, Any], variant: str) -> None:
    """Every seed of every controller, on stderr, so that the last line of stdout stays JSON where asked."""
    part = figures["variants"].get(variant, {}) if variant else figures
    for name, told in part.get("every_seed", {}).items():
        for controller, delays in told.items():
            lost = sum(part["shut_out"][name][controller])
            seeds = " ".join(f"{delay:7.1f}" for delay in delays)
            sys.stderr.write(f"{name:<12} {controller:<12} {seeds}{f'   shut out {lost}' if lost else ''}\n")


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
