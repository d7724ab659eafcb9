"""The door to certificates: issue, hold, show to anyone that it is genuine, take back."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from django.conf import settings

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.commons.notify import facade as notify
from madang.kernel.actors import Actor
from madang.kernel.ids import new_id
from madang.kernel.languages import Language, Text, to_translate
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Outcome, Service
from madang.records.registers import facade as registers
from madang.records.registers.contracts import EntryMissing, Register
from madang.records.registers.contracts import Permission as OfRegisters
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Case, CaseId, Standing
from madang.services.applications.contracts import Permission as OfApplications
from madang.services.certificates.contracts import (
    CaseNotApproved,
    Certificate,
    CertificateId,
    CertificateIssued,
    CertificateRevoked,
    CertificateUnknown,
    DocumentKind,
    FileNotOurs,
    FileTooLarge,
    Permission,
    Validity,
    Verification,
)
from madang.services.certificates.rules import codes, pdf_update, sheet
from madang.services.certificates.rules.fitting import fitted
from madang.services.certificates.rules.validity import masked, validity
from madang.services.certificates.store import keys, kinds, rows

LARGEST_FILE: Final = 5 * 1024 * 1024
_MEGABYTE: Final = 1024 * 1024
_ROOM: Final = Actor.system("certificates", {OfApplications.SEE_ANY, OfApplications.COMPLETE, OfRegisters.READ})
_SYNTHETIC: Final = "(합성)"
"""How the synthetic population marks its people's names."""

MAKING = to_translate("Making the document that you asked for")
DOWNLOADING = to_translate("Downloading your own document")
REVOKING = to_translate("Taking back a document that must no longer hold")


@dataclass(frozen=True, slots=True)
class _Made:
    """A document that is not kept yet."""

    certificate: Certificate
    name: str
    pdf: bytes


def issue(case_id: CaseId, now: datetime) -> CertificateId | None:
    """Make the signed document of an approved case, keep it, and complete the case, all at once or not at all.

    Asked again at any moment, also by two workers at once, it does what is left to do: there is one document a case.
    None when the service ends in no document. Raises CaseUnknown, CaseNotApproved, RegisterUnavailable, KindBroken.
    """
    case = applications.case(_ROOM, case_id)
    if held := rows.of_case(case.id):
        applications.complete(_ROOM, case.id, held.id, now)
        return held.id
    service = catalogue.service(case.service)
    if service.outcome is None:
        return None
    if case.standing is not Standing.APPROVED:
        raise CaseNotApproved(case=case.number)
    return _keep(_make(case, service, service.outcome, now), service, now)


def certificate(actor: Actor, certificate_id: CertificateId) -> Certificate:
    """A document of the resident's own. Raises CertificateUnknown, also for somebody else's."""
    actor.require(Permission.SEE_OWN)
    found = rows.own(actor.the_resident(), certificate_id)
    actor.require_matter(*_matter(found))
    return found


def mine(actor: Actor, before: datetime | None = None, limit: int = 50) -> Sequence[Certificate]:
    """The resident's documents, newest first; ``before`` is the ``issued`` of the last one seen."""
    actor.require(Permission.SEE_OWN)
    found = rows.of_resident(actor.the_resident(), before, min(max(limit, 1), 200))
    return [one for one in found if actor.acting is None or actor.covers(*_matter(one))]


def download(actor: Actor, certificate_id: CertificateId) -> bytes:
    """The PDF of a document of the resident's own; recorded. Raises CertificateUnknown."""
    held = certificate(actor, certificate_id)
    with transaction():
        audit.record(actor, "certificates.download", purpose=DOWNLOADING, subject=held.resident, about=held.id)
        return rows.content(held.id)


def verify(code: str, now: datetime) -> Verification:
    """What anyone who holds a document may know of it. Raises CodeMalformed, CertificateUnknown."""
    read = codes.read_code(code)
    seen = rows.seen_by_code(read)
    if seen is None:
        raise CertificateUnknown(certificate=codes.grouped(read))
    return _verification(seen, now)


