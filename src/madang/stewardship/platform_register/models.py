"""The tables of the platform register."""

from django.db import models


class ShareRow(models.Model):
    """The share of systems on the common stack in one month, as this register computed it."""

    month = models.DateField(primary_key=True)
    complying = models.IntegerField()
    systems = models.IntegerField()

    class Meta:
        """Named for what it is."""

        db_table = "platform_register_share"
