"""What is said of identities that others keep: who keeps them, what they prove, and why one is not taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from madang.kernel.assurance import Assurance
from madang.kernel.errors import Conflict, Invalid, NotFound, NotPermitted, Unavailable
from madang.kernel.languages import Text

KEPT: Final = timedelta(days=365 * 5)
"""How long a link opens an account before both sides are proved anew; declared in the room's manifest."""


class ClientAuth(StrEnum):
    """How the city shows a provider that it is itself."""

    SECRET = "client_secret_basic"  # noqa: S105 -- the standard's name of a way
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Provider:
    """Who keeps identities, as the profile's ``identity_providers.yaml`` says."""

    name: str
    title: Text
    issuer: str
    client_id: str
    auth: ClientAuth
    scope: str
    levels: Mapping[str, Assurance]
    """What each ``acr`` is worth here; any other is worth nothing."""
    asks_for: str
    """The ``acr_values`` of our question."""
    resident_claim: str
    """The claim with the resident id of the registers: an identity is linked to that resident's account only."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose credentials are taken for who somebody is, as the profile's ``credential_issuers.yaml`` says."""

    name: str
    title: Text
    issuer: str
    types: Sequence[str]
    """The credentials (``vct``) that are taken."""
    resident_claim: str
    levels: Mapping[str, Assurance]
    """What it is worth, by how it was shown: ``same_device``, ``cross_device``; any other way is worth nothing."""


@dataclass(frozen=True, slots=True)
class Wallet:
    """A wallet that pages offer to call: where it takes an offer, and where a question."""

    title: Text
    offer_at: str
    present_at: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A question to a provider: where the browser goes, and what its session keeps until it comes back."""

    url: str
    kept: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Identity:
    """What a provider has said of somebody, checked. ``subject`` is a SHA-256 of provider and subject, in hex."""

    provider: str
    subject: str
    assurance: Assurance
    resident: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ForeignLink:
    """That an account's holder has also proved an identity that a provider keeps."""

    provider: Provider | Issuer
    linked: datetime


@dataclass(eq=False)
class ProviderUnknown(NotFound):
    """There is no such provider."""

    code = "identity_foreign.provider_unknown"
    message = "There is no such way to sign in."


@dataclass(eq=False)
class ProviderSilent(Unavailable):
    """The provider does not answer, or not in its own words."""

    provider: str

    code = "identity_foreign.provider_silent"
    message = "“{provider}” does not answer at the moment. Please sign in another way, or try again a little later."


@dataclass(eq=False)
class AnswerNotRight(Invalid):
    """What came back cannot be trusted; ``why`` is for engineers."""

    why: str

    code = "identity_foreign.answer_not_right"
    message = "The answer of the other side could not be trusted ({why}). Please begin again."


@dataclass(eq=False)
class SomebodyElse(NotPermitted):
    """The identity is another person's than the account."""

    code = "identity_foreign.somebody_else"
    message = "This identity is not that of the person to whom the account belongs."


@dataclass(eq=False)
class LinkedElsewhere(Conflict):
    """The identity, or the account, is linked already, and not with each other."""

    code = "identity_foreign.linked_elsewhere"
    message = "This identity, or this account, is linked with another one already."


@dataclass(eq=False)
class NotSurelyEnough(NotPermitted):
    """The provider has proved too little to come in by it alone."""

    code = "identity_foreign.not_surely_enough"
    message = "This way has not proved surely enough who you are. Please sign in with your password."


class ProvidersWrong(ValueError):
    """A file of the profile on identities that others keep cannot be used; the message names it and the place."""
