"""Services of departments that send by the compatible API (docs/notify.md): keys, templates, notifications."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from madang.kernel.errors import Invalid, NotFound, SignInNeeded, TooOften


class NoticeKind(StrEnum):
    """What is sent."""

    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"


class KeyKind(StrEnum):
    """What a key may do: send, or only try everything out."""

    NORMAL = "normal"
    TEST = "test"


class Status(StrEnum):
    """Where a notification stands, in the words of the product that the API is compatible with."""

    CREATED = "created"
    SENDING = "sending"
    DELIVERED = "delivered"
    PERMANENT_FAILURE = "permanent-failure"
    TEMPORARY_FAILURE = "temporary-failure"
    TECHNICAL_FAILURE = "technical-failure"
    ACCEPTED = "accepted"
    RECEIVED = "received"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will become of it."""
        return self not in {Status.CREATED, Status.SENDING, Status.ACCEPTED}


@dataclass(frozen=True, slots=True)
class Service:
    """A department's service that sends."""

    id: UUID
    name: str
    daily_limit: int
    callback_url: str
    created: datetime


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A key: its secret is shown once, when it is made."""

    id: UUID
    service: UUID
    name: str
    kind: KeyKind
    secret: str
    created: datetime


@dataclass(frozen=True, slots=True)
class TextToSave:
    """A template as its service writes it; texts of ``sms`` have no subject."""

    kind: NoticeKind
    name: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class ServiceTemplate:
    """One version of a service's template; ``((name))`` in it is filled in."""

    id: UUID
    service: UUID
    kind: NoticeKind
    version: int
    name: str
    subject: str
    body: str
    created: datetime
    created_by: str
    first_created: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What a service asks to be sent. ``personalisation`` may hold texts, numbers and lists."""

    kind: NoticeKind
    recipient: str
    template: UUID
    personalisation: Mapping[str, object]
    reference: str | None = None
    unsubscribe_url: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification of a service. Times are aware."""

    id: UUID
    service: UUID
    kind: NoticeKind
    recipient: str
    template: UUID | None
    version: int
    subject: str
    body: str
    reference: str | None
    status: Status
    created: datetime
    sent: datetime | None
    completed: datetime | None
    unsubscribe_url: str | None
    postage: str
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class ReceivedText:
    """A text message that somebody sent to a service's number. ``at`` is aware."""

    id: UUID
    service: UUID
    sender: str
    number: str
    content: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Search:
    """Which notifications are looked for."""

    statuses: Sequence[str] = ()
    kinds: Sequence[str] = ()
    reference: str = ""
    older_than: UUID | None = None


@dataclass(eq=False)
class TokenRefused(SignInNeeded):
    """The token is missing, not signed by a key of the service, or too old; ``why`` says it in the product's words."""

    why: str

    code = "notify.token_refused"
    message = "This sign-in token is not accepted: {why}"


@dataclass(eq=False)
class AskedWrong(Invalid):
    """The request is not right; ``why`` says it in the product's words."""

    why: str
    kind: str = "BadRequestError"

    code = "notify.asked_wrong"
    message = "This cannot be sent: {why}"


@dataclass(eq=False)
class NoSuchNotice(NotFound):
    """No such notification, template or service, or it is another service's."""

    code = "notify.no_such_notice"
    message = "There is no such notification or template."


@dataclass(eq=False)
class LimitReached(TooOften):
    """The service has sent as much today as it may."""

    limit: int

    code = "notify.limit_reached"
    message = "This service may send {limit} messages a day, and has."


@dataclass(eq=False)
class ServiceUnknown(NotFound):
    """There is no such service."""

    name: str

    code = "notify.service_unknown"
    message = "There is no service called “{name}”."


