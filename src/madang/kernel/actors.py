"""Who asks: every door of every room is given an actor first."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from madang.kernel.assurance import Assurance
from madang.kernel.errors import AssuranceTooLow, NotPermitted, SignInNeeded
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
        raise NotPermitted

    def require_assurance(self, needed: Assurance) -> None:
        """Raise AssuranceTooLow, which leads to a step-up, when this actor is not known surely enough."""
        if self.assurance < needed:
            raise AssuranceTooLow(needed=needed, held=self.assurance)

    def the_resident(self) -> ResidentId:
        """The resident whom this actor is or acts for. Raises SignInNeeded or NotPermitted when there is none."""
        if self.subject is not None:
            return self.subject
        if not self.is_known:
            raise SignInNeeded
        raise NotPermitted


VISITOR = Actor(ActorKind.VISITOR, "visitor")
"""Anybody: nobody has signed in."""
