"""The table of document review: what was checked, and what an officer decided."""

from django.db import models

from madang.services.document_review.contracts import Verdict


class ReviewRow(models.Model):
    """The one review of a case; it lies on the desk while ``waits``."""

    case = models.UUIDField(primary_key=True)
    number = models.TextField(unique=True)
    service = models.TextField()
    submitted = models.DateTimeField()
    due = models.DateTimeField()
    at = models.DateTimeField()
    verdict = models.TextField()
    checks = models.JSONField()
    failing = models.SmallIntegerField()
    unclear = models.SmallIntegerField()
    suggestion = models.TextField()
    waits = models.BooleanField()
    approved = models.BooleanField(null=True)
    decided_by = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)
    overruled = models.BooleanField(default=False)
    reason = models.TextField(default="")

    class Meta:
        """A desk reads what waits of its services, the nearest deadline first."""

        db_table = "document_review_review"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(verdict=Verdict.HAND_TO_PERSON) | models.Q(approved=None, waits=False),
                name="document_review_a_person_decides_what_was_handed_over",
            ),
        )
        indexes = (
            models.Index(fields=["service", "due"], condition=models.Q(waits=True), name="document_review_desk"),
        )
