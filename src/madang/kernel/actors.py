"""Who asks: every door of every room is given an actor first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from madang.kernel.assurance import Assurance
from madang.kernel.errors import AssuranceTooLow, BeyondDelegation, NotPermitted, PurposeNeeded, SignInNeeded
from madang.kernel.ids import AccountId, ResidentId


class ActorKind(StrEnum):
    """What sort of someone this is; a resident reads it in the record of who saw their data."""

    VISITOR = "visitor"
    RESIDENT = "resident"
    OFFICER = "officer"
    SYSTEM = "system"
    PARTNER = "partner"
    """A system of a department or a company, known to the gateway by its key or token."""


@dataclass(frozen=True, slots=True)
class Acting:
    """That somebody acts for another: under which delegation, as what, in which matters, and until when (aware)."""

    delegation: UUID
    kind: str
    """``parent``, ``guardian``, ``family``, ``company`` or ``navigator``, as ``delegations.yaml`` says."""
    by: ResidentId | None
    """Who acts, when that is a resident; a navigator is none."""
    for_whom: str
    """How a page names the person acted for. No record holds it."""
    until: datetime
    services: Collection[str] = field(default=frozenset())
    """The services, or categories of them, that it is limited to; empty for every one."""


WHATEVER_IS_ASKED: Final = "*"
"""``Stated.about`` of a purpose that came with one request of a program, which opens one thing."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What somebody said that they open a person's data for: a purpose of the profile, and a line of their own."""

    about: str
    """What it was said of, a case's number or a resident's id, and nothing else: nobody says it once and reads on."""
    purpose: str
    """A name in ``purposes.yaml``."""
    line: str = ""
    doors: Collection[str] = frozenset()
    """The permissions that it goes with."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone at a door: who, for whom, with which permissions, and how surely known."""

    kind: ActorKind
    name: str
    """What the record shows: an officer's post and number, a room's name, or ``resident``; never a resident's name."""
    account: AccountId | None = None
    subject: ResidentId | None = None
    """The resident whom this actor is, or acts for."""
    permissions: Collection[str] = field(default=frozenset())
    assurance: Assurance = Assurance.NONE
    department: str = ""
    """Where an officer works, as the account says it: some doors open only for the department that owns a service."""
    acting: Acting | None = None
    """Set while this actor acts for ``subject``, who is then another; ``account`` is always who really acts."""
    stated: Sequence[Stated] = ()
    """What they have said, in this session or with this request, that they open things for."""

    @classmethod
    def system(cls, room: str, permissions: Collection[str] = frozenset()) -> Self:
        """A room of the city acting by itself, with the permissions that it names and no others."""
        return cls(ActorKind.SYSTEM, room, permissions=frozenset(permissions), assurance=Assurance.HIGH)

    @classmethod
    def partner(cls, name: str, account: AccountId, scopes: Collection[str], department: str = "") -> Self:
        """A partner system that the gateway let in; what its scopes name are its permissions, and nothing else."""
        return cls(
            ActorKind.PARTNER, name, account=account, permissions=frozenset(scopes), assurance=Assurance.HIGH,
            department=department,
        )

    @property
    def is_known(self) -> bool:
        """Whether this is somebody rather than anybody."""
        return self.kind is not ActorKind.VISITOR

    def may(self, permission: str) -> bool:
        """Whether the permission was given."""
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise SignInNeeded for a visitor and NotPermitted for somebody without ``permission``."""
        if self.may(permission):
            return
        if not self.is_known:
            raise SignInNeeded
        raise BeyondDelegation if self.acting else NotPermitted

    def covers(self, *names: str) -> bool:
        """Whether a matter is one's own, or covered by the word of the person acted for.

        ``names`` are what the matter goes by: its service and that service's category.
        """
        return not (self.acting and self.acting.services) or bool(set(names) & set(self.acting.services))

    def require_matter(self, *names: str) -> None:
        """Raise BeyondDelegation when the matter is not covered; see ``covers``."""
        if not self.covers(*names):
            raise BeyondDelegation

    def require_assurance(self, needed: Assurance) -> None:
        """Raise AssuranceTooLow, which leads to a step-up, when this actor is not known surely enough."""
        if self.assurance < needed:
            raise AssuranceTooLow(needed=needed, held=self.assurance)

    def require_purpose(self, about: str, door: str) -> Stated:
        """What ``about`` is opened for by the permission ``door``, as this actor said.

        Raises SignInNeeded and NotPermitted as ``require`` does, and PurposeNeeded, which leads to where one says it.
        """
        self.require(door)
        found = [one for one in self.stated if one.about in {about, WHATEVER_IS_ASKED} and door in one.doors]
        if not found:
            raise PurposeNeeded(about=about, door=door)
        return found[-1]

    def the_resident(self) -> ResidentId:
        """The resident whom this actor is or acts for. Raises SignInNeeded or NotPermitted when there is none."""
        if self.subject is not None:
            return self.subject
        if not self.is_known:
            raise SignInNeeded
        raise NotPermitted

    def the_resident_alone(self, permission: str) -> ResidentId:
        """As ``the_resident``; somebody who acts for them also needs ``permission``, or BeyondDelegation is raised."""
        if self.acting and not self.may(permission):
            raise BeyondDelegation
        return self.the_resident()


VISITOR = Actor(ActorKind.VISITOR, "visitor")
"""Anybody: nobody has signed in."""
