"""The provider's tables. Django-oauth-toolkit's own are taken over by inheriting; secrets and tokens lie as hashes.

Its ``user`` is left out of each: a person stands in a sign-in, once.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractApplication,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from madang.commons.identity.models import AccountRow
from madang.kernel.ids import new_id


class SystemRow(AbstractApplication):  # type: ignore[misc]  # django-oauth-toolkit has no types
    """A system that relies on the city's sign-in. ``client_secret`` is the SHA-256 of 256 random bits."""

    user = None
    texts = models.JSONField()
    people = models.TextField()
    grants = ArrayField(models.TextField())
    scopes = ArrayField(models.TextField())
    sector = models.TextField()
    least_assurance = models.PositiveSmallIntegerField()
    backchannel_logout_uri = models.TextField(blank=True)
    old_secret = models.TextField(blank=True)
    old_secret_until = models.DateTimeField(null=True)
    last_sign_in = models.DateTimeField(null=True)

    class Meta:
        """Named for what it is."""

        db_table = "identity_provider_system"


class ConsentRow(models.Model):
    """What somebody allowed a system to learn, until when; kept after it was withdrawn, for the one who gave it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    system = models.ForeignKey(SystemRow, on_delete=models.CASCADE)
    account = models.ForeignKey(AccountRow, on_delete=models.CASCADE)
    scopes = ArrayField(models.TextField())
    given = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        """One an account and system: allowing more replaces it."""

        db_table = "identity_provider_consent"
        constraints = (models.UniqueConstraint(fields=["system", "account"], name="identity_provider_consent_once"),)
        indexes = (models.Index(fields=["until"], name="identity_provider_consent_end"),)


class SignInRow(models.Model):
    """Somebody signed in at a system. Its tokens are a family: they end together."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    system = models.ForeignKey(SystemRow, on_delete=models.CASCADE)
    account = models.ForeignKey(AccountRow, on_delete=models.CASCADE)
    session = models.UUIDField()
    stamp = models.TextField()
    assurance = models.PositiveSmallIntegerField()
    methods = ArrayField(models.TextField())
    proved = models.DateTimeField()
    scopes = ArrayField(models.TextField())
    at = models.DateTimeField()
    until = models.DateTimeField()
    ended = models.DateTimeField(null=True)

    class Meta:
        """Found by session when that ends, by account and system when a consent is withdrawn."""

        db_table = "identity_provider_sign_in"
        indexes = (
            models.Index(fields=["session"], name="identity_provider_sign_session", condition=Q(ended=None)),
            models.Index(fields=["account", "system"], name="identity_provider_sign_in_of"),
            models.Index(fields=["until"], name="identity_provider_sign_in_end"),
        )


class CodeRow(AbstractGrant):  # type: ignore[misc]
    """An authorization code. ``code`` is its SHA-256; it stays after its use, to know a second one."""

    user = None
    sign_in = models.ForeignKey(SignInRow, on_delete=models.CASCADE, related_name="+")
    used = models.DateTimeField(null=True)

    class Meta:
        """Named for what it is."""

        db_table = "identity_provider_code"


class AccessTokenRow(AbstractAccessToken):  # type: ignore[misc]
    """An access token by its SHA-256: a person's at a system (``sign_in``), or a system's own."""

    user = None
    sign_in = models.ForeignKey(SignInRow, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        """Named for what it is."""

        db_table = "identity_provider_access_token"
        indexes = (models.Index(fields=["expires"], name="identity_provider_access_end"),)


class RefreshTokenRow(AbstractRefreshToken):  # type: ignore[misc]
    """A refresh token by its SHA-256; ``revoked`` once it was used, and kept to know a second use."""

    user = None
    sign_in = models.ForeignKey(SignInRow, on_delete=models.CASCADE, related_name="+")

    class Meta(AbstractRefreshToken.Meta):  # type: ignore[misc]
        """Named for what it is."""

        db_table = "identity_provider_refresh_token"


class IdTokenRow(AbstractIDToken):  # type: ignore[misc]
    """Stands empty: the library's access tokens point to it. Our ID tokens are signed, given out and forgotten."""

    user = None

    class Meta:
        """Named for what it is."""

        db_table = "identity_provider_id_token"
