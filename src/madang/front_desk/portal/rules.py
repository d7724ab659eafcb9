"""How the portal leads: from question to question, and along the way that a request goes."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from madang.front_desk.portal.contracts import Figures, Progress, Stage, StepUnknown, Waypoint
from madang.records.catalogue.contracts import Processing, Service, Step
from madang.services.applications.contracts import Case, Mistake, Standing
from madang.services.applications.contracts.figures import LeftDrafts, ServiceMonth

NOT_SENT: Final = ""
"""The place of those who had answered everything that must be answered and did not send."""

_SETTLED = frozenset({Standing.COMPLETED, Standing.REFUSED, Standing.WITHDRAWN})
_WITHDRAWABLE = frozenset({
    Standing.AWAITING_SIGNATURES,
    Standing.AWAITING_PAYMENT, Standing.IN_REVIEW, Standing.WAITING_FOR_REGISTER, Standing.WITH_OFFICER,
    Standing.AWAITING_RESIDENT,
})

_STAGE_OF = {
    Standing.AWAITING_SIGNATURES: Stage.SENT,
    Standing.AWAITING_PAYMENT: Stage.FEE,
    Standing.IN_REVIEW: Stage.CHECK,
    Standing.WAITING_FOR_REGISTER: Stage.CHECK,
    Standing.WITH_OFFICER: Stage.OFFICER,
    Standing.AWAITING_RESIDENT: Stage.OFFICER,
    Standing.APPEALED: Stage.DECISION,
    Standing.APPROVED: Stage.DOCUMENT,
    Standing.REFUSED: Stage.DECISION,
    Standing.COMPLETED: Stage.DOCUMENT,
}


def is_settled(case: Case) -> bool:
    """Whether nothing more will happen by itself."""
    return case.standing in _SETTLED


def may_withdraw(case: Case) -> bool:
    """Whether it was sent and is not yet decided."""
    return case.standing in _WITHDRAWABLE


def step_named(service: Service, name: str) -> Step:
    """The step of a form. Raises StepUnknown."""
    for step in service.steps:
        if step.name == name:
            return step
    raise StepUnknown(step=name)


def step_after(service: Service, step: Step) -> Step | None:
    """The step that follows, or None when all is answered and it is time to look it over."""
    place = list(service.steps).index(step)
    return service.steps[place + 1] if place + 1 < len(service.steps) else None


def step_before(service: Service, step: Step) -> Step | None:
    """The step before, or None at the first."""
    place = list(service.steps).index(step)
    return service.steps[place - 1] if place else None


def step_of(service: Service, field: str) -> Step | None:
    """The step in which a question is asked."""
    return next((step for step in service.steps if any(one.name == field for one in step.fields)), None)


def on_this_page(step: Step, mistakes: Sequence[Mistake]) -> dict[str, Mistake]:
    """The mistakes that can be mended on this page, by question."""
    here = {field.name for field in step.fields}
    return {mistake.field: mistake for mistake in mistakes if mistake.field in here}


def way(case: Case, service: Service) -> Sequence[Waypoint]:
    """The stages of a sent request: which lie behind, where it is, and what comes."""
    stages = list(_stages(case, service))
    here = _here(case, stages)
    over = is_settled(case)
    return [
        Waypoint(stage, _progress(place, here, over=over), _reached(case, stage))
        for place, stage in enumerate(stages)
        if not (over and place > here)
    ]


def _here(case: Case, stages: Sequence[Stage]) -> int:
    """The place of the stage that a case is in; the last one where it is done without ending in a document."""
    if (stage := _STAGE_OF.get(case.standing)) in stages:
        return stages.index(stage)
    return len(stages) - 1 if case.standing in {Standing.COMPLETED, Standing.APPROVED} else 0


def _stages(case: Case, service: Service) -> Iterator[Stage]:
    seen = {happening.standing for happening in case.history}
    yield Stage.SENT
    if case.fee:
        yield Stage.FEE
    yield Stage.CHECK
    if service.processing is Processing.OFFICER or Standing.WITH_OFFICER in seen:
        yield Stage.OFFICER
    yield Stage.DECISION
    if service.outcome and case.standing is not Standing.REFUSED:
        yield Stage.DOCUMENT


def _progress(place: int, here: int, *, over: bool) -> Progress:
    if place < here or (over and place == here):
        return Progress.DONE
    return Progress.NOW if place == here else Progress.AHEAD


def _reached(case: Case, stage: Stage) -> datetime | None:
    if stage is Stage.SENT:
        return case.submitted
    if stage is Stage.DECISION:
        return case.decided
    if stage is Stage.DOCUMENT:
        return next((told.at for told in case.history if told.standing is Standing.COMPLETED), None)
    return None


def by_month(service: Service, months: Iterable[ServiceMonth], smallest: int) -> list[Figures]:
    """A service's months, as told to its owner."""
    return [_shown(service, one, one.month, smallest) for one in months if one.service == service.id]


def in_all(service: Service, months: Iterable[ServiceMonth], smallest: int) -> Figures:
    """A service over all its months; its median is that of the months, weighted by what was done in them."""
    own = [one for one in months if one.service == service.id]
    sums = {name: sum(getattr(one, name) for one in own) for name in _COUNTS}
    total = ServiceMonth(service.id, date.min, **sums, median_minutes=_median(own))
    return _shown(service, total, None, smallest)


def stopped_at(service: Service, left: Iterable[LeftDrafts]) -> Counter[str]:
    """How many stopped on each page of the form (its name): the first with a question that must be answered and is not.

    ``NOT_SENT`` counts those who had answered all that.
    """
    found: Counter[str] = Counter()
    for one in left:
        if one.service == service.id:
            found[_first_open(service, one.answered)] += one.drafts
    return found


def told(count: int, smallest: int) -> int | None:
    """A count as it may be told: not between zero and ``smallest``, so that it points at nobody."""
    return None if 0 < count < smallest else count


_COUNTS: Final = ("begun", "sent", "done", "by_machine", "handed_over", "refused", "taken_back", "unpaid")


def _first_open(service: Service, answered: Collection[str]) -> str:
    for step in service.steps:
        if any(field.required and field.name not in answered for field in step.fields):
            return step.name
    return NOT_SENT


def _median(months: Sequence[ServiceMonth]) -> float | None:
    known = sorted((one.median_minutes, one.done) for one in months if one.median_minutes is not None)
    half, passed = sum(done for _, done in known) / 2, 0
    for minutes, done in known:
        passed += done
        if passed >= half:
            return minutes
    return None


def _shown(service: Service, one: ServiceMonth, month: date | None, smallest: int) -> Figures:
    counts = {name: told(getattr(one, name), smallest) for name in _COUNTS}
    line = Figures(service, month, **counts, median_minutes=one.median_minutes)
    return line if one.done >= smallest else replace(line, median_minutes=None)
