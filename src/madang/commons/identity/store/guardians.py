"""Guardianships in PostgreSQL: delegations with what they rest on."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from madang.commons.identity.contracts.delegations import Delegation, DelegationId, DelegationUnknown, Standing
from madang.commons.identity.contracts.guardians import Guardianship, Recorded
from madang.commons.identity.models import GuardianshipRow
from madang.commons.identity.store import delegations
from madang.kernel.clock import in_seoul
from madang.kernel.ids import AccountId, ResidentId


def add(made: Delegation, asked: Guardianship, officer: AccountId, now: datetime) -> None:
    """Keep a guardianship."""
    delegations.add(made, "", officer, now)
    GuardianshipRow.objects.create(
        delegation_id=made.id, document=asked.at.document, paper=asked.paper, decided=asked.decided,
        centre=asked.at.centre, officer=officer,
    )


def waiting(now: datetime) -> Sequence[Recorded]:
    """Those that wait for a second officer, oldest first."""
    return [_recorded(row) for row in _rows(now).filter(delegation__standing=Standing.AWAITS_OFFICER)]


def of_ward(ward: ResidentId, now: datetime) -> Sequence[Recorded]:
    """Those that hold for somebody."""
    return [
        _recorded(row)
        for row in _rows(now).filter(delegation__standing=Standing.ACTIVE, delegation__represented=ward)
    ]


def lock(delegation: DelegationId, standing: Standing, now: datetime) -> tuple[Delegation, AccountId]:
    """A guardianship that stands so, locked, and the officer who recorded it. Raises DelegationUnknown."""
    held, _ = delegations.lock(delegation)
    row = _rows(now).filter(delegation=delegation, delegation__standing=standing).first()
    if row is None:
        raise DelegationUnknown
    return held, AccountId(row.officer)


def note_second(delegation: DelegationId, officer: AccountId) -> None:
    """Note who confirmed it."""
    GuardianshipRow.objects.filter(delegation=delegation).update(second_officer=officer)


def _rows(now: datetime) -> QuerySet[GuardianshipRow]:
    return GuardianshipRow.objects.filter(delegation__until__gt=now).select_related("delegation").order_by(
        "delegation__made"
    )


def _recorded(row: GuardianshipRow) -> Recorded:
    held = row.delegation
    return Recorded(
        DelegationId(held.id), held.represented_name, held.delegate_name, row.paper, row.centre,
        AccountId(row.officer), in_seoul(held.until),
    )
