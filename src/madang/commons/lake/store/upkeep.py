"""Keeping the archive small and honest: joining files, forgetting, erasing, and deleting what nothing names."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from itertools import count
from uuid import UUID, uuid4

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.fs import FileSelector, FileType
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.io.pyarrow import ArrowScan, PyArrowFileIO, _dataframe_to_data_files
from pyiceberg.manifest import DataFile
from pyiceberg.table import FileScanTask, Table

from madang.commons.lake import rules
from madang.commons.lake.contracts import LakeBusy
from madang.commons.lake.rules import SmallFile
from madang.commons.lake.store.table import ERASED, less_than, position, told


def join_small(table: Table, full: int, at_least: int) -> tuple[int, int]:
    """Join small files of a day, one commit a group; how many were joined into how many."""
    before = after = 0
    by_path = {task.file.file_path: task for task in table.scan().plan_files()}
    small = [SmallFile(task.file.partition[0], task.file.record_count, path) for path, task in by_path.items()]
    for group in rules.joins(small, full, at_least):
        tasks = [by_path[file.path] for file in group]
        after += _replace(table, tasks, lambda rows: rows.sort_by([("bus", "ascending"), ("sequence", "ascending")]))
        before += len(tasks)
    return before, after


def forget(table: Table, before: datetime) -> int:
    """Drop every row older than the UTC day of ``before``; whole files, as days are partitions. How many rows."""
    day = before.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    old = less_than("at", day.isoformat())
    rows = int(table.scan(old).count())
    if rows:
        try:
            table.delete(old, snapshot_properties=dict(told(position(table))))
        except CommitFailedException as lost:
            raise LakeBusy from lost
    return rows


def erase(table: Table, ids: Collection[UUID]) -> int:
    """Empty every event whose body holds one of ``ids``; how many. What is left is a place on the bus and a time."""
    patterns = [str(each) for each in ids]
    emptied = 0
    for task in list(table.scan().plan_files()):
        rows = _read(table, [task])
        hits = _holding(rows, patterns)
        many = pc.sum(hits).as_py() or 0
        if many:
            _replace(table, [task], lambda found, hits=hits: _emptied(found, hits))  # type: ignore[misc]
            emptied += many
    return emptied


def expire(table: Table, before: datetime | None) -> int:
    """Give up snapshots older than ``before``, or all but the newest; how many."""
    current = table.current_snapshot()
    old = [
        each.snapshot_id
        for each in table.snapshots()
        if each != current and (before is None or each.timestamp_ms < before.timestamp() * 1000)
    ]
    if old:
        table.maintenance.expire_snapshots().by_ids(old).commit()
        table.refresh()
    return len(old)


def sweep(table: Table) -> int:
    """Delete every file under the table that nothing names any more; how many. Only while no one else writes."""
    scheme, host, root = PyArrowFileIO.parse_location(table.location())
    files = PyArrowFileIO(table.io.properties).fs_by_scheme(scheme, host)
    named = {PyArrowFileIO.parse_location(location)[2] for location in _named(table)}
    found = files.get_file_info(FileSelector(root, recursive=True, allow_not_found=True))
    stray = [each.path for each in found if each.type is FileType.File and each.path not in named]
    for path in stray:
        files.delete_file(path)
    return len(stray)


def size(table: Table) -> tuple[int, int]:
    """How many data files the archive has, and their bytes."""
    tasks = list(table.scan().plan_files())
    return len(tasks), sum(task.file.file_size_in_bytes for task in tasks)


def _replace(table: Table, tasks: Sequence[FileScanTask], change: Callable[[pa.Table], pa.Table]) -> int:
    rows = change(_read(table, tasks))
    try:
        with (
            table.transaction() as changes,
            changes.update_snapshot(snapshot_properties=dict(told(position(table)))).overwrite() as files,
        ):
            for task in tasks:
                files.delete_data_file(task.file)
            made = _written(table, rows)
            for file in made:
                files.append_data_file(file)
    except CommitFailedException as lost:
        raise LakeBusy from lost
    return len(made)


def _read(table: Table, tasks: Sequence[FileScanTask]) -> pa.Table:
    return ArrowScan(table.metadata, table.io, table.schema(), AlwaysTrue()).to_table(tasks)


def _written(table: Table, rows: pa.Table) -> list[DataFile]:
    return list(_dataframe_to_data_files(table.metadata, rows, table.io, write_uuid=uuid4(), counter=count()))


def _holding(rows: pa.Table, patterns: Sequence[str]) -> pa.ChunkedArray:
    hits = pc.match_substring(rows["body"], patterns[0])
    for pattern in patterns[1:]:
        hits = pc.or_(hits, pc.match_substring(rows["body"], pattern))
    return hits


def _emptied(rows: pa.Table, hits: pa.ChunkedArray) -> pa.Table:
    for name, empty in (("event", str(UUID(int=0))), ("topic", ERASED), ("room", ""), ("body", "")):
        index = rows.schema.get_field_index(name)
        rows = rows.set_column(index, rows.schema.field(index), pc.if_else(hits, empty, rows[name]))
    return rows


def _named(table: Table) -> Iterable[str]:
    yield table.metadata_location
    yield from (entry.metadata_file for entry in table.metadata.metadata_log)
    seen: set[str] = set()
    for snapshot in table.snapshots():
        yield snapshot.manifest_list
        for manifest in snapshot.manifests(table.io):
            if manifest.manifest_path not in seen:
                seen.add(manifest.manifest_path)
                yield manifest.manifest_path
                yield from (e.data_file.file_path for e in manifest.fetch_manifest_entry(table.io))
