"""The tables of payments: what is owed, and every attempt to pay it."""

from django.db import models
from django.db.models import Q

from madang.kernel.ids import new_id
from madang.services.payments.contracts import BillStanding, PaymentStanding


class BillRow(models.Model):
    """What a resident owes for one case."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.UUIDField(unique=True)
    number = models.TextField()
    resident = models.UUIDField()
    what = models.TextField()
    amount = models.BigIntegerField()
    standing = models.TextField(default=BillStanding.DUE)
    made = models.DateTimeField()
    paid = models.DateTimeField(null=True)
    receipt = models.TextField(null=True, unique=True)  # noqa: DJ001 -- unique among those that have one

    class Meta:
        """One bill a case."""

        db_table = "payments_bill"
        indexes = (models.Index(fields=["resident", "-made"], name="payments_bill_of_resident"),)


class PaymentRow(models.Model):
    """One attempt to pay, from before the provider hears of it until it is known what became of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    bill = models.ForeignKey(BillRow, models.PROTECT, related_name="payments")
    provider = models.TextField()
    attempt = models.UUIDField(unique=True)
    reference = models.TextField(null=True)  # noqa: DJ001 -- unique among those that have one
    url = models.TextField(default="")
    return_url = models.TextField()
    amount = models.BigIntegerField()
    standing = models.TextField(default=PaymentStanding.BEGINNING)
    begun = models.DateTimeField()
    settled = models.DateTimeField(null=True)
    asked = models.IntegerField(default=0)
    ask_next = models.DateTimeField(null=True)

    class Meta:
        """The database itself lets one payment pay a bill: docs/decisions/0018."""

        db_table = "payments_payment"
        constraints = (
            models.UniqueConstraint(
                fields=["bill"], condition=Q(standing=PaymentStanding.SUCCEEDED), name="payments_one_success_a_bill",
            ),
            models.UniqueConstraint(fields=["provider", "reference"], name="payments_reference_once"),
        )
        indexes = (
            models.Index(fields=["ask_next"], condition=Q(ask_next__isnull=False), name="payments_to_ask"),
            models.Index(fields=["provider", "settled"], name="payments_of_day"),
        )
