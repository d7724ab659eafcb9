"""The door to the counter: prove identity in person, open an account, recover one. Each by an officer, recorded."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.commons.identity import post, rules, store
from madang.commons.identity.contracts import (
    Account,
    AccountUnknown,
    NewAccount,
    PasswordTooWeak,
    Permission,
    TooManyAttempts,
)
from madang.commons.identity.contracts.centre import (
    OPENING,
    PROVING,
    RECOVERING,
    AccountRecovered,
    AtCounter,
    CentrePolicy,
    Recovery,
    RecoveryCodeWrong,
    RecoveryId,
    ResidentUnknown,
    SecondOfficerNeeded,
)
from madang.commons.identity.models import AccountRow
from madang.commons.identity.rules import centre as of_counter
from madang.commons.identity.store import attempts, delegations
from madang.commons.identity.store import centre as rows
from madang.kernel.actors import Actor
from madang.kernel.assurance import Assurance
from madang.kernel.errors import NotFound, SignInNeeded
from madang.kernel.ids import AccountId, ResidentId
from madang.kernel.languages import Language


def policy() -> CentrePolicy:
    """What the profile says of the counter and of emergencies."""
    return rows.policy()


def require_counter(actor: Actor) -> None:
    """Raise what keeps somebody from the counter's pages, before one is shown."""
    actor.require(Permission.PROVE_IN_PERSON)
    actor.require_assurance(Assurance.SUBSTANTIAL)


def prove(actor: Actor, seen: AtCounter, now: datetime) -> Account:
    """Record that the account's holder proved at a counter who they are; HIGH follows with a factor bound from now on.

    Raises NotPermitted, AssuranceTooLow, AccountUnknown, DocumentUnknown.
    """
    officer = _officer(actor, Permission.PROVE_IN_PERSON)
    of_counter.refuse_document(seen.document, policy())
    with transaction():
        account = _resident(seen.email, now)
        rows.add_proof(account.id, seen, officer, now, now + policy().proof_lasts)
        audit.record(actor, "identity.prove_in_person", purpose=PROVING, subject=account.resident, about=account.id,
                     fields=[seen.document])
        post.write_change_letter.defer(account=account.id, change="proved_in_person", language=account.language)
    return account


def open_account(actor: Actor, seen: AtCounter, resident: ResidentId, language: Language, now: datetime) -> str:
    """Open an account for a resident who has none; the one-time code with which they set their password.

    ``resident`` is the register's number as the document reader gives it. Raises ResidentUnknown, EmailTaken,
    DocumentUnknown, NotPermitted, AssuranceTooLow.
    """
    officer = _officer(actor, Permission.OPEN_ACCOUNTS)
    of_counter.refuse_document(seen.document, policy())
    _refuse_stranger(resident, now)
    code = of_counter.code_from(secrets.token_bytes(of_counter.CODE_BYTES))
    new = NewAccount(seen.email, secrets.token_urlsafe(32), "resident", resident=resident, language=language)
    with transaction():
        account = store.add_account(new, now)
        store.add_grant(account.id, new.role, "", now, None)
        rows.add_proof(account.id, seen, officer, now, now + policy().proof_lasts)
        rows.add_recovery(account.id, seen, officer, _kept(code), now)
        audit.record(actor, "identity.open_account", purpose=OPENING, subject=resident, about=account.id,
                     fields=[seen.document])
    return code


def recover(actor: Actor, seen: AtCounter, now: datetime) -> str:
    """Begin a recovery: the code to print once, or an empty text when another officer must confirm it first.

    The old factors go when the code is used, not before: until then nobody enters with the password alone.
    Raises NotPermitted, AssuranceTooLow, AccountUnknown, DocumentUnknown.
    """
    officer = _officer(actor, Permission.RECOVER_ACCOUNTS)
    of_counter.refuse_document(seen.document, policy())
    code = of_counter.code_from(secrets.token_bytes(of_counter.CODE_BYTES))
    with transaction():
        account = _resident(seen.email, now)
        alone = not (policy().two_officers_for_high and rows.is_proofed(account.id, now))
        recovery = rows.add_recovery(account.id, seen, officer, _kept(code) if alone else None, now)
        _tell(actor, account, recovery, "identity.recover")
    return code if alone else ""


