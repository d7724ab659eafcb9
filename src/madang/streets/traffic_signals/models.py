"""Traffic signals' tables. What there is much of lies in compressed columns, one row an area and not one a detector."""

from django.db import models

from madang.streets.traffic_signals.contracts import PlanState
from madang.streets.traffic_signals.contracts.operation import How, Scope


class NetworkRow(models.Model):
    """A network that was imported; the newest counts."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200)
    made = models.DateTimeField()
    by = models.CharField(max_length=120)
    content = models.BinaryField()

    class Meta:
        db_table = "traffic_signals_network"


class CountsRow(models.Model):
    """A batch of counts of one area and interval, as it came in."""

    id = models.UUIDField(primary_key=True)
    area = models.CharField(max_length=40)
    begin = models.DateTimeField()
    received = models.DateTimeField()
    content = models.BinaryField()

    class Meta:
        """Read by the minute; erased by the day."""

        db_table = "traffic_signals_counts"
        indexes = (models.Index(fields=["received"], name="traffic_signals_counts_when"),)


class MemoryRow(models.Model):
    """What the estimator and the watch over data remember between runs, by name."""

    name = models.CharField(primary_key=True, max_length=60)
    at = models.DateTimeField()
    content = models.BinaryField()

    class Meta:
        db_table = "traffic_signals_memory"


class PlanSetRow(models.Model):
    """One run and what became of it."""

    id = models.UUIDField(primary_key=True)
    made = models.DateTimeField()
    valid_from = models.DateTimeField()
    state = models.CharField(max_length=20, choices=[(one.value, one.value) for one in PlanState])
    intersections = models.IntegerField()
    changed = models.IntegerField()
    refused = models.IntegerField()
    kept = models.IntegerField()
    delay_now = models.FloatField()
    delay = models.FloatField()
    seconds = models.FloatField()
    decided_by = models.CharField(max_length=120, default="")
    decided_at = models.DateTimeField(null=True)
    content = models.BinaryField()

    class Meta:
        """The newest first; one at most is open."""

        db_table = "traffic_signals_plan_set"
        constraints = (
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state=PlanState.PROPOSED), name="traffic_signals_one_open_run",
            ),
        )
        indexes = (models.Index(fields=["-made"], name="traffic_signals_runs"),)


class PublicationRow(models.Model):
    """Plans that were, or are, on the street: whole, and never changed."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    how = models.CharField(max_length=20, choices=[(one.value, one.value) for one in How])
    by = models.CharField(max_length=120)
    plan_set = models.UUIDField(null=True)
    before = models.UUIDField(null=True)
    intended = models.UUIDField()
    changed = models.IntegerField()
    fallen_back = models.JSONField(default=list)

    class Meta:
        """Read by time, for before and after."""

        db_table = "traffic_signals_publication"
        indexes = (models.Index(fields=["-at"], name="traffic_signals_publications"),)


class PublishedAreaRow(models.Model):
    """The plans of one area in one publication."""

    publication = models.ForeignKey(PublicationRow, on_delete=models.CASCADE, related_name="areas")
    area = models.CharField(max_length=40)
    content = models.BinaryField()

    class Meta:
        db_table = "traffic_signals_published_area"
        constraints = (
            models.UniqueConstraint(fields=["publication", "area"], name="traffic_signals_one_blob_an_area"),
        )


class StreetRow(models.Model):
    """The one row that says what is on the street: changing it is the publication."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    publication = models.ForeignKey(PublicationRow, on_delete=models.PROTECT)

    class Meta:
        db_table = "traffic_signals_street"
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="traffic_signals_one_street"),)


class AcknowledgementRow(models.Model):
    """Controllers of an area that took a publication up."""

    publication = models.UUIDField()
    area = models.CharField(max_length=40)
    by = models.CharField(max_length=120)
    at = models.DateTimeField()
    intersections = models.IntegerField()

    class Meta:
        db_table = "traffic_signals_acknowledgement"
        constraints = (
            models.UniqueConstraint(fields=["publication", "area", "by"], name="traffic_signals_taken_up_once"),
        )


class HoldRow(models.Model):
    """Where an engineer lets nothing change; with ``plan``, where their own plan runs."""

    id = models.UUIDField(primary_key=True)
    scope = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Scope])
    name = models.CharField(max_length=120)
    by = models.CharField(max_length=120)
    at = models.DateTimeField()
    reason = models.TextField()
    plan = models.JSONField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=120, default="")

    class Meta:
        """Those that hold now are few."""

        db_table = "traffic_signals_hold"
        indexes = (
            models.Index(fields=["at"], condition=models.Q(lifted_at=None), name="traffic_signals_holds_now"),
        )


class RollOutRow(models.Model):
    """The limits of automatic roll-out as somebody set them; the newest counts."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=120)
    content = models.JSONField()

    class Meta:
        db_table = "traffic_signals_roll_out"
        indexes = (models.Index(fields=["-at"], name="traffic_signals_roll_out_now"),)


class PriorityRow(models.Model):
    """A vehicle that asked to go first, and what it was told."""

    id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=120)
    asked = models.UUIDField()
    """The sender's own number."""
    intersection = models.CharField(max_length=120)
    given = models.BooleanField()
    ends = models.DateTimeField()
    content = models.JSONField()

    class Meta:
        """Read by the minute by controllers, by place by engineers; erased by the day."""

        db_table = "traffic_signals_priority"
        constraints = (models.UniqueConstraint(fields=["by", "asked"], name="traffic_signals_answered_once"),)
        indexes = (
            models.Index(fields=["ends"], condition=models.Q(given=True), name="traffic_signals_given_now"),
            models.Index(fields=["intersection", "-at"], name="traffic_signals_asked_here"),
            models.Index(fields=["-at"], name="traffic_signals_asked"),
        )


class MeasuredPlacesRow(models.Model):
    """The intersections that a run measured, in their order: the same for every run of a network."""

    mark = models.CharField(primary_key=True, max_length=32)
    content = models.BinaryField()

    class Meta:
        db_table = "traffic_signals_measured_places"


class DelayRow(models.Model):
    """Volume and queue of every intersection at one run: what before and after are compared by."""

    area = models.CharField(max_length=40)
    at = models.DateTimeField()
    places = models.CharField(max_length=32, default="")
    """Whose they are: a mark of ``MeasuredPlacesRow``."""
    content = models.BinaryField()

    class Meta:
        db_table = "traffic_signals_delay"
        constraints = (models.UniqueConstraint(fields=["at", "area"], name="traffic_signals_one_delay_a_run"),)
