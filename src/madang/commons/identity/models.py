"""The tables of identity."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from madang.kernel.ids import new_id
from madang.kernel.languages import Language


class AccountRow(AbstractBaseUser):
    """Someone who signs in. Residents have ``resident``; staff have ``department`` and ``post``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    resident = models.UUIDField(null=True, unique=True)
    department = models.TextField(blank=True)
    post = models.TextField(blank=True)
    language = models.TextField(default=Language.KO)
    is_active = models.BooleanField(default=True)
    source = models.TextField(blank=True)
    """The departmental list that this member of staff came from; empty for one made by hand."""
    joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    objects = BaseUserManager["AccountRow"]()

    class Meta:
        """Named for what it is."""

        db_table = "identity_account"


class RoleGrantRow(models.Model):
    """A role that an account has, in a department, from a moment until another or for ever."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(AccountRow, on_delete=models.CASCADE, related_name="grants")
    role = models.TextField()
    department = models.TextField(blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        """One open grant of a role an account and department."""

        db_table = "identity_role_grant"
        constraints = (
            models.UniqueConstraint(
                fields=["account", "role", "department"], condition=Q(until=None), name="identity_role_grant_once"
            ),
        )


class ApiSessionRow(models.Model):
    """A programme's sign-in. Only the token's SHA-256 is kept; ``stamp`` ends it when the password changes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(AccountRow, on_delete=models.CASCADE)
    token = models.BinaryField(unique=True)
    stamp = models.TextField()
    method = models.TextField()
    opened = models.DateTimeField()
    expires = models.DateTimeField()
    delegation = models.UUIDField(null=True)
    """Set for a token that acts for another and can do nothing else."""
    opened_by = models.ForeignKey("self", null=True, on_delete=models.CASCADE)
    """The token with which this one was asked for: it ends with it."""

    class Meta:
        """Deleted when it ends."""

        db_table = "identity_api_session"
        indexes = (models.Index(fields=["expires"], name="identity_api_session_expires"),)


class AttemptsRow(models.Model):
    """When attempts were made of late, by the SHA-256 of the address that was typed, or that they came from.

    One row a key, so that a single statement counts an attempt exactly, also among a hundred at once: PostgreSQL has
    those who write the same row follow each other.
    """

    key = models.BinaryField(primary_key=True)
    moments = ArrayField(models.DateTimeField())

    class Meta:
        """Read and written by key alone."""

        db_table = "identity_attempts"


class DelegationRow(models.Model):
    """That one may act for another; ``delegate`` is empty until an invitation is accepted. See docs/identity.md."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.TextField()
    represented = models.UUIDField()
    represented_name = models.TextField()
    delegate = models.ForeignKey(AccountRow, null=True, on_delete=models.CASCADE, related_name="acts_for")
    delegate_name = models.TextField()
    invited = models.TextField(blank=True)
    """The e-mail address that was invited; emptied when the invitation is answered."""
    scopes = ArrayField(models.TextField())
    services = ArrayField(models.TextField(), default=list)
    since = models.DateTimeField()
    until = models.DateTimeField()
    consent = models.TextField(blank=True)
    standing = models.TextField()
    officer = models.UUIDField(null=True)
    """The account of the officer before whom consent was given."""
    made = models.DateTimeField()
    ended = models.DateTimeField(null=True)

    class Meta:
        """Found from both sides, and by the address that was invited."""

        db_table = "identity_delegation"
        indexes = (
            models.Index(fields=["represented"], name="identity_delegation_represents"),
            models.Index(fields=["invited"], name="identity_delegation_invited", condition=~Q(invited="")),
        )


class GuardianshipRow(models.Model):
    """What a guardian's delegation rests on: the kind of paper seen, its day, where, and by whom. Never a number."""

    delegation = models.OneToOneField(DelegationRow, primary_key=True, on_delete=models.CASCADE)
    document = models.TextField()
    paper = models.TextField()
    decided = models.DateField()
    centre = models.TextField()
    officer = models.UUIDField()
    second_officer = models.UUIDField(null=True)

    class Meta:
        """Goes with its delegation."""

        db_table = "identity_guardianship"


class ProofRow(models.Model):
    """That somebody proved in person who they are: the kind of document seen, never its number."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(AccountRow, on_delete=models.CASCADE, related_name="proofs")
    document = models.TextField()
    officer = models.UUIDField()
    centre = models.TextField()
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        """Named for what it is."""

        db_table = "identity_proof"


class RecoveryRow(models.Model):
    """A recovery at a centre. ``code`` is the SHA-256 of the printed code, empty while a second officer is awaited."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(AccountRow, on_delete=models.CASCADE)
    document = models.TextField()
    officer = models.UUIDField()
    second_officer = models.UUIDField(null=True)
    centre = models.TextField()
    asked = models.DateTimeField()
    code = models.BinaryField(null=True)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)

    class Meta:
        """Named for what it is."""

        db_table = "identity_recovery"


class EmergencyRow(models.Model):
    """A role that was taken in an emergency, until when, why, and what another person found about it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(AccountRow, on_delete=models.CASCADE)
    role = models.TextField()
    reason = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    review_due = models.DateTimeField()
    reviewer = models.UUIDField(null=True)
    reviewed = models.DateTimeField(null=True)
    was_right = models.BooleanField(null=True)
    finding = models.TextField(blank=True)
    escalated = models.DateTimeField(null=True)

    class Meta:
        """Named for what it is."""

        db_table = "identity_emergency"
