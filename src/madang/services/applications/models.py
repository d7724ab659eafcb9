"""The table of applications: a case, from its draft to its end."""

from django.db import models

from madang.kernel.ids import new_id
from madang.kernel.languages import Language
from madang.services.applications.contracts import Standing
from madang.services.applications.contracts.parties import PartyStanding


class CaseRow(models.Model):
    """A draft or a case: one row from the first keystroke to the end; ``standing`` says how far it is."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.TextField(unique=True)
    service = models.TextField()
    resident = models.UUIDField()
    language = models.TextField(default=Language.KO)
    standing = models.TextField(default=Standing.DRAFT)
    answers = models.JSONField(default=dict)
    fee = models.BigIntegerField(default=0)
    assurance = models.SmallIntegerField(default=0)
    begun = models.DateTimeField()
    changed = models.DateTimeField()
    submitted = models.DateTimeField(null=True)
    due = models.DateTimeField(null=True)
    decided = models.DateTimeField(null=True)
    automatic = models.BooleanField(null=True)
    reasons = models.JSONField(default=list)
    history = models.JSONField(default=list)
    """Its steps, few and only ever added to: with the row, so that a lock on it holds all of the case."""
    document = models.UUIDField(null=True)
    waits_for = models.TextField(default="")
    decided_by = models.UUIDField(null=True)
    paused = models.DateTimeField(null=True)
    warned = models.SmallIntegerField(default=0)
    asks = models.JSONField(default=list)
    appeals = models.JSONField(default=list)
    delays = models.JSONField(default=list)
    erased = models.DateTimeField(null=True)
    """When its answers were erased because their time was over."""

    class Meta:
        """A resident has at most one open draft of a service; everything else they may have as often as they ask."""

        db_table = "applications_case"
        constraints = (
            models.UniqueConstraint(
                fields=["resident", "service"], condition=models.Q(standing=Standing.DRAFT),
                name="applications_case_one_draft",
            ),
            models.CheckConstraint(
                condition=models.Q(standing__in=[*Standing]), name="applications_case_standing_known",
            ),
        )
        indexes = (
            models.Index(fields=["resident", "-begun", "-id"], name="applications_case_of_resident"),
            models.Index(
                fields=["due"], name="applications_case_under_way",
                condition=models.Q(
                    standing__in=["in_review", "waiting_for_register", "with_officer", "awaiting_resident", "appealed"],
                ),
            ),
            models.Index(
                fields=["changed"], condition=models.Q(erased__isnull=True), name="applications_case_to_erase",
            ),
        )


class PartyRow(models.Model):
    """Somebody who signs or applies beside a case's resident. ``code`` is a digest: nobody who reads it can use it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(CaseRow, models.CASCADE, related_name="parties")
    capacity = models.TextField()
    name = models.TextField()
    code = models.TextField(unique=True)
    invited = models.DateTimeField()
    until = models.DateTimeField()
    standing = models.TextField(default=PartyStanding.INVITED)
    resident = models.UUIDField(null=True)
    answered = models.DateTimeField(null=True)
    digest = models.TextField(default="")

    class Meta:
        """Somebody looks for the requests that they have a part in; timed work for invitations that are over."""

        db_table = "applications_party"
        indexes = (
            models.Index(fields=["resident"], name="applications_party_of"),
            models.Index(
                fields=["until"], condition=models.Q(standing=PartyStanding.INVITED), name="applications_party_open",
            ),
        )
