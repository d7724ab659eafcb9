"""The door to identity."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.identity import letters, rules, store
from madang.commons.identity.contracts import (
    Account,
    AccountUnknown,
    DemoSignIn,
    Factor,
    NewAccount,
    NotADemoAccount,
    PasswordTooWeak,
    Permission,
    Policy,
    Proof,
    RoleUnknown,
    SignInRefused,
    TooManyAttempts,
)
from madang.commons.identity.contracts.delegations import DelegationId, DelegationOver
from madang.commons.identity.facade import acting, purposes
from madang.commons.identity.facade.acting import SESSION_KEY
from madang.commons.identity.models import AccountRow
from madang.commons.identity.provider import facade as provider
from madang.commons.identity.provider.contracts import Client
from madang.commons.identity.rules import delegations as of_acting
from madang.commons.identity.store import attempts, delegations
from madang.kernel import clock
from madang.kernel.actors import VISITOR, Actor
from madang.kernel.ids import AccountId, ResidentId
from madang.kernel.languages import Language, to_translate

_TOTP_PERIOD_S = 30
_TOKEN_BYTES = 32
_SIGNING_IN = to_translate("Signing in to the city's services")
_CHANGING_FACTORS = to_translate("Changing how you sign in")
_LETTING_IN = to_translate("Letting you sign in")
_HAS_A_CODE = 2
"""Which of the demonstration's residents has a second factor from the beginning."""


def policy() -> Policy:
    """The profile's roles and how long things hold. Raises PolicyWrong."""
    return store.policy()


def undeclared_permissions(declared: Collection[str]) -> Mapping[str, list[str]]:
    """By role, the permissions of the profile that are not among those that the rooms declare."""
    return rules.undeclared(store.policy(), declared)


def actor_of(request: HttpRequest) -> Actor:
    """Who asks, and for whom. No query without a session; two (session, account) with it, one more while acting.

    Raises DelegationOver, once, when somebody acted under a delegation that has ended: nothing may be done by
    mistake in one's own name that was meant for another.
    """
    own = myself(request)
    if own.account is None:
        return own
    under = request.session.get(SESSION_KEY)
    if under is not None:
        return _for_another(request, own, under)
    said = purposes.stated_in(request, clock.now())
    return replace(own, stated=said) if said else own


def myself(request: HttpRequest) -> Actor:
    """As ``actor_of``, and never for another: for what concerns the account itself."""
    session = getattr(request, "session", None)
    if session is None or session.session_key is None or not isinstance(request.user, AccountRow):
        return VISITOR
    return rules.actor_for(store.account_from(request.user), store.policy(), proofs_of(request), clock.now())


def _for_another(request: HttpRequest, own: Actor, under: str) -> Actor:
    held = delegations.find(DelegationId(UUID(under)))
    if held is None or held.delegate != own.account or not held.holds(clock.now()):
        del request.session[SESSION_KEY]
        raise DelegationOver
    return of_acting.acting(own, held, delegations.policy(), store.policy())


def proofs_of(request: HttpRequest) -> list[Proof]:
    """What was proved in this browser's session, oldest first."""
    user = request.user if isinstance(request.user, AccountRow) else None
    return [
        Proof(record["method"], datetime.fromtimestamp(record["at"], UTC))
        for record in get_authentication_records(request, user)
    ]


def proved_recently(request: HttpRequest) -> bool:
    """Whether a password or a second factor was given so recently that it need not be given again."""
    return rules.is_fresh(proofs_of(request), store.policy().password_lasts, clock.now())


def account_of_resident(resident: ResidentId) -> Account | None:
    """The resident's account, or None for somebody who never signed up."""
    return store.account_of_resident(resident, clock.now())


def stands_for(resident: ResidentId, scope: str) -> Account | None:
    """The account of a parent or guardian who acts for somebody in ``scope``: letters to a child go there."""
    now = clock.now()
    found = delegations.stands_for(resident, scope, now)
    return store.account(found, now) if found else None


def account_of_email(actor: Actor, email: str, now: datetime) -> Account:
    """The account that signs in with this e-mail address. Raises NotPermitted, AccountUnknown."""
    actor.require(Permission.SEE_ACCOUNTS)
    found = store.account_of_email(email, now)
    if found is None:
        raise AccountUnknown(email=email)
    return found


def accounts(actor: Actor, now: datetime, limit: int = 200) -> list[Account]:
    """Accounts, staff first, up to ``limit`` of each. Raises NotPermitted."""
    actor.require(Permission.SEE_ACCOUNTS)
    return store.accounts(now, limit)


def set_language(account: AccountId, language: Language) -> None:
    """Note which language the account's holder reads; letters and messages follow it."""
    with transaction():
        store.set_language(account, language)


def factors_of(account: AccountId) -> frozenset[Factor]:
    """The second factors that the account has set up."""
    return store.factors(account)


def count_factors(account: AccountId, kind: str) -> int:
    """How many second factors of one kind the account has."""
    return store.count_factors(account, kind)


