"""Staff as their departments list them, in PostgreSQL; roles by post from the profile."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from madang.commons.identity import store
from madang.commons.identity.contracts import Account, EmailTaken, PolicyWrong
from madang.commons.identity.contracts.staff import StaffPolicy
from madang.commons.identity.models import AccountRow, RoleGrantRow
from madang.commons.identity.rules import staff as rules
from madang.kernel.clock import in_seoul
from madang.kernel.ids import AccountId


@cache
def policy() -> StaffPolicy:
    """The profile's ``staff.yaml``, read once a process. Raises PolicyWrong with the file's name."""
    file = Path(settings.MADANG_PROFILE) / "staff.yaml"
    try:
        return rules.policy_from(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (PolicyWrong, yaml.YAMLError, OSError) as wrong:
        message = f"{file}: {wrong}"
        raise PolicyWrong(message) from wrong


def of_source(source: str, now: datetime) -> Mapping[str, Account]:
    """Accounts that came from a list and are open, by e-mail address."""
    rows = store.with_roles(now).filter(source=source, resident=None)
    return {row.email: store.account_from(row) for row in rows}


def place(account: AccountId, department: str, title: str, source: str) -> None:
    """Note where somebody works, and on which list they stand; an account that was closed opens again."""
    AccountRow.objects.filter(id=account).update(department=department, post=title, source=source, is_active=True)


def closed_account(email: str, source: str) -> AccountId | None:
    """Somebody who left before and came from the same list."""
    row = AccountRow.objects.filter(email=email, source=source, is_active=False).first()
    return AccountId(row.id) if row else None


def rename(account: AccountId, email: str) -> None:
    """Change the address that somebody signs in with. Raises EmailTaken."""
    try:
        with transaction.atomic():
            AccountRow.objects.filter(id=account).update(email=email)
            EmailAddress.objects.filter(user_id=account).update(email=email)
    except IntegrityError:
        raise EmailTaken(email=email) from None


def end_every_grant(account: AccountId, now: datetime) -> None:
    """End every role that somebody has."""
    RoleGrantRow.objects.filter(Q(until=None) | Q(until__gt=now), account_id=account).update(until=now)


def last_sign_in(account: AccountId) -> datetime | None:
    """When somebody signed in last on a page; None for never."""
    found = AccountRow.objects.filter(id=account).values_list("last_login", flat=True).first()
    return found and in_seoul(found)
