"""Accounts, roles, tokens and second factors in PostgreSQL; the policy from the profile."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

import yaml
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt, encrypt
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache as shared_cache
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import constant_time_compare

from madang.commons.identity import rules
from madang.commons.identity.contracts import Account, EmailTaken, Factor, NewAccount, Policy, PolicyWrong, Proof
from madang.commons.identity.models import (
    AccountRow,
    ApiSessionRow,
    EmergencyRow,
    ProofRow,
    RoleGrantRow,
)
from madang.kernel import clock
from madang.kernel.clock import in_seoul
from madang.kernel.ids import AccountId, ResidentId
from madang.kernel.languages import Language

_CODE_LASTS_S = 90  # the 30 seconds of a code, and one step before and after it (RFC 6238, 2011, section 5.2)

_PRESENCE_LASTS_S = 600


@cache
def policy() -> Policy:
    """The profile's ``roles.yaml``, read once a process. Raises PolicyWrong with the file's name."""
    file = Path(settings.MADANG_PROFILE) / "roles.yaml"
    try:
        return rules.policy_from(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (PolicyWrong, yaml.YAMLError, OSError) as wrong:
        message = f"{file}: {wrong}"
        raise PolicyWrong(message) from wrong


def with_roles(now: datetime) -> QuerySet[AccountRow]:
    """Accounts that may sign in, each with the roles that it has at ``now``, in one query."""
    return AccountRow.objects.filter(is_active=True).annotate(
        roles=_roles_held("pk", now), proofed=_is_proofed("pk", now), in_emergency=_is_in_emergency("pk", now),
    )


def _is_proofed(account_column: str, now: datetime) -> Exists:
    older = Authenticator.objects.filter(user=OuterRef("account"), created_at__lt=OuterRef("at"))
    proof = ProofRow.objects.filter(account=OuterRef(account_column), until__gt=now)
    return Exists(proof.filter(~Exists(older.exclude(type=Authenticator.Type.RECOVERY_CODES))))


def _is_in_emergency(account_column: str, now: datetime) -> Exists:
    return Exists(EmergencyRow.objects.filter(account=OuterRef(account_column), since__lte=now, until__gt=now))


def _roles_held(account_column: str, now: datetime) -> ArraySubquery:
    held = RoleGrantRow.objects.filter(_held_at(now), account=OuterRef(account_column))
    return ArraySubquery(held.order_by("role").values("role"))


def _held_at(now: datetime) -> Q:
    return (Q(until=None) | Q(until__gt=now)) & Q(since__lte=now)


def account_from(row: AccountRow) -> Account:
    """The account of a row that ``with_roles`` gave; of any other row, with the roles of this moment."""
    roles: Sequence[str] | None = getattr(row, "roles", None)
    if roles is None:
        held = RoleGrantRow.objects.filter(_held_at(clock.now()), account=row)
        roles = list(held.order_by("role").values_list("role", flat=True))
    resident = ResidentId(row.resident) if row.resident else None
    return Account(
        AccountId(row.id), row.email, resident, Language(row.language), row.department, row.post,
        tuple(dict.fromkeys(roles)), bool(getattr(row, "proofed", False)), bool(getattr(row, "in_emergency", False)),
    )


def row(account_id: AccountId, now: datetime) -> AccountRow | None:
    """The row of an account that may sign in, with its roles."""
    return with_roles(now).filter(id=account_id).first()


def account(account_id: AccountId, now: datetime) -> Account | None:
    """The account, if it may sign in."""
    row = with_roles(now).filter(id=account_id).first()
    return account_from(row) if row else None


def account_of_email(email: str, now: datetime) -> Account | None:
    """The account that signs in with this e-mail address."""
    row = with_roles(now).filter(email=email.strip().lower()).first()
    return account_from(row) if row else None


def account_of_resident(resident: ResidentId, now: datetime) -> Account | None:
    """The resident's account."""
    row = with_roles(now).filter(resident=resident).first()
    return account_from(row) if row else None


def accounts(now: datetime, limit: int) -> list[Account]:
    """Accounts, staff before residents, by e-mail address."""
    rows = with_roles(now).order_by("resident", "email")
    return [account_from(row) for row in rows.filter(resident=None)[:limit]] + [
        account_from(row) for row in rows.exclude(resident=None).order_by("email")[:limit]
    ]


def who_may(permission: str, now: datetime) -> list[Account]:
    """Staff whose roles allow something."""
    roles = [name for name, role in policy().roles.items() if permission in role.permissions]
    held = RoleGrantRow.objects.filter(_held_at(now), role__in=roles)
    return [account_from(row) for row in with_roles(now).filter(pk__in=held.values("account"), resident=None)]


def add_account(new: NewAccount, now: datetime) -> Account:
    """Make an account that signs in with its e-mail address, without a role. Raises EmailTaken."""
    email = new.email.strip().lower()
    row = AccountRow(email=email, resident=new.resident, department=new.department, post=new.post,
                     language=new.language)
    row.set_password(new.password)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            EmailAddress.objects.create(user=row, email=email, primary=True, verified=True)
    except IntegrityError:
        raise EmailTaken(email=email) from None
    found = account(AccountId(row.id), now)
    if found is None:
        message = "an account that was just made is not there"
        raise RuntimeError(message)
    return found


def add_grant(account_id: AccountId, role: str, department: str, now: datetime, until: datetime | None) -> None:
    """Give a role; giving it again changes until when."""
    held = RoleGrantRow.objects.filter(_held_at(now), account_id=account_id, role=role, department=department)
    if not held.update(until=until):
        RoleGrantRow.objects.create(account_id=account_id, role=role, department=department, since=now, until=until)


