"""The door to document review: the machine's review of a case, and the officer's desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.kernel.actors import Actor, Stated
from madang.kernel.languages import to_translate
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Service, ServiceId
from madang.records.registers import facade as registers
from madang.records.registers.contracts import EntryMissing, Register, RegisterUnavailable
from madang.records.registers.contracts import Permission as OfRegisters
from madang.services.applications import facade as applications
from madang.services.applications.contracts import Case, CaseId, MoveNotAllowed, Standing
from madang.services.applications.contracts import Permission as OfApplications
from madang.services.document_review import store
from madang.services.document_review.contracts import (
    AlreadyDecided,
    Decision,
    DeskItem,
    Permission,
    Review,
    ReviewUnknown,
    Verdict,
)
from madang.services.document_review.rules import policy, reading, verdicts

MACHINE = Actor.system("document_review", {OfApplications.SEE_ANY, OfApplications.REVIEW, OfRegisters.READ})

CHECKING = to_translate("Checking a request that you made")
DECIDING = to_translate("Deciding about a request that you made")
"""What residents' data is read for here, in the record that they can read."""

_IN_REVIEW = frozenset({Standing.IN_REVIEW, Standing.WAITING_FOR_REGISTER})
_LONGEST_QUEUE = 200


@dataclass(frozen=True, slots=True)
class Opened:
    """A case as it lies open on a desk."""

    case: Case
    service: Service
    review: Review
    waiting: int
    """How many cases wait on this officer's desk."""
    purpose: str | Stated
    """What it was opened for: to decide about it, or what the officer said."""

    @property
    def ends_in_words(self) -> bool:
        """Whether what the officer writes is what the resident gets."""
        return verdicts.ends_in_words(self.service)


def review(case_id: CaseId, now: datetime) -> Register | None:
    """Check a case, and approve it or hand it to a person; the register that it must wait for, if there is one.

    Asked again at any moment, it does what is left to do: a case that has moved on is left alone, and of two reviews at
    once the first one kept decides. Registers are asked each once, outside of a transaction. Raises CaseUnknown.
    """
    case = applications.case(MACHINE, case_id)
    if case.standing not in _IN_REVIEW:
        return None
    service = catalogue.service(case.service)
    if service.slot_question:
        return None  # answered by whether there is a place: bookings ends it
    try:
        said = _read(case, service)
    except RegisterUnavailable as silent:
        _wait(case, silent.register, now)
        return silent.register
    _conclude(case, applications.filled_in(case, _entries(said)), service, said, now)
    return None


def leave_desk(case_id: CaseId) -> None:
    """Take a case off the desk about which nobody need decide any more."""
    with transaction():
        store.take_off_desk(case_id)


def follow(case_id: CaseId) -> None:
    """Have the desk show a case as it stands now: whether it waits for an officer, and until when."""
    with transaction():
        store.follow(applications.case(MACHINE, case_id))


def forget(case_id: CaseId) -> None:
    """Erase what was read about a case whose time of keeping is over."""
    with transaction():
        store.erase_what_was_found(case_id)


def queue(actor: Actor, limit: int = _LONGEST_QUEUE) -> Sequence[DeskItem]:
    """What waits on the officer's desk: by the day of its deadline, then the plainest first."""
    actor.require(Permission.SEE_DESK)
    return store.queue(_services_of(actor), min(max(limit, 1), _LONGEST_QUEUE))


def waiting(actor: Actor) -> int:
    """How many cases wait on the officer's desk."""
    actor.require(Permission.SEE_DESK)
    return store.count_waiting(_services_of(actor))


def review_of(actor: Actor, case_id: CaseId) -> Review:
    """The review of a case of the officer's department; the resident reads that it was looked at.

    Raises ReviewUnknown, NotPermitted.
    """
    actor.require(Permission.SEE_DESK)
    found, item = store.find(case_id)
    _require_own(actor, item)
    with transaction():
        _record(actor, "document_review.look", applications.case(MACHINE, case_id), DECIDING)
    return found


def open_case(actor: Actor, number: str, now: datetime) -> Opened:
    """A case with everything that an officer needs to decide; that it was opened is recorded for the resident.

    Deciding is purpose enough while the case is at hand on the officer's own desk; for any other they must have said
    what for. Raises ReviewUnknown (also for another department's), PurposeNeeded, NumberMistyped, NotPermitted.
    """
    actor.require(Permission.SEE_DESK)
    case = applications.case_numbered(actor, number)
    found, item = store.find(case.id)
    _require_own(actor, item)
    purpose = _purpose(actor, found, item, now)
    with transaction():
        _record(actor, "document_review.open", case, purpose)
    return Opened(case, catalogue.service(case.service), found, store.count_waiting(_services_of(actor)), purpose)


