"""What runs remember: small things by name, and the estimator's arrays piece by piece, so that a run writes few."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from madang.kernel.clock import in_seoul
from madang.streets.traffic_signals.models import MemoryRow
from madang.streets.traffic_signals.store.blobs import array_packed, array_unpacked


def remember(name: str, content: bytes, now: datetime) -> None:
    """Keep what a run must know of the ones before it."""
    MemoryRow.objects.update_or_create(name=name, defaults={"content": content, "at": now})


def remembered(name: str) -> tuple[bytes, datetime] | None:
    """What was kept under this name, and when."""
    row = MemoryRow.objects.filter(name=name).first()
    return (bytes(row.content), in_seoul(row.at)) if row else None


def remembered_at(name: str) -> datetime | None:
    """When something was last kept under this name: one small read."""
    at = MemoryRow.objects.filter(name=name).values_list("at", flat=True).first()
    return in_seoul(at) if at else None


def remember_pieces(name: str, changed: Mapping[str, Any], names: Collection[str], now: datetime) -> None:
    """Keep those of an array's pieces that changed; ``names`` are all that there are now, others are erased."""
    rows = [MemoryRow(name=f"{name}/{piece}", at=now, content=array_packed(each)) for piece, each in changed.items()]
    MemoryRow.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["name"], update_fields=["content", "at"])
    known = [f"{name}/{piece}" for piece in names]
    MemoryRow.objects.filter(name__startswith=f"{name}/").exclude(name__in=known).delete()
    remember(name, b"", now)


def remembered_pieces(name: str) -> dict[str, Any]:
    """All pieces under this name."""
    rows = MemoryRow.objects.filter(name__startswith=f"{name}/").values_list("name", "content")
    return {piece[len(name) + 1:]: array_unpacked(content) for piece, content in rows.iterator()}
