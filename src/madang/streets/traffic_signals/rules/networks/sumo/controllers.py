"""What a controller's programme says: which stages there are, what lies between them, how long each has green."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from madang.streets.traffic_signals.contracts import IntersectionId, StageId, StageTime, TimingPlan
from madang.streets.traffic_signals.rules.networks.sumo.file import Programme

GO = "Gg"
YELLOW = "yY"
DEFAULT_YELLOW = 3.0
"""Seconds at 50 km/h where the programme shows none (RiLSA 2015, 2.4)."""
DEFAULT_ALL_RED = 2.0
"""Seconds where the programme has no transition to learn from."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage as it comes in the programme: its heads' letters, its green, and what follows until the next one."""

    state: str
    green: float
    between: Sequence[tuple[float, str]]

    @property
    def intergreen(self) -> float:
        """Seconds until the next stage's green."""
        return sum(seconds for seconds, _ in self.between)


@dataclass(frozen=True, slots=True)
class Timing:
    """A programme in the room's terms."""

    programme: Programme
    states: Mapping[StageId, str]
    """Each stage's letters by head, in the order of the cycle."""
    order: Sequence[tuple[StageId, Step]]
    yellow: float
    intergreens: Mapping[tuple[StageId, StageId], float]
    before_first: float
    """Seconds of the programme that lie before the first stage's green."""

    def plan(self) -> TimingPlan:
        """The programme as a plan, in whole seconds; a one-stage programme has no intergreen."""
        following = [*self.order[1:], self.order[0]]
        greens = [StageTime(stage, max(1, round(step.green))) for stage, step in self.order]
        gaps = (self.intergreens.get((a[0], b[0]), 0.0) for a, b in zip(self.order, following, strict=True))
        cycle = sum(time.green for time in greens) + round(sum(gaps))
        offset = round(self.programme.offset + self.before_first) % cycle
        return TimingPlan(IntersectionId(self.programme.signal), cycle, offset, tuple(greens))


def timing(programme: Programme, heads_walked: frozenset[int]) -> Timing | None:
    """The programme's stages and times; None where it never gives green, so that nothing is controlled.

    ``heads_walked`` are heads of crossings: a phase that only clears them belongs to the transition after it.
    """
    steps, before_first = _steps(programme.phases, heads_walked)
    if not steps:
        return None
    names: dict[str, StageId] = {}
    for step in steps:
        names.setdefault(step.state, StageId(str(len(names) + 1)))
    states = {name: state for state, name in names.items()}
    yellow = _yellow(steps)
    order = [(names[step.state], step) for step in steps]
    return Timing(programme, states, order, yellow, _intergreens(order, states, yellow), before_first)


def _steps(phases: Sequence[tuple[float, str]], walked: frozenset[int]) -> tuple[list[Step], float]:
    """The phases that are stages, each with what follows it, and the seconds before the first."""
    kinds = list(_stages(phases, walked))
    first = next((i for i, is_stage in enumerate(kinds) if is_stage), None)
    if first is None:
        return [], 0.0
    turned = [*zip(phases, kinds, strict=True)][first:] + [*zip(phases, kinds, strict=True)][:first]
    steps: list[Step] = []
    for (seconds, state), is_stage in turned:
        last = steps[-1] if steps else None
        if not is_stage and last is not None:
            steps[-1] = Step(last.state, last.green, [*last.between, (seconds, state)])
        elif last is not None and last.state == state and not last.between:
            steps[-1] = Step(state, last.green + seconds, [])
        else:
            steps.append(Step(state, seconds, []))
    return steps, sum(seconds for seconds, _ in phases[:first])


def _stages(phases: Sequence[tuple[float, str]], walked: frozenset[int]) -> Iterator[bool]:
    before = phases[-1][1] if phases else ""
    for _, state in phases:
        green = _going(state)
        clears_walkers = green < _going(before) and _going(before) - green <= walked
        yield bool(green) and not any(letter in YELLOW or letter == "u" for letter in state) and not clears_walkers
        before = state


def _going(state: str) -> frozenset[int]:
    return frozenset(head for head, letter in enumerate(state) if letter in GO)


def _loses(before: str, after: str) -> bool:
    """Whether who had the right of way must stop, or must give way from now on."""
    return (before == "G" and after != "G") or (before == "g" and after not in GO)


def _yellow(steps: Sequence[Step]) -> float:
    shown = [seconds for step in steps for seconds, state in step.between if any(letter in YELLOW for letter in state)]
    return max(shown, default=DEFAULT_YELLOW)


def _intergreens(
    order: Sequence[tuple[StageId, Step]], states: Mapping[StageId, str], yellow: float
) -> dict[tuple[StageId, StageId], float]:
    """Seconds between any two stages: the programme's own where it has them, else its longest; 0 if none loses."""
    shown: dict[tuple[StageId, StageId], float] = {}
    for (name, step), (following, _) in pairwise([*order, order[0]]):
        shown[name, following] = max(step.intergreen, shown.get((name, following), 0.0))
    longest = max((seconds for seconds in shown.values() if seconds), default=yellow + DEFAULT_ALL_RED)
    gaps: dict[tuple[StageId, StageId], float] = {}
    for one, state in states.items():
        for other, then in states.items():
            loses = any(_loses(before, after) for before, after in zip(state, then, strict=True))
            own = shown.get((one, other), 0.0)
            if one != other:
                gaps[one, other] = own or (longest if loses else 0.0)
    return gaps
