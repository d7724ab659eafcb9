"""The second-by-second guard of adaptive mode: it lets through only what leaves a safe way on.

A state is let through when what ends has had its time, the change takes its intergreen, and from there the plain round
of all stages at their shortest would still serve everybody before their longest red. So whoever is refused can always
go on by ``Monitor.plain``, the next step of that round: a shield in the sense of Alshiekh and others, "Safe
reinforcement learning via shielding" (2018).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, inf

from madang.streets.traffic_signals.contracts import Breach, Intersection, Limits, StageId
from madang.streets.traffic_signals.rules.safety.junction import EPSILON, Junction


@dataclass(frozen=True, slots=True)
class Shown:
    """What the street shows: a stage, or the change from it ``towards`` another."""

    stage: StageId
    towards: StageId | None = None


class Monitor:
    """Watches one intersection. Ask once a second with ``next``; what it refuses must not be shown."""

    def __init__(self, intersection: Intersection, limits: Limits) -> None:
        self._junction = Junction(intersection, limits)
        self._order = [stage.id for stage in intersection.stages]
        self._wrong = list(self._wrong_with_plain_round())
        self._shown: Shown | None = None
        self._begun = 0.0
        self._second = -inf
        self._green: dict[str, float] = {}
        self._red: dict[str, float] = {}

    def next(self, second: float, stage: StageId, towards: StageId | None = None) -> Breach | None:
        """Why this may not be shown from ``second`` on; None when it may, and then the monitor counts on it.

        ``second`` counts up in steps of one from any beginning. With ``towards`` the change from ``stage`` is shown.
        """
        wanted = Shown(stage, towards)
        refusal = self._refusal(second, wanted)
        if refusal is None:
            self._second = second
            self._keep(second, wanted)
        return refusal

    def plain(self, second: float) -> Shown:
        """What the plain round of all stages at their shortest shows from ``second`` on; never refused once begun."""
        if self._shown is None:
            return Shown(self._order[0])
        shown, junction = self._shown, self._junction
        if shown.towards is not None:
            done = second - self._begun >= junction.change(shown.stage, shown.towards).seconds - EPSILON
            return Shown(shown.towards) if done else shown
        coming = self._after(shown.stage)
        if coming == shown.stage or second < self._may_end(shown.stage) - EPSILON:
            return shown
        return Shown(shown.stage, coming) if junction.change(shown.stage, coming).seconds > 0 else Shown(coming)

    def _wrong_with_plain_round(self) -> Iterator[Breach]:
        junction = self._junction
        yield from junction.wrong
        for user in junction.users:
            if not any(user in served for served in junction.served.values()):
                yield junction.breach("max_red", f"{user} never gets green", user)
        for stage in self._order:
            yield from junction.change(stage, self._after(stage)).wrong

    def _refusal(self, second: float, wanted: Shown) -> Breach | None:
        junction = self._junction
        if self._wrong:
            return self._wrong[0]
        if not second > self._second:
            return junction.breach("clock", f"second {second:g} comes after second {self._second:g}")
        for each in (wanted.stage, wanted.towards):
            if each is not None and each not in junction.stages:
                return junction.breach("unknown_stage", f"there is no stage {each}")
        if wanted.stage == wanted.towards:
            return junction.breach("intergreen", f"nothing changes from stage {wanted.stage} to itself")
        refusal = self._wrong_step(second, wanted)
        return refusal or next(self._waits_too_long(second, wanted), None)

    def _wrong_step(self, second: float, wanted: Shown) -> Breach | None:
        """What is wrong with going from what is shown to what is wanted."""
        junction, shown = self._junction, self._shown
        if shown is None or wanted == shown:
            return None if wanted.towards is None or shown is not None else junction.breach(
                "intergreen", "nothing can change before something was shown",
            )
        if shown.towards is None:
            return self._wrong_end(second, shown.stage, wanted)
        length = junction.change(shown.stage, shown.towards).seconds
        if wanted != Shown(shown.towards):
            return junction.breach("intergreen", f"the change from {shown.stage} to {shown.towards} must be finished")
        if not second - self._begun >= length - EPSILON:
            what = f"{second - self._begun:g} s from {shown.stage} to {shown.towards}, {length:g} are needed"
            return junction.breach("intergreen", what)
        return None

    def _wrong_end(self, second: float, now: StageId, wanted: Shown) -> Breach | None:
        """What is wrong with ending the green of ``now``."""
        junction = self._junction
        coming = wanted.towards or wanted.stage
        if wanted.towards is not None and wanted.stage != now:
            return junction.breach("intergreen", f"the street shows {now}, not {wanted.stage}")
        change = junction.change(now, coming)
        if change.wrong:
            return change.wrong[0]
        if wanted.towards is None and change.seconds > EPSILON:
            return junction.breach("intergreen", f"from {now} to {coming} {change.seconds:g} s are needed")
        for user in change.ends:
            had = second - self._green.get(user, second)
            if user in junction.served[coming] or had >= junction.needs[user] - EPSILON:
                continue
            clause = "pedestrian_clearance" if user in junction.walks else "min_green"
            what = f"{user} has had {had:g} s of green, {junction.needs[user]:.3g} are needed"
            return junction.breach(clause, what, user)
        return None

    def _waits_too_long(self, second: float, wanted: Shown) -> Iterator[Breach]:
        """Who would wait too long if from ``wanted`` on the plain round were run."""
        junction, longest = self._junction, self._junction.limits.max_red
        red = dict(self._red) if self._shown is not None else dict.fromkeys(junction.users, second)
        for begin, end, stage in self._plain_round(second, wanted):
            for user in junction.users:
                if user not in junction.served[stage]:
                    continue
                waited = begin - red.get(user, second)
                if not waited <= longest + EPSILON:
                    yield junction.breach("max_red", f"{user} would wait {waited:g} s, at most {longest:g}", user)
                red[user] = end

    def _plain_round(self, second: float, wanted: Shown) -> Iterator[tuple[float, float, StageId]]:
        """When each stage would have green, from what is wanted now through one round and back."""
        at, stage = second, wanted.stage
        if wanted.towards is None:
            may_end = self._would_end(second, stage)
            yield at, may_end, stage
            at, stage = self._changed(may_end, stage)
        else:
            begun = self._begun if wanted == self._shown else second
            at = max(begun + ceil(self._junction.change(stage, wanted.towards).seconds - EPSILON), second + 1)
            stage = wanted.towards
        for _ in range(2 * len(self._order)):
            end = at + self._shortest(stage)
            yield at, end, stage
            at, stage = self._changed(end, stage)

    def _changed(self, end: float, stage: StageId) -> tuple[float, StageId]:
        coming = self._after(stage)
        return end + ceil(self._junction.change(stage, coming).seconds - EPSILON), coming

    def _would_end(self, second: float, stage: StageId) -> float:
        """The first second after ``second`` at which everybody in ``stage`` would have had their time."""
        needs, served = self._junction.needs, self._junction.served[stage]
        running = self._green if self._shown is not None else {}
        return max([second + 1, *(ceil(running.get(user, second) + needs[user] - EPSILON) for user in served)])

    def _may_end(self, stage: StageId) -> float:
        served = self._junction.served[stage]
        return max((self._green[user] + self._junction.needs[user] for user in served), default=0.0)

    def _shortest(self, stage: StageId) -> float:
        served = self._junction.served[stage]
        return ceil(max((self._junction.needs[user] for user in served), default=1.0) - EPSILON)

    def _after(self, stage: StageId) -> StageId:
        return self._order[(self._order.index(stage) + 1) % len(self._order)]

    def _keep(self, second: float, wanted: Shown) -> None:
        if wanted == self._shown:
            return
        junction, served = self._junction, self._junction.served[wanted.stage]
        if wanted.towards is not None:
            served &= junction.served[wanted.towards]
        for user in junction.users:
            if user in served:
                self._green.setdefault(user, second)
                self._red.pop(user, None)
            else:
                self._red.setdefault(user, second)
                self._green.pop(user, None)
        self._shown, self._begun = wanted, second
