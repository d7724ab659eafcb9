"""What the gateway says to the rooms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from madang.kernel.errors import CityError, Conflict, Invalid, NotFound, NotPermitted, SignInNeeded, TooOften
from madang.kernel.languages import Text

KEPT_FOR: Final = timedelta(hours=24)
"""How long an answer is kept under its Idempotency-Key."""

USE_KEPT_FOR: Final = timedelta(days=400)
"""How long it is kept what a partner asked by day: a year can be compared with the one before."""


class Permission(StrEnum):
    """What one may be allowed to do here."""

    DEVELOP = "gateway.develop"
    """Register one's own systems as partners, within what anybody is given."""
    SEE_PARTNERS = "gateway.see_partners"
    MANAGE_PARTNERS = "gateway.manage_partners"


class State(StrEnum):
    """Whether a partner system is let in."""

    ACTIVE = "active"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much a partner may ask: in any one second of the clock, and in a day in Seoul."""

    name: str
    title: Text
    per_second: int
    per_day: int
    is_self_service: bool
    """Whether a developer may choose it without asking the city."""


@dataclass(frozen=True, slots=True)
class Visitors:
    """How much one source (an IPv4 address, an IPv6 /64) may ask without a key: at once, and each second after.

    ``larger`` names addresses behind which many people sit, or this machine itself, and what each may ask in a second.
    """

    burst: int
    per_second: int
    larger: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Partner:
    """A system of a department or a company that asks the city's API by itself. Times are aware."""

    id: UUID
    name: str
    organisation: str
    department: str
    """The city's department that it belongs to; empty for one from outside."""
    plan: str
    scopes: Sequence[str]
    addresses: Sequence[str]
    """Networks that it may ask from (CIDR); none means any."""
    state: State
    since: datetime
    sunset: datetime | None = None
    """When it is let in no longer."""
    owner: UUID | None = None
    """The account that registered it."""
    oauth_client: str = ""
    """The client's id at the city's own token endpoint, when it comes with tokens."""

    @property
    def actor_name(self) -> str:
        """What records show."""
        return f"{self.organisation}: {self.name}"


@dataclass(frozen=True, slots=True)
class NewPartner:
    """A partner system to be registered."""

    name: str
    organisation: str
    plan: str
    department: str = ""
    scopes: Sequence[str] = ()
    addresses: Sequence[str] = ()
    owner: UUID | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A partner's key as it is kept: only its beginning can be read again. Times are aware."""

    id: UUID
    partner: UUID
    prefix: str
    made: datetime
    expires: datetime | None = None
    revoked: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it opens at ``now``."""
        return self.revoked is None and (self.expires is None or now < self.expires)


@dataclass(frozen=True, slots=True)
class FreshKey:
    """A key as it is shown, once: ``text`` is kept nowhere."""

    key: Key
    text: str


@dataclass(frozen=True, slots=True)
class Use:
    """What a partner asked on one day in Seoul."""

    day: date
    requests: int
    refused: int
    bytes_out: int


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the bus learns of it: nothing in it tells a person. ``at`` is aware."""

    at: datetime
    client: str
    """The partner's id; empty for a person."""
    method: str
    route: str
    """The path without its query; whatever is no plain word in it is ``*``."""
    status: int
    ms: int
    bytes_in: int
    bytes_out: int
    network: str
    """The first 16 bits of the source's address."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What the API answered to a developer's request."""

    status: int
    headers: Mapping[str, str]
    body: str
    """Its beginning."""


@dataclass(frozen=True, slots=True)
class LogPosition:
    """How far a log was read: its file, and bytes from the file's beginning."""

    log: str
    inode: int
    offset: int


@dataclass(frozen=True, slots=True)
class Granted:
    """What a quota says to one request: what is left of this second and this day, and seconds until the next day."""

    passes: bool
    second_left: int
    day_left: int
    day_resets_in: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with an Idempotency-Key: whose, where, which key, and the SHA-256 of everything that it asks."""

    account: UUID
    route: str
    key: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given."""

    status: int
    media_type: str
    body: bytes


@dataclass(eq=False)
class KeyReused(Invalid):
    """The Idempotency-Key was used for another request."""

    field: str = "Idempotency-Key"

    code = "gateway.key_reused"
    message = "This Idempotency-Key was used for another request. Use a new key for a new request."


