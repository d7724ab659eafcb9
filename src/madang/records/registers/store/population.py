"""Synthetic residents into PostgreSQL: columns become CSV in Arrow and go in by COPY, a chunk at a time."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.db import connection
from numpy.typing import NDArray

from madang.kernel.ids import ResidentId
from madang.records.registers.contracts import Population, Register
from madang.records.registers.models import PopulationRow
from madang.records.registers.rules.columns import Coded, Column, Joined, Table
from madang.records.registers.store.entries import TABLES

_CSV = pa.csv.WriteOptions(include_header=False, quoting_style="needed")


def empty() -> None:
    """Forget everybody. The tables are locked until the transaction ends."""
    names = ", ".join(_name(register) for register in Register)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names}")
    PopulationRow.objects.all().delete()


def add(table: Table, ids: NDArray[np.uint8]) -> int:
    """Add entries; ``ids`` are those of the whole chunk, 16 bytes a row. How many were added."""
    names = ["resident", *table.columns]
    columns = [_hexadecimal(ids[table.who]), *(_text(column) for column in table.columns.values())]
    buffer = io.BytesIO()
    pa.csv.write_csv(pa.table(dict(zip(names, columns, strict=True))), buffer, _CSV)
    copy_in = f"COPY {_name(table.register)} ({', '.join(names)}) FROM STDIN (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(copy_in) as copy:
        copy.write(buffer.getbuffer())
    return len(table.who)


def add_one(register: Register, resident: ResidentId, fields: Mapping[str, Any]) -> None:
    """Add one entry as it is given."""
    TABLES[register]._default_manager.create(resident=resident, **fields)  # noqa: SLF001 -- Django's documented name for a model's manager


def analyse() -> None:
    """Let the planner know what is in the tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(_name(register) for register in Register))


def note(made: Population) -> None:
    """Keep what was made."""
    PopulationRow.objects.create(
        residents=made.residents, seed=made.seed, rows=made.rows, seconds=made.seconds, made=made.made,
    )


def made() -> Population | None:
    """What was made last, or None when nothing was."""
    row = PopulationRow.objects.order_by("-id").first()
    return Population(row.residents, row.seed, row.rows, row.seconds, row.made) if row else None


def _name(register: Register) -> str:
    return TABLES[register]._meta.db_table  # noqa: SLF001 -- Django's documented name for a model's options


def _hexadecimal(ids: NDArray[np.uint8]) -> Any:
    letters = np.frombuffer(ids.tobytes().hex().encode("ascii"), dtype="S32")
    return pa.array(letters).cast(pa.string())


def _text(column: Column) -> Any:
    match column:
        case Coded():
            return pc.take(pa.array(column.words, pa.string()), pa.array(column.codes))
        case Joined():
            parts = [pa.scalar(part) if isinstance(part, str) else _text(part) for part in column.parts]
            return pc.binary_join_element_wise(*parts, "")
        case _:
            return pa.array(column)
