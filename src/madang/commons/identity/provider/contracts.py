"""What the provider says: systems that rely on the city's sign-in, what they may learn, and what people allowed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from madang.kernel.actors import ActorKind
from madang.kernel.assurance import Assurance
from madang.kernel.errors import Conflict, Invalid, NotFound
from madang.kernel.ids import AccountId
from madang.kernel.languages import Text

SystemId = NewType("SystemId", str)
"""A system's ``client_id``: lower-case letters, digits and hyphens, chosen by whoever registers it."""


class Permission(StrEnum):
    """What one may be allowed to do here."""

    MANAGE_SYSTEMS = "identity_provider.manage_systems"
    ROTATE_KEYS = "identity_provider.rotate_keys"


class Grant(StrEnum):
    """The ways to tokens that the city knows. There is no implicit, hybrid or password way (RFC 9700, 2025)."""

    CODE = "authorization_code"
    CREDENTIALS = "client_credentials"
    REFRESH = "refresh_token"


class People(StrEnum):
    """Whom a system lets in."""

    RESIDENTS = "residents"
    STAFF = "staff"
    EVERYONE = "everyone"

    def includes(self, kind: ActorKind) -> bool:
        """Whether somebody of this kind may come in there."""
        of = {ActorKind.RESIDENT: People.RESIDENTS, ActorKind.OFFICER: People.STAFF}.get(kind)
        return of is not None and self in {People.EVERYONE, of}


@dataclass(frozen=True, slots=True)
class System:
    """A department's or partner's system that relies on the city's sign-in: what it is, and what it may ask."""

    id: SystemId
    name: Text
    department: Text
    purpose: Text
    """What it does with what it learns, as the consent page says it."""
    people: People
    grants: frozenset[Grant]
    scopes: frozenset[str]
    """About people (``openid``, ``email``, …) and, with ``client_credentials``, the rooms' own (``reports.read``)."""
    redirect_uris: Sequence[str]
    post_logout_redirect_uris: Sequence[str] = ()
    backchannel_logout_uri: str = ""
    sector: str = ""
    """Systems of one sector know a person by the same subject; empty for the host of the first redirect address."""
    least_assurance: Assurance = Assurance.LOW
    is_public: bool = False
    """Runs on people's own devices and can keep no secret."""
    last_sign_in: datetime | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A system that shows an access token of its own, not a person's. ``expires`` is aware, Asia/Seoul."""

    id: SystemId
    department: str
    """In Korean, as the registration says it."""
    scopes: frozenset[str]
    expires: datetime


@dataclass(frozen=True, slots=True)
class PersonScope:
    """Something about a person that a system may ask to learn, and the claims that tell it."""

    name: str
    title: Text
    claims: frozenset[str]


@dataclass(frozen=True, slots=True)
class ProviderPolicy:
    """The profile's ``openid.yaml``: what may be asked about people, and how long things hold."""

    scopes: Mapping[str, PersonScope]
    code_lasts: timedelta
    access_token_lasts: timedelta
    system_token_lasts: timedelta
    id_token_lasts: timedelta
    refresh_lasts: timedelta
    consent_lasts: timedelta
    secret_overlap: timedelta
    key_announced: timedelta
    key_lasts: timedelta


class Need(StrEnum):
    """What is missing before a system gets an answer about a person."""

    NOTHING = "nothing"
    SIGN_IN = "sign_in"
    SIGN_IN_AGAIN = "sign_in_again"
    MORE_ASSURANCE = "more_assurance"
    CONSENT = "consent"
    NOT_THEIRS = "not_theirs"
    """The system is not for people of this kind."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A system's valid question: who is there? ``uri`` is the question itself, path and query."""

    system: System
    scopes: frozenset[str]
    prompts: frozenset[str]
    needed: Assurance
    max_age: timedelta | None
    wants_fresh: bool
    """Whether a proof that was given before the question does not count."""
    hint: str
    uri: str

    @property
    def is_silent(self) -> bool:
        """Whether no page may be shown (``prompt=none``)."""
        return "none" in self.prompts


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody in a browser: who, how they proved it, and in which session. ``proved`` is when they last did."""

    account: AccountId
    kind: ActorKind
    assurance: Assurance
    methods: Sequence[str]
    """Authentication methods (RFC 8176, 2017)."""
    proved: datetime
    session: UUID


@dataclass(frozen=True, slots=True)
class SignIn:
    """A person signed in at a system: what its tokens rest on."""

    id: UUID
    system: SystemId
    account: AccountId
    assurance: Assurance
    methods: Sequence[str]
    proved: datetime
    scopes: frozenset[str]
    subject: str


@dataclass(frozen=True, slots=True)
class Connection:
    """A consent that stands, as its giver sees it."""

    id: UUID
    system: System
    scopes: Sequence[PersonScope]
    given: datetime
    until: datetime
    last_sign_in: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to a program: an OAuth endpoint's status, headers and JSON."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KeyState:
    """A signing key: ``standing`` is ``announced``, ``signing`` or ``kept`` (for tokens that it has signed)."""

    kid: str
    made: datetime
    standing: str


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A system's secret as it is shown once; only its SHA-256 is kept. Empty for a system that can keep none."""

    system: SystemId
    secret: str
    old_until: datetime | None
    """Until when the secret before it works too."""


@dataclass(eq=False)
class AskNotRight(Invalid):
    """A system's question cannot be answered, and it is not safe to send anybody back to where it says."""

    why: str

    code = "identity_provider.ask_not_right"
    message = "The system that sent you here has asked in a way that the city does not answer: {why}."


@dataclass(eq=False)
class SystemUnknown(NotFound):
    """There is no such system."""

    system: str

    code = "identity_provider.system_unknown"
    message = "There is no system “{system}”."


@dataclass(eq=False)
class SystemTaken(Conflict):
    """Another system has this name already."""

    system: str

    code = "identity_provider.system_taken"
    message = "There is a system “{system}” already."


@dataclass(eq=False)
class SystemNotRight(Invalid):
    """What is told of a system cannot be used; ``why`` names the place and how to mend it."""

    why: str

    code = "identity_provider.system_not_right"
    message = "This system cannot be registered: {why}."


@dataclass(eq=False)
class ConnectionUnknown(NotFound):
    """There is no such consent, or it is somebody else's."""

    code = "identity_provider.connection_unknown"
    message = "This connection is not there any more."


class TellBack(Exception):
    """The system is told at ``uri`` why it gets no answer; nobody is shown anything."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.uri = uri


class ProviderPolicyWrong(ValueError):
    """``openid.yaml`` cannot be used; the message names the place."""