def verify_file(content: bytes, now: datetime) -> Verification:
    """Whether these are the very bytes that the city signed; ALTERED when they carry a document's code and are not.

    The file is compared, never opened: whatever it holds, nothing of it runs. Raises FileTooLarge, FileNotOurs.
    """
    if len(content) > LARGEST_FILE:
        raise FileTooLarge(megabytes=LARGEST_FILE // _MEGABYTE)
    if seen := rows.seen_by_hash(sha256(content).hexdigest()):
        return _verification(seen, now)
    code = codes.code_in_file(content) if content.startswith(b"%PDF-") else None
    seen = rows.seen_by_code(code) if code else None
    if seen is None:
        raise FileNotOurs
    return _verification(seen, now, altered=True)


def revoke(actor: Actor, certificate_id: CertificateId, reason: str, now: datetime) -> Certificate:
    """Take a document back: whoever verifies it is told. Revoked before, it stays so. Raises CertificateUnknown."""
    actor.require(Permission.REVOKE)
    with transaction():
        held = rows.lock(certificate_id)
        if held.revoked is None:
            rows.revoke(held.id, reason, now)
            events.emit(CertificateRevoked(held.id))
            audit.record(actor, "certificates.revoke", purpose=REVOKING, subject=held.resident, about=held.id)
        return rows.lock(certificate_id)


def forget(case_id: CaseId) -> None:
    """Erase what a case's document says of its holder, in the caller's transaction if one is open."""
    with transaction():
        rows.erase(case_id)


def title(kind: str) -> Text:
    """What a kind of document is called. Raises KindBroken."""
    return kinds.kind(kind).title


def authority(now: datetime) -> bytes:
    """The certificate, PEM, with which anyone can check a document without asking the city."""
    ensure_keys(_keys_folder(), now)
    return keys.authority(_keys_folder())


def printed(code: str) -> str:
    """A code as it stands on paper: five groups of four."""
    return codes.grouped(code)


def ensure_keys(folder: Path, now: datetime) -> None:
    """Make the seal's keys under ``folder`` (the instance's ``keys``) unless they are there."""
    keys.ensure(folder, kinds.wording().city.into(Language.EN), now)


def check_kinds() -> Mapping[str, DocumentKind]:
    """Every kind in the profile, read and each of its services known. Raises KindBroken, naming the file."""
    for service in catalogue.services():
        if service.outcome is not None:
            kinds.kind(service.outcome.document)
    return kinds.kinds()


def preview(case: Case, values: sheet.Values, now: datetime) -> bytes:
    """The unsigned sheet of a case as a PNG, for whoever writes templates. Keeps nothing."""
    from madang.services.certificates.store import typesetter

    service = catalogue.service(case.service)
    kind = fitted(kinds.kind(service.outcome.document if service.outcome else ""), service)
    made = _issue_of(case, values, "0" * codes.LETTERS, now, now + timedelta(days=1))
    return typesetter.picture(kind.id, sheet.sheet(kind, service, kinds.wording(), made))


def _make(case: Case, service: Service, outcome: Outcome, now: datetime) -> _Made:
    from madang.services.certificates.store import typesetter  # fonts and compiler: only those who issue pay for them

    kind = fitted(kinds.kind(outcome.document), service)
    values, as_of = _values(kind, case, now)
    code, expires = codes.code_from(os.urandom(16)), now + timedelta(days=outcome.valid_days)
    drawn = _issue_of(case, values, code, now, expires, as_of)
    unsigned = typesetter.typeset(kind.id, sheet.sheet(kind, service, kinds.wording(), drawn), now)
    signer = keys.signer(keys.ensure(_keys_folder(), kinds.wording().city.into(Language.EN), now))
    pdf = pdf_update.signed(unsigned, signer, now)
    certificate_ = Certificate(
        id=CertificateId(new_id()), kind=kind.id, case=case.id, resident=case.resident, language=drawn.language,
        facts=sheet.facts(kind, values), code=code, issued=now, expires=expires, revoked=None,
        sha256=sha256(pdf).hexdigest(), number=case.number,
    )
    return _Made(certificate_, values.get(kind.holder, ""), pdf)


def _issue_of(
    case: Case, values: sheet.Values, code: str, now: datetime, expires: datetime, as_of: datetime | None = None
) -> sheet.Issue:
    from madang.services.certificates.store import typesetter

    url = f"{settings.MADANG_PUBLIC_URL}/verify/{code}"
    return sheet.Issue(
        number=case.number, language=sheet.language_of(values, case.language), values=values, as_of=as_of or now,
        code=code, url=url, qr=typesetter.qr_code(url), issued=now, expires=expires,
        synthetic=bool(settings.MADANG_OUTSIDE_URL) or any(_SYNTHETIC in value for value in values.values()),
    )


def _values(kind: DocumentKind, case: Case, now: datetime) -> tuple[sheet.Values, datetime]:
    """The case's answers and what registers say now, and since when all of it has stood: the oldest word counts."""
    values, as_of = dict(case.values), [case.decided or now]
    for register, fields in sheet.fields_to_read(kind, values).items():
        try:
            record = registers.read(_ROOM, Register(register), case.resident, fields, MAKING)
        except EntryMissing:  # the document is issued without that line, as the paper form is
            continue
        values |= {f"{register}.{field}": value for field, value in record.fields.items()}
        as_of.append(record.as_of)
    return values, min(as_of)


def _keep(made: _Made, service: Service, now: datetime) -> CertificateId | None:
    held = made.certificate
    with transaction():
        # the case first: every room locks a case before it writes of it
        case = applications.complete(_ROOM, held.case, held.id, now)
        if case.document != held.id:  # another worker was quicker
            return None if case.document is None else CertificateId(case.document)
        rows.add(held, masked(made.name), made.pdf)
        events.emit(CertificateIssued(held.id, held.case, held.resident, held.kind))
        audit.record(
            _ROOM, "certificates.issue", purpose=MAKING, subject=held.resident, about=held.id, fields=sorted(held.facts)
        )
        notify.tell(
            held.resident, "document_ready", {"service": service.name, "number": held.number},
            link=f"/my/cases/{held.number}", about=held.case,
        )
    return held.id


def _matter(held: Certificate) -> tuple[str, str]:
    """What a document goes by for whoever acts for its holder: many services may end in one kind."""
    service = catalogue.service(applications.case(_ROOM, held.case).service)
    return service.id, service.category


def _verification(seen: rows.Seen, now: datetime, *, altered: bool = False) -> Verification:
    code, kind, name, issued, expires, revoked = seen
    standing = Validity.ALTERED if altered else validity(expires, revoked, now)
    return Verification(code, kind, standing, name, issued, expires, revoked)


def _keys_folder() -> Path:
    return Path(settings.MADANG_INSTANCE) / "keys"
