"""What the platform register says: systems, parts of the common stack, evidence, shares, and plans that are late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from madang.kernel.errors import NotFound
from madang.kernel.languages import Text


class Permission(StrEnum):
    """What one may be allowed to do here."""

    SEE_EVIDENCE = "platform_register.see_evidence"


class Part(StrEnum):
    """A part of the common stack."""

    CLOUD = "cloud"
    GATEWAY = "gateway"
    LAKE = "lake"
    IDENTITY = "identity"
    NOTIFICATION = "notification"


class Action(StrEnum):
    """What is planned for a system that does not stand on the common stack."""

    MIGRATE = "migrate"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, and the last month of it (its first day)."""

    action: Action
    by: date


@dataclass(frozen=True, slots=True)
class System:
    """A system of the city as its department declares it."""

    key: str
    name: Text
    department: str
    kind: str
    back_office_of: str
    """The public platform that it serves; empty for a platform, and for an internal system."""
    needs: frozenset[Part]
    uses: frozenset[Part]
    clients: Sequence[str]
    """How the OpenID provider and the gateway know it."""
    plan: Plan | None

    @property
    def complies(self) -> bool:
        """Whether it uses, by its own word, every part of the common stack that it needs."""
        return self.needs <= self.uses

    @property
    def is_platform(self) -> bool:
        """Whether the public meets it."""
        return not self.back_office_of and self.kind != "internal"


@dataclass(frozen=True, slots=True)
class Share:
    """The share of systems on the common stack in a year, and where the figure is from."""

    year: int
    share: float
    source: str


@dataclass(frozen=True, slots=True)
class City:
    """The profile's ``systems.yaml``."""

    source: str
    is_estimate: bool
    systems: Mapping[str, System]
    parts: Mapping[Part, Text]
    history: Sequence[Share]
    target: Share
    evidence_days: int


class Seen(StrEnum):
    """What is seen of a declared part."""

    SEEN = "seen"
    NONE_SEEN = "none_seen"
    NOT_OBSERVABLE = "not_observable"
    """Nothing in the city could see it: cloud, lake and notification are declared only."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the gateway and the OpenID provider saw of a system of late. ``last_sign_in`` is aware."""

    requests: int
    last_sign_in: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A system with what is seen of it, and whether its plan is late."""

    system: System
    evidence: Evidence
    seen: Mapping[Part, Seen]
    """By the parts that it declares to use."""
    is_late: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The city's systems in figures. ``snapshots`` are shares that this register computed, a month each."""

    on: date
    systems: int
    platforms: int
    complying: int
    share: float
    history: Sequence[Share]
    target: Share
    snapshots: Sequence[tuple[date, float]]
    by_part: Mapping[Part, tuple[int, int]]
    """How many systems use a part, of how many that need it."""
    migrating: int
    retiring: int
    late: Sequence[System]
    without_plan: Sequence[System]
    confirmed: int
    """Complying systems of which everything that can be seen is seen."""
    is_estimate: bool
    source: str


@dataclass(eq=False)
class SystemUnknown(NotFound):
    """The register has no such system."""

    key: str

    code = "platform_register.system_unknown"
    message = "The register has no system called “{key}”."


class SystemsWrong(ValueError):
    """``systems.yaml`` cannot be used; the message names the place."""
