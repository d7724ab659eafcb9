"""Signals for a whole city: state, forecast and a plan for each of 12,800 intersections, from 42,000 detectors.

A made-up network in Seoul's shape, five-minute counts of a working day's morning, some detectors broken. ``seconds`` is
the slowest of the measured runs with the city's areas on two local processes; ``one_process`` the same on one core,
``ray`` on two nodes of a Ray cluster (absent without the extra ``cluster``): their results are asserted to be equal.
``processor_seconds`` are those of all processes, which other work on the machine does not change.
``limit_seconds`` is the bare arithmetic of the state over the same arrays, in the same run. ``peak_rss_mb`` adds up all
processes, shared pages counted in each.
"""

import gc
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import yaml

from madang.commons.db.processes import free_port
from madang.commons.work import spread
from madang.entrypoints.settings import HOUSE
from madang.kernel.clock import SEOUL
from madang.streets.traffic_signals.contracts import DetectorCounts, IntersectionId, Limits, Network, TimingPlan
from madang.streets.traffic_signals.rules.city.run import City, Planned, Spread, here, plan_city
from madang.streets.traffic_signals.rules.networks.demand import Demand, broken
from madang.streets.traffic_signals.rules.networks.generated import city
from madang.streets.traffic_signals.rules.plans import Planner
from madang.streets.traffic_signals.rules.state.balance import system
from madang.streets.traffic_signals.rules.state.estimator import Estimator

INTERSECTIONS, DETECTORS, PARTS, WORKERS = 12_800, 42_000, 8, 2
BEGIN = datetime(2026, 3, 4, 7, tzinfo=SEOUL)
EVERY = timedelta(minutes=5)


def measure(*, quick: bool) -> dict[str, Any]:
    """Seconds of a run of the whole city, one way and another, and how they grow with the city."""
    network, limits = _network(INTERSECTIONS), _limits()
    runs = 3 if quick else 6
    days = list(islice(_counts(network), runs))
    with _peak() as peak, spread.over_processes(WORKERS) as two:
        seconds, processor, planned = _timed(City(network, limits, parts=PARTS, spread=two), days)
    figures: dict[str, Any] = {
        "intersections": len(network.intersections), "detectors": len(network.detectors),
        "movements": len(planned[-1].traffic.movements) if planned[-1].traffic else 0,
        "seconds": round(max(seconds), 2), "seconds_each": [round(one, 2) for one in seconds],
        "processor_seconds_each": [round(one, 2) for one in processor],
        "peak_rss_mb": round(peak[0] / 2**20),
        "proposals": len(planned[-1].proposals), "faulty": len(planned[-1].health),
    }
    figures |= _parts(network, limits, days) | _one_process(network, limits, days, planned)
    figures |= _ray(network, limits, days, planned)
    figures["curve"] = _curve(limits, quick=quick) | {str(INTERSECTIONS): figures["seconds"]}
    return figures


def _network(intersections: int) -> Network:
    listed = yaml.safe_load((HOUSE / "profiles/seoul/districts.yaml").read_text(encoding="utf-8"))["districts"]
    districts = [(one["name"]["en"], one["at"][1], one["at"][0]) for one in listed]
    detectors = round(intersections * DETECTORS / INTERSECTIONS)
    return city(intersections, detectors, seed=1, districts=districts)


def _limits() -> Limits:
    return Limits(min_green=7, max_red=170, min_cycle=40, max_cycle=180, min_yellow=3, min_all_red=1,
                  walking_speed=0.8, walk_start=4)


