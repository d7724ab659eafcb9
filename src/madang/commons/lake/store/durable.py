"""Files that are on disk before the catalogue points at them."""

import os
from pathlib import Path
from threading import Lock
from typing import Any

from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.io import FileIO
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO
from pyiceberg.table.metadata import TableMetadata

_written: set[str] = set()
_lock = Lock()


class DurableFileIO(PyArrowFileIO):
    """Remembers what is written to the local disk. An object store keeps its own promises."""

    def new_output(self, location: str) -> PyArrowFile:
        """As the library's, and remembered."""
        scheme, _, path = self.parse_location(location, self.properties)
        if scheme == "file":
            with _lock:
                _written.add(path)
        return super().new_output(location)


class DurableCatalog(SqlCatalog):
    """Syncs a commit's files before its row changes.

    PostgreSQL keeps that row through a power cut: the files that it names must be there too.
    """

    @staticmethod
    def _write_metadata(metadata: TableMetadata, io: FileIO, metadata_path: str) -> None:
        SqlCatalog._write_metadata(metadata, io, metadata_path)  # noqa: SLF001 -- the library's only place before the row
        sync()


def sync() -> None:
    """Bring every remembered file, and the folders that name them, to the disk."""
    with _lock:
        paths = [Path(path) for path in _written]
        _written.clear()
    for path in (*paths, *{path.parent for path in paths}):
        if path.exists():
            _sync(path)


def catalogue(name: str, **properties: Any) -> DurableCatalog:
    """Open the catalogue, making its tables when they are not there."""
    implementation = f"{DurableFileIO.__module__}.{DurableFileIO.__name__}"
    return DurableCatalog(name, **properties, **{"py-io-impl": implementation})


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
