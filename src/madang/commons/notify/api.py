"""Notify over HTTP: my ways, a message's deliveries, broadcasts with their reports, and the queue of calls.

Notify lies below the gateway, so its router asks nobody to sign in; every door of the facade does.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from madang.commons.notify import facade
from madang.commons.notify.contracts import (
    LONGEST_BODY,
    LONGEST_TITLE,
    Broadcast,
    Call,
    CallOutcome,
    Draft,
    Report,
)
from madang.commons.notify.web.asked import Asked
from madang.kernel.languages import Language, Text

router = Router(tags=["messages"])


class WayOut(Schema):
    """Whether one is told of a topic by a channel."""

    topic: str
    channel: str
    wanted: bool
    fixed: bool


class WishIn(Schema):
    """A wish about one topic and channel."""

    topic: str = Field(max_length=60)
    channel: str = Field(max_length=30)
    wanted: bool


class DeliveryOut(Schema):
    """A message on one channel."""

    channel: str
    state: str
    attempts: int
    settled: datetime | None


class BroadcastIn(Schema):
    """What is to be said where; no districts means the whole city. Texts by language, Korean at least."""

    titles: dict[Language, str] = Field(min_length=1, description=f"at most {LONGEST_TITLE} characters each")
    bodies: dict[Language, str] = Field(min_length=1, description=f"at most {LONGEST_BODY} characters each")
    districts: list[str] = Field(default=[], max_length=30)


class BroadcastOut(Schema):
    """A broadcast."""

    id: UUID
    state: str
    written: datetime
    written_by: str
    approved: datetime | None
    approved_by: str
    residents: int
    deliveries: int


class ReportOut(Schema):
    """Where a broadcast's deliveries stand."""

    residents: int
    confirmed: int
    read: int
    handed_over: int
    by_channel: dict[str, dict[str, int]]
    by_language: dict[str, int]


class CallOut(Schema):
    """Somebody to be called, and what is to be said."""

    id: UUID
    phone: str
    language: str
    title: str
    body: str
    tries: int
    state: str


class OutcomeIn(Schema):
    """What came of a call."""

    outcome: CallOutcome


class WaitingOut(Schema):
    """How many wait to be called."""

    waiting: int


@router.get("/messages/ways", response=list[WayOut])
def my_choices(request: Asked) -> Sequence[Any]:
    """By which channels I am told of what."""
    return facade.ways_of(request.actor).choices


@router.put("/messages/ways", response=list[WayOut])
def choose(request: Asked, wishes: list[WishIn]) -> Sequence[Any]:
    """Change what I am told by which channel. Topics with legal weight cannot be changed."""
    facade.choose(request.actor, {(one.topic, one.channel): one.wanted for one in wishes}, request.now)
    return facade.ways_of(request.actor).choices


@router.get("/messages/{message}/deliveries", response=list[DeliveryOut])
def deliveries(request: Asked, message: UUID) -> Sequence[Any]:
    """Where one of my messages stands on each channel."""
    return facade.deliveries(request.actor, message)


@router.get("/broadcasts", response=list[BroadcastOut])
def newest(request: Asked) -> Sequence[Broadcast]:
    """The last broadcasts. For officers."""
    return facade.newest_broadcasts(request.actor)


@router.post("/broadcasts", response={201: BroadcastOut})
def write(request: Asked, asked: BroadcastIn) -> Any:
    """Write a broadcast, which another officer must approve."""
    draft = Draft(_text(asked.titles), _text(asked.bodies), asked.districts)
    return Status(201, facade.write(request.actor, draft, request.now))


@router.post("/broadcasts/{broadcast}/approve", response=BroadcastOut)
def approve(request: Asked, broadcast: UUID) -> Broadcast:
    """Approve what another officer wrote: it goes out."""
    return facade.approve(request.actor, broadcast, request.now)


@router.post("/broadcasts/{broadcast}/withdraw", response=BroadcastOut)
def withdraw(request: Asked, broadcast: UUID) -> Broadcast:
    """Withdraw a broadcast that nobody approved yet."""
    return facade.withdraw(request.actor, broadcast, request.now)


@router.get("/broadcasts/{broadcast}/report", response=ReportOut)
def report(request: Asked, broadcast: UUID) -> Mapping[str, Any]:
    """Where a broadcast's deliveries stand, by channel and language."""
    return _told(facade.report_of(request.actor, broadcast))


@router.get("/calls", response=WaitingOut)
def calls(request: Asked) -> Mapping[str, int]:
    """How many wait to be called. For agents."""
    return {"waiting": len(facade.waiting_calls(request.actor, request.now))}


@router.post("/calls/next", response={200: CallOut, 204: None})
def take(request: Asked) -> Any:
    """Take the next call: nobody else gets it for 15 minutes. 204 when nobody waits."""
    taken = facade.take_call(request.actor, request.now)
    return _call(taken) if taken else Status(204, None)


@router.post("/calls/{call}", response=CallOut)
def settle(request: Asked, call: UUID, outcome: OutcomeIn) -> Mapping[str, Any]:
    """Say what came of a call: done, no_answer or again."""
    return _call(facade.settle_call(request.actor, call, outcome.outcome, request.now))


def _text(given: Mapping[Language, str]) -> Text:
    """A text without Korean is made empty there, which the facade refuses in words."""
    return Text({**given, Language.KO: given.get(Language.KO) or " "})


def _told(found: Report) -> Mapping[str, Any]:
    return {
        "residents": found.residents, "confirmed": found.confirmed, "read": found.read,
        "handed_over": found.handed_over, "by_language": {one.value: many for one, many in found.by_language.items()},
        "by_channel": {
            name: {state.value: many for state, many in states.items()} for name, states in found.by_channel.items()
        },
    }


def _call(found: Call) -> Mapping[str, Any]:
    message = found.message
    return {
        "id": found.id, "phone": found.phone, "language": message.language.value, "title": message.title,
        "body": message.body, "tries": found.tries, "state": found.state.value,
    }
