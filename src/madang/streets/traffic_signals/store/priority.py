"""Who asked to go first, and what they were told."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection

from madang.kernel.clock import in_seoul
from madang.streets.traffic_signals.contracts import IntersectionId
from madang.streets.traffic_signals.contracts.priority import PriorityAnswer, PriorityId, PriorityRecord
from madang.streets.traffic_signals.models import PriorityRow


def lock(place: IntersectionId) -> None:
    """One answer after the other at an intersection, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"traffic_signals.priority {place}"])


def answer_to(by: str, asked: UUID) -> PriorityRecord | None:
    """What a system was told about its number before."""
    row = PriorityRow.objects.filter(by=by, asked=asked).first()
    return _record(row) if row else None


def add(made: PriorityRecord) -> None:
    """Keep an answer."""
    answer = made.answer
    PriorityRow.objects.create(
        id=made.id, at=made.at, by=made.by, asked=answer.approach.id, intersection=answer.approach.intersection,
        given=answer.is_given, ends=answer.ends, content=msgspec.to_builtins(answer),
    )


def given_after(now: datetime, place: IntersectionId | None = None) -> list[PriorityRecord]:
    """The answers whose changed cycles run now or will, in their order."""
    rows = PriorityRow.objects.filter(given=True, ends__gt=now).order_by("at")
    return [_record(row) for row in (rows.filter(intersection=place) if place else rows)]


def latest(limit: int, place: str = "") -> list[PriorityRecord]:
    """The last answers, the newest first."""
    rows = PriorityRow.objects.order_by("-at")
    return [_record(row) for row in (rows.filter(intersection=place) if place else rows)[:limit]]


def erase(before: datetime) -> int:
    """Erase what was asked before then; how many."""
    return PriorityRow.objects.filter(at__lt=before).delete()[0]


def _record(row: PriorityRow) -> PriorityRecord:
    answer = msgspec.convert(row.content, PriorityAnswer)
    return PriorityRecord(PriorityId(row.id), in_seoul(row.at), row.by, answer)
