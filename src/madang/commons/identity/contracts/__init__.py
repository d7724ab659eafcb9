"""What identity says to the rooms: accounts, roles, what a role may do, and why a sign-in is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from madang.kernel.actors import ActorKind
from madang.kernel.errors import Conflict, Invalid, NotFound, SignInNeeded, TooOften
from madang.kernel.events import Event
from madang.kernel.ids import AccountId, ResidentId
from madang.kernel.languages import Language, Text


class Permission(StrEnum):
    """What one may be allowed to do here."""

    SEE_ACCOUNTS = "identity.see_accounts"
    MAKE_ACCOUNTS = "identity.make_accounts"
    GRANT_ROLES = "identity.grant_roles"
    PROVE_IN_PERSON = "identity.prove_in_person"
    """Record that somebody proved at a counter who they are."""
    RECOVER_ACCOUNTS = "identity.recover_accounts"
    OPEN_ACCOUNTS = "identity.open_accounts"
    """Open an account for a resident who stands at the counter."""
    RECORD_GUARDIANS = "identity.record_guardians"
    """Record at a counter, from a paper decision, who is whose guardian; and that it has ended."""
    NAVIGATE = "identity.navigate"
    """Act beside a resident who is present, for a short time."""
    TAKE_EMERGENCY = "identity.take_emergency"
    """Take a role for a short time in an emergency."""
    REVIEW_EMERGENCY = "identity.review_emergency"


@dataclass(frozen=True, slots=True)
class Role:
    """A bundle of permissions, as the profile's ``roles.yaml`` names it."""

    name: str
    title: Text
    kind: ActorKind
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Policy:
    """The profile's ``roles.yaml``: roles by name, and how long and how often things hold."""

    roles: Mapping[str, Role]
    second_factor_lasts: Mapping[ActorKind, timedelta]
    password_lasts: timedelta
    attempts: int
    source_attempts: int
    attempts_within: timedelta
    token_lasts: timedelta


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who signs in. A resident has ``resident``; staff have ``department`` and ``post``."""

    id: AccountId
    email: str
    resident: ResidentId | None
    language: Language
    department: str
    post: str
    roles: Sequence[str]
    proofed: bool = False
    """Whether identity was proved in person, and every second factor was bound after that."""
    in_emergency: bool = False
    """Whether a role is held that was taken in an emergency."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made. ``post`` is what a record shows instead of a name: ``officer 14``."""

    email: str
    password: str
    role: str
    resident: ResidentId | None = None
    language: Language = Language.KO
    department: str = ""
    post: str = ""


class Factor(StrEnum):
    """A second way to prove who one is."""

    TOTP = "totp"
    PASSKEY = "webauthn"


@dataclass(frozen=True, slots=True)
class Proof:
    """Something that was proved in a session: a ``password``, or a second factor (``mfa``). ``at`` is aware."""

    method: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """A demonstration's way in. ``totp_secret`` (base32) is empty for an account with a password only."""

    email: str
    password: str
    totp_secret: str
    role: str
    department: str
    resident: ResidentId | None


@dataclass(frozen=True, slots=True)
class SignedInAtSystem(Event):
    """Somebody signed in at a department's or partner's system by the city's provider; nobody says who."""

    topic = "identity.signed_in_at_system"
    client: str
    at: datetime


@dataclass(eq=False)
class SignInRefused(SignInNeeded):
    """E-mail, password or code is wrong. It never says which: that would tell who has an account."""

    code = "identity.sign_in_refused"
    message = "The e-mail address, the password or the code is not right."


@dataclass(eq=False)
class TooManyAttempts(TooOften):
    """Too many wrong attempts for one e-mail address, whether or not it has an account."""

    minutes: int

    code = "identity.too_many_attempts"
    message = "There were too many attempts to sign in. Please try again in {minutes} minutes."


@dataclass(eq=False)
class AccountUnknown(NotFound):
    """There is no such account."""

    email: str

    code = "identity.account_unknown"
    message = "There is no account for {email}."


@dataclass(eq=False)
class EmailTaken(Conflict):
    """Another account signs in with this e-mail address."""

    email: str

    code = "identity.email_taken"
    message = "There is an account for {email} already."


@dataclass(eq=False)
class RoleUnknown(Invalid):
    """The profile has no such role."""

    role: str
    known: Sequence[str]

    code = "identity.role_unknown"
    message = "There is no role “{role}”."


@dataclass(eq=False)
class PasswordTooWeak(Invalid):
    """The password does not meet the city's rules; ``why`` says which, in the language of the request."""

    why: Sequence[str]

    code = "identity.password_too_weak"
    message = "This password is too easy to guess. Please choose another one."


@dataclass(eq=False)
class NotADemoAccount(Invalid):
    """Codes are told only for accounts that ``madang up`` made; everybody else's stay in their own device."""

    email: str

    code = "identity.not_a_demo_account"
    message = "{email} is not an account of the demonstration, so its code is not known here."


class PolicyWrong(ValueError):
    """``roles.yaml`` cannot be used; the message names the place and how to mend it."""
