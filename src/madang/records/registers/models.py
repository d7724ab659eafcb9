"""The tables of the synthetic registers, one a register, and what we last found about each line.

A register would lie with its owner; these stand in for it and are read only as one (by field, by resident). An
empty text is a field that the register does not hold.
"""

from django.db import models

from madang.records.registers.contracts import LineState


class ResidentRow(models.Model):
    """A resident."""

    resident = models.UUIDField(primary_key=True)
    name_ko = models.TextField(default="")
    name_en = models.TextField(default="")
    birth_date = models.DateField(null=True)
    sex = models.TextField(default="")
    nationality = models.TextField(default="")
    masked_number = models.TextField(default="")
    phone = models.TextField(default="")
    language = models.TextField(default="")

    class Meta:
        """Named for the register."""

        db_table = "registers_residents"


class HouseholdRow(models.Model):
    """A resident's place in a household."""

    resident = models.UUIDField(primary_key=True)
    address = models.TextField(default="")
    district = models.TextField(default="")
    dong = models.TextField(default="")
    moved_in = models.DateField(null=True)
    head_name = models.TextField(default="")
    members = models.SmallIntegerField(null=True)
    relation = models.TextField(default="")
    household = models.BigIntegerField(null=True, db_index=True)
    """Which household it is; the register answers by it, and does not tell it."""

    class Meta:
        """Named for the register."""

        db_table = "registers_households"


class VehicleRow(models.Model):
    """A resident's car."""

    resident = models.UUIDField(primary_key=True)
    plate = models.TextField(default="")
    model = models.TextField(default="")
    first_registered = models.DateField(null=True)

    class Meta:
        """Named for the register."""

        db_table = "registers_vehicles"


class BusinessRow(models.Model):
    """A resident's business."""

    resident = models.UUIDField(primary_key=True)
    registration_number = models.TextField(default="")
    trade_name = models.TextField(default="")
    opened = models.DateField(null=True)

    class Meta:
        """Named for the register."""

        db_table = "registers_businesses"


class LocalTaxRow(models.Model):
    """What a resident owes the city."""

    resident = models.UUIDField(primary_key=True)
    paid_up = models.BooleanField(null=True)
    arrears = models.BigIntegerField(null=True)
    latest_year = models.SmallIntegerField(null=True)

    class Meta:
        """Named for the register."""

        db_table = "registers_local_tax"


class DisabilityRow(models.Model):
    """A resident's registered disability."""

    resident = models.UUIDField(primary_key=True)
    registered = models.BooleanField(null=True)
    severity = models.TextField(default="")
    kind = models.TextField(default="")
    walking_impaired = models.BooleanField(null=True)

    class Meta:
        """Named for the register."""

        db_table = "registers_disability"


class PopulationRow(models.Model):
    """The one population that the tables above hold."""

    residents = models.IntegerField()
    seed = models.BigIntegerField()
    rows = models.BigIntegerField()
    seconds = models.FloatField()
    made = models.DateTimeField()

    class Meta:
        """Named for what it is."""

        db_table = "registers_population"


class LineRow(models.Model):
    """What a process of the city last found about a register: written when its breaker changes."""

    register = models.TextField(primary_key=True)
    state = models.TextField(default=LineState.CLOSED)
    since = models.DateTimeField()
    why = models.TextField(blank=True)

    class Meta:
        """Named for what it is."""

        db_table = "registers_line"
