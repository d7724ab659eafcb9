"""The table ``city.events``: opened, appended to, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from numpy.typing import NDArray
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.expressions import AlwaysTrue, And, EqualTo, GreaterThanOrEqual, LessThan
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import DayTransform
from pyiceberg.types import LongType, NestedField, StringType, TimestamptzType
from sqlalchemy import URL, text

from madang.commons.lake.contracts import Archived, LakeBusy, Position
from madang.commons.lake.store import durable

ERASED: Final = ""
"""The topic of a row that stands for an erased event. It sorts first, so a file without one is never read for it."""

# The library's expressions take a column's name and a value; their declared types, made by pydantic, do not say so.
equal_to: Final[Any] = EqualTo
less_than: Final[Any] = LessThan
at_least: Final[Any] = GreaterThanOrEqual

_TABLE: Final = ("city", "events")
_BUS: Final = "madang.bus"
_SEQUENCE: Final = "madang.bus-sequence"
_SCHEMA: Final = Schema(
    NestedField(1, "event", StringType(), required=True),
    NestedField(2, "topic", StringType(), required=True),
    NestedField(3, "room", StringType(), required=True),
    NestedField(4, "at", TimestamptzType(), required=True),
    NestedField(5, "body", StringType(), required=True),
    NestedField(6, "bus", StringType(), required=True),
    NestedField(7, "sequence", LongType(), required=True),
)
_ARROW: Final = pa.schema([
    pa.field("event", pa.string(), nullable=False),
    pa.field("topic", pa.string(), nullable=False),
    pa.field("room", pa.string(), nullable=False),
    pa.field("at", pa.timestamp("us", tz="UTC"), nullable=False),
    pa.field("body", pa.string(), nullable=False),
    pa.field("bus", pa.string(), nullable=False),
    pa.field("sequence", pa.int64(), nullable=False),
])
_BY_DAY: Final = PartitionSpec(PartitionField(source_id=4, field_id=1000, transform=DayTransform(), name="day"))
_PROPERTIES: Final = {
    "format-version": "2",
    # The library's own retry would append a batch again after another writer had: the one who loses starts over.
    "commit.retry.num-retries": "0",
    "write.parquet.compression-codec": "zstd",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "5",
    "write.metadata.metrics.column.body": "none",
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "20",
}


_opened: list[durable.DurableCatalog] = []


@dataclass(frozen=True, slots=True)
class Place:
    """Which archive: the catalogue's name in PostgreSQL, and the folder or bucket of its files, as a URL."""

    catalogue: str
    warehouse: str


def open_table(place: Place) -> Table:
    """The table as it is now; made when it is not there."""
    known: Table = _open(place, _database())
    known.refresh()
    return known


def position(table: Table) -> Position | None:
    """How far the archive has come, from the newest snapshot; None before the first event."""
    snapshot = table.current_snapshot()
    if snapshot is None or snapshot.summary is None:
        return None
    told = snapshot.summary.additional_properties
    return Position(told[_BUS], int(told[_SEQUENCE])) if _BUS in told else None


def told(at: Position | None) -> Mapping[str, str]:
    """A position as snapshot properties: every commit carries it on, whatever it changes."""
    return {_BUS: at.bus, _SEQUENCE: str(at.sequence)} if at else {}


def append(table: Table, bus: str, events: Sequence[Archived]) -> None:
    """Add events with the new position, in one commit. Raises LakeBusy when another writer was faster."""
    try:
        table.append(_rows(bus, events), snapshot_properties=dict(told(Position(bus, events[-1].sequence))))
    except CommitFailedException as lost:
        raise LakeBusy from lost


def count(table: Table, topic: str | None, since: datetime | None) -> int:
    """How many events, erased ones left out."""
    late = at_least("at", since.astimezone(UTC).isoformat()) if since else AlwaysTrue()
    if topic is not None:
        return table.scan(And(equal_to("topic", topic), late)).count()
    return table.scan(late).count() - table.scan(And(equal_to("topic", ERASED), late)).count()


def sequences(table: Table) -> tuple[Mapping[str, NDArray[np.int64]], int]:
    """Every archived sequence by bus, and how many rows are erased: 8 bytes a row, read in batches."""
    parts: dict[str, list[NDArray[np.int64]]] = {}
    erased = 0
    for batch in table.scan(selected_fields=("bus", "sequence", "topic")).to_arrow_batch_reader():
        buses, numbers = batch.column("bus"), batch.column("sequence")
        erased += pc.sum(pc.equal(batch.column("topic"), ERASED)).as_py() or 0
        for bus in pc.unique(buses).to_pylist():
            parts.setdefault(bus, []).append(numbers.filter(pc.equal(buses, bus)).to_numpy())
    return {bus: np.concatenate(found) for bus, found in parts.items()}, erased


def lock() -> None:
    """Let nobody else write to the archive until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('madang.lake'))")


def dispose() -> None:
    """Close the catalogue's own connections to PostgreSQL; the next use opens new ones."""
    for opened in _opened:
        opened.engine.dispose()
    _opened.clear()
    _open.cache_clear()


def _rows(bus: str, events: Sequence[Archived]) -> pa.Table:
    columns = [
        [str(event.id) for event in events],
        [event.topic for event in events],
        [event.room for event in events],
        [event.at for event in events],
        [event.body for event in events],
        [bus] * len(events),
        [event.sequence for event in events],
    ]
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, _ARROW, strict=True)], _ARROW)


def _database() -> str:
    parts = connection.settings_dict
    url = URL.create(
        "postgresql+psycopg", parts["USER"], parts["PASSWORD"], parts["HOST"], int(parts["PORT"] or 5432),
        parts["NAME"], {"options": "-csearch_path=lake", "application_name": "madang lake"},
    )
    return url.render_as_string(hide_password=False)


@cache
def _open(place: Place, database: str) -> Table:
    catalogue = durable.catalogue(
        place.catalogue, uri=database, warehouse=place.warehouse, pool_pre_ping="true", init_catalog_tables="false"
    )
    _opened.append(catalogue)
    with catalogue.engine.begin() as alone:
        # Two processes that start in the same moment would both find nothing and both make everything.
        alone.execute(text("SELECT pg_advisory_xact_lock(hashtext('madang.lake.opening'))"))
        catalogue.create_tables()
        catalogue.create_namespace_if_not_exists(_TABLE[0])
        return catalogue.create_table_if_not_exists(_TABLE, _SCHEMA, partition_spec=_BY_DAY, properties=_PROPERTIES)