def spend_code(account: AccountId, code: str) -> bool:
    """Use a one-time code up; False if it was used before."""
    return store.spend_code(account, code)


def make_account(actor: Actor, new: NewAccount, now: datetime) -> Account:
    """Make an account with its role. Raises NotPermitted, EmailTaken, RoleUnknown, PasswordTooWeak."""
    actor.require(Permission.MAKE_ACCOUNTS)
    _require_role(new.role)
    _require_strong(new)
    with transaction():
        return _make(actor, new, now)


def grant(actor: Actor, email: str, role: str, now: datetime, *, until: datetime | None = None) -> Account:
    """Give an account a role in its department. Raises NotPermitted, AccountUnknown, RoleUnknown."""
    actor.require(Permission.GRANT_ROLES)
    _require_role(role)
    with transaction():
        account = _account(email, now)
        store.add_grant(account.id, role, account.department, now, until)
        audit.record(actor, "identity.grant_role", purpose=f"give the role {role}", about=account.id)
    return _account(email, now)


def withdraw(actor: Actor, email: str, role: str, now: datetime) -> Account:
    """Take a role back. Raises NotPermitted, AccountUnknown."""
    actor.require(Permission.GRANT_ROLES)
    with transaction():
        account = _account(email, now)
        store.end_grants(account.id, role, now)
        audit.record(actor, "identity.withdraw_role", purpose=f"take the role {role} back", about=account.id)
    return _account(email, now)


def note_sign_in(actor: Actor) -> None:
    """Record that somebody signed in or proved more surely who they are."""
    with transaction():
        audit.record(actor, "identity.sign_in", purpose=_SIGNING_IN, subject=actor.subject,
                     about=actor.account)


def note_factors_changed(actor: Actor, what: str) -> None:
    """Record that somebody changed how they sign in; ``what`` is a name like ``totp_activated``."""
    with transaction():
        audit.record(actor, f"identity.{what}", purpose=_CHANGING_FACTORS, subject=actor.subject,
                     about=actor.account)


def send_reset_letter(account: AccountId, language: Language) -> None:
    """Send a link that sets a new password, unless the account was closed meanwhile. Raises OSError."""
    letters.reset(account, language)


def send_change_letter(account: AccountId, change: str, language: Language) -> None:
    """Tell the holder that a way into the account has changed. Raises OSError, to be tried again."""
    letters.changed(account, change, language)


def open_api_session(email: str, password: str, code: str, now: datetime, *, source: str = "") -> str:
    """A token for a programme that signs in; ``code`` may be empty for an account with a password only.

    ``source`` is the address that asks: attempts that fail count against it as well as against the e-mail address,
    so that a list of stolen passwords cannot be tried over many accounts. Call it outside a transaction: what it
    notes of wrong attempts must stay. Raises SignInRefused whatever is wrong, and TooManyAttempts.
    """
    keys = _note_attempt(email, source, now)
    row = store.who(email, password)
    if row is None:
        raise SignInRefused
    method = _method(AccountId(row.id), code)
    attempts.forget(keys, now)
    return _open(row, method, now)


def open_token_for(account: AccountId, now: datetime, *, second_factor: bool = False) -> str:
    """A token without a sign-in, for benches and demonstrations on this machine; no page or API leads here.

    Raises LookupError for an account that is not there.
    """
    row = store.row(account, now)
    if row is None:
        raise LookupError(account)
    return _open(row, "mfa" if second_factor else "password", now)


def close_api_session(token: str) -> bool:
    """End a programme's sign-in for good; False if there was none."""
    with transaction():
        return store.end_api_session(rules.token_key(token))


def actor_of_token(token: str, now: datetime | None = None) -> Actor | None:
    """Whose token this is, or None for one that was never given, has expired, or was ended. One query.

    A token that acts for another (``acting.token_for``) costs one more. Raises MayNotAct once its delegation has ended:
    it never turns into the holder's own.
    """
    now = now or clock.now()
    found = store.api_session(rules.token_key(token), now)
    if found is None:
        return None
    account, proof, under = found
    own = rules.actor_for(account, store.policy(), [proof], now)
    return own if under is None else acting.by_token(own, under, now)


def client_of_token(token: str, now: datetime | None = None) -> Client | None:
    """The system whose own access token this is: ``Client(id, department, scopes, expires)``.

    None for a token that was never given out, has ended, or is a person's: what rests on a person opens userinfo and
    nothing else. Tokens begin with ``mat_``; any other text costs nothing. One query, or none.
    """
    return provider.client_of_token(token, now or clock.now())


def systems_signed_in_since(moment: datetime) -> Mapping[str, datetime]:
    """By system (``client_id``), when somebody last signed in there, of those where it was at ``moment`` or later.

    Noted once a minute at most. It says that a system's sign-in comes from the city's provider, and of nobody who.
    """
    return provider.signed_in_since(moment)


