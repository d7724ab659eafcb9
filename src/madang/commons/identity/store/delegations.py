"""Delegations in PostgreSQL; who may act for whom from the profile."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from madang.commons.identity.contracts import PolicyWrong
from madang.commons.identity.contracts.delegations import (
    Consent,
    Delegation,
    DelegationId,
    DelegationPolicy,
    DelegationUnknown,
    Families,
    Kind,
    Standing,
)
from madang.commons.identity.models import DelegationRow
from madang.commons.identity.rules import delegations as rules
from madang.kernel.clock import in_seoul
from madang.kernel.ids import AccountId, ResidentId


@cache
def policy() -> DelegationPolicy:
    """The profile's ``delegations.yaml``, read once a process. Raises PolicyWrong with the file's name."""
    file = Path(settings.MADANG_PROFILE) / "delegations.yaml"
    try:
        return rules.policy_from(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (PolicyWrong, yaml.YAMLError, OSError) as wrong:
        message = f"{file}: {wrong}"
        raise PolicyWrong(message) from wrong


@cache
def families() -> Families:
    """The registers' answers, from the class that the wiring names in ``MADANG_FAMILIES``."""
    answers: Families = import_string(settings.MADANG_FAMILIES)()
    return answers


def add(made: Delegation, invited: str, officer: AccountId | None, now: datetime) -> Delegation:
    """Keep a new delegation; the delegation again."""
    DelegationRow.objects.create(
        id=made.id, kind=made.kind, represented=made.represented, represented_name=made.represented_name,
        delegate_id=made.delegate, delegate_name=made.delegate_name, invited=invited, scopes=list(made.scopes),
        services=list(made.services), since=made.since, until=made.until, consent=made.consent,
        standing=made.standing, officer=officer, made=now,
    )
    return made


def find(delegation: DelegationId) -> Delegation | None:
    """A delegation by its id, or None. One query."""
    row = _rows().filter(id=delegation).first()
    return _delegation(row) if row else None


def lock(delegation: DelegationId) -> tuple[Delegation, str]:
    """A delegation, locked, and the address that was invited. Raises DelegationUnknown."""
    row = DelegationRow.objects.select_for_update(of=("self",)).select_related("delegate").filter(id=delegation).first()
    if row is None:
        raise DelegationUnknown
    return _delegation(row), row.invited


def save(changed: Delegation, now: datetime) -> Delegation:
    """Keep a delegation's answer or end; the invitation's address is forgotten with it."""
    over = changed.standing in {Standing.ENDED, Standing.REFUSED}
    DelegationRow.objects.filter(id=changed.id).update(
        delegate_id=changed.delegate, delegate_name=changed.delegate_name, consent=changed.consent,
        standing=changed.standing, until=changed.until, invited="", ended=now if over else None,
    )
    return changed


def of(resident: ResidentId | None, account: AccountId, email: str) -> Sequence[Delegation]:
    """Everything that concerns somebody and is not over: as the one represented, as the delegate, or as invited."""
    mine = Q(delegate_id=account) | Q(invited=email, delegate=None)
    if resident:
        mine |= Q(represented=resident)
    found = _rows().filter(mine, standing__in=(Standing.OFFERED, Standing.ACTIVE)).order_by("-made")
    return [_delegation(row) for row in found[:200]]


_OPEN = (Standing.OFFERED, Standing.ACTIVE, Standing.AWAITS_OFFICER)


def standing_between(represented: ResidentId, delegate: AccountId, kind: Kind, now: datetime) -> Delegation | None:
    """The delegation of a kind between two that holds or waits for an answer, if there is one."""
    row = _rows().filter(
        represented=represented, delegate_id=delegate, kind=kind, until__gt=now, standing__in=_OPEN,
    ).first()
    return _delegation(row) if row else None


def stands_for(resident: ResidentId, scope: str, now: datetime) -> AccountId | None:
    """The account of a parent or guardian who acts for somebody in ``scope``; the first who did, if several do."""
    held = DelegationRow.objects.filter(
        represented=resident, kind__in=(Kind.PARENT, Kind.GUARDIAN), standing=Standing.ACTIVE, scopes__contains=[scope],
        since__lte=now, until__gt=now, delegate__is_active=True,
    )
    found = held.order_by("made").values_list("delegate_id", flat=True).first()
    return AccountId(found) if found else None


def end_all_of(account: AccountId, now: datetime) -> int:
    """End everything that an account may do for others; how many delegations."""
    held = DelegationRow.objects.filter(delegate_id=account, standing__in=_OPEN)
    return held.update(standing=Standing.ENDED, ended=now, invited="")


def end_unanswered(before: datetime, now: datetime) -> int:
    """End what nobody answered or confirmed since ``before``; how many."""
    old = DelegationRow.objects.filter(standing__in=(Standing.OFFERED, Standing.AWAITS_OFFICER), made__lt=before)
    return old.update(standing=Standing.ENDED, ended=now, invited="")


def forget(before: datetime) -> int:
    """Delete delegations that were over before ``before``; how many."""
    over = Q(ended__lt=before) | Q(until__lt=before)
    return DelegationRow.objects.filter(over).delete()[0]


def _rows() -> QuerySet[DelegationRow]:
    return DelegationRow.objects.select_related("delegate")


def _delegation(row: DelegationRow) -> Delegation:
    who = row.delegate
    return Delegation(
        DelegationId(row.id), Kind(row.kind), ResidentId(row.represented), row.represented_name,
        AccountId(who.id) if who else None, ResidentId(who.resident) if who and who.resident else None,
        row.delegate_name, tuple(row.scopes), tuple(row.services), in_seoul(row.since), in_seoul(row.until),
        Consent(row.consent), Standing(row.standing), awaits_delegate=who is None,
    )
