"""What identity says about guardians: what an officer records from a paper decision, and why that is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from madang.commons.identity.contracts.centre import AtCounter
from madang.commons.identity.contracts.delegations import DelegationId
from madang.kernel.errors import Conflict, Invalid
from madang.kernel.ids import AccountId, ResidentId
from madang.kernel.languages import to_translate

RECORDING = to_translate("Recording at a centre who is your guardian")
LOOKING = to_translate("Looking at a centre who is your guardian")


@dataclass(frozen=True, slots=True)
class Guardianship:
    """What an officer reads from the paper: whose guardian, of which kind of paper, in what, until which last day.

    ``at`` is the guardian at the counter, by the e-mail address of their account; ``decided`` is the paper's day.
    """

    at: AtCounter
    ward: ResidentId
    paper: str
    decided: date
    scopes: Sequence[str]
    last_day: date


@dataclass(frozen=True, slots=True)
class Recorded:
    """A guardianship as the counter shows it. ``until`` is aware."""

    id: DelegationId
    ward_name: str
    guardian_name: str
    paper: str
    centre: str
    officer: AccountId
    until: datetime


@dataclass(eq=False)
class WardUnknown(Invalid):
    """The register has nobody under this number."""

    field: str = "ward"

    code = "identity.ward_unknown"
    message = "The register has nobody under this number."


@dataclass(eq=False)
class PaperUnknown(Invalid):
    """The profile does not name this kind of paper, or it is dated in the future."""

    field: str = "paper"

    code = "identity.paper_unknown"
    message = "Choose the kind of paper that you have seen, and the day on it: today or earlier."


@dataclass(eq=False)
class AlreadyGuardian(Conflict):
    """This guardianship is recorded, or waits for a second officer."""

    field: str = "ward"

    code = "identity.already_guardian"
    message = "This is recorded already, or waits for a second officer. To change it, end it and record it anew."


@dataclass(eq=False)
class EndsAtACounter(Conflict):
    """A ward does not end a guardianship with a click: that is the court's."""

    code = "identity.ends_at_a_counter"
    message = "A guardianship ends by a decision of the court. Any community centre records it."
