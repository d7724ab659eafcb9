"""An intersection made ready for checking: who may go in each stage, and what each change of stage asks for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

from madang.streets.traffic_signals.contracts import (
    Breach,
    Crossing,
    Intersection,
    Limits,
    MovementId,
    Stage,
    StageId,
)

EPSILON: Final = 1e-6
"""Seconds that rounding may take away."""


class Light(StrEnum):
    """What a head shows."""

    GREEN = "green"
    YIELDING = "yielding"
    """Green, but give way."""
    YELLOW = "yellow"
    RED = "red"


def walk_needed(crossing: Crossing, limits: Limits) -> float:
    """Seconds from the start of walking green to its end: time to set off, then the whole way at a slow walker's speed.

    경찰청 교통신호기 설치·관리 매뉴얼 (2023): 보행신호시간 = 보행진입시간 + 횡단거리 / 보행속도.
    """
    return limits.walk_start + crossing.length / limits.walking_speed if limits.walking_speed > 0 else float("inf")


def green_needed(intersection: Intersection, stage: Stage, limits: Limits) -> float:
    """The shortest green of a stage after which everybody in it may be stopped."""
    walks = (walk_needed(each, limits) for each in intersection.crossings if each.id in stage.walking)
    return max(limits.min_green, *walks, 0.0)


@dataclass(frozen=True, slots=True)
class Change:
    """What lies between two stages that follow each other."""

    seconds: float
    ends: frozenset[str]
    """Who stops, or loses the right of way."""
    wrong: Sequence[Breach]


class Junction:
    """An intersection with limits, compiled once for many plans. ``users`` are its movements and crossings."""

    def __init__(self, intersection: Intersection, limits: Limits) -> None:
        self.intersection = intersection
        self.limits = limits
        self.stages: Mapping[StageId, Stage] = {stage.id: stage for stage in intersection.stages}
        self.served: Mapping[StageId, frozenset[str]] = {
            stage.id: frozenset({*stage.green, *stage.yielding, *stage.walking}) for stage in intersection.stages
        }
        self.users: Sequence[str] = [
            *(movement.id for movement in intersection.movements), *(each.id for each in intersection.crossings),
        ]
        self.serving: Mapping[str, frozenset[StageId]] = {
            user: frozenset(stage for stage, served in self.served.items() if user in served) for user in self.users
        }
        walks = {str(each.id): walk_needed(each, limits) for each in intersection.crossings}
        self.needs: Mapping[str, float] = {user: walks.get(user, limits.min_green) for user in self.users}
        self.walks = frozenset(walks)
        self.wrong: Sequence[Breach] = list(self._wrong_with_stages())
        self._changes: dict[tuple[StageId, StageId], Change] = {}

    def breach(self, clause: str, what: str, user: str | None = None) -> Breach:
        """A breach at this intersection."""
        return Breach(self.intersection.id, clause, what, MovementId(user) if user is not None else None)

    def change(self, ending: StageId, coming: StageId) -> Change:
        """What lies between two known stages. Worked out once a pair."""
        found = self._changes.get((ending, coming))
        if found is None:
            found = self._changes[ending, coming] = self._work_out(ending, coming)
        return found

    def lights(self, ending: StageId, coming: StageId | None = None, elapsed: float = 0.0) -> Mapping[str, Light]:
        """What every movement and crossing sees in a stage, or ``elapsed`` seconds into the change to ``coming``."""
        now = self.stages[ending]
        if coming is None:
            return {user: _light(now, user) for user in self.users}
        shown, then = {}, self.stages[coming]
        amber = elapsed < self.intersection.yellow - EPSILON
        for user in self.users:
            light = _light(now, user)
            if user in self.change(ending, coming).ends:
                light = Light.YIELDING if user in then.yielding else (
                    Light.YELLOW if amber and user not in self.walks else Light.RED
                )
            shown[user] = light
        return shown

    def _work_out(self, ending: StageId, coming: StageId) -> Change:
        given = self.intersection.intergreens.get((ending, coming))
        if ending == coming:
            return Change(given if given is not None and given >= 0 else 0.0, frozenset(), ())
        if given is None:
            what = f"no intergreen is known from stage {ending} to stage {coming}"
            return Change(0.0, frozenset(), (self.breach("intergreen", what),))
        now, then = self.stages[ending], self.stages[coming]
        stops = (now.green - then.green) | (now.yielding - then.green - then.yielding)
        ends = frozenset({*stops, *(now.walking - then.walking)})
        starts = bool((then.green - now.green) | (then.yielding - now.green - now.yielding)
                      or then.walking - now.walking)
        least = self._least(vehicles_stop=bool(stops), others_start=bool(ends) and starts)
        wrong = tuple(self._wrong_with_change(ending, coming, given, least))
        return Change(given, ends, wrong)

    def _least(self, *, vehicles_stop: bool, others_start: bool) -> float:
        yellow = max(self.limits.min_yellow, self.intersection.yellow) if vehicles_stop else 0.0
        return yellow + (self.limits.min_all_red if others_start else 0.0)

    def _wrong_with_change(self, ending: StageId, coming: StageId, given: float, least: float) -> Iterator[Breach]:
        between = f"from stage {ending} to stage {coming}"
        if not given >= least - EPSILON:
            yield self.breach("intergreen", f"{given:g} s {between}, at least {least:g} are needed")
        if least and not self.intersection.yellow >= self.limits.min_yellow - EPSILON:
            yellow = self.intersection.yellow
            yield self.breach("min_yellow", f"yellow is {yellow:g} s, at least {self.limits.min_yellow:g} are needed")

    def _wrong_with_stages(self) -> Iterator[Breach]:
        known = set(self.users)
        if len(known) < len(self.users) or len(self.stages) < len(self.intersection.stages):
            yield self.breach("network", "a movement, crossing or stage stands twice in the network")
        for stage in self.intersection.stages:
            if strange := self.served[stage.id] - known:
                yield self.breach("network", f"stage {stage.id} serves {min(strange)}, which is not at this place")
            yield from self._conflicts_in(stage)

    def _conflicts_in(self, stage: Stage) -> Iterator[Breach]:
        protected = stage.green - stage.yielding
        for first, second in combinations(sorted({*protected, *stage.walking}), 2):
            if frozenset((first, second)) in self.intersection.conflicts:
                yield self.breach("conflict", f"stage {stage.id} gives {first} and {second} green together", first)
        for crossing in self.intersection.crossings:
            if crossing.id in stage.walking:
                for movement in sorted(crossing.crosses & protected):
                    what = f"stage {stage.id} lets people walk over {crossing.id} while {movement} has green"
                    yield self.breach("conflict", what, movement)


def _light(stage: Stage, user: str) -> Light:
    if user in stage.yielding:
        return Light.YIELDING
    return Light.GREEN if user in stage.green or user in stage.walking else Light.RED
