"""The tables of certificates: what was issued, and its bytes."""

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
