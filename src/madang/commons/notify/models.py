"""The tables of notify: what residents were told, and each message's way on each channel."""

from django.db import models

from madang.commons.notify.contracts import DeliveryState
from madang.kernel.ids import new_id

_DUE = (DeliveryState.WAITING, DeliveryState.FAILED_WILL_RETRY)


class MessageRow(models.Model):
    """A message as it was written; it never changes, except that it is read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident = models.UUIDField()
    template = models.TextField()
    about = models.UUIDField()
    language = models.TextField()
    title = models.TextField()
    body = models.TextField()
    link = models.TextField()
    at = models.DateTimeField()
    read = models.DateTimeField(null=True)

    class Meta:
        """A resident is told the same thing about the same matter once."""

        db_table = "notify_message"
        constraints = (models.UniqueConstraint(fields=["resident", "template", "about"], name="notify_message_once"),)
        indexes = (
            models.Index("resident", models.F("at").desc(), name="notify_message_inbox"),
            # Every page of a signed-in resident counts these, so the index holds the unread only.
            models.Index(fields=["resident"], name="notify_message_unread", condition=models.Q(read__isnull=True)),
            models.Index(fields=["at"], name="notify_message_at"),
        )


class DeliveryRow(models.Model):
    """One message on one channel."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(MessageRow, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.TextField()
    state = models.TextField(default=DeliveryState.WAITING)
    attempts = models.IntegerField(default=0)
    next_try = models.DateTimeField(null=True)
    settled = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        """The queue is the part of the table that is due."""

        db_table = "notify_delivery"
        constraints = (models.UniqueConstraint(fields=["message", "channel"], name="notify_delivery_once"),)
        indexes = (
            models.Index(fields=["next_try"], name="notify_delivery_due", condition=models.Q(state__in=_DUE)),
        )
