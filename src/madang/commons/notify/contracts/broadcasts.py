"""Emergency broadcasts: written by one officer, approved by another, sent to everybody who can be reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from madang.commons.notify.contracts.messages import DeliveryState
from madang.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from madang.kernel.languages import Language, Text

BroadcastId = NewType("BroadcastId", UUID)

LONGEST_TITLE = 60
LONGEST_BODY = 500
"""Characters. A cell broadcast has 157 Korean characters at most (재난문자방송 기준 및 운영규정, 2023); this is for
other channels and gives room for where to go."""


class BroadcastState(StrEnum):
    """Where a broadcast stands."""

    WRITTEN = "written"
    APPROVED = "approved"
    COMPOSED = "composed"
    """Everybody's message is written down, and is being sent."""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be said where. ``districts`` are codes of five digits; none means the whole city.

    A language without a text of its own gets English where that is given, else Korean.
    """

    titles: Text
    bodies: Text
    districts: Sequence[str] = ()
    link: str = "/"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast with who wrote and who approved it. Times are aware."""

    id: BroadcastId
    draft: Draft
    state: BroadcastState
    written: datetime
    written_by: str
    approved: datetime | None
    approved_by: str
    residents: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class Report:
    """How many deliveries of a message or a broadcast stand where, by channel and state, and in which languages."""

    broadcast: BroadcastId | None
    residents: int
    confirmed: int
    read: int
    by_channel: Mapping[str, Mapping[DeliveryState, int]]
    by_language: Mapping[Language, int]

    @property
    def handed_over(self) -> int:
        """Deliveries that a provider took."""
        done = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)
        return sum(many for states in self.by_channel.values() for state, many in states.items() if state in done)


@dataclass(eq=False)
class BroadcastUnknown(NotFound):
    """There is no such broadcast."""

    code = "notify.broadcast_unknown"
    message = "There is no such broadcast."


@dataclass(eq=False)
class BroadcastWrong(Invalid):
    """A title or a text is missing or too long, or a district is none."""

    field: str

    code = "notify.broadcast_wrong"
    message = "Write a title of at most 60 and a text of at most 500 characters in Korean, and choose known districts."


@dataclass(eq=False)
class SecondOfficerNeeded(NotPermitted):
    """The one who wrote it wants to approve it."""

    code = "notify.second_officer_needed"
    message = "Another officer must approve this: you wrote it yourself."


@dataclass(eq=False)
class BroadcastDecided(Conflict):
    """It was approved or withdrawn already."""

    code = "notify.broadcast_decided"
    message = "This broadcast was already approved or withdrawn."
