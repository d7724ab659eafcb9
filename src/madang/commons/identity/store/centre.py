"""Proofs, recoveries and emergencies in PostgreSQL; the counter's numbers from the profile."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session

from madang.commons.identity.contracts import PolicyWrong
from madang.commons.identity.contracts.centre import (
    AtCounter,
    CentrePolicy,
    Emergency,
    EmergencyId,
    EmergencyUnknown,
    Recovery,
    RecoveryId,
    RecoveryUnknown,
)
from madang.commons.identity.models import AccountRow, ApiSessionRow, EmergencyRow, ProofRow, RecoveryRow, RoleGrantRow
from madang.commons.identity.rules import centre as rules
from madang.kernel.clock import in_seoul
from madang.kernel.ids import AccountId


@cache
def policy() -> CentrePolicy:
    """The profile's ``proofing.yaml``, read once a process. Raises PolicyWrong with the file's name."""
    file = Path(settings.MADANG_PROFILE) / "proofing.yaml"
    try:
        return rules.policy_from(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (PolicyWrong, yaml.YAMLError, OSError) as wrong:
        message = f"{file}: {wrong}"
        raise PolicyWrong(message) from wrong


def add_proof(account: AccountId, seen: AtCounter, officer: AccountId, now: datetime, until: datetime) -> None:
    """Keep a proof; an older one of the account goes."""
    ProofRow.objects.filter(account_id=account).delete()
    ProofRow.objects.create(
        account_id=account, document=seen.document, officer=officer, centre=seen.centre, at=now, until=until,
    )


def is_proofed(account: AccountId, now: datetime) -> bool:
    """Whether identity was proved in person and the proof holds, whatever factors there are."""
    return ProofRow.objects.filter(account_id=account, until__gt=now).exists()


def add_recovery(
    account: AccountId, seen: AtCounter, officer: AccountId, code: bytes | None, now: datetime
) -> RecoveryId:
    """Keep a recovery; what was open before for the account is over."""
    RecoveryRow.objects.filter(account_id=account, used=None).update(expires=now)
    row = RecoveryRow.objects.create(
        account_id=account, document=seen.document, officer=officer, centre=seen.centre, asked=now, code=code,
        expires=now + policy().code_lasts,
    )
    return RecoveryId(row.id)


def waiting(now: datetime) -> Sequence[Recovery]:
    """Recoveries that wait for a second officer, oldest first."""
    rows = RecoveryRow.objects.filter(code=None, used=None, expires__gt=now).select_related("account")
    return [_recovery(row) for row in rows.order_by("asked")]


def lock_waiting(recovery: RecoveryId, now: datetime) -> Recovery:
    """A recovery that waits for a second officer, locked. Raises RecoveryUnknown."""
    rows = RecoveryRow.objects.select_for_update(of=("self",)).select_related("account")
    row = rows.filter(id=recovery, code=None, used=None, expires__gt=now).first()
    if row is None:
        raise RecoveryUnknown
    return _recovery(row)


def confirm(recovery: RecoveryId, officer: AccountId, code: bytes, now: datetime) -> None:
    """Give a recovery its code, by a second officer."""
    RecoveryRow.objects.filter(id=recovery).update(
        second_officer=officer, code=code, expires=now + policy().code_lasts,
    )


def spend(email: str, code: bytes, now: datetime) -> AccountId | None:
    """Use a printed code up: whose it is, or None. Of two at once one succeeds."""
    row = RecoveryRow.objects.filter(code=code, used=None, expires__gt=now, account__email=email).first()
    if row is None or not RecoveryRow.objects.filter(id=row.id, used=None).update(used=now):
        return None
    return AccountId(row.account_id)


def remove_factors(account: AccountId) -> int:
    """Remove every second factor, recovery codes too; how many."""
    count: int = Authenticator.objects.filter(user_id=account).delete()[0]
    return count


def end_sessions(account: AccountId) -> None:
    """End every programme's sign-in and every browser's session of an account.

    Sessions are read one by one, since whose they are lies inside them; a changed password or a closed account ends
    them even before this does.
    """
    ApiSessionRow.objects.filter(account_id=account).delete()
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(account):
            session.delete()


def close_account(account: AccountId, now: datetime) -> None:
    """Let nobody sign in to an account any more; its roles end."""
    AccountRow.objects.filter(id=account).update(is_active=False)
    RoleGrantRow.objects.filter(account_id=account, until=None).update(until=now)
    RoleGrantRow.objects.filter(account_id=account, until__gt=now).update(until=now)
    EmergencyRow.objects.filter(account_id=account, until__gt=now).update(until=now)


def add_emergency(account: AccountId, role: str, reason: str, now: datetime) -> EmergencyId:
    """Keep that a role was taken in an emergency."""
    row = EmergencyRow.objects.create(
        account_id=account, role=role, reason=reason, since=now, until=now + policy().emergency_lasts,
        review_due=now + policy().review_within,
    )
    return EmergencyId(row.id)


def open_reviews() -> Sequence[Emergency]:
    """Emergencies that nobody has reviewed, the most urgent first."""
    rows = EmergencyRow.objects.filter(reviewed=None).select_related("account").order_by("review_due")
    return [_emergency(row) for row in rows[:200]]


def lock_open(emergency: EmergencyId) -> Emergency:
    """An emergency that was not reviewed, locked. Raises EmergencyUnknown."""
    rows = EmergencyRow.objects.select_for_update(of=("self",)).select_related("account")
    row = rows.filter(id=emergency, reviewed=None).first()
    if row is None:
        raise EmergencyUnknown
    return _emergency(row)


def close_review(
    emergency: EmergencyId, reviewer: AccountId, now: datetime, finding: str, *, was_right: bool
) -> None:
    """Keep what another person found."""
    EmergencyRow.objects.filter(id=emergency).update(
        reviewer=reviewer, reviewed=now, was_right=was_right, finding=finding,
    )


def end_emergency(emergency: EmergencyId, now: datetime) -> None:
    """End a role that still runs."""
    row = EmergencyRow.objects.get(id=emergency)
    RoleGrantRow.objects.filter(account_id=row.account_id, role=row.role, until=row.until).update(until=now)
    EmergencyRow.objects.filter(id=emergency).update(until=now)


def escalate(now: datetime) -> Sequence[Emergency]:
    """Mark reviews that are late for the first time, and give them."""
    unreviewed = EmergencyRow.objects.filter(reviewed=None, review_due__lte=now, escalated=None)
    late = list(unreviewed.select_related("account"))
    EmergencyRow.objects.filter(id__in=[row.id for row in late]).update(escalated=now)
    return [_emergency(row) for row in late]


def _recovery(row: RecoveryRow) -> Recovery:
    return Recovery(
        RecoveryId(row.id), AccountId(row.account_id), row.account.email, AccountId(row.officer), row.centre,
        in_seoul(row.asked), in_seoul(row.expires), needs_second=row.code is None,
    )


def _emergency(row: EmergencyRow) -> Emergency:
    who = ", ".join(part for part in (row.account.department, row.account.post) if part)
    return Emergency(
        EmergencyId(row.id), AccountId(row.account_id), who, row.role, row.reason, in_seoul(row.since),
        in_seoul(row.until), in_seoul(row.review_due), row.reviewed and in_seoul(row.reviewed), row.was_right,
        row.finding,
    )
