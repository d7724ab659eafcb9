"""Who signs or applies together with a request's resident."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from madang.kernel.errors import Conflict, NotFound, NotPermitted
from madang.kernel.ids import ResidentId


class Capacity(StrEnum):
    """As what somebody stands beside the resident."""

    SIGNER = "signer"
    """Reads the request and agrees to it; sees it until they have answered."""
    APPLICANT = "applicant"
    """Applies with them and may see the same."""
    DELEGATE = "delegate"
    """Sent it for a business, and sees it while they may act for it."""


class PartyStanding(StrEnum):
    """What became of an invitation."""

    INVITED = "invited"
    SIGNED = "signed"
    DECLINED = "declined"
    ENDED = "ended"
    """Its time ran out, or it was taken back."""


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody beside the resident. Times are aware; ``name`` is as the resident wrote it, ``digest`` what they signed.

    ``resident`` is empty until the one invited has answered.
    """

    id: UUID
    case: UUID
    capacity: Capacity
    name: str
    invited: datetime
    until: datetime
    standing: PartyStanding = PartyStanding.INVITED
    resident: ResidentId | None = None
    answered: datetime | None = None
    digest: str = ""

    def is_open(self, now: datetime) -> bool:
        """Whether it still waits for an answer."""
        return self.standing is PartyStanding.INVITED and now <= self.until


@dataclass(eq=False)
class InvitationUnknown(NotFound):
    """There is no open invitation with this code; whether there ever was one is not told."""

    code = "applications.invitation_unknown"
    message = "There is no open invitation with this code. Ask whoever gave it to you for a new one."


@dataclass(eq=False)
class NotTheOneInvited(NotPermitted):
    """The invitation names somebody else than the register names the one who opens it, or is one's own."""

    code = "applications.not_the_one_invited"
    message = "This invitation names somebody else. Only the person named in it can open it, with their own sign-in."


@dataclass(eq=False)
class NobodySigns(Conflict):
    """The service needs no second person, the request is on its way, or as many were invited as may be."""

    case: str

    code = "applications.nobody_signs"
    message = "Nobody can be invited to request {case} now."
