"""The gateway's one table."""

from django.db import models


class IdempotencyKeyRow(models.Model):
    """An answer that was given to a request with an ``Idempotency-Key``, for whoever asks the same again."""

    account = models.UUIDField()
    route = models.TextField()
    key = models.TextField()
    asked = models.BinaryField()
    """SHA-256 of the method, the address and the body."""
    status = models.PositiveSmallIntegerField(default=0)
    media_type = models.TextField(default="")
    body = models.BinaryField(default=b"")
    at = models.DateTimeField(db_index=True)

    class Meta:
        """One answer for one key of one account at one route."""

        db_table = "gateway_idempotency_key"
        constraints = (models.UniqueConstraint(fields=("account", "route", "key"), name="gateway_idempotency_once"),)
