"""The desk over HTTP, for officers' own tools."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext
from pydantic import Field

from madang.commons.gateway import http_api
from madang.commons.gateway.http_api import CityRequest, Query, Schema, idempotent
from madang.kernel.languages import Language
from madang.services.applications.contracts import AnswerFrom, Standing
from madang.services.document_review import facade
from madang.services.document_review.contracts import Check, DeskItem, Finding, Kind, Suggestion

router = http_api.router("desk")

Number = Annotated[str, Field(max_length=40, description="A case's number, `2026-K7QF-3M9F`.")]


class Choice(StrEnum):
    """What an officer decides."""

    APPROVE = "approve"
    REFUSE = "refuse"


class DeskItemOut(Schema):
    """One line of the queue."""

    case: UUID
    number: str
    service: str
    submitted: datetime
    due: datetime
    failing: int = Field(description="Checks that did not hold.")
    unclear: int = Field(description="Checks that a person must look at.")
    suggestion: Suggestion = Field(description="The machine's; the officer decides.")


class QueueOut(Schema):
    """What waits: by the day of its deadline, then the plainest first."""

    items: list[DeskItemOut]
    waiting: int = Field(description="How many wait, also those beyond this list.")


class CheckOut(Schema):
    """One check: by which rule, what it read, what it found, and why."""

    kind: Kind
    rule: str
    read: str
    found: str
    finding: Finding
    question: str
    why: str


class DeskAnswerOut(Schema):
    """An answer, and whose word it is."""

    value: str
    by: AnswerFrom
    corrects: str


class DecisionOut(Schema):
    """What an officer decided."""

    approved: bool
    by: str
    at: datetime
    overruled: bool
    reason: str


class DeskCaseOut(Schema):
    """A case with what is needed to decide. Texts are in the request's language."""

    case: UUID
    number: str
    service: str
    standing: Standing
    submitted: datetime | None
    due: datetime | None
    answers: dict[str, DeskAnswerOut]
    checks: list[CheckOut]
    suggestion: Suggestion = Field(description="The machine's; the officer decides.")
    decision: DecisionOut | None


class DecisionIn(Schema):
    """A decision. A refusal needs a reason, and so does an approval against the checks."""

    decision: Choice
    reason: Annotated[str, Field(max_length=2000, description="The resident reads it.")] = ""


class QueueAsked(Schema):
    """How much of the queue is asked for."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("/desk", response=QueueOut)
def queue(request: CityRequest, asked: Query[QueueAsked]) -> Mapping[str, object]:
    """What waits on my desk."""
    items: list[DeskItem] = list(facade.queue(request.actor, asked.limit))
    return {"items": items, "waiting": facade.waiting(request.actor)}


@router.get("/desk/{number}", response=DeskCaseOut)
def open_case(request: CityRequest, number: Number) -> Mapping[str, object]:
    """A case of my department. That it was opened, and what for, is recorded for the resident.

    While it waits on my desk that is to decide about it. Anything else needs `Madang-Purpose` (a name of the city's
    `purposes.yaml`) and, where that asks for one, `Madang-Purpose-Line` (percent-encoded UTF-8); without it the answer
    is 403 `city.purpose_needed`.
    """
    return _out(facade.open_case(request.actor, number, request.now), request.language)


@router.post("/desk/{number}/decision", response=DeskCaseOut)
@idempotent
def decide(request: CityRequest, number: Number, asked: DecisionIn) -> Mapping[str, object]:
    """Decide about a case on my desk."""
    opened = facade.open_case(request.actor, number, request.now)
    facade.decide(
        request.actor, opened.case.id, approve=asked.decision is Choice.APPROVE, reason=asked.reason, now=request.now
    )
    return _out(facade.open_case(request.actor, number, request.now), request.language)


def _out(opened: facade.Opened, language: Language) -> Mapping[str, object]:
    case, review = opened.case, opened.review
    return {
        "case": case.id, "number": case.number, "service": case.service, "standing": case.standing,
        "submitted": case.submitted, "due": case.due, "suggestion": review.suggestion,
        "answers": {
            name: {"value": answer.value, "by": answer.by, "corrects": answer.corrects}
            for name, answer in case.answers.items()
        },
        "checks": [_check(check, language) for check in review.checks],
        "decision": review.decision,
    }


def _check(check: Check, language: Language) -> Mapping[str, object]:
    return {
        "kind": check.kind, "rule": check.rule, "read": check.read, "found": check.found, "finding": check.finding,
        "question": check.question, "why": check.said(language, gettext),
    }
