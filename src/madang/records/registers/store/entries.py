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
from madang.records.registers.rules.people import ADULT

_CHILDREN = "children"

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
    columns = [name for name in fields if name != _CHILDREN]
    rows = TABLES[register]._default_manager.filter(pk=resident).values_list("pk", *columns)  # noqa: SLF001 -- Django's documented name for a model's manager
    for _, *values in rows:
        said = {name: _text(value) for name, value in zip(columns, values, strict=True) if value not in {None, ""}}
        minors = _minors_with(resident, now) if _CHILDREN in fields else ""
        return Entry(said | ({_CHILDREN: minors} if minors else {}), now)
    return None


def _minors_with(resident: ResidentId, now: datetime) -> str:
    """The ids of the minors whose household ``resident`` heads, alone or as the head's spouse, eldest first."""
    own = HouseholdRow.objects.filter(pk=resident, relation__in=("head", "spouse"), household__isnull=False)
    members = HouseholdRow.objects.filter(household__in=own.values("household"), relation="child")
    today = now.date()
    of_age = today.replace(year=today.year - ADULT, day=min(today.day, 28))
    minors = ResidentRow.objects.filter(pk__in=members.values("pk"), birth_date__gt=of_age).order_by("birth_date")
    return " ".join(str(one) for one in minors.values_list("pk", flat=True))


def _text(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case date():
            return value.isoformat()
        case _:
            return str(value)
