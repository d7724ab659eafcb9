"""The tables of audit. Triggers (migration 0001) refuse every change but the sealer's one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from madang.kernel.ids import new_id


class EntryRow(models.Model):
    """One act. ``position``, ``previous`` and ``hash`` are empty until the sealer sets them, once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    kind = models.TextField()
    name = models.TextField()
    account = models.UUIDField(null=True)
    action = models.TextField()
    purpose = models.TextField()
    subject = models.UUIDField(null=True)
    about = models.UUIDField(null=True)
    fields = ArrayField(models.TextField(), default=list)
    trace = models.TextField(default="")
    position = models.BigIntegerField(null=True, unique=True)
    previous = models.BinaryField(null=True)
    hash = models.BinaryField(null=True)

    class Meta:
        """What waits to be sealed, and what a resident may read, are found without looking at the rest."""

        db_table = "audit_entry"
        indexes = (
            models.Index(fields=["id"], name="audit_entry_waiting", condition=Q(position=None)),
            models.Index(fields=["subject", "-at"], name="audit_entry_subject", condition=Q(subject__isnull=False)),
        )


class HeadRow(models.Model):
    """The chain's end after one sealing; ``told`` when it was also told to the outside."""

    position = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField()
    at = models.DateTimeField()
    told = models.BooleanField()

    class Meta:
        """One row a sealing."""

        db_table = "audit_head"


class LineRow(models.Model):
    """What somebody wrote beside the purpose that they stated. A trigger (migration 0002) refuses every change."""

    entry = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    line = models.TextField()

    class Meta:
        """Deleted by its age."""

        db_table = "audit_line"
        indexes = (models.Index(fields=["at"], name="audit_line_at"),)
