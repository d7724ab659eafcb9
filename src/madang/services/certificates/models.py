"""The tables of certificates: what was issued, its bytes, and what of it lies in wallets."""

from django.db import models

from madang.kernel.ids import new_id


class CertificateRow(models.Model):
    """A signed document, without its bytes: what verification and lists read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    kind = models.TextField()
    case = models.UUIDField(unique=True)
    number = models.TextField()
    resident = models.UUIDField()
    language = models.TextField()
    facts = models.JSONField(default=dict)
    masked_name = models.TextField()
    issued = models.DateTimeField()
    expires = models.DateTimeField()
    revoked = models.DateTimeField(null=True)
    revoked_why = models.TextField(default="")
    sha256 = models.TextField(unique=True)

    class Meta:
        """One document a case: this is what keeps a second worker from issuing it again."""

        db_table = "certificates_certificate"
        indexes = (models.Index(fields=["resident", "-issued"], name="certificates_of_resident"),)


class FileRow(models.Model):
    """A document's PDF. Apart, so that no list ever drags it along; gone when its time of keeping is over."""

    certificate = models.OneToOneField(CertificateRow, models.CASCADE, primary_key=True, related_name="file")
    content = models.BinaryField()

    class Meta:
        """Named for what it is."""

        db_table = "certificates_file"


class OfferRow(models.Model):
    """A credential that waits for a wallet; code, digits and token by their hashes alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    certificate = models.ForeignKey(CertificateRow, models.CASCADE, related_name="+")
    code = models.TextField(unique=True)
    digits = models.TextField()
    tries = models.PositiveSmallIntegerField(default=0)
    ends = models.DateTimeField()
    token = models.TextField(null=True, unique=True)  # noqa: DJ001 -- many have none, and each that there is stands alone
    token_ends = models.DateTimeField(null=True)
    is_spent = models.BooleanField(default=False)

    class Meta:
        """Named for what it is."""

        db_table = "certificates_offer"


class CredentialRow(models.Model):
    """A document given to a wallet: which key holds it, and where its status stands. Nothing of what it says."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    certificate = models.ForeignKey(CertificateRow, models.CASCADE, related_name="+")
    key = models.TextField()
    nonce = models.TextField(unique=True)
    issued = models.DateTimeField()
    expires = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    status_list = models.PositiveIntegerField()
    place = models.PositiveIntegerField()

    class Meta:
        """One place a credential."""

        db_table = "certificates_credential"
        constraints = (
            models.UniqueConstraint(fields=["status_list", "place"], name="certificates_credential_place"),
        )
