"""The tables of notify: what residents were told, each message's way on each channel, and how they are reached."""

from django.db import models

from madang.commons.notify.contracts import DeliveryState, Urgency
from madang.kernel.ids import new_id

_DUE = (DeliveryState.WAITING, DeliveryState.FAILED_WILL_RETRY)


class MessageRow(models.Model):
    """A message as it was written; it never changes, except that it is read or confirmed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident = models.UUIDField()
    template = models.TextField()
    about = models.UUIDField()
    language = models.TextField()
    title = models.TextField()
    body = models.TextField()
    link = models.TextField()
    at = models.DateTimeField()
    read = models.DateTimeField(null=True)
    topic = models.TextField(default="", db_default="")
    urgency = models.TextField(default=Urgency.ORDINARY, db_default=Urgency.ORDINARY.value)
    broadcast = models.UUIDField(null=True)
    step = models.SmallIntegerField(default=0, db_default=0)
    step_due = models.DateTimeField(null=True)
    confirmed = models.DateTimeField(null=True)
    confirmed_by = models.TextField(default="", db_default="")

    class Meta:
        """A resident is told the same thing about the same matter once."""

        db_table = "notify_message"
        constraints = (models.UniqueConstraint(fields=["resident", "template", "about"], name="notify_message_once"),)
        indexes = (
            models.Index("resident", models.F("at").desc(), name="notify_message_inbox"),
            # Every page of a signed-in resident counts these, so the index holds the unread only.
            models.Index(fields=["resident"], name="notify_message_unread", condition=models.Q(read__isnull=True)),
            models.Index(fields=["at"], name="notify_message_at"),
            models.Index(fields=["step_due"], name="notify_message_step", condition=models.Q(step_due__isnull=False)),
            models.Index(fields=["broadcast"], name="notify_message_cast", condition=models.Q(broadcast__isnull=False)),
        )


class DeliveryRow(models.Model):
    """One message on one channel, and to one contact point where notify keeps it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(MessageRow, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.TextField()
    contact = models.UUIDField(null=True)
    state = models.TextField(default=DeliveryState.WAITING)
    attempts = models.IntegerField(default=0)
    next_try = models.DateTimeField(null=True)
    settled = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    provider = models.TextField(default="", db_default="")
    priority = models.SmallIntegerField(default=5, db_default=5)
    claimant = models.IntegerField(null=True)

    class Meta:
        """The queue is the part of the table that is due."""

        db_table = "notify_delivery"
        constraints = (
            models.UniqueConstraint(
                fields=["message", "channel", "contact"], name="notify_delivery_once", nulls_distinct=False
            ),
        )
        indexes = (
            models.Index(
                fields=["channel", "priority", "next_try"], name="notify_delivery_due",
                condition=models.Q(state__in=_DUE),
            ),
            # only what is on the way at this moment, so it stays small
            models.Index(
                fields=["claimant"], name="notify_delivery_claimed", condition=models.Q(claimant__isnull=False)
            ),
        )


class BroadcastRow(models.Model):
    """A broadcast: what is said, where, by whom, and how many it concerns."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    titles = models.JSONField()
    bodies = models.JSONField()
    districts = models.JSONField()
    link = models.TextField()
    state = models.TextField()
    written = models.DateTimeField()
    written_by = models.TextField()
    written_account = models.UUIDField(null=True)
    approved = models.DateTimeField(null=True)
    approved_by = models.TextField(default="", db_default="")
    residents = models.IntegerField(default=0, db_default=0)
    deliveries = models.IntegerField(default=0, db_default=0)

    class Meta:
        """The newest are looked at."""

        db_table = "notify_broadcast"
        indexes = (models.Index(models.F("written").desc(), name="notify_broadcast_newest"),)


class ContactRow(models.Model):
    """A contact point of a resident."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident = models.UUIDField()
    channel = models.TextField()
    address = models.TextField()
    verified = models.DateTimeField(null=True)
    added = models.DateTimeField()
    by = models.TextField()
    off = models.DateTimeField(null=True)
    off_why = models.TextField(default="", db_default="")

    class Meta:
        """The same address is kept once for a resident."""

        db_table = "notify_contact"
        constraints = (
            models.UniqueConstraint(fields=["resident", "channel", "address"], name="notify_contact_once"),
        )


class ReachRow(models.Model):
    """What is known of a person beside their contact points; the audience of a broadcast is looked for here."""

    resident = models.UUIDField(primary_key=True)
    language = models.TextField(default="", db_default="")
    district = models.TextField(default="", db_default="")
    without_device = models.BooleanField(default=False, db_default=False)
    by_account = models.BooleanField(default=False, db_default=False)
    """Whether a broadcast also goes to the e-mail address of their account, which identity knows and keeps."""
    updated = models.DateTimeField()

    class Meta:
        """By district."""

        db_table = "notify_reach"
        indexes = (models.Index(fields=["district"], name="notify_reach_district"),)


class PreferenceRow(models.Model):
    """What a resident wants to be told by which channel, where it differs from the profile."""

    resident = models.UUIDField()
    topic = models.TextField()
    channel = models.TextField()
    wanted = models.BooleanField()
    at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        """One wish a topic and channel."""

        db_table = "notify_preference"
        constraints = (
            models.UniqueConstraint(fields=["resident", "topic", "channel"], name="notify_preference_once"),
        )


class PhoneCodeRow(models.Model):
    """A code that was sent to a phone to see whose it is; only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident = models.UUIDField()
    phone = models.TextField()
    digest = models.BinaryField()
    tries = models.SmallIntegerField(default=0)
    made = models.DateTimeField()

    class Meta:
        """By resident."""

        db_table = "notify_phone_code"
        indexes = (models.Index(fields=["resident", "made"], name="notify_phone_code_of"),)


class BucketRow(models.Model):
    """How many messages a provider may be given at this moment."""

    provider = models.TextField(primary_key=True)
    tokens = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        """Named for what it is."""

        db_table = "notify_bucket"


class ServiceRow(models.Model):
    """A department's service that sends by the compatible API."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField(unique=True)
    daily_limit = models.IntegerField()
    callback_url = models.TextField(default="", db_default="")
    callback_token = models.TextField(default="", db_default="")
    created = models.DateTimeField()
    number = models.TextField(default="", db_default="")
    """The number to which people may send texts for this service; empty for none."""

    class Meta:
        """Named for what it is."""

        db_table = "notify_service"


class ServiceKeyRow(models.Model):
    """A key of a service; its secret is encrypted with the instance's own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service = models.ForeignKey(ServiceRow, on_delete=models.CASCADE)
    name = models.TextField()
    kind = models.TextField()
    sealed = models.TextField()
    created = models.DateTimeField()
    revoked = models.DateTimeField(null=True)

    class Meta:
        """Named for what it is."""

        db_table = "notify_service_key"


class ServiceTemplateRow(models.Model):
    """One version of a service's template."""

    template = models.UUIDField()
    service = models.ForeignKey(ServiceRow, on_delete=models.CASCADE)
    kind = models.TextField()
    version = models.IntegerField()
    name = models.TextField()
    subject = models.TextField()
    body = models.TextField()
    created = models.DateTimeField()
    created_by = models.TextField()

    class Meta:
        """A version is written once."""

        db_table = "notify_service_template"
        constraints = (models.UniqueConstraint(fields=["template", "version"], name="notify_service_template_once"),)


class NoticeRow(models.Model):
    """A notification that a service asked for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service = models.ForeignKey(ServiceRow, on_delete=models.CASCADE)
    kind = models.TextField()
    recipient = models.TextField()
    template = models.UUIDField(null=True)
    version = models.IntegerField()
    subject = models.TextField()
    body = models.TextField()
    reference = models.TextField(null=True)  # noqa: DJ001 -- the API tells none from an empty one
    status = models.TextField()
    is_test = models.BooleanField(default=False, db_default=False)
    created = models.DateTimeField()
    sent = models.DateTimeField(null=True)
    completed = models.DateTimeField(null=True)
    unsubscribe_url = models.TextField(null=True)  # noqa: DJ001 -- as above
    postage = models.TextField(default="", db_default="")
    pdf = models.BinaryField(null=True)
    attempts = models.IntegerField(default=0, db_default=0)
    next_try = models.DateTimeField(null=True)
    error = models.TextField(default="", db_default="")
    callback_due = models.DateTimeField(null=True)
    callback_tries = models.IntegerField(default=0, db_default=0)

    class Meta:
        """The newest of a service, what is due, and what its service is to hear of."""

        db_table = "notify_notice"
        indexes = (
            models.Index("service", models.F("created").desc(), name="notify_notice_newest"),
            models.Index(fields=["kind", "next_try"], name="notify_notice_due", condition=models.Q(status="created")),
            models.Index(
                fields=["callback_due"], name="notify_notice_callback",
                condition=models.Q(callback_due__isnull=False),
            ),
        )


class SentFileRow(models.Model):
    """A file that a service sent by e-mail: encrypted with the secret that stands in its link alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service = models.ForeignKey(ServiceRow, on_delete=models.CASCADE)
    name = models.TextField()
    content_type = models.TextField()
    sealed = models.BinaryField()
    secret_digest = models.BinaryField()
    recipient_digest = models.BinaryField()
    confirms = models.BooleanField()
    tries = models.IntegerField(default=0, db_default=0)
    until = models.DateTimeField()
    fetched = models.DateTimeField(null=True)

    class Meta:
        """Deleted by time."""

        db_table = "notify_sent_file"
        indexes = (models.Index(fields=["until"], name="notify_sent_file_until"),)


class ReceivedTextRow(models.Model):
    """A text message that somebody sent to a service's number."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service = models.ForeignKey(ServiceRow, on_delete=models.CASCADE)
    provider = models.TextField(unique=True)
    """The aggregator's own number of it, so that a report that comes again is no second message."""
    sender = models.TextField()
    number = models.TextField()
    content = models.TextField()
    at = models.DateTimeField()

    class Meta:
        """The newest of a service."""

        db_table = "notify_received_text"
        indexes = (models.Index("service", models.F("at").desc(), name="notify_received_text_newest"),)


class CallRow(models.Model):
    """Somebody without a device to be called; who took it and what came of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    delivery = models.UUIDField(unique=True)
    message = models.ForeignKey(MessageRow, on_delete=models.CASCADE)
    phone = models.TextField()
    state = models.TextField()
    agent = models.TextField(default="", db_default="")
    tries = models.SmallIntegerField(default=0, db_default=0)
    next_call = models.DateTimeField()
    settled = models.DateTimeField(null=True)

    class Meta:
        """The queue is what waits."""

        db_table = "notify_call"
        indexes = (models.Index(fields=["next_call"], name="notify_call_waits", condition=models.Q(state="open")),)