def _counts(network: Network) -> Iterator[DetectorCounts]:
    """A morning's counts; one detector in fifty is silent, stuck, absurd or sends twice."""
    kinds = ("silent", "stuck", "absurd", "duplicated")
    faults = {at: kinds[at // 50 % 4] for at in range(0, len(network.detectors), 50)}
    for one in Demand(network).run(BEGIN, EVERY.total_seconds(), 100, seed=1):
        yield broken(one.counts, faults, dict.fromkeys(faults, 7.0))


def _timed(whole: City, days: Sequence[DetectorCounts]) -> tuple[list[float], list[float], list[Planned]]:
    """Each run's seconds, processor seconds and result; every run takes up the plans of the one before."""
    running: Mapping[IntersectionId, TimingPlan] = {}
    seconds, processor, planned = [], [], []
    gc.collect()
    for counts in days:
        began, spent = time.perf_counter(), _spent()
        planned.append(plan_city(whole, [counts], running, counts.begin + EVERY))
        seconds.append(time.perf_counter() - began)
        processor.append(_spent() - spent)
        running = {name: proposal.plan for name, proposal in planned[-1].proposals.items()}
    return seconds, processor, planned


def _spent() -> float:
    """Processor seconds of this process and its children so far: what a busy machine does not change."""
    me = psutil.Process()
    times = [one.cpu_times() for one in (me, *me.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def _parts(network: Network, limits: Limits, days: Sequence[DetectorCounts]) -> dict[str, Any]:
    """What state and plans take on one core when the city is one area; and the bare arithmetic of the state."""
    estimator, planner = Estimator(network), Planner(network, limits)
    gc.collect()
    gc.freeze()
    began = time.perf_counter()
    traffic = [estimator.update(counts) for counts in days][-1]
    state = (time.perf_counter() - began) / len(days)
    began = time.perf_counter()
    planner.propose(traffic, {}, days[-1].begin + EVERY)
    plans = time.perf_counter() - began
    gc.unfreeze()
    rows = system(estimator.net)
    began = time.perf_counter()
    flow = traffic.volume
    for _ in range(2 * 40):
        flow = rows.rows.transposed_times(rows.rows.times(flow, rows.height), len(flow))
        flow /= float(np.abs(flow).max() or 1.0)
    return {
        "state_seconds": round(state, 2), "plans_seconds": round(plans, 2),
        "limit_seconds": round(time.perf_counter() - began, 2),
        "snapshot_mb": round(len(estimator.snapshot()) / 2**20, 1),
    }


def _one_process(
    network: Network, limits: Limits, days: Sequence[DetectorCounts], expected: Sequence[Planned]
) -> dict[str, Any]:
    seconds, processor, planned = _with(here, network, limits, days)
    _require_equal(planned, expected)
    return {"one_process": {
        "seconds": round(max(seconds), 2), "processor_seconds": round(max(processor), 2), "equal": True}}


def _ray(
    network: Network, limits: Limits, days: Sequence[DetectorCounts], expected: Sequence[Planned]
) -> dict[str, Any]:
    if find_spec("ray") is None:
        return {"ray": "absent: install the extra `cluster`"}
    try:
        with _cluster() as address, _peak() as peak, spread.over_ray(WORKERS, address) as two:
            seconds, _, planned = _with(two, network, limits, days)
    except ConnectionError as unreached:
        return {"ray": f"its nodes did not start in time: {unreached}"}
    _require_equal(planned, expected)
    return {"ray": {
        "workers": WORKERS, "seconds": round(max(seconds), 2), "equal": True,
        "driver_rss_mb": round(peak[0] / 2**20),
    }}


def _with(
    way: Spread, network: Network, limits: Limits, days: Sequence[DetectorCounts]
) -> tuple[list[float], list[float], list[Planned]]:
    return _timed(City(network, limits, parts=PARTS, spread=way), days)


def _require_equal(one: Sequence[Planned], other: Sequence[Planned]) -> None:
    """Every number of every run, and every proposal. Raises RuntimeError."""
    names = ("volume", "queue", "saturation_flow", "uncertainty", "volume_soon", "volume_later", "error_soon")
    for here_, there in zip(one, other, strict=True):
        same = here_.proposals == there.proposals and all(
            np.array_equal(getattr(here_.traffic, name), getattr(there.traffic, name)) for name in names)
        if not same:
            message = "the same areas gave another result elsewhere: nothing is measured"
            raise RuntimeError(message)


def _curve(limits: Limits, *, quick: bool) -> dict[str, float]:
    """The slowest run's seconds by size of the city, areas of the usual size on two processes."""
    found = {}
    for size in (100, 1_000, 4_000) if quick else (100, 1_000, 4_000, 40_000, 100_000):
        network = _network(size)
        days = list(islice(_counts(network), 3))
        with spread.over_processes(WORKERS) as two:
            seconds, _, _ = _timed(City(network, limits, parts=max(WORKERS, size // 1_600), spread=two), days)
        found[str(size)] = round(max(seconds), 3)
    return found


@contextmanager
def _cluster() -> Iterator[str]:
    """Two Ray nodes on this machine, each with one core, ended by their process ids."""
    nodes: list[subprocess.Popen[bytes]] = []
    ray = Path(sys.executable).with_name("ray")
    common = ["--node-ip-address=127.0.0.1", "--num-cpus=1", "--block", "--disable-usage-stats",
              "--object-store-memory=300000000"]
    with tempfile.TemporaryDirectory(prefix="mr-") as folder:
        try:
            port = free_port()
            address = f"127.0.0.1:{port}"
            head = ["start", "--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={folder}", *common]
            for asked in (head, ["start", f"--address={address}", *common]):
                nodes.append(subprocess.Popen([str(ray), *asked], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
                _wait_for(port)
                time.sleep(5)
            yield address
        finally:
            _end(nodes)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.5)


def _end(nodes: Sequence[subprocess.Popen[bytes]]) -> None:
    theirs = [one for node in nodes for one in (*psutil.Process(node.pid).children(recursive=True),
                                                psutil.Process(node.pid)) if node.poll() is None]
    for process in theirs:
        process.terminate()
    for process in psutil.wait_procs(theirs, 10)[1]:
        process.kill()


@contextmanager
def _peak() -> Iterator[list[float]]:
    """The most bytes that this process and its children held together, looked at twenty times a second."""
    most, over, me = [0.0], threading.Event(), psutil.Process()

    def look() -> None:
        while not over.wait(0.05):
            held = 0
            for process in (me, *me.children(recursive=True)):
                try:
                    held += process.memory_info().rss
                except psutil.Error:
                    continue
            most[0] = max(most[0], held)

    watching = threading.Thread(target=look, daemon=True)
    watching.start()
    try:
        yield most
    finally:
        over.set()
        watching.join()