def waiting(actor: Actor, now: datetime) -> Sequence[Recovery]:
    """Recoveries that wait for a second officer. Raises NotPermitted."""
    actor.require(Permission.RECOVER_ACCOUNTS)
    return rows.waiting(now)


def confirm(actor: Actor, recovery: RecoveryId, now: datetime) -> str:
    """The code of a recovery that another officer began. Raises SecondOfficerNeeded, RecoveryUnknown, NotPermitted."""
    officer = _officer(actor, Permission.RECOVER_ACCOUNTS)
    code = of_counter.code_from(secrets.token_bytes(of_counter.CODE_BYTES))
    with transaction():
        asked = rows.lock_waiting(recovery, now)
        if officer in {asked.officer, asked.account}:
            raise SecondOfficerNeeded
        rows.confirm(recovery, officer, _kept(code), now)
        account = _resident(asked.email, now)
        audit.record(actor, "identity.confirm_recovery", purpose=RECOVERING, subject=account.resident, about=account.id)
    return code


def set_password_with_code(email: str, typed: str, password: str, now: datetime) -> None:
    """Set a new password with a printed code: old factors, sessions and tokens end. Works once.

    Wrong tries count against the address, whether or not it has an account; call it outside a transaction.
    Raises RecoveryCodeWrong, PasswordTooWeak, TooManyAttempts.
    """
    email, allowed = email.strip().lower(), store.policy()
    key = rules.email_key(f"recover {email}")
    if attempts.note({key: allowed.attempts}, now, allowed.attempts_within)[key] > allowed.attempts:
        raise TooManyAttempts(minutes=int(allowed.attempts_within / timedelta(minutes=1)))
    _require_strong(email, password)
    with transaction():
        account = rows.spend(email, _kept(typed), now)
        if account is None:
            raise RecoveryCodeWrong
        _renew(account, password, now)
    attempts.forget([key], now)


def _renew(account: AccountId, password: str, now: datetime) -> None:
    rows.remove_factors(account)
    store.set_password(account, password)
    rows.end_sessions(account)
    if (known := store.account(account, now)) is not None:
        holder = Actor.system("identity")
        audit.record(holder, "identity.recovered", purpose=RECOVERING, subject=known.resident, about=account)
        post.write_change_letter.defer(account=account, change="recovered", language=known.language)


def _kept(code: str) -> bytes:
    return rules.token_key(of_counter.code_as_typed(code))


def _officer(actor: Actor, permission: Permission) -> AccountId:
    actor.require(permission)
    actor.require_assurance(Assurance.SUBSTANTIAL)
    if actor.account is None:
        raise SignInNeeded
    return actor.account


def _resident(email: str, now: datetime) -> Account:
    account = store.account_of_email(email, now)
    if account is None or account.resident is None:
        raise AccountUnknown(email=email)
    return account


def _refuse_stranger(resident: ResidentId, now: datetime) -> None:
    try:
        delegations.families().name_of(resident)
    except NotFound:
        raise ResidentUnknown from None
    if store.account_of_resident(resident, now):
        raise ResidentUnknown


def _require_strong(email: str, password: str) -> None:
    try:
        validate_password(password, AccountRow(email=email))
    except ValidationError as weak:
        raise PasswordTooWeak(why=tuple(weak.messages)) from None


def _tell(actor: Actor, account: Account, recovery: RecoveryId, action: str) -> None:
    audit.record(actor, action, purpose=RECOVERING, subject=account.resident, about=account.id)
    post.write_change_letter.defer(account=account.id, change="recovery_begun", language=account.language)
    events.emit(AccountRecovered(account.id, account.resident, recovery))
