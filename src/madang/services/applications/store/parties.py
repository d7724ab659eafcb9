"""Those who sign or apply beside a case's resident, in PostgreSQL."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from madang.kernel.clock import in_seoul
from madang.kernel.ids import ResidentId
from madang.services.applications.contracts import CaseId
from madang.services.applications.contracts.parties import Capacity, Party, PartyStanding
from madang.services.applications.models import PartyRow

_ENDED_AT_ONCE = 200


def of_case(case: CaseId) -> list[Party]:
    """Everybody beside a case's resident, the first invited first."""
    return [_party(row) for row in PartyRow.objects.filter(case=case).order_by("invited", "id")]


def add(party: Party, code: str) -> None:
    """Keep somebody beside a case's resident; ``code`` is the digest of what opens their invitation."""
    PartyRow.objects.create(
        id=party.id, case_id=party.case, capacity=party.capacity, name=party.name, code=code, invited=party.invited,
        until=party.until, standing=party.standing, resident=party.resident, answered=party.answered,
    )


def save(party: Party) -> None:
    """Keep somebody's answer, or that their invitation has ended."""
    PartyRow.objects.filter(id=party.id).update(
        standing=party.standing, resident=party.resident, answered=party.answered, digest=party.digest,
    )


def with_code(code: str) -> Party | None:
    """Whom an invitation's code is for."""
    row = PartyRow.objects.filter(code=code).first()
    return None if row is None else _party(row)


def lock_over(now: datetime) -> list[Party]:
    """Invitations without an answer whose time is over, some of them, locked."""
    rows = PartyRow.objects.select_for_update(skip_locked=True).filter(standing=PartyStanding.INVITED, until__lt=now)
    return [_party(row) for row in rows.order_by("until")[:_ENDED_AT_ONCE]]


def applicants_of(case: CaseId) -> list[ResidentId]:
    """Who applies together with a case's resident."""
    rows = PartyRow.objects.filter(case=case, capacity=Capacity.APPLICANT, standing=PartyStanding.SIGNED)
    return [ResidentId(one) for one in rows.values_list("resident", flat=True) if one]


def cases_of(resident: ResidentId) -> QuerySet[PartyRow, UUID]:
    """The cases that somebody may see beside their resident: applied for together, or sent for a business."""
    rows = PartyRow.objects.filter(resident=resident, standing=PartyStanding.SIGNED)
    seen = Q(capacity=Capacity.APPLICANT) | Q(capacity=Capacity.DELEGATE, until__gt=Now())
    return rows.filter(seen).values_list("case_id", flat=True)


def forget_names(cases: Collection[UUID]) -> None:
    """Erase how those beside the residents of erased cases were called."""
    PartyRow.objects.filter(case__in=cases).update(name="")


def _party(row: PartyRow) -> Party:
    return Party(
        row.id, row.case_id, Capacity(row.capacity), row.name, in_seoul(row.invited), in_seoul(row.until),
        PartyStanding(row.standing), ResidentId(row.resident) if row.resident else None,
        in_seoul(row.answered) if row.answered else None, row.digest,
    )
