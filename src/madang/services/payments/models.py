"""The tables of payments: what is owed, and every attempt to pay it."""

from django.db import models
from django.db.models import Q

from madang.kernel.ids import new_id
from madang.services.payments.contracts import BillStanding, PaymentStanding


class DebtRow(models.Model):
    """What the city raised: collected by one bill, or by several when it is paid in parts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.TextField(unique=True)
    kind = models.TextField()
    what = models.TextField()
    resident = models.UUIDField()
    amount = models.BigIntegerField()
    due = models.DateField()
    about = models.TextField()
    raised = models.DateTimeField()
    raised_by = models.TextField()

    class Meta:
        """Named for what it is."""

        db_table = "payments_debt"


class BillRow(models.Model):
    """What a resident owes: for one case, or one part of what the city raised."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.UUIDField(unique=True, null=True)
    debt = models.ForeignKey(DebtRow, models.PROTECT, related_name="bills", null=True)
    part = models.IntegerField(default=1)
    parts = models.IntegerField(default=1)
    due = models.DateField(null=True)
    surcharge = models.BigIntegerField(default=0)
    number = models.TextField()
    resident = models.UUIDField()
    what = models.TextField()
    amount = models.BigIntegerField()
    standing = models.TextField(default=BillStanding.DUE)
    made = models.DateTimeField()
    paid = models.DateTimeField(null=True)
    receipt = models.TextField(null=True, unique=True)  # noqa: DJ001 -- unique among those that have one

    class Meta:
        """One bill a case; of what the city raised, each part once."""

        db_table = "payments_bill"
        constraints = (
            models.UniqueConstraint(fields=["debt", "part", "parts"], name="payments_each_part_once"),
        )
        indexes = (
            models.Index(fields=["resident", "-made"], name="payments_bill_of_resident"),
            models.Index(fields=["number"], condition=Q(debt__isnull=False), name="payments_raised_by_number"),
            models.Index(
                fields=["due"], condition=Q(standing=BillStanding.DUE, debt__isnull=False), name="payments_late"
            ),
        )


class NamedRow(models.Model):
    """A case that pays a bill which the city raised, and who sent it: its fee is that bill."""

    case = models.UUIDField(primary_key=True)
    number = models.TextField()
    bill = models.ForeignKey(BillRow, models.CASCADE, related_name="named_by")
    payer = models.UUIDField()

    class Meta:
        """Named for what it is."""

        db_table = "payments_named"


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
