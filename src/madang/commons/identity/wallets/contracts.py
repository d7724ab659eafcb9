"""What is said of credentials that are presented: how, to whom, and why one is not taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from madang.commons.identity.foreign.contracts import Identity
from madang.kernel.errors import Conflict, Invalid

LASTS: Final = timedelta(minutes=5)
"""How long a question waits: as long as somebody needs to find their phone."""
KEPT: Final = timedelta(minutes=30)
"""How long a question can lie before it is deleted; declared in the room's manifest."""


class Means(StrEnum):
    """Where the wallet is."""

    SAME_DEVICE = "same_device"
    CROSS_DEVICE = "cross_device"


class Standing(StrEnum):
    """How far a question is."""

    WAITING = "waiting"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Question:
    """A question that waits for a wallet. ``browser`` is a hash of what its browser's session keeps."""

    handle: str
    browser: str
    means: Means
    nonce: str
    state: str
    ends: datetime
    standing: Standing
    refused: str = ""
    """Why what was shown was not taken."""
    claims: Sequence[str] = ()
    """What else is asked, as evidence: such a question opens no account."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody has shown from their wallet, and who they are by the same credential. Yes-or-no is yes or no."""

    identity: Identity
    claims: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as the browser's page shows it: ``query`` is what a wallet's address is called with."""

    query: str
    means: Means
    standing: Standing
    ends: datetime
    refused: str


@dataclass(frozen=True, slots=True)
class Presented:
    """A presentation taken apart, every signature checked; what it means is still to be judged.

    ``signed`` is what the issuer signed, ``told`` the same with what was disclosed, ``bound`` what the holder's key
    signed over ``hashed``.
    """

    signed: Mapping[str, Any]
    told: Mapping[str, Any]
    bound: Mapping[str, Any]
    hashed: str


@dataclass(eq=False)
class NotTaken(Exception):
    """A presentation is not taken, told to a program; ``why`` is for engineers."""

    why: str
    status: int = 400


@dataclass(eq=False)
class QuestionOver(Conflict):
    """The question was answered, has ended, or was asked in another browser."""

    code = "identity_wallets.question_over"
    message = "This question to your wallet is over, or was asked in another browser. Please begin again."


@dataclass(eq=False)
class CredentialNotTaken(Invalid):
    """What the wallet showed was not taken; ``why`` is for engineers."""

    why: str

    code = "identity_wallets.credential_not_taken"
    message = "What your wallet showed could not be taken ({why}). Please begin again."


@dataclass(eq=False)
class NumberWrong(Invalid):
    """The number is not the one that the phone shows."""

    code = "identity_wallets.number_wrong"
    message = "This is not the number that your phone shows."
