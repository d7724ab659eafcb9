"""What identity says about purposes: what somebody may open a person's data for when no case at hand says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from madang.kernel.errors import Invalid
from madang.kernel.languages import Text


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose of the profile; ``law`` in Korean. ``name`` is said to the person whose data was opened."""

    name: Text
    law: str
    doors: frozenset[str]
    """The permissions with which it may be chosen."""
    needs_line: bool


@dataclass(frozen=True, slots=True)
class PurposePolicy:
    """The profile's ``purposes.yaml``."""

    purposes: Mapping[str, Purpose]
    holds: timedelta


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says before they open something; ``door`` is the permission by which they come in."""

    about: str
    door: str
    purpose: str
    line: str


@dataclass(eq=False)
class PurposeUnknown(Invalid):
    """The profile has no such purpose for this door; ``known`` are those that it has."""

    known: str
    field: str = "purpose"

    code = "identity.purpose_unknown"
    message = "Choose what you open this for. There is: {known}."


@dataclass(eq=False)
class LineNeeded(Invalid):
    """This purpose is said in one's own words, too; ``longest`` is in characters."""

    longest: int
    field: str = "line"

    code = "identity.purpose_line_needed"
    message = "Say in your own words what it is about, in 5 to {longest} characters."
