"""The one table of foreign identities."""

from django.db import models

from madang.commons.identity.models import AccountRow
from madang.kernel.ids import new_id


class LinkRow(models.Model):
    """An identity that a provider keeps, by a hash, and the account whose holder proved it too."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.TextField()
    subject = models.TextField()
    account = models.ForeignKey(AccountRow, on_delete=models.CASCADE, related_name="+")
    linked = models.DateTimeField()

    class Meta:
        """One account an identity, and one identity of a provider an account."""

        db_table = "identity_foreign_link"
        constraints = (
            models.UniqueConstraint(fields=["provider", "subject"], name="identity_foreign_subject_once"),
            models.UniqueConstraint(fields=["provider", "account"], name="identity_foreign_account_once"),
        )
