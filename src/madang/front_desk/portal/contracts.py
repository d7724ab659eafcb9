"""What the portal says: the page of a form, the way of a request, and what somebody may run into."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from madang.kernel.errors import NotFound
from madang.records.catalogue.contracts import Service, Step
from madang.records.places.contracts import District, Dong, Near, Place
from madang.services.applications.contracts import Case
from madang.services.payments.contracts import Bill


class Stage(StrEnum):
    """A place on the way of a request, as a resident thinks of it."""

    SENT = "sent"
    FEE = "fee"
    CHECK = "check"
    OFFICER = "officer"
    DECISION = "decision"
    DOCUMENT = "document"


class Progress(StrEnum):
    """Whether a stage lies behind, is where the request is, or lies ahead."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A stage, and when it was reached (aware), if it was."""

    stage: Stage
    progress: Progress
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FormPage:
    """One page of a draft: its step, and the steps before and after it, if any."""

    case: Case
    service: Service
    step: Step
    before: Step | None
    after: Step | None


@dataclass(frozen=True, slots=True)
class Business:
    """A request with what belongs to it: its service, its way, and its bill while there is something to pay."""

    case: Case
    service: Service
    way: Sequence[Waypoint] = ()
    bill: Bill | None = None
    is_settled: bool = False
    """Whether nothing more will happen by itself."""
    may_withdraw: bool = False


@dataclass(frozen=True, slots=True)
class Nearby:
    """Where something can be done in person, as far as somebody said where they are.

    ``found`` pairs each place with how far it is from the ``dong``, or with None when only a district was chosen.
    """

    districts: Sequence[District]
    district: District | None = None
    dongs: Sequence[Dong] = ()
    dong: Dong | None = None
    found: Sequence[tuple[Place, Near | None]] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """One line of figures; a count is None where it is above zero and too small to be told.

    ``median_minutes`` is told only where ``done`` is.
    """

    service: Service
    month: date | None
    begun: int | None
    sent: int | None
    done: int | None
    by_machine: int | None
    handed_over: int | None
    refused: int | None
    taken_back: int | None
    unpaid: int | None
    median_minutes: float | None


@dataclass(frozen=True, slots=True)
class OwnedFigures:
    """A department's services, one line each over ``months``; counts below ``smallest`` are not told."""

    lines: Sequence[Figures]
    smallest: int


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """One service: its months, the newest first, and how many stopped at each page (its name; empty: not sent)."""

    service: Service
    months: Sequence[Figures]
    stopped: Sequence[tuple[str, int | None]]
    smallest: int


@dataclass(eq=False)
class StepUnknown(NotFound):
    """The form has no such page; it may have changed since the link was made."""

    step: str

    code = "portal.step_unknown"
    message = "This form has no page called “{step}”."


@dataclass(eq=False)
class CategoryUnknown(NotFound):
    """There is no such kind of service."""

    category: str

    code = "portal.category_unknown"
    message = "There is no kind of service called “{category}”."
