"""What certificates says to the rest of the city."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from madang.kernel.errors import Invalid, NotFound
from madang.kernel.events import Event
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language
from madang.services.applications.contracts import CaseId

CertificateId = NewType("CertificateId", UUID)


class Permission(StrEnum):
    """What one may be allowed to do here."""

    ISSUE = "certificates.issue"
    SEE_OWN = "certificates.see_own"
    REVOKE = "certificates.revoke"


class Validity(StrEnum):
    """What a verifier is told."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ALTERED = "altered"
    """A file was shown whose bytes are not the ones that the city signed."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A signed document. Times are aware; ``code`` is what the QR code holds; ``sha256`` is of the PDF, in hex."""

    id: CertificateId
    kind: str
    case: CaseId
    resident: ResidentId
    language: Language
    facts: Mapping[str, str]
    code: str
    issued: datetime
    expires: datetime
    revoked: datetime | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What anyone who holds the code may know: no more of the person than a masked name."""

    code: str
    kind: str
    validity: Validity
    masked_name: str
    issued: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class CertificateIssued(Event):
    """A document was signed and lies ready."""

    topic = "certificates.issued"
    certificate: CertificateId
    case: CaseId
    resident: ResidentId
    kind: str


@dataclass(frozen=True, slots=True)
class CertificateRevoked(Event):
    """A document no longer holds."""

    topic = "certificates.revoked"
    certificate: CertificateId


@dataclass(eq=False)
class CertificateUnknown(NotFound):
    """There is no such document, or it is somebody else's."""

    certificate: str

    code = "certificates.unknown"
    message = "There is no document under {certificate}."


@dataclass(eq=False)
class CodeMalformed(Invalid):
    """What was typed cannot be a verification code."""

    given: str

    code = "certificates.code_malformed"
    message = "A verification code has 20 letters and digits, as printed under the QR code."