def make_demo_people(
    residents: Mapping[ResidentId, Language], now: datetime, password: str = ""
) -> list[DemoSignIn]:
    """The demonstration's accounts, the same at every start of an instance. ``password`` replaces the made-up ones.

    ``residents`` says which language each of them reads. The first has a password only and steps up in the middle
    of a form; the second has a code as well; staff have codes.
    """
    maker = Actor.system("demonstration", frozenset(Permission))
    with transaction():
        return [_make_demo(maker, new, with_code, now) for new, with_code in _demo_people(residents, password)]


def totp_now(secret: str, now: datetime) -> str:
    """The code that an authenticator app shows at ``now`` for a base32 secret (RFC 6238, 2011; 6 digits, 30 s)."""
    return str(format_hotp_value(hotp_value(secret, int(now.timestamp()) // _TOTP_PERIOD_S)))


def demo_code(email: str, now: datetime) -> str:
    """The code of an account that ``make_demo_people`` made. Raises AccountUnknown, NotADemoAccount."""
    account = _account(email, now)
    secret = rules.demo_totp_secret(settings.SECRET_KEY, account.email)
    if store.totp_secret(account.id) != secret:
        raise NotADemoAccount(email=email)
    return totp_now(secret, now)


def _account(email: str, now: datetime) -> Account:
    found = store.account_of_email(email, now)
    if found is None:
        raise AccountUnknown(email=email)
    return found


def _require_role(role: str) -> None:
    known = store.policy().roles
    if role not in known:
        raise RoleUnknown(role=role, known=sorted(known))


def _require_strong(new: NewAccount) -> None:
    try:
        validate_password(new.password, AccountRow(email=new.email))
    except ValidationError as weak:
        raise PasswordTooWeak(why=tuple(weak.messages)) from None


def _make(actor: Actor, new: NewAccount, now: datetime) -> Account:
    account = store.add_account(new, now)
    store.add_grant(account.id, new.role, new.department, now, None)
    audit.record(actor, "identity.make_account", purpose=_LETTING_IN, subject=new.resident,
                 about=account.id)
    return _account(account.email, now)


def forget_old_attempts(now: datetime) -> int:
    """Delete what is kept of addresses where nothing was tried of late; how many they were."""
    with transaction():
        return attempts.forget_old(now - store.policy().attempts_within)


def _note_attempt(email: str, source: str, now: datetime) -> list[bytes]:
    """Note an attempt against the e-mail address, and against where it comes from. Raises TooManyAttempts."""
    allowed = store.policy()
    most = {rules.email_key(email): allowed.attempts}
    if source:
        most[rules.source_key(source)] = allowed.source_attempts
    noted = attempts.note(most, now, allowed.attempts_within)
    if any(count > most[key] for key, count in noted.items()):
        raise TooManyAttempts(minutes=int(allowed.attempts_within / timedelta(minutes=1)))
    return list(most)


def _method(account: AccountId, code: str) -> str:
    """What was proved: an account with a second factor needs it. Raises SignInRefused."""
    if not store.factors(account):
        return "password"
    if not (code and store.accepts_code(account, code)):
        raise SignInRefused
    return "mfa"


def _open(row: AccountRow, method: str, now: datetime) -> str:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    proof = Proof(method, now)
    with transaction():
        store.add_api_session(row, rules.token_key(token), method, now, now + store.policy().token_lasts)
        note_sign_in(rules.actor_for(store.account_from(row), store.policy(), [proof], now))
    return token


def _demo_people(residents: Mapping[ResidentId, Language], password: str) -> list[tuple[NewAccount, bool]]:
    def person(name: str, role: str, **facts: object) -> NewAccount:
        email = f"{name}@seoul.example"
        return NewAccount(email, password or rules.demo_password(settings.SECRET_KEY, email), role, **facts)  # type: ignore[arg-type]

    known = [
        person(f"resident{number}", "resident", resident=resident, language=language)
        for number, (resident, language) in enumerate(residents.items(), 1)
    ]
    return [
        *((resident, place == _HAS_A_CODE) for place, resident in enumerate(known, 1)),
        (person("officer14", "officer", department="복지실 장애인자립지원과", post="officer 14"), True),
        (person("lead3", "desk_lead", department="행정국 자치행정과", post="desk lead 3"), True),
        (person("centre5", "centre_officer", department="행정국 자치행정과", post="centre officer 5"), True),
        (person("auditor2", "auditor", department="Audit Division", post="auditor 2"), True),
        (person("operator1", "operator", department="Digital Infrastructure Division", post="operator 1"), True),
        (person("accountant4", "accountant", department="재무국 세무과", post="accountant 4"), True),
        (person("engineer7", "traffic_engineer", department="Urban Transport Office", post="engineer 7"), True),
    ]


def _make_demo(maker: Actor, new: NewAccount, with_code: bool, now: datetime) -> DemoSignIn:  # noqa: FBT001 -- called here alone, by a loop over pairs
    account = store.account_of_email(new.email, now) or _make(maker, new, now)
    store.set_password(account.id, new.password)
    secret = rules.demo_totp_secret(settings.SECRET_KEY, new.email) if with_code else ""
    if secret:
        store.set_totp(account.id, secret)
    return DemoSignIn(new.email, new.password, secret, new.role, new.department, account.resident)
