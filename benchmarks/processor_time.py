"""Where a run's processor time goes: by process of the city, also of those that were killed and started again."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

_SECONDS = 1.0


@dataclass(slots=True)
class ProcessorTime:
    """Samples the user and system seconds of a process and all that it started; a dead one keeps its last sample."""

    root: int
    """The process id of ``madang up``."""
    names: Mapping[int, str]
    """Process ids of the city's duties; a child counts for the nearest of these above it."""
    _first: dict[int, float] = field(default_factory=dict)
    _last: dict[int, tuple[str, float]] = field(default_factory=dict)

    async def follow(self) -> None:
        """Sample every second until cancelled."""
        while True:
            self.sample()
            await asyncio.sleep(_SECONDS)

    def sample(self, names: Mapping[int, str] | None = None) -> None:
        """Look once. ``names`` replaces the known process ids, after one was started again."""
        self.names = names or self.names
        with suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self.root).children(recursive=True):
                with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    times = process.cpu_times()
                    spent = times.user + times.system
                    self._first.setdefault(process.pid, spent)
                    self._last[process.pid] = (self._duty(process), spent)

    def by_duty(self) -> dict[str, float]:
        """Seconds since the first sample, by duty, most first; several workers are one."""
        spent: defaultdict[str, float] = defaultdict(float)
        for pid, (duty, seconds) in self._last.items():
            spent[duty] += seconds - self._first[pid]
        return dict(sorted(spent.items(), key=lambda pair: -pair[1]))

    def _duty(self, process: psutil.Process) -> str:
        above = [process, *process.parents()]
        named = next((self.names[one.pid] for one in above if one.pid in self.names), "other")
        return named.rpartition("-")[0] if named.rpartition("-")[2].isdigit() else named
