"""The tables of bookings: what can be booked, who asked for it, and whose calendar may be read."""

from django.db import models
from django.db.models import F, Q

from madang.kernel.ids import new_id
from madang.services.bookings.contracts import LIVE, Attendance, BookingStanding


class SlotRow(models.Model):
    """A time at a place, laid out ahead; its id follows from service, district and time."""

    id = models.UUIDField(primary_key=True, editable=False)
    service = models.TextField()
    district = models.TextField()
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    sessions = models.JSONField()
    capacity = models.IntegerField()
    taken = models.IntegerField(default=0)
    entries = models.IntegerField(default=0)
    closes = models.DateTimeField()
    cancel_until = models.DateTimeField()
    has_waiting_list = models.BooleanField()
    draw_closes = models.DateTimeField(null=True)
    draw_at = models.DateTimeField(null=True)
    drawn = models.DateTimeField(null=True)
    seed = models.TextField(default="")
    """Secret until it is drawn; 32 bytes in hexadecimal."""
    commitment = models.TextField(default="")
    result = models.JSONField(default=dict)
    """What was drawn, as published; kept when the bookings themselves are erased."""

    class Meta:
        """The database itself lets nobody have a place that is not there: docs/decisions/0046."""

        db_table = "bookings_slot"
        constraints = (
            models.CheckConstraint(
                condition=Q(taken__gte=0) & Q(taken__lte=F("capacity")), name="bookings_never_overbooked",
            ),
        )
        indexes = (
            models.Index(fields=["service", "starts"], name="bookings_slot_of_service"),
            models.Index(
                fields=["draw_at"], condition=Q(drawn__isnull=True, draw_at__isnull=False), name="bookings_to_draw",
            ),
        )


class BookingRow(models.Model):
    """Somebody's place, or their wish for one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slot = models.ForeignKey(SlotRow, models.PROTECT, related_name="bookings")
    case = models.UUIDField(unique=True)
    resident = models.UUIDField()
    seats = models.IntegerField(default=1)
    standing = models.TextField()
    asked = models.DateTimeField()
    until = models.DateTimeField(null=True)
    is_paid = models.BooleanField(default=True)
    number = models.IntegerField(null=True)
    code = models.TextField(default="")
    rank = models.IntegerField(default=0)
    """The place in the order drawn of whoever waits after a draw; those who asked later come after them."""
    attendance = models.TextField(default=Attendance.UNKNOWN)
    noted_by = models.TextField(default="")
    objection = models.TextField(default="")

    class Meta:
        """One booking of a slot for each resident, while it lives."""

        db_table = "bookings_booking"
        constraints = (
            models.UniqueConstraint(
                fields=["slot", "resident"], condition=Q(standing__in=sorted(LIVE)), name="bookings_once_a_slot",
            ),
            models.UniqueConstraint(fields=["slot", "number"], name="bookings_entry_number"),
            models.CheckConstraint(condition=Q(standing__in=[*BookingStanding]), name="bookings_standing_known"),
            models.CheckConstraint(condition=Q(seats__gte=1), name="bookings_seats"),
        )
        indexes = (
            models.Index(fields=["resident", "-asked"], name="bookings_of_resident"),
            models.Index(fields=["until"], condition=Q(until__isnull=False), name="bookings_to_lapse"),
        )


class FeedRow(models.Model):
    """A resident's own calendar: only the digest of its address is kept, so that nobody here can read it out."""

    resident = models.UUIDField(primary_key=True, editable=False)
    digest = models.TextField(unique=True)
    language = models.TextField()
    made = models.DateTimeField()

    class Meta:
        """One a resident."""

        db_table = "bookings_feed"
