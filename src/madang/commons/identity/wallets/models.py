"""The one table of questions to wallets."""

from django.db import models


class QuestionRow(models.Model):
    """A question to a wallet: in which browser it was asked, and what was answered. It lies for minutes."""

    handle = models.TextField(primary_key=True)
    browser = models.TextField()
    means = models.TextField()
    nonce = models.TextField()
    state = models.TextField()
    ends = models.DateTimeField()
    is_answered = models.BooleanField(default=False)
    refused = models.TextField(default="")
    response_code = models.TextField(default="")
    number = models.TextField(default="")
    tries = models.PositiveSmallIntegerField(default=0)
    provider = models.TextField(default="")
    subject = models.TextField(default="")
    assurance = models.PositiveSmallIntegerField(default=0)
    resident = models.TextField(default="")
    claims = models.JSONField(default=list)
    told = models.JSONField(default=dict)

    class Meta:
        """Named for what it is."""

        db_table = "identity_wallets_question"
        indexes = (models.Index(fields=["ends"], name="identity_wallets_ends"),)
