"""Sentences that rules make with figures, said in the reader's language: found again by their pattern.

Rules know no languages and speak English (``Proposal.reasons``, ``Breach.what``, ``DetectorHealth.evidence``). What is
not in the list is shown as it came, and marked as English.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.utils.translation import gettext, gettext_noop

REASONS: Final = (
    gettext_noop("The running plan stays: no other saves more than {least} % of its delay."),
    gettext_noop("The cycle changes from {before} s to {after} s."),
    gettext_noop("Stage {stage} is left out: other stages serve its movements with less lost time."),
    gettext_noop("Stage {stage} is taken in again."),
    gettext_noop("Stage {stage} gets {after} s of green instead of {before} s."),
    gettext_noop("In step with {others} neighbours: a common cycle of {cycle} s, offset {offset} s."),
    gettext_noop("Not in step with its neighbours: a common cycle would not save {least} % of their delay."),
    gettext_noop("Expected delay falls from {before} s to {after} s a vehicle."),
    gettext_noop("Demand is above capacity: the busiest lanes are {saturation} % saturated."),
    gettext_noop("No plan was running."),
)
BREACHES: Final = (
    gettext_noop("the network has no such intersection"),
    gettext_noop("the plan is for {intersection}"),
    gettext_noop("the plan has no stages"),
    gettext_noop("there is no stage {stage}"),
    gettext_noop("stage {stage} has {green} s of green: whole seconds from 1"),
    gettext_noop("the offset is {offset} s, outside of 0 to {cycle} s"),
    gettext_noop("greens and intergreens add up to {sum} s, the cycle is {cycle} s"),
    gettext_noop("the cycle is {cycle} s, outside of {least} to {most} s"),
    gettext_noop("{user} has {green} s of green, at least {need} are needed"),
    gettext_noop("{user} never gets green"),
    gettext_noop("{user} waits {red} s at red, at most {longest} are allowed"),
    gettext_noop("no intergreen is known from stage {ending} to stage {coming}"),
    gettext_noop("{given} s from stage {ending} to stage {coming}, at least {least} are needed"),
    gettext_noop("yellow is {yellow} s, at least {least} are needed"),
    gettext_noop("a movement, crossing or stage stands twice in the network"),
    gettext_noop("stage {stage} serves {user}, which is not at this place"),
    gettext_noop("stage {stage} gives {first} and {second} green together"),
    gettext_noop("stage {stage} lets people walk over {crossing} while {movement} has green"),
)
EVIDENCE: Final = (
    gettext_noop("no report for {minutes} min"),
    gettext_noop("a count below zero or infinite, or an occupancy outside 0 to 1"),
    gettext_noop("{rate} vehicles an hour on one lane, more than can pass"),
    gettext_noop("reported more than once in an interval, {times} times of late"),
    gettext_noop("its counts fit its own history {minutes} min later"),
    gettext_noop("its counts fit its own history {minutes} min earlier"),
    gettext_noop("{vehicles} vehicles and the same occupancy in every interval for {minutes} min"),
    gettext_noop("no vehicle for {minutes} min where history and neighbours make one expect {expected}"),
)
FAILURES: Final = (
    gettext_noop("no report yet"),
    gettext_noop("no report for {minutes} minutes"),
    gettext_noop("{faulty} of {detectors} detectors are faulty"),
    gettext_noop("data are good again since {minutes} minutes"),
)

PRIORITY: Final = (
    gettext_noop("It is {late} s behind its timetable; priority is given from {least} s on."),
    gettext_noop("It finds green in the plan that runs."),
    gettext_noop("It arrives in a cycle that runs already or begins at once; that is not changed."),
    gettext_noop("Another vehicle has priority here in that time."),
    gettext_noop("An engineer holds this intersection: only emergency vehicles have priority here."),
    gettext_noop("No change that is safe would give it green in time."),
    gettext_noop("Stage {stage} has green for {seconds} s longer."),
    gettext_noop("Stage {stage} has green for {seconds} s less."),
    gettext_noop("Stage {stage} comes once more in the cycle."),
    gettext_noop("After {cycles} changed cycles the plan goes on in step."),
)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for a page; ``language`` is empty for the page's own, ``en`` where no translation is known."""

    text: str
    language: str = ""


def said(english: str) -> Said:
    """The sentence in the language of the page."""
    found = _found(english)
    return Said(gettext(found[0]).format(**found[1])) if found else Said(english, "en")


def each_said(sentences: Sequence[str]) -> list[Said]:
    """As ``said``, for several."""
    return [said(one) for one in sentences]


@cache
def _patterns() -> Sequence[tuple[str, re.Pattern[str]]]:
    """Those with most fixed letters first, so that a general sentence does not take what is of a special one."""
    all_known = (*REASONS, *BREACHES, *EVIDENCE, *FAILURES, *PRIORITY)
    known = sorted(all_known, key=lambda one: -len(re.sub(r"\{\w+\}", "", one)))
    return [(one, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(one)))) for one in known]


def _found(english: str) -> tuple[str, dict[str, str]] | None:
    for template, pattern in _patterns():
        if match := pattern.fullmatch(english):
            return template, match.groupdict()
    return None
