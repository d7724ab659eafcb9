"""What provisioning says: staff as a directory tells them, and why something that it asks for is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from madang.kernel.ids import AccountId
from madang.kernel.languages import Language

SCOPE = "identity.provision_staff"
"""The scope of a client credential that may provision; it sees and changes what it made, and nothing else."""

MOST_RESULTS = 200

KEPT = timedelta(days=365 * 5)
"""How long what a directory said of a closed account is kept; our own choice, as long as the account itself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a directory wants an account to be. ``title`` is the post that records show, never a person's name."""

    email: str
    department: str
    title: str
    language: Language
    active: bool
    external_id: str


@dataclass(frozen=True, slots=True)
class Provisioned:
    """An account that a directory made. Times are aware; ``posts`` are names of the profile's ``staff.yaml``."""

    id: AccountId
    wanted: Wanted
    posts: Sequence[str]
    created: datetime
    modified: datetime


@dataclass
class ScimRefused(Exception):
    """Why a request is refused, as RFC 7644 (2015), section 3.12, tells it: for the directory's log, in English."""

    status: int
    detail: str
    kind: str = ""
    """The ``scimType``: ``invalidFilter``, ``uniqueness``, ``mutability`` …; empty where none fits."""
