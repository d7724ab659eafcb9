"""Where a person is reached, what they want to be told, and what may be wrong with either."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from madang.kernel.errors import Conflict, Invalid, NotFound, TooOften
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language


class Permission(StrEnum):
    """What one may be allowed to do here."""

    SEE_OWN = "notify.see_own"
    """Read a resident's messages for them; the resident needs no permission."""
    SET_OWN = "notify.set_own"
    """Change for a resident, in acting for them, how they are reached; no delegation holds it."""
    SET_FOR_RESIDENT = "notify.set_for_resident"
    SEE_REPORTS = "notify.see_reports"
    SEE_TEMPLATES = "notify.see_templates"
    WRITE_BROADCAST = "notify.write_broadcast"
    APPROVE_BROADCAST = "notify.approve_broadcast"
    CALL_BACK = "notify.call_back"
    RUN_SERVICES = "notify.run_services"


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach a resident that they, or an officer for them, gave. Times are aware.

    ``address`` is a phone number in E.164, an e-mail address, a postal address on one line, or a push subscription
    as JSON (W3C Push API, 2025). ``off`` says since when nothing goes there, and ``off_why`` why.
    """

    id: UUID
    resident: ResidentId
    channel: str
    address: str
    verified: datetime | None
    added: datetime
    by: str
    off: datetime | None
    off_why: str

    @property
    def is_open(self) -> bool:
        """Whether messages may go there."""
        return self.verified is not None and self.off is None


@dataclass(frozen=True, slots=True)
class Reach:
    """What notify knows of a person beside their contact points: language, district (five digits), and no device."""

    resident: ResidentId
    language: Language | None = None
    district: str = ""
    without_device: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether a resident is told of a topic by a channel; ``fixed`` says that they cannot change it."""

    topic: str
    channel: str
    wanted: bool
    fixed: bool


@dataclass(frozen=True, slots=True)
class Ways:
    """Everything that the page of preferences shows."""

    reach: Reach
    contacts: Sequence[Contact]
    choices: Sequence[Choice]


@dataclass(eq=False)
class PhoneWrong(Invalid):
    """Not a phone number that a text message can go to."""

    typed: str
    field: str = "phone"

    code = "notify.phone_wrong"
    message = "“{typed}” is not a mobile phone number. Write it like 010-0000-0000."


@dataclass(eq=False)
class PostalAddressWrong(Invalid):
    """Not an address in the road-name form."""

    typed: str
    field: str = "address"

    code = "notify.postal_address_wrong"
    message = "“{typed}” is no road-name address with a postcode. Write it like 04524 서울특별시 중구 세종대로 110."


@dataclass(eq=False)
class SubscriptionWrong(Invalid):
    """Not a push subscription."""

    field: str = "subscription"

    code = "notify.subscription_wrong"
    message = "This is not a push subscription: it needs endpoint, keys.p256dh and keys.auth."


@dataclass(eq=False)
class CodeWrong(Invalid):
    """The code that was typed is not the one that was sent, or is too old."""

    field: str = "code"

    code = "notify.code_wrong"
    message = "This code is not right or is no longer valid. Please ask for a new one."


@dataclass(eq=False)
class CodesTooOften(TooOften):
    """Codes were asked for too often."""

    code = "notify.codes_too_often"
    message = "You have asked for several codes already. Please wait ten minutes, or call 120."


@dataclass(eq=False)
class ContactUnknown(NotFound):
    """There is no such contact point, or it is somebody else's."""

    code = "notify.contact_unknown"
    message = "There is no such contact point."


@dataclass(eq=False)
class CannotBeTurnedOff(Conflict):
    """The topic has legal weight, or the city has no such topic or channel for it."""

    topic: str
    channel: str

    code = "notify.cannot_be_turned_off"
    message = "Messages about this topic cannot be changed on this channel."