def end_grants(account_id: AccountId, role: str, now: datetime) -> int:
    """Take a role back; how many grants ended."""
    held = RoleGrantRow.objects.filter(_held_at(now), account_id=account_id, role=role)
    return held.update(until=now)


def set_language(account_id: AccountId, language: Language) -> None:
    """Note which language the account's holder reads."""
    AccountRow.objects.filter(id=account_id).update(language=language)


def set_password(account_id: AccountId, password: str) -> None:
    """Set the password unless it is this one already (so that sessions need not end)."""
    row = AccountRow.objects.get(id=account_id)
    if not row.check_password(password):
        row.set_password(password)
        row.save(update_fields=["password"])


def who(email: str, password: str) -> AccountRow | None:
    """The account whose password this is; as slow for an e-mail address that nobody has."""
    return authenticate(None, email=email.strip().lower(), password=password)


def factors(account_id: AccountId) -> frozenset[Factor]:
    """The second factors that the account has set up; recovery codes alone are none."""
    types = Authenticator.objects.filter(user_id=account_id).values_list("type", flat=True)
    return frozenset(Factor(kind) for kind in types if kind in set(Factor))


def count_factors(account_id: AccountId, kind: str) -> int:
    """How many second factors of one kind the account has."""
    count: int = Authenticator.objects.filter(user_id=account_id, type=kind).count()
    return count


def accepts_code(account_id: AccountId, code: str) -> bool:
    """Whether ``code`` is one of the account's now, and was not used before."""
    codes = Authenticator.objects.filter(user_id=account_id).exclude(type=Authenticator.Type.WEBAUTHN)
    return any(one.wrap().validate_code(code) for one in codes) and spend_code(account_id, code)


def spend_code(account_id: AccountId, code: str) -> bool:
    """Mark a code used; False if it was (RFC 6238, 2011, section 5.2: a code is good once)."""
    key = f"identity.code.{account_id}.{rules.token_key(''.join(code.split())).hex()}"
    return bool(shared_cache.add(key, "", timeout=_CODE_LASTS_S))


def keep_presence_code(navigator: AccountId, email: str, code: str) -> None:
    """Keep, for ten minutes and as its SHA-256, the code that a resident reads out to one navigator."""
    shared_cache.set(_presence_key(navigator, email), rules.token_key(code).hex(), timeout=_PRESENCE_LASTS_S)


def spend_presence_code(navigator: AccountId, email: str, typed: str) -> bool:
    """Whether this is the code; it is used up with that."""
    key = _presence_key(navigator, email)
    kept, told = shared_cache.get(key) or "", rules.token_key("".join(typed.split())).hex()
    return constant_time_compare(kept, told) and bool(shared_cache.delete(key))


def _presence_key(navigator: AccountId, email: str) -> str:
    return f"identity.presence.{navigator}.{rules.email_key(email).hex()}"


def set_totp(account_id: AccountId, secret: str) -> None:
    """Give the account this authenticator secret, replacing another one."""
    held = Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.TOTP).first()
    if held is None:
        TOTP.activate(AccountRow.objects.get(id=account_id), secret)
    elif decrypt(held.data["secret"]) != secret:
        held.data = {"secret": encrypt(secret)}
        held.save(update_fields=["data"])


def totp_secret(account_id: AccountId) -> str:
    """The account's authenticator secret, or an empty text."""
    held = Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.TOTP).first()
    return str(decrypt(held.data["secret"])) if held else ""


def add_api_session(row: AccountRow, token: bytes, method: str, now: datetime, expires: datetime) -> None:
    """Keep a programme's sign-in; those that have expired go."""
    ApiSessionRow.objects.filter(expires__lte=now).delete()
    ApiSessionRow.objects.create(
        account=row, token=token, stamp=row.get_session_auth_hash(), method=method, opened=now, expires=expires,
    )


def add_acting_session(own: bytes, token: bytes, delegation: UUID, until: datetime) -> datetime | None:
    """Keep a token that acts for another, under one's own and no longer than it: until when; None without one's own."""
    row = ApiSessionRow.objects.filter(token=own, delegation=None).first()
    if row is None:
        return None
    expires = min(row.expires, until)
    ApiSessionRow.objects.create(
        account_id=row.account_id, token=token, stamp=row.stamp, method=row.method, opened=row.opened, expires=expires,
        delegation=delegation, opened_by=row,
    )
    return in_seoul(expires)


def api_session(token: bytes, now: datetime) -> tuple[Account, Proof, UUID | None] | None:
    """Whose token this is, what was proved for it, and the delegation that it acts under, if it does.

    None when it ended or the password changed since. One query.
    """
    sessions = ApiSessionRow.objects.filter(token=token, expires__gt=now, account__is_active=True)
    row = sessions.select_related("account").annotate(
        roles=_roles_held("account_id", now), proofed=_is_proofed("account_id", now),
        in_emergency=_is_in_emergency("account_id", now),
    ).first()
    if row is None or not constant_time_compare(row.stamp, row.account.get_session_auth_hash()):
        return None
    row.account.roles, row.account.proofed, row.account.in_emergency = row.roles, row.proofed, row.in_emergency
    return account_from(row.account), Proof(row.method, in_seoul(row.opened)), row.delegation


def end_api_session(token: bytes) -> bool:
    """End a programme's sign-in; False if there was none."""
    return bool(ApiSessionRow.objects.filter(token=token).delete()[0])
