"""The door to the lake. It imports pyarrow when it is used, not before."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from madang.commons.db.transactions import transaction
from madang.commons.lake import bus, profile, rules
from madang.commons.lake.contracts import Archived, LakeState, Position, Upkeep

if TYPE_CHECKING:
    from madang.commons.lake.store.table import Place


def archive(stream: str, events: Sequence[Archived]) -> int:
    """Add events of one life of the bus, in order; those that are there already are passed over. How many were added.

    Rows and position are one commit: whoever dies before it left nothing, whoever comes after goes on behind it.
    Raises LakeBusy when another writer was faster; then ask ``position`` anew.
    """
    from madang.commons.lake.store import table as store

    with transaction():
        store.lock()
        table = store.open_table(_place())
        known = store.position(table)
        behind = known.sequence if known and known.bus == stream else 0
        new = [event for event in events if event.sequence > behind]
        if new:
            store.append(table, stream, new)
    return len(new)


def position() -> Position | None:
    """How far the archive has come; None before the first event."""
    from madang.commons.lake.store import table as store

    return store.position(store.open_table(_place()))


def count_events(topic: str | None = None, since: datetime | None = None) -> int:
    """How many events the archive has, of one topic and since an aware time if asked. Erased ones do not count."""
    from madang.commons.lake.store import table as store

    return store.count(store.open_table(_place()), topic, since)


def check() -> LakeState:
    """Compare the archive with itself and with the bus: what is missing, what is there twice, what still waits."""
    from madang.commons.lake.store import table as store
    from madang.commons.lake.store import upkeep

    table = store.open_table(_place())
    by_bus, erased = store.sequences(table)
    found = [rules.holes(name, numbers) for name, numbers in by_bus.items()]
    files, size = upkeep.size(table)
    known = store.position(table)
    ahead = asyncio.run(bus.newest(settings.MADANG_NATS_URL))
    return LakeState(
        events=sum(map(len, by_bus.values())) - erased, erased=erased,
        twice=sum(twice for _, twice in found), holes=[hole for holes, _ in found for hole in holes],
        files=files, bytes=size, snapshots=len(table.snapshots()), position=known,
        behind=None if ahead is None else ahead.sequence - (known.sequence if known and known.bus == ahead.bus else 0),
    )


def tend(now: datetime) -> Upkeep:
    """A round of upkeep: join small files, forget what is too old, give up old snapshots, delete unnamed files.

    It holds the writers' lock while it works. Raises LakeBusy when something wrote without asking for it.
    """
    from madang.commons.lake.store import table as store
    from madang.commons.lake.store import upkeep

    rule = profile.keeping(settings.MADANG_PROFILE)
    with transaction():
        store.lock()
        table = store.open_table(_place())
        joined, made = upkeep.join_small(table, rule.rows_per_file, rule.join_at_least)
        forgotten = upkeep.forget(table, now - rule.keep)
        # What was forgotten must not live on in an old snapshot.
        expired = upkeep.expire(table, None if forgotten else now - rule.snapshots)
        return Upkeep(joined, made, upkeep.sweep(table), expired, forgotten)


def erase(ids: Collection[UUID]) -> int:
    """Erase every event that names one of ``ids`` (a resident, their cases), for good: rows, old snapshots and files.

    How many events. An empty row keeps each one's place on the bus, so that ``check`` can tell an erased event from a
    lost one. Reads the whole archive: minutes for years of events.
    """
    from madang.commons.lake.store import table as store
    from madang.commons.lake.store import upkeep

    if not ids:
        return 0
    with transaction():
        store.lock()
        table = store.open_table(_place())
        emptied = upkeep.erase(table, ids)
        upkeep.expire(table, None)
        upkeep.sweep(table)
    return emptied


def every() -> timedelta:
    """How often the archive is tended."""
    return profile.keeping(settings.MADANG_PROFILE).tend_every


def _place() -> "Place":
    from madang.commons.lake.store.table import Place

    return Place("city", f"file://{settings.MADANG_INSTANCE / 'lake'}")
