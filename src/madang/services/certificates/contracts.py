"""What certificates says to the rest of the city."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Protocol
from uuid import UUID

from madang.kernel.errors import Conflict, Invalid, NotFound
from madang.kernel.events import Event
from madang.kernel.ids import ResidentId
from madang.kernel.languages import Language, Text
from madang.records.registers.contracts import Register
from madang.services.applications.contracts import CaseId

CertificateId = NewType("CertificateId", UUID)
CredentialId = NewType("CredentialId", UUID)


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
    number: str = ""
    """The number of its case, which is printed on it."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What anyone who holds the code may know: no more of the person than a masked name."""

    code: str
    kind: str
    validity: Validity
    masked_name: str
    issued: datetime
    expires: datetime
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a document: an answer of the case, or a register's field that is read when the document is made.

    ``when`` names a yes-or-no answer: the line stands only if it is yes. ``also`` is the answer that is set beside
    the Korean one in another language. ``text`` is a finding that stands by itself. ``of_service`` names a text of the
    service's own. ``whole_form`` stands for every answer that has no line of its own, but for those in ``leave_out``
    and for what nobody but the officer need read: long texts and telephone numbers.
    """

    answer: str = ""
    also: str = ""
    register: Register | None = None
    field: str = ""
    when: str = ""
    is_date: bool = False
    label: Text | None = None
    text: Text | None = None
    of_service: str = ""
    whole_form: bool = False
    leave_out: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document as data. ``holder`` names the answer that is the holder's name."""

    id: str
    title: Text
    certifies: Text
    holder: str
    rows: Sequence[Row]
    lead: Row | None = None

    @property
    def from_registers(self) -> Sequence[Row]:
        """The lines that registers answer when the document is made."""
        return [row for row in self.rows if row.register is not None]


class Signer(Protocol):
    """Whoever holds the city's signing key: a file here, a PKCS#11 token or a signing service elsewhere."""

    @property
    def certificate(self) -> bytes:
        """The signing certificate, DER."""

    @property
    def chain(self) -> Sequence[bytes]:
        """The certificates above it, DER, the issuer first."""

    def sign(self, message: bytes) -> bytes:
        """The ECDSA P-256 signature over the SHA-256 of ``message``, DER."""


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


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a credential can say, shown or kept to themselves by its holder.

    ``source`` is the fact of the document that it is read from, or ``resident`` for the registers' own id. With
    ``years`` it says only whether a birth date lies so many years back.
    """

    name: str
    source: str
    label: Text
    years: int = 0


@dataclass(frozen=True, slots=True)
class CredentialPlan:
    """How documents are given as credentials: the profile's ``credentials.yaml``. ``places`` is of one status list."""

    claims: Sequence[Claim]
    offer_lasts: timedelta
    access_lasts: timedelta
    nonce_lasts: timedelta
    tries: int
    lasts: timedelta
    places: int
    status_lasts: timedelta


@dataclass(frozen=True, slots=True)
class Offer:
    """A credential that waits for a wallet, told once: nothing of it but hashes is kept."""

    query: str
    """What a wallet's own address is called with (OpenID4VCI 1.0, 2025, section 4.1)."""
    digits: str
    """The transaction code that the wallet asks for: whoever sees the link alone gets nothing."""
    ends: datetime


@dataclass(frozen=True, slots=True)
class Credential:
    """A document given to a wallet. Times are aware; ``key`` is the RFC 7638 thumbprint of the wallet's key."""

    id: CredentialId
    certificate: CertificateId
    key: str
    issued: datetime
    expires: datetime
    ended: datetime | None
    status_list: int
    place: int


@dataclass(eq=False)
class WalletRefused(Exception):
    """What a wallet asked is not given; ``error`` is the standard's word for why, told to a program."""

    error: str
    status: int = 400


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


@dataclass(eq=False)
class FileNotOurs(Invalid):
    """What was uploaded is no PDF, or one that the city never issued. It is compared, never opened."""

    code = "certificates.file_not_ours"
    message = "The city has not issued this file. Upload the PDF just as you received it."


@dataclass(eq=False)
class FileTooLarge(Invalid):
    """What was uploaded is larger than any document of the city."""

    megabytes: int

    code = "certificates.file_too_large"
    message = "This file is larger than {megabytes} MB. The city's documents are smaller."


@dataclass(eq=False)
class CaseNotApproved(Conflict):
    """A document is made for an approved case only."""

    case: str

    code = "certificates.case_not_approved"
    message = "Request {case} is not approved; no document is made for it."


@dataclass(eq=False)
class NothingToGive(Conflict):
    """The document holds no more, or what it says was erased: no credential is made of it."""

    code = "certificates.nothing_to_give"
    message = "This document does not hold any more, so it cannot be put in a wallet."


class KindBroken(ValueError):
    """A kind's data or template in the profile cannot be read; the message names the file and what is wrong."""


class PdfUnexpected(ValueError):
    """The typesetter wrote a PDF in another manner than the signature's update knows; the message says which part."""
