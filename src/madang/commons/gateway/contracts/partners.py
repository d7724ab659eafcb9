"""Partner systems, what they may and use, and answers that are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

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
class Ask:
    """What a developer asks of the city for a system of theirs, in their own words; one at a time for each system."""

    partner: UUID
    plan: str
    scopes: tuple[str, ...]
    why: str
    at: datetime
    declined: str = ""
    """The officer's reason; empty while nobody has answered."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What an officer gives a system: exactly these scopes, until ``sunset`` (aware) or without an end."""

    plan: str
    scopes: tuple[str, ...]
    sunset: datetime | None = None


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
