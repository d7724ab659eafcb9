"""Entries of the synthetic registers in PostgreSQL, answered as the register's owner would."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import DatabaseError, models

from madang.kernel import clock
from madang.kernel.ids import ResidentId
from madang.records.registers.contracts import Entry, NoAnswer, Register
from madang.records.registers.models import (
    BusinessRow,
    DisabilityRow,
    HouseholdRow,
    LocalTaxRow,
    ResidentRow,
    VehicleRow,
)

TABLES: Mapping[Register, type[models.Model]] = {
    Register.RESIDENTS: ResidentRow,
    Register.HOUSEHOLDS: HouseholdRow,
    Register.VEHICLES: VehicleRow,
    Register.BUSINESSES: BusinessRow,
    Register.LOCAL_TAX: LocalTaxRow,
    Register.DISABILITY: DisabilityRow,
}


class Direct:
    """The adapter that reads the synthetic tables of this very database."""

    def fetch(
        self, register: Register, resident: ResidentId, fields: Collection[str], seconds: float  # noqa: ARG002 -- our own database has its own limits
    ) -> Entry | None:
        """As RegisterAdapter says."""
        try:
            return entry_of(register, resident, fields, clock.now())
        except DatabaseError as wrong:
            raise NoAnswer(why=f"the synthetic tables do not answer: {wrong}", passing=True) from wrong


def entry_of(register: Register, resident: ResidentId, fields: Collection[str], now: datetime) -> Entry | None:
    """The fields of the resident's entry that are not empty, as text; None when there is no entry."""
    rows = TABLES[register]._default_manager.filter(pk=resident).values_list("pk", *fields)  # noqa: SLF001 -- Django's documented name for a model's manager
    for _, *values in rows:
        said = zip(fields, values, strict=True)
        return Entry({name: _text(value) for name, value in said if value not in {None, ""}}, now)
    return None


def _text(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case date():
            return value.isoformat()
        case _:
            return str(value)
