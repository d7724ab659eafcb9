"""What an estimator remembers between intervals, and how that survives the process."""

import io
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from zipfile import BadZipFile

import numpy as np

from madang.streets.traffic_signals.contracts import Floats
from madang.streets.traffic_signals.rules.networks.columns import Columns
from madang.streets.traffic_signals.rules.state.faults import Watch
from madang.streets.traffic_signals.rules.state.forecast import HORIZONS, Made, Skill, Tally
from madang.streets.traffic_signals.rules.state.history import KINDS, SLOTS, Profile
from madang.streets.traffic_signals.rules.state.limits import StateLimits
from madang.streets.traffic_signals.rules.state.queues import Discharge

VERSION = 1
FIRST_FLOW = 200.0
"""Vehicles an hour a lane that an uncounted street is given before anything is counted."""
_BY_SLOT = ("profile.usual", "profile.hours")
QUARTERS = 24
"""Quarter hours of each detector's counts that are kept to see whether its clock is right."""


class SnapshotUnfitError(ValueError):
    """These bytes are not a snapshot, or one of another network or version: start afresh, and say so."""

    def __init__(self) -> None:
        super().__init__("these bytes are no snapshot of an estimator of this network and version")


@dataclass(slots=True)
class Memory:
    """Arrays of one row a link, movement or detector; times in seconds since 1970."""

    clock: Floats
    """End of the last interval used (0: none), and the begin of a batch that lies off and waits for a second one."""
    lane_flow: Floats
    """Usual flow a lane of streets with up to two and with more lanes; and today's level relative to the profile."""
    flow: Floats
    variance: Floats
    level: Floats
    """The flow of the last half hour."""
    counted: Floats
    """Intervals in which the link's own detectors counted."""
    unheard: Floats
    """Seconds since they last did."""
    ratio: Floats
    doubt: Floats
    """Variance of the turning ratio, relative to b(1 - b)."""
    queue: Floats
    quarters: Floats
    """Vehicles of each detector in the last quarter hours, the present one last (rows: quarters)."""
    coming: Floats
    """What each movement is to carry in the next five minutes, and its standard error: areas tell one another."""
    penetration: Floats
    """Vehicles that send their position, and all that passed the same links."""
    watch: Watch
    profile: Profile
    discharge: Discharge
    skills: tuple[Skill, Skill]
    tally: Tally


def fresh(net: Columns, limits: StateLimits) -> Memory:
    """What is remembered before anything was counted."""
    links, movements = len(net.links), len(net.movements)
    flow = FIRST_FLOW * net.lanes
    soon, later = (Skill.fresh(links, horizon, limits.damping, limits.deviation) for horizon in HORIZONS)
    return Memory(
        np.zeros(2), np.array([FIRST_FLOW, FIRST_FLOW, 1.0]), flow, (limits.unknown * flow) ** 2, flow.copy(),
        np.zeros(links), np.full(links, np.inf),
        net.usual_share.copy(), np.full(movements, limits.ratio_spread), np.zeros(movements),
        np.full((QUARTERS, len(net.detectors)), np.nan), np.zeros((2, movements)), np.zeros(2),
        Watch.over(len(net.detectors)),
        Profile(links, limits.memory), Discharge(np.ones(movements), np.zeros(movements)), (soon, later),
        Tally(np.zeros(links), np.zeros(links)),
    )


def packed(memory: Memory, net: Columns) -> bytes:
    """The memory as bytes: an uncompressed ``.npz`` (83 MB for 12,800 intersections, two thirds of it profiles)."""
    with io.BytesIO() as file:
        np.savez(file, **_all(memory, net))
        return file.getvalue()


