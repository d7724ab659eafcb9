"""Slots in PostgreSQL. Places are counted by the row itself, so that no two requests can have the last one."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from madang.kernel.clock import in_seoul
from madang.records.catalogue.contracts import ServiceId
from madang.services.bookings.contracts import BookingStanding, Draw, Entry, Session, Slot, SlotId, SlotUnknown
from madang.services.bookings.models import SlotRow
from madang.services.bookings.rules import drawing

_SEED_BYTES = 32


def laid_until(service: ServiceId) -> datetime | None:
    """When the last slot that is laid out begins."""
    return SlotRow.objects.filter(service=service).order_by("-starts").values_list("starts", flat=True).first()


def lay_out(slots: Collection[Slot]) -> None:
    """Keep slots that are not there yet; those that are stay as they were promised."""
    SlotRow.objects.bulk_create([_row(slot) for slot in slots], ignore_conflicts=True, batch_size=1000)


def find(slot: UUID) -> Slot:
    """A slot. Raises SlotUnknown."""
    return _one(_counted(SlotRow.objects.filter(id=slot)), slot)


def lock(slot: UUID) -> Slot:
    """A slot, locked until the transaction ends. Raises SlotUnknown."""
    if not SlotRow.objects.select_for_update().filter(id=slot).values_list("id").first():
        raise SlotUnknown(slot=str(slot))
    return find(slot)


def coming(
    service: ServiceId, now: datetime, district: str = "", limit: int = 60, after: datetime | None = None
) -> Sequence[Slot]:
    """The slots of a service that can still be asked for, by time and district."""
    rows = SlotRow.objects.filter(service=service, closes__gt=now)
    rows = rows.filter(starts__gte=after) if after else rows
    rows = rows.filter(district=district) if district else rows
    return [_slot(row) for row in _counted(rows.order_by("starts", "district"))[:limit]]


def of_day(services: Collection[ServiceId], begin: datetime, end: datetime, limit: int = 200) -> Sequence[Slot]:
    """The slots of these services that begin from ``begin`` to ``end`` and that somebody has, by time."""
    rows = SlotRow.objects.filter(service__in=services, starts__gte=begin, starts__lt=end, taken__gt=0)
    return [_slot(row) for row in _counted(rows.order_by("starts", "district"))[:limit]]


def take(slot: SlotId, seats: int) -> bool:
    """Take places of a slot, if it has them; one statement that locks the row and a constraint behind it."""
    return bool(SlotRow.objects.filter(id=slot, taken__lte=F("capacity") - seats).update(taken=F("taken") + seats))


def give_back(slot: SlotId, seats: int) -> None:
    """Give places back."""
    SlotRow.objects.filter(id=slot).update(taken=F("taken") - seats)


def enter(slot: SlotId) -> int:
    """The number of a new entry in a slot's draw; the row stays locked until the transaction ends."""
    SlotRow.objects.filter(id=slot).update(entries=F("entries") + 1)
    return int(SlotRow.objects.values_list("entries", flat=True).get(id=slot))


def to_draw(now: datetime, limit: int = 20) -> Sequence[SlotId]:
    """Slots whose draw is due."""
    due = SlotRow.objects.filter(draw_at__lte=now, drawn=None).order_by("draw_at").values_list("id", flat=True)
    return [SlotId(one) for one in due[:limit]]


def with_waiting(now: datetime, limit: int = 200) -> Sequence[SlotId]:
    """Slots that closed while somebody still waited for them."""
    rows = SlotRow.objects.filter(closes__lte=now, bookings__standing=BookingStanding.WAITING).distinct()
    return [SlotId(one) for one in rows.values_list("id", flat=True)[:limit]]


def seed_of(slot: SlotId) -> bytes:
    """The secret of a draw."""
    return bytes.fromhex(SlotRow.objects.values_list("seed", flat=True).get(id=slot))


def keep_draw(slot: SlotId, drawn: Sequence[Entry], winners: Sequence[Entry], now: datetime) -> None:
    """Keep what is published of a draw."""
    result = {
        "entries": msgspec.to_builtins(sorted(drawn, key=lambda one: one.number)),
        "order": [one.number for one in drawn], "winners": [one.number for one in winners],
    }
    SlotRow.objects.filter(id=slot).update(drawn=now, result=result)


def draw(slot: UUID, naming: Mapping[str, Any]) -> Draw:
    """A draw as everybody may see it: the seed only once it is drawn. Raises SlotUnknown also where none is drawn."""
    row = _counted(SlotRow.objects.filter(id=slot, draw_at__isnull=False)).first()
    if row is None:
        raise SlotUnknown(slot=str(slot))
    result = row.result or {"entries": [], "order": [], "winners": []}
    return Draw(
        _slot(row), naming[row.service], row.seed if row.drawn else "", msgspec.convert(result["entries"], list[Entry]),
        result["winners"], result["order"],
    )


def erase(before: datetime) -> int:
    """Delete slots that ended before then and that nothing is kept of; how many. Draws stay published."""
    rows = SlotRow.objects.filter(ends__lt=before, bookings=None, result={})
    return rows.delete()[0]


def as_slot(row: SlotRow) -> Slot:
    """A row as others know it."""
    return _slot(row)


def _counted(rows: QuerySet[SlotRow]) -> QuerySet[SlotRow]:
    waits = Q(bookings__standing=BookingStanding.WAITING)
    return rows.annotate(waiting=Coalesce(Sum("bookings__seats", filter=waits), 0))


def _one(rows: QuerySet[SlotRow], slot: UUID) -> Slot:
    row = rows.first()
    if row is None:
        raise SlotUnknown(slot=str(slot))
    return _slot(row)


def _row(slot: Slot) -> SlotRow:
    seed = secrets.token_bytes(_SEED_BYTES) if slot.draw_at else b""
    return SlotRow(
        id=slot.id, service=slot.service, district=slot.district, starts=slot.starts, ends=slot.ends,
        sessions=msgspec.to_builtins(slot.sessions), capacity=slot.capacity, closes=slot.closes,
        cancel_until=slot.cancel_until, has_waiting_list=slot.has_waiting_list, draw_closes=slot.draw_closes,
        draw_at=slot.draw_at, seed=seed.hex(), commitment=drawing.commitment(seed) if seed else "",
    )


def _slot(row: SlotRow) -> Slot:
    sessions = msgspec.convert(row.sessions, tuple[Session, ...])
    return Slot(
        id=SlotId(row.id), service=ServiceId(row.service), district=row.district,
        sessions=tuple(Session(in_seoul(one.starts), in_seoul(one.ends)) for one in sessions), capacity=row.capacity,
        closes=in_seoul(row.closes), cancel_until=in_seoul(row.cancel_until), has_waiting_list=row.has_waiting_list,
        draw_closes=row.draw_closes and in_seoul(row.draw_closes), draw_at=row.draw_at and in_seoul(row.draw_at),
        taken=row.taken, entries=row.entries, waiting=getattr(row, "waiting", 0), commitment=row.commitment,
        drawn=row.drawn and in_seoul(row.drawn),
    )
