"""What identity says about staff as their departments list them: who joins, moves and leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from madang.kernel.errors import Conflict, Invalid
from madang.kernel.ids import AccountId


class Move(StrEnum):
    """What a list changes for one person."""

    JOINS = "joins"
    MOVES = "moves"
    LEAVES = "leaves"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class StaffPolicy:
    """The profile's ``staff.yaml``: roles by post."""

    roles_of: Mapping[str, Sequence[str]]
    most_leavers_share: float
    unused_after: timedelta
    posts_of_directories: Sequence[str]
    """The posts that a department's directory may give by itself."""


@dataclass(frozen=True, slots=True)
class Member:
    """One line of a department's list. ``post`` is a key of the profile's posts; ``title`` is what records show."""

    email: str
    department: str
    post: str
    title: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a list does with one person: the roles that they have afterwards, and those that they lose."""

    email: str
    move: Move
    roles: Sequence[str]
    lost: Sequence[str]


@dataclass(frozen=True, slots=True)
class Unused:
    """A role that its holder has not used: ``rooms`` of its permissions in which they did nothing since ``since``."""

    account: AccountId
    email: str
    department: str
    role: str
    rooms: Sequence[str]
    since: datetime
    last_sign_in: datetime | None


@dataclass(eq=False)
class StaffListWrong(Invalid):
    """A line of the list cannot be read; ``line`` counts from 1, the header included."""

    line: int
    what: str

    code = "identity.staff_list_wrong"
    message = "Line {line} of the list: {what}."


@dataclass(eq=False)
class TooManyLeave(Conflict):
    """The list would close an unusual share of its accounts: perhaps it was cut off."""

    leavers: int
    known: int

    code = "identity.too_many_leave"
    message = "This list would close {leavers} of {known} accounts. If that is right, say so with --all-leavers."