def unpacked(data: bytes, net: Columns, limits: StateLimits) -> Memory:
    """The memory that was packed. Raises SnapshotUnfitError."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
    except (OSError, ValueError, BadZipFile, KeyError, EOFError) as error:
        raise SnapshotUnfitError from error
    return _put_together(arrays, net, limits)


def pieces(memory: Memory, net: Columns) -> dict[str, Any]:
    """The memory's arrays by name, cut so that an interval changes few: a slot of a profile, a forecast that waits."""
    found = _all(memory, net)
    for name in _BY_SLOT:
        found |= {f"{name}.{slot}": row for slot, row in enumerate(found.pop(name))}
    return found


def joined(kept: Mapping[str, Any], net: Columns, limits: StateLimits) -> Memory:
    """The memory that was cut into pieces. Raises SnapshotUnfitError."""
    arrays = dict(kept)
    for name in _BY_SLOT:
        rows = [arrays.pop(f"{name}.{slot}", np.zeros(0, np.float32)) for slot in range(KINDS * SLOTS)]
        if len({row.shape for row in rows}) > 1:
            raise SnapshotUnfitError
        arrays[name] = np.stack(rows)
    return _put_together(arrays, net, limits)


def _all(memory: Memory, net: Columns) -> dict[str, Any]:
    arrays = dict(_arrays(memory))
    arrays["net"] = _shape(net)
    for made in memory.tally.waiting:
        arrays[f"made.{made.end:.0f}"] = np.stack([
            np.full_like(made.passed, made.end), made.passed, made.unseen, made.deviation, *made.usual, *made.flow])
    return arrays


def _put_together(arrays: dict[str, Any], net: Columns, limits: StateLimits) -> Memory:
    memory = fresh(net, limits)
    shape, expected = arrays.pop("net", np.zeros(0)), dict(_arrays(memory))
    if not np.array_equal(shape, _shape(net)) or any(
        name not in arrays or arrays[name].shape != here.shape for name, here in expected.items()
    ):
        raise SnapshotUnfitError
    for name in expected:
        _put(memory, name, arrays[name])
    waiting = sorted((name for name in arrays if name.startswith("made.")), key=lambda name: int(name[5:]))
    memory.tally.waiting = deque((_made(arrays[name]) for name in waiting), maxlen=16)
    return memory


def _made(rows: Floats) -> Made:
    end = float(rows[0, 0]) if rows.size else 0.0
    return Made(end, rows[1], rows[2], rows[3], (rows[4], rows[5]), (rows[6], rows[7]))


def _arrays(memory: Memory) -> list[tuple[str, Any]]:
    """Every array by a dotted name."""
    found: list[tuple[str, Any]] = []
    for one in fields(memory):
        part = getattr(memory, one.name)
        if isinstance(part, np.ndarray):
            found.append((one.name, part))
        elif isinstance(part, tuple):
            found += [(f"{one.name}.{number}.{name}", value) for number, skill in enumerate(part)
                      for name, value in _fields(skill)]
        else:
            found += [(f"{one.name}.{name}", value) for name, value in _fields(part)]
    return found


def _fields(part: Any) -> list[tuple[str, Any]]:
    names = [one.name for one in fields(part)] if hasattr(part, "__dataclass_fields__") else list(vars(part))
    return [(name, getattr(part, name)) for name in names if isinstance(getattr(part, name), np.ndarray)]


def _put(memory: Memory, name: str, value: Any) -> None:
    holder: Any = memory
    *path, last = name.split(".")
    for step in path:
        holder = holder[int(step)] if step.isdigit() else getattr(holder, step)
    setattr(holder, last, value)


def _shape(net: Columns) -> Floats:
    """What must be the same for a snapshot to fit: the sizes and the ids, in their order."""
    ids = "\n".join((*net.movements, *net.detectors, *net.links)).encode()
    sums = np.frombuffer(ids + b"\0" * (-len(ids) % 8), np.uint64)
    weights = np.arange(1, len(sums) + 1, dtype=np.uint64)
    mixed = int((sums * weights).sum(dtype=np.uint64)) if len(sums) else 0
    return np.array([VERSION, len(net.movements), len(net.detectors), len(net.links), mixed % 2**52], np.float64)
