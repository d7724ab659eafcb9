"""The gateway's tables: kept answers; partner systems, their keys, quotas and use."""

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


class PartnerRow(models.Model):
    """A partner system."""

    id = models.UUIDField(primary_key=True)
    name = models.TextField()
    organisation = models.TextField()
    department = models.TextField(default="")
    plan = models.TextField()
    scopes = models.JSONField(default=list)
    addresses = models.JSONField(default=list)
    state = models.TextField()
    since = models.DateTimeField()
    sunset = models.DateTimeField(null=True)
    owner = models.UUIDField(null=True, db_index=True)
    oauth_client = models.TextField(default="", db_index=True)

    class Meta:
        """Listed by name."""

        db_table = "gateway_partner"


class PartnerKeyRow(models.Model):
    """A key: its SHA-256 and the part that may be seen."""

    id = models.UUIDField(primary_key=True)
    partner = models.ForeignKey(PartnerRow, models.CASCADE, related_name="keys")
    prefix = models.TextField()
    digest = models.BinaryField(unique=True)
    made = models.DateTimeField()
    expires = models.DateTimeField(null=True)
    revoked = models.DateTimeField(null=True)

    class Meta:
        """Found by its digest."""

        db_table = "gateway_partner_key"


class AskRow(models.Model):
    """What a developer asks of the city for their system."""

    partner = models.OneToOneField(PartnerRow, models.CASCADE, primary_key=True, related_name="ask")
    plan = models.TextField()
    scopes = models.JSONField(default=list)
    why = models.TextField()
    at = models.DateTimeField()
    declined = models.TextField(default="")

    class Meta:
        """One row a partner."""

        db_table = "gateway_ask"


class QuotaRow(models.Model):
    """What a partner used of this second and this day. Only ``policy.counters`` writes it."""

    partner = models.OneToOneField(PartnerRow, models.CASCADE, primary_key=True)
    day = models.DateField()
    day_used = models.BigIntegerField(default=0)
    """What was taken, also ahead of need; it only grows within a day."""
    day_back = models.BigIntegerField(default=0, db_default=0)
    """What of it was given back unused."""
    second = models.BigIntegerField(default=0)
    """Unix time."""
    second_used = models.IntegerField(default=0)

    class Meta:
        """One row a partner."""

        db_table = "gateway_quota"


class UseRow(models.Model):
    """What a partner asked on one day, from the access log."""

    partner = models.UUIDField()
    day = models.DateField()
    requests = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    bytes_out = models.BigIntegerField(default=0)

    class Meta:
        """One row a partner and day."""

        db_table = "gateway_use"
        constraints = (models.UniqueConstraint(fields=("partner", "day"), name="gateway_use_once"),)


class LogPositionRow(models.Model):
    """How far each access log has been counted; moved in the transaction that counts."""

    log = models.TextField(primary_key=True)
    inode = models.BigIntegerField()
    offset = models.BigIntegerField()

    class Meta:
        """One row a log."""

        db_table = "gateway_log_position"