def decide(actor: Actor, case_id: CaseId, *, approve: bool, reason: str, now: datetime) -> Case:
    """Decide about a case on the desk. The same officer deciding the same again gets the case as it is.

    Raises ReasonMissing, AlreadyDecided when a colleague was first, ReviewUnknown, MoveNotAllowed when the resident
    took the request back, PurposeNeeded for another department's, NotPermitted.
    """
    actor.require(Permission.DECIDE)
    with transaction():
        found, item = store.lock(case_id)
        _require_own(actor, item)
        if found.decision:
            return _decided_before(actor, found.decision, item, approve=approve)
        purpose = _purpose(actor, found, item, now)
        in_words = verdicts.ends_in_words(catalogue.service(item.service))
        given = verdicts.readable_reason(reason, found.suggestion, approve=approve, ends_in_words=in_words)
        case = _carry_out(actor, item, given, now, approve=approve)
        overruled = verdicts.overrules(found.suggestion, approve=approve)
        store.decide(case_id, Decision(approve, actor.name, now, overruled, given))
        _record(actor, "document_review.overrule" if overruled else "document_review.decide", case, purpose)
    return case


def _read(case: Case, service: Service) -> reading.Reading:
    said: dict[str, dict[str, str] | None] = {}
    for register, fields in reading.fields_to_read(service).items():
        try:
            said[register] = dict(registers.read(MACHINE, Register(register), case.resident, fields, CHECKING).fields)
        except EntryMissing:
            said[register] = None
    return said


def _wait(case: Case, register: Register, now: datetime) -> None:
    try:
        applications.wait_for_register(MACHINE, case.id, register, now)
    except MoveNotAllowed:
        return  # taken back, or reviewed by another worker, while the register was asked


def _conclude(case: Case, filled: Case, service: Service, said: reading.Reading, now: datetime) -> None:
    checks = verdicts.checks_of(filled, service, said, applications.mistakes_of(filled), store.policy())
    verdict = verdicts.verdict(checks)
    found = Review(case.id, tuple(checks), verdict, now, waits=verdict is Verdict.HAND_TO_PERSON)
    try:
        with transaction():
            if not store.add(case, found):
                return
            if filled != case:
                applications.answer_from_registers(MACHINE, case.id, _entries(said), now)
            _carry_on(found, now)
    except MoveNotAllowed:
        return  # taken back while the registers were asked: nothing of this review is kept


def _carry_on(found: Review, now: datetime) -> None:
    if found.verdict is Verdict.APPROVE:
        applications.approve(MACHINE, found.case, [verdicts.ALL_HOLD], now, automatic=True)
    else:
        applications.hand_over(MACHINE, found.case, verdicts.reasons_for_a_person(found), now)


def _entries(said: reading.Reading) -> dict[str, dict[str, str]]:
    return {register: dict(entry or {}) for register, entry in said.items()}


def _services_of(actor: Actor) -> list[ServiceId]:
    return [service.id for service in catalogue.services() if _is_own(actor, service)]


def _is_own(actor: Actor, service: Service) -> bool:
    return _is_of_department(actor, service) or actor.may(Permission.SEE_EVERY_DESK)


def _is_of_department(actor: Actor, service: Service) -> bool:
    return bool(actor.department) and actor.department in service.department.by_language.values()


def _purpose(actor: Actor, found: Review, item: DeskItem, now: datetime) -> str | Stated:
    if not _is_of_department(actor, catalogue.service(item.service)):
        return actor.require_purpose(item.number, Permission.SEE_EVERY_DESK)
    if policy.is_at_hand(found, store.policy(), now):
        return DECIDING
    return actor.require_purpose(item.number, Permission.SEE_DESK)


def _require_own(actor: Actor, item: DeskItem) -> None:
    if not _is_own(actor, catalogue.service(item.service)):
        raise ReviewUnknown(case=item.number)


def _decided_before(actor: Actor, decision: Decision, item: DeskItem, *, approve: bool) -> Case:
    if decision.by == actor.name and decision.approved == approve:
        return applications.case(actor, item.case)
    raise AlreadyDecided(case=item.number, by=decision.by, at=decision.at)


def _carry_out(actor: Actor, item: DeskItem, reason: str, now: datetime, *, approve: bool) -> Case:
    reasons = verdicts.reasons_of_officer(reason, catalogue.service(item.service), approve=approve)
    if approve:
        return applications.approve(actor, item.case, reasons, now, automatic=False)
    return applications.refuse(actor, item.case, reasons, now)


def _record(actor: Actor, action: str, case: Case, purpose: str | Stated) -> None:
    audit.record(
        actor, action, purpose=purpose, subject=case.resident, about=case.id, fields=sorted(case.answers),
    )
