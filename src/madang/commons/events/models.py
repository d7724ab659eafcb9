"""The tables of the bus: what is to be published, what was handled, what could not be."""

from django.db import models

from madang.kernel.ids import new_id


class OutboxRow(models.Model):
    """An event that its transaction put down; the relay publishes it and deletes the row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    topic = models.TextField()
    body = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        """Ids are time-ordered, so the primary key is the order of publication too."""

        db_table = "events_outbox"


class InboxRow(models.Model):
    """A note that a subscriber handled an event, written in the handler's own transaction."""

    id = models.BigAutoField(primary_key=True)
    subscriber = models.TextField()
    event = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        """One note a subscriber and event: this is what makes effects happen once."""

        db_table = "events_inbox"
        constraints = (models.UniqueConstraint(fields=["subscriber", "event"], name="events_inbox_once"),)
        indexes = (models.Index(fields=["at"], name="events_inbox_at"),)


class DeadLetterRow(models.Model):
    """An event that a subscriber failed to handle as often as it may; a person looks at it and replays it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subscriber = models.TextField()
    event = models.UUIDField()
    topic = models.TextField()
    body = models.BinaryField()
    error = models.TextField()
    attempts = models.IntegerField()
    happened = models.DateTimeField()
    died = models.DateTimeField()
    replayed = models.DateTimeField(null=True)

    class Meta:
        """A letter dies once a subscriber."""

        db_table = "events_dead_letter"
        constraints = (models.UniqueConstraint(fields=["subscriber", "event"], name="events_dead_letter_once"),)
