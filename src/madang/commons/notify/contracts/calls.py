"""Calls to people without a device."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from madang.commons.notify.contracts.messages import DeliveryId, Message
from madang.kernel.errors import Conflict, NotFound


class CallState(StrEnum):
    """Where a call stands."""

    OPEN = "open"
    DONE = "done"
    UNREACHABLE = "unreachable"


class CallOutcome(StrEnum):
    """What an agent says of a call."""

    DONE = "done"
    NO_ANSWER = "no_answer"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to be called, and what is to be said. Times are aware."""

    id: UUID
    delivery: DeliveryId
    message: Message
    phone: str
    state: CallState
    agent: str
    tries: int
    next_call: datetime


@dataclass(eq=False)
class CallUnknown(NotFound):
    """There is no such call."""

    code = "notify.call_unknown"
    message = "There is no such call."


@dataclass(eq=False)
class CallSettled(Conflict):
    """Somebody has settled it already."""

    code = "notify.call_settled"
    message = "This call is settled already."
