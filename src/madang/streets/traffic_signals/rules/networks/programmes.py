"""The plans that run in a network before anybody re-times it: read from ``plans.csv``, kept beside the network.

Stages are written ``name:seconds of green``, separated by blanks, in the order of the cycle.
"""

import csv
import io
from collections.abc import Mapping

from madang.streets.traffic_signals.contracts import IntersectionId, Network, StageId, StageTime, TimingPlan
from madang.streets.traffic_signals.rules.networks.tables import COLUMNS, Line, lines_of

FILE = "plans.csv"


def read(network: Network, files: Mapping[str, str]) -> Mapping[IntersectionId, TimingPlan]:
    """The plans in ``plans.csv``; none without it. Raises NetworkFileWrong with file and line.

    Whether a plan is safe is not asked here.
    """
    plans = (_plan(line, network) for line in lines_of(network.name, FILE, files.get(FILE)))
    return {plan.intersection: plan for plan in plans}


def written(plans: Mapping[IntersectionId, TimingPlan]) -> str:
    """The plans as ``read`` takes them."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(COLUMNS[FILE])
    for plan in plans.values():
        stages = " ".join(f"{each.stage}:{each.green}" for each in plan.stages)
        rows.writerow((plan.intersection, plan.cycle, plan.offset, stages))
    return out.getvalue()


def _plan(line: Line, network: Network) -> TimingPlan:
    place = IntersectionId(line.one_of("intersection", network.intersections))
    known = {stage.id for stage in network.intersections[place].stages}
    stages = tuple(_stage(line, word, known) for word in line.text("stages").split())
    return TimingPlan(place, line.whole("cycle", 1), line.whole("offset"), stages)


def _stage(line: Line, word: str, known: set[StageId]) -> StageTime:
    name, _, seconds = word.rpartition(":")
    if StageId(name) not in known:
        line.refuse(f"stages names {name!r}, which is not known here")
    if not seconds.isdecimal():
        line.refuse(f"stages has {word!r}: give a stage and whole seconds, such as {name}:30")
    return StageTime(StageId(name), int(seconds))
