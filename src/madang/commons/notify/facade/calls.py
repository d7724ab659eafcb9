"""Calls to people without a device: an agent takes the next, says what came of it, and that confirms the message."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.notify import ways
from madang.commons.notify.contracts import (
    Call,
    CallOutcome,
    CallSettled,
    CallState,
    CallUnknown,
    DeliveryState,
    Permission,
)
from madang.commons.notify.facade import courses
from madang.commons.notify.store import calls, deliveries, messages
from madang.kernel.actors import Actor

_PURPOSE: Final = "tell somebody without a device by telephone"
_HELD: Final = timedelta(minutes=15)
"""How long a call stays with the agent who took it."""


def waiting_calls(actor: Actor, now: datetime, limit: int = 50) -> Sequence[Call]:
    """Who waits to be called. Raises NotPermitted."""
    actor.require(Permission.CALL_BACK)
    return calls.waiting(now, limit)


def take_call(actor: Actor, now: datetime) -> Call | None:
    """The next call, which nobody else gets for 15 minutes; None when nobody waits. Raises NotPermitted."""
    actor.require(Permission.CALL_BACK)
    with transaction():
        taken = calls.take(actor.name, now, now + _HELD)
        if taken:
            audit.record(
                actor, "notify.take_call", purpose=_PURPOSE, subject=taken.message.resident, about=taken.message.id,
                fields=["phone", "message"],
            )
    return taken


def settle_call(actor: Actor, call: UUID, outcome: CallOutcome, now: datetime) -> Call:
    """Say what came of a call. Raises NotPermitted, CallUnknown, CallSettled."""
    actor.require(Permission.CALL_BACK)
    with transaction():
        found = calls.locked(call)
        if found is None:
            raise CallUnknown
        if found.state is not CallState.OPEN:
            raise CallSettled
        audit.record(
            actor, "notify.settle_call", purpose=_PURPOSE, subject=found.message.resident, about=found.message.id
        )
        _settle(found, outcome, now)
        return calls.locked(call) or found


def _settle(call: Call, outcome: CallOutcome, now: datetime) -> None:
    rule = ways.ways().calls
    tries = call.tries + (outcome is not CallOutcome.AGAIN)
    if outcome is CallOutcome.DONE:
        calls.settle(call.id, CallState.DONE, tries, now, now)
        deliveries.receive([(call.delivery, DeliveryState.DELIVERED, "")], now)
        messages.confirm([call.message.id], "call", now)
    elif tries >= rule.tries:
        calls.settle(call.id, CallState.UNREACHABLE, tries, now, now)
        deliveries.receive([(call.delivery, DeliveryState.GIVEN_UP, "nobody answered the telephone")], now)
        courses.go_on(call.message, now)
    else:
        calls.settle(call.id, CallState.OPEN, tries, now + rule.wait, None)