@dataclass(eq=False)
class KeyMalformed(Invalid):
    """The Idempotency-Key is empty, longer than 200 characters, or not visible ASCII."""

    field: str = "Idempotency-Key"

    code = "gateway.key_malformed"
    message = "An Idempotency-Key has 1 to 200 visible ASCII characters, for example a UUID."


@dataclass(eq=False)
class KeyBusy(Conflict):
    """The same request with the same Idempotency-Key is still being answered."""

    code = "gateway.key_busy"
    message = "The same request is still being worked on. Please ask again in a few seconds."


@dataclass(eq=False)
class BodyTooLarge(CityError):
    """The body is larger than this address takes."""

    code = "gateway.body_too_large"
    message = "What you sent is larger than this address takes."


@dataclass(eq=False)
class MediaTypeUnknown(CityError):
    """The body is not ``application/json``."""

    media_type: str

    code = "gateway.media_type_unknown"
    message = "Send the body as application/json, not as “{media_type}”."


@dataclass(eq=False)
class KeyNotKnown(SignInNeeded):
    """The API key was never given out, has expired, or was revoked."""

    code = "gateway.api_key_not_known"
    message = "This API key is not known, has expired or was revoked. Make a new one under /developers/."


@dataclass(eq=False)
class PartnerStopped(NotPermitted):
    """The partner system was stopped, or its time has ended."""

    code = "gateway.partner_stopped"
    message = "This system is stopped or its time has ended. Please ask the department that registered it."


@dataclass(eq=False)
class AddressNotAllowed(NotPermitted):
    """The partner asks from an address that it did not name."""

    code = "gateway.address_not_allowed"
    message = "This key may not be used from your address. Add the address under /developers/."


@dataclass(eq=False)
class ScopeMissing(NotPermitted):
    """The route needs a scope that the partner does not hold."""

    scope: str

    code = "gateway.scope_missing"
    message = "This needs the scope {scope}. Ask for it under /developers/."


@dataclass(eq=False)
class ClosedToPartners(NotPermitted):
    """No scope opens this route: it is for people who sign in."""

    code = "gateway.closed_to_partners"
    message = "This address is not open to partner systems. /developers/ lists those that are."


@dataclass(eq=False)
class QuotaSpent(TooOften):
    """The plan's requests of this second or day are used up."""

    quota: int
    seconds: int

    code = "gateway.quota_spent"
    message = "The quota of {quota} requests is used up. Ask again in {seconds} seconds."


@dataclass(eq=False)
class PartnerUnknown(NotFound):
    """There is no such partner system, or it is somebody else's."""

    code = "gateway.partner_unknown"
    message = "There is no such system."


@dataclass(eq=False)
class PlanUnknown(Invalid):
    """The profile has no such plan, or it is not for everybody to choose."""

    plan: str
    field: str = "plan"

    code = "gateway.plan_unknown"
    message = "There is no plan “{plan}” to choose here."


@dataclass(eq=False)
class ScopeUnknown(Invalid):
    """No room declares such a scope."""

    scope: str
    field: str = "scopes"

    code = "gateway.scope_unknown"
    message = "No room declares the scope “{scope}”."


@dataclass(eq=False)
class AddressMalformed(Invalid):
    """What was given is neither an address nor a network."""

    address: str
    field: str = "addresses"

    code = "gateway.address_malformed"
    message = "“{address}” is neither an IP address nor a network such as 192.0.2.0/24."


@dataclass(eq=False)
class KeyFormWrong(Invalid):
    """What was given is no key."""

    field: str = "key"

    code = "gateway.key_form_wrong"
    message = "This is not a key of the city's. It begins with madang_."


@dataclass(eq=False)
class PathNotOfTheApi(Invalid):
    """The address lies outside the API."""

    field: str = "path"

    code = "gateway.path_not_of_the_api"
    message = "The address begins with /api/v1/ and has no spaces."


@dataclass(eq=False)
class NameMissing(Invalid):
    """The system or its organisation has no name, or one that is too long."""

    field: str

    code = "gateway.name_missing"
    message = "Give a name of 1 to 100 characters."


@dataclass(eq=False)
class TooManyKeys(Conflict):
    """The partner holds as many keys as one may."""

    most: int

    code = "gateway.too_many_keys"
    message = "A system has at most {most} keys at a time. Revoke one that is no longer used."


@dataclass(eq=False)
class TooManyPartners(Conflict):
    """The developer registered as many systems as one may."""

    most: int

    code = "gateway.too_many_partners"
    message = "One account registers at most {most} systems. Stop one that is no longer used."
