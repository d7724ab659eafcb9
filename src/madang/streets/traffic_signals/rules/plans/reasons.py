"""Why a plan is proposed, in sentences from one list, with figures, for an engineer to read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from madang.streets.traffic_signals.contracts import Effect, TimingPlan

SENTENCES = {
    "kept": "The running plan stays: no other saves more than {least} % of its delay.",
    "cycle": "The cycle changes from {before} s to {after} s.",
    "left_out": "Stage {stage} is left out: other stages serve its movements with less lost time.",
    "taken_in": "Stage {stage} is taken in again.",
    "green": "Stage {stage} gets {after} s of green instead of {before} s.",
    "in_step": "In step with {others} neighbours: a common cycle of {cycle} s, offset {offset} s.",
    "apart": "Not in step with its neighbours: a common cycle would not save {least} % of their delay.",
    "delay": "Expected delay falls from {before} s to {after} s a vehicle.",
    "full": "Demand is above capacity: the busiest lanes are {saturation} % saturated.",
    "first": "No plan was running.",
}
"""Keys are stable: a page may show a sentence in another language by its key."""


@dataclass(frozen=True, slots=True)
class Step:
    """A signal of a group: the common cycle in seconds (0: each runs by itself), and how many signals are in it."""

    cycle: int
    together: int


def because(
    before: TimingPlan | None, after: TimingPlan, effect: Effect, step: Step | None = None, *, least: int = 3,
) -> Sequence[str]:
    """The reasons for ``after`` beside what ran before it."""
    along = tuple(_along(step, after, least)) if step else ()
    if before is None:
        return (SENTENCES["first"], *along, *_effect(effect))
    if before == after:
        return (SENTENCES["kept"].format(least=least), *along, *_effect(effect))
    return (*_changes(before, after), *along, *_effect(effect))


def _along(step: Step, after: TimingPlan, least: int) -> Iterator[str]:
    if step.cycle:
        yield SENTENCES["in_step"].format(others=step.together - 1, cycle=step.cycle, offset=after.offset)
    else:
        yield SENTENCES["apart"].format(least=least)


def _changes(before: TimingPlan, after: TimingPlan) -> Iterator[str]:
    if before.cycle != after.cycle:
        yield SENTENCES["cycle"].format(before=before.cycle, after=after.cycle)
    had = {each.stage: each.green for each in before.stages}
    has = {each.stage: each.green for each in after.stages}
    yield from (SENTENCES["left_out"].format(stage=stage) for stage in had if stage not in has)
    yield from (SENTENCES["taken_in"].format(stage=stage) for stage in has if stage not in had)
    for stage, green in has.items():
        if stage in had and green != had[stage]:
            yield SENTENCES["green"].format(stage=stage, before=had[stage], after=green)


def _effect(effect: Effect) -> Iterator[str]:
    if round(effect.delay) < round(effect.delay_now):
        yield SENTENCES["delay"].format(before=round(effect.delay_now), after=round(effect.delay))
    if effect.saturation > 1:
        yield SENTENCES["full"].format(saturation=round(100 * effect.saturation))
