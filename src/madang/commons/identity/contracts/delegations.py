"""What identity says about acting for another: kinds, consent, where a delegation stands, and why it is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NewType, Protocol
from uuid import UUID

from madang.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from madang.kernel.ids import AccountId, ResidentId
from madang.kernel.languages import Text, to_translate

LOOKING_FOR_CHILDREN = to_translate("Finding the children that a parent may act for")
NAMING_BOTH_SIDES = to_translate("Naming both sides of a permission to act for another")
"""What registers are read for here, as residents read it."""

DelegationId = NewType("DelegationId", UUID)


class Kind(StrEnum):
    """As what somebody acts for another."""

    PARENT = "parent"
    GUARDIAN = "guardian"
    FAMILY = "family"
    COMPANY = "company"
    NAVIGATOR = "navigator"


class Consent(StrEnum):
    """How the person represented said yes; empty while they have not."""

    NONE = ""
    BY_LAW = "by_law"
    OWN_SIGN_IN = "own_sign_in"
    IN_PERSON = "in_person"
    CODE = "code"


class Standing(StrEnum):
    """Where a delegation stands. One whose time is over needs no standing of its own: ``until`` says so."""

    OFFERED = "offered"
    AWAITS_OFFICER = "awaits_officer"
    """Recorded at a counter by one officer, where two are needed."""
    ACTIVE = "active"
    REFUSED = "refused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Delegation:
    """That one may act for another. Times are aware; ``delegate`` is empty until an invitation is accepted."""

    id: DelegationId
    kind: Kind
    represented: ResidentId
    represented_name: str
    delegate: AccountId | None
    delegate_resident: ResidentId | None
    delegate_name: str
    """Until an invitation is accepted, the e-mail address that was invited."""
    scopes: Sequence[str]
    services: Sequence[str]
    """Services or categories that it is limited to; empty for every one."""
    since: datetime
    until: datetime
    consent: Consent
    standing: Standing
    awaits_delegate: bool
    """Of an offered one, whose answer is missing: the invited delegate's, or the person's who would be represented."""

    def holds(self, now: datetime) -> bool:
        """Whether one may act under it at ``now``."""
        return self.standing is Standing.ACTIVE and self.since <= now < self.until


@dataclass(frozen=True, slots=True)
class ActingToken:
    """What a program acts for another with; shown this once. ``expires`` is aware."""

    token: str
    under: Delegation
    expires: datetime


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of somebody's business, and the permissions that it takes."""

    name: Text
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class KindRules:
    """What the profile says of a kind; ``law`` in Korean."""

    name: Text
    longest: timedelta
    scopes: Sequence[str]
    consent: frozenset[Consent]
    services: Sequence[str]
    law: str


@dataclass(frozen=True, slots=True)
class DelegationPolicy:
    """The profile's ``delegations.yaml``."""

    kinds: Mapping[Kind, KindRules]
    scopes: Mapping[str, Scope]
    own_consent_from_age: int
    of_age: int
    offer_lasts: timedelta
    keep: timedelta


@dataclass(frozen=True, slots=True)
class Minor:
    """A child of a household, as the register says."""

    resident: ResidentId
    name: str
    born: date


class Families(Protocol):
    """What identity asks of the registers, which lie above it: the wiring hands an answer in (``MADANG_FAMILIES``).

    Each question is audited by whoever answers it. Raises the register's own Unavailable or NotFound.
    """

    def minors_of(self, resident: ResidentId) -> Sequence[Minor]:
        """The minors whom this resident may represent by law."""

    def name_of(self, resident: ResidentId) -> str:
        """How the register names a resident."""


@dataclass(eq=False)
class DelegationUnknown(NotFound):
    """There is no such delegation, or it is between others: the answer is the same."""

    code = "identity.delegation_unknown"
    message = "There is no such permission to act, or it does not concern you."


@dataclass(eq=False)
class NotYourChild(NotFound):
    """The register does not show this person as a minor of the household."""

    code = "identity.not_your_child"
    message = "The register does not show this person as your child under age. A community centre can help."


@dataclass(eq=False)
class DelegationOver(Conflict):
    """Somebody acted under a delegation that has ended meanwhile; from now on they act for themselves."""

    code = "identity.delegation_over"
    message = "You may no longer act for this person. From now on you act for yourself."


@dataclass(eq=False)
class MayNotAct(NotPermitted):
    """A program would act under a delegation that is not its holder's, or has ended: the answer is the same."""

    code = "identity.may_not_act"
    message = "You may not act under this permission: it is not yours, or it has ended. Nothing was done."


@dataclass(eq=False)
class DelegationNotAllowed(Invalid):
    """What was asked for is not in the profile: its kind, its scopes, its way of consent, or its time."""

    field: str
    longest_days: int = 0

    code = "identity.delegation_not_allowed"
    message = "This is not possible for this kind of permission. Please choose from what the page offers."


@dataclass(eq=False)
class NotForYourself(Invalid):
    """Nobody acts for themselves."""

    field: str = "email"

    code = "identity.not_for_yourself"
    message = "This is your own address. Please give the address of the person who will act for you."


@dataclass(eq=False)
class TimeNotAllowed(Invalid):
    """The end is not in the future, or further away than this kind allows."""

    longest_days: int
    field: str = "until"

    code = "identity.time_not_allowed"
    message = "Choose an end date from tomorrow on, at most {longest_days} days away."
