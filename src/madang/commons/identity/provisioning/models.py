"""The table of provisioning."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class ProvisionedRow(models.Model):
    """What a directory says of an account beside what that itself holds. Deleted when the directory deletes it."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE)
    client = models.TextField()
    external_id = models.TextField(blank=True)
    posts = ArrayField(models.TextField(), default=list)
    created = models.DateTimeField()
    modified = models.DateTimeField()

    class Meta:
        """Read by client."""

        db_table = "identity_provisioned"
        indexes = (models.Index(fields=["client", "created"], name="identity_provisioned_client"),)
