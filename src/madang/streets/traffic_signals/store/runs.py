"""Runs, what came in for them, and what they remember."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from madang.kernel.clock import in_seoul
from madang.kernel.ids import new_id
from madang.streets.traffic_signals.contracts import DetectorMinute, PlanSet, PlanSetId, PlanState
from madang.streets.traffic_signals.contracts.operation import PlanSetUnknown, RunLine
from madang.streets.traffic_signals.models import CountsRow, PlanSetRow
from madang.streets.traffic_signals.store.blobs import packed, unpacked


def add_counts(batches: Iterable[DetectorMinute], now: datetime) -> int:
    """Keep batches of counts; how many."""
    rows = [
        CountsRow(id=new_id(), area=each.area, begin=each.begin, received=now, content=packed(each))
        for each in batches
    ]
    return len(CountsRow.objects.bulk_create(rows))


def counts_after(received: datetime) -> list[DetectorMinute]:
    """What came in after this moment, in the order of their intervals, what was sent last standing last."""
    rows = CountsRow.objects.filter(received__gt=received).order_by("begin", "received", "id")
    return [unpacked(content, DetectorMinute) for content in rows.values_list("content", flat=True)]


def add(made: PlanSet, line: RunLine) -> None:
    """Keep a run as the open proposal; the one that was open is superseded."""
    PlanSetRow.objects.filter(state=PlanState.PROPOSED).update(state=PlanState.SUPERSEDED)
    PlanSetRow.objects.create(
        id=made.id, made=made.made, valid_from=made.valid_from, state=made.state, intersections=line.intersections,
        changed=line.changed, refused=line.refused, kept=line.kept, delay_now=line.delay_now, delay=line.delay,
        seconds=line.seconds, content=packed(made),
    )


def plan_set(found: PlanSetId) -> PlanSet:
    """A run with its proposals, as it stands now. Raises PlanSetUnknown."""
    row = PlanSetRow.objects.filter(id=found).first()
    if row is None:
        raise PlanSetUnknown(str(found))
    return _plan_set(row)


def lock(found: PlanSetId) -> PlanSet:
    """As ``plan_set``, locked until the transaction ends, so that of two engineers one decides."""
    row = PlanSetRow.objects.select_for_update().filter(id=found).first()
    if row is None:
        raise PlanSetUnknown(str(found))
    return _plan_set(row)


def decide(found: PlanSetId, state: PlanState, by: str, now: datetime) -> None:
    """Note what became of a run."""
    PlanSetRow.objects.filter(id=found).update(state=state, decided_by=by, decided_at=now)


def lines(limit: int) -> list[RunLine]:
    """The last runs, the newest first."""
    return [_line(row) for row in PlanSetRow.objects.defer("content").order_by("-made")[:limit]]


def line(found: UUID) -> RunLine | None:
    """One run's line."""
    row = PlanSetRow.objects.defer("content").filter(id=found).first()
    return _line(row) if row else None


def erase(counts: datetime, plans: datetime) -> Sequence[int]:
    """Erase what came before these moments; how many batches and runs."""
    gone = CountsRow.objects.filter(received__lt=counts), PlanSetRow.objects.filter(made__lt=plans)
    return [rows.delete()[0] for rows in gone]


def _plan_set(row: PlanSetRow) -> PlanSet:
    found = unpacked(row.content, PlanSet)
    return PlanSet(
        found.id, in_seoul(row.made), in_seoul(row.valid_from), PlanState(row.state), found.proposals, found.refused,
        found.kept,
    )


def _line(row: PlanSetRow) -> RunLine:
    return RunLine(
        PlanSetId(row.id), in_seoul(row.made), PlanState(row.state), row.intersections, row.changed, row.refused,
        row.kept, row.delay_now, row.delay, row.seconds, row.decided_by,
        in_seoul(row.decided_at) if row.decided_at else None,
    )
