"""One controller on one network, hour after hour by seed, in a process of its own: request on stdin, answer on stdout.

Runs in any environment that has the simulator (``libsumo``) and numpy; so that another version can be asked too.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.signals import drivers
from benchmarks.signals.street import Scene, Street, simulate


def main() -> int:
    """Answer one request."""
    asked = json.load(sys.stdin)
    sumo = _simulator()
    scene = Scene(Path(asked["folder"]), asked["dead"], asked["demand"], asked["intergreens"])
    drive: Callable[[Street], Iterator[None]] = drivers.DRIVERS[asked["controller"]](scene)
    if hasattr(drive, "before"):
        drive.before(sumo)
    runs = []
    for seed in asked["seeds"]:
        began = time.process_time()
        outcome = simulate(sumo, scene, seed, drive)
        runs.append(asdict(outcome) | {"seed": seed, "cpu": round(time.process_time() - began, 2)} | drivers.notes())
    json.dump({"runs": runs, "sumo_version": sumo.getVersion()[1]}, sys.stdout)
    return 0


def _simulator() -> Any:
    """The simulator's own module: beside the others, or inside an older distribution of it."""
    try:
        return import_module("libsumo")
    except ModuleNotFoundError:
        home = Path(str(import_module("sumo").__path__[0]))
        os.environ.setdefault("SUMO_HOME", str(home))  # else it asks the network for its schemas
        sys.path.append(str(home / "tools"))
        return import_module("libsumo")


if __name__ == "__main__":
    sys.exit(main())
