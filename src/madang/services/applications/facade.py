"""The door to applications: a resident's drafts and requests, and the steps that other rooms take with them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.commons.notify import facade as notify
from madang.kernel.actors import Actor
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language, Text, to_translate
from madang.records.catalogue import facade as catalogue
from madang.records.catalogue.contracts import Service, ServiceId
from madang.records.registers import facade as registers
from madang.records.registers.contracts import EntryMissing, Register, RegisterUnavailable
from madang.records.registers.contracts import Permission as OfRegisters
from madang.services.applications import store
from madang.services.applications.contracts import (
    Answer,
    AnswersWrong,
    Case,
    CaseApproved,
    CaseCompleted,
    CaseErased,
    CaseHandedOver,
    CaseId,
    CaseReady,
    CaseRefused,
    CaseWithdrawn,
    FeeDue,
    Mistake,
    Permission,
    Reason,
    Standing,
)
from madang.services.applications.rules import answers, deadlines, moves, numbers, prefill

OWN_REQUEST = to_translate("A request that you made")
"""What residents' data is read and changed for here, in the record that they can read."""

_FORM = Actor.system("applications", {OfRegisters.READ})
"""Who reads the registers for a form: the room, for the resident's own request."""


def ask_registers(actor: Actor, service_id: ServiceId, held: Mapping[str, Answer] | None = None) -> prefill.Reading:
    """What the registers answer of a service's form; with ``held`` only what is open in those answers.

    Each register is asked once, for the fields that the form needs, outside of any transaction. One that does not
    answer is left out: its questions stay open. Raises ServiceUnknown, SignInNeeded, NotPermitted.
    """
    actor.require(Permission.APPLY)
    resident, service = actor.the_resident(), catalogue.service(service_id)
    reading: dict[str, Mapping[str, str]] = {}
    for register, fields in prefill.fields_to_read(service, held).items():
        with suppress(RegisterUnavailable):
            reading[register] = _entry(Register(register), resident, fields)
    return reading


def begin(
    actor: Actor, service_id: ServiceId, language: Language, now: datetime, *, reading: prefill.Reading | None = None
) -> Case:
    """The resident's draft for a service, filled in by the registers; begun before, the same draft again.

    A register that does not answer leaves its questions open (``Answer.awaits_register``): the review reads them.
    ``reading`` is what ``ask_registers`` gave, for a caller who has a transaction open.
    Raises ServiceUnknown, SignInNeeded, NotPermitted.
    """
    actor.require(Permission.APPLY)
    resident, service = actor.the_resident(), catalogue.service(service_id)
    held = store.draft_of(resident, service.id)
    if held and not prefill.fields_to_read(service, held.answers):
        return held
    if reading is None:
        reading = ask_registers(actor, service.id, held.answers if held else None)
    with transaction():
        if held:
            return _refill(store.lock(held.id), service, reading, now)
        blank = _blank(resident, service, language, now)
        draft = _stored(replace(blank, answers=prefill.prefilled(service, reading)), store.begin)
        _record(actor, "applications.begin", draft)
    return draft


def apply(
    actor: Actor, service_id: ServiceId, typed: Mapping[str, str], language: Language, now: datetime,
    *, reading: prefill.Reading | None = None,
) -> Case:
    """A whole request at once: filled in by the registers, completed by what was typed, and sent.

    Nothing is kept unless everything is right. Each call is a request of its own. ``reading`` is as in ``begin``.
    Raises AnswersWrong, AssuranceTooLow, ServiceUnknown, SignInNeeded, NotPermitted.
    """
    actor.require(Permission.APPLY)
    resident, service = actor.the_resident(), catalogue.service(service_id)
    actor.require_assurance(service.assurance)
    filled = prefill.prefilled(service, ask_registers(actor, service.id) if reading is None else reading)
    merged = answers.merged(service, filled, typed)
    _refuse_mistakes([*merged.mistakes, *answers.mistakes_in(service, merged.answers)])
    with transaction():
        draft = replace(_blank(resident, service, language, now), answers=merged.answers)
        case = _stored(_sent(draft, actor, service, now), store.add)
        _tell_of_submission(actor, case, service)
    return case


def keep(
    actor: Actor, number: str, typed: Mapping[str, str], now: datetime, *, language: Language | None = None
) -> tuple[Case, Sequence[Mistake]]:
    """Keep what was typed to a draft, also what is wrong, and say what is wrong with it.

    Raises CaseUnknown, NumberMistyped; MoveNotAllowed for a request that has been sent.
    """
    actor.require(Permission.APPLY)
    with transaction():
        draft = store.lock_own(actor.the_resident(), _key(number))
        moves.require_draft(draft)
        merged = answers.merged(catalogue.service(draft.service), draft.answers, typed)
        kept = replace(draft, answers=merged.answers, language=language or draft.language)
        return (store.save(kept, now) if kept != draft else draft), merged.mistakes


def submit(actor: Actor, number: str, now: datetime, *, language: Language | None = None) -> Case:
    """Send a draft: it waits for its fee, or for review. Sent before, the case as it is.

    Raises AnswersWrong with every mistake, AssuranceTooLow, CaseUnknown, NumberMistyped, MoveNotAllowed.
    """
    actor.require(Permission.APPLY)
    with transaction():
        draft = store.lock_own(actor.the_resident(), _key(number))
        if draft.submitted:
            return draft
        service = catalogue.service(draft.service)
        actor.require_assurance(service.assurance)
        _refuse_mistakes(answers.mistakes_in(service, draft.answers))
        whole = replace(draft, answers=answers.of_the_form(service, draft.answers), language=language or draft.language)
        case = store.save(_sent(whole, actor, service, now), now)
        _tell_of_submission(actor, case, service)
    return case


def withdraw(actor: Actor, number: str, now: datetime) -> Case:
    """Take a draft or an undecided request back; withdrawn before, the case as it is.

    Raises MoveNotAllowed once it is decided; CaseUnknown, NumberMistyped.
    """
    actor.require(Permission.APPLY)
    with transaction():
        case = store.lock_own(actor.the_resident(), _key(number))
        if case.standing is Standing.WITHDRAWN:
            return case
        after = store.save(moves.moved(case, Standing.WITHDRAWN, actor, now), now)
        if case.submitted:
            events.emit(CaseWithdrawn(after.id, after.service, after.resident))
        _record(actor, "applications.withdraw", after)
    return after


def case_of(actor: Actor, number: str) -> Case:
    """A case of the resident's own, by number or id. Raises CaseUnknown, also for somebody else's; NumberMistyped."""
    actor.require(Permission.SEE_OWN)
    return store.find_own(actor.the_resident(), _key(number))


def my_cases(actor: Actor, before: datetime | None = None, limit: int = 50) -> Sequence[Case]:
    """The resident's cases and drafts, the last begun first; ``before`` is the ``begun`` of the last one seen."""
    actor.require(Permission.SEE_OWN)
    return store.of_resident(actor.the_resident(), before, min(max(limit, 1), 200))


def case(actor: Actor, case_id: CaseId) -> Case:
    """Any case, for the rooms that work on it and for officers. Raises CaseUnknown, NotPermitted."""
    actor.require(Permission.SEE_ANY)
    return store.find(case_id)


def case_numbered(actor: Actor, number: str) -> Case:
    """Any case by its number, for officers. Raises CaseUnknown, NumberMistyped, NotPermitted."""
    actor.require(Permission.SEE_ANY)
    return store.find_numbered(numbers.read_number(number))


def filled_in(seen: Case, reading: prefill.Reading) -> Case:
    """A case as it would be with what its registers say: ``reading`` is by register and field. Keeps nothing."""
    return replace(seen, answers=prefill.refilled(catalogue.service(seen.service), seen.answers, reading))


def mistakes_of(seen: Case) -> Sequence[Mistake]:
    """What is wrong with a case's answers as the form is today, the registers' own included."""
    service = catalogue.service(seen.service)
    return [*answers.mistakes_in(service, seen.answers), *answers.register_mistakes(service, seen.answers)]


def payment_received(actor: Actor, case_id: CaseId, now: datetime) -> Case:
    """Note that the fee was paid: the case goes to review. Where it waits for no fee, it stays as it is.

    Raises MoveNotAllowed for a draft, which owes nothing.
    """
    actor.require(Permission.TAKE_PAYMENT)
    with transaction():
        before = store.lock(case_id)
        if before.standing in moves.PAID_OR_FREE:
            return before
        service = catalogue.service(before.service)
        after = store.save(moves.paid(before, actor, now, _due(service, now)), now)
        events.emit(CaseReady(after.id, after.service, after.resident))
        _record(actor, "applications.payment_received", after)
    return after


def wait_for_register(actor: Actor, case_id: CaseId, register: str, now: datetime) -> Case:
    """Note which register a case waits for; the resident is told once. Raises MoveNotAllowed when it left review."""
    actor.require(Permission.REVIEW)
    with transaction():
        before = store.lock(case_id)
        after = moves.waiting(before, actor, now, register)
        if after == before:
            return before
        store.save(after, now)
        if before.standing is not after.standing:
            _tell(after, "case_waits_for_register", due=_day(after))
            _record(actor, "applications.wait_for_register", after)
    return after


def answer_from_registers(actor: Actor, case_id: CaseId, reading: prefill.Reading, now: datetime) -> Case:
    """Keep what registers say now where the resident left the word to them. ``reading`` is by register and field."""
    actor.require(Permission.REVIEW)
    with transaction():
        before = store.lock(case_id)
        after = filled_in(before, reading)
        return before if after == before else store.save(after, now)


def hand_over(actor: Actor, case_id: CaseId, reasons: Sequence[Reason], now: datetime) -> Case:
    """Lay a case on an officer's desk, with reasons. Raises MoveNotAllowed when it left review otherwise."""
    actor.require(Permission.REVIEW)
    with transaction():
        before = store.lock(case_id)
        if before.standing is Standing.WITH_OFFICER:
            return before
        after = store.save(moves.moved(before, Standing.WITH_OFFICER, actor, now, reasons), now)
        events.emit(CaseHandedOver(after.id, after.service))
        _tell(after, "case_with_officer", due=_day(after))
        _record(actor, "applications.hand_over", after)
    return after


def approve(actor: Actor, case_id: CaseId, reasons: Sequence[Reason], now: datetime, *, automatic: bool) -> Case:
    """Decide for the resident. Approved before, the case as it is. What a service ends in without a document ends here.

    Raises MoveNotAllowed, and NotPermitted when a machine approves what lies with an officer.
    """
    actor.require(Permission.REVIEW)
    with transaction():
        before = store.lock(case_id)
        if before.standing in moves.DECIDED_FOR:
            return before
        after = store.save(moves.approved(before, actor, now, reasons, automatic=automatic), now)
        events.emit(CaseApproved(after.id, after.service, after.resident, automatic))
        _record(actor, "applications.approve", after)
        if catalogue.service(after.service).outcome is None:
            _tell(after, "case_approved")
            after = _complete(actor, after, None, now)
    return after


def refuse(actor: Actor, case_id: CaseId, reasons: Sequence[Reason], now: datetime) -> Case:
    """Decide against the resident: only a person can. Refused before, the case as it is.

    Raises MoveNotAllowed, and NotPermitted for a machine.
    """
    actor.require(Permission.REVIEW)
    with transaction():
        before = store.lock(case_id)
        if before.standing is Standing.REFUSED:
            return before
        after = store.save(moves.refused(before, actor, now, reasons), now)
        events.emit(CaseRefused(after.id, after.service, after.resident))
        _tell(after, "case_refused")
        _record(actor, "applications.refuse", after)
    return after


def complete(actor: Actor, case_id: CaseId, document: UUID | None, now: datetime) -> Case:
    """Note that the resident has what they asked for, and in which document. Completed before, the case as it is."""
    actor.require(Permission.COMPLETE)
    with transaction():
        before = store.lock(case_id)
        return before if before.standing is Standing.COMPLETED else _complete(actor, before, document, now)


def forget(now: datetime) -> int:
    """Erase drafts that nobody touched and the answers of cases whose time of keeping is over; how many."""
    with transaction():
        gone = store.erase_drafts(now - store.promises().draft_kept)
        for service in catalogue.services():
            keep_days = max((data.keep_days for data in service.personal_data), default=0)
            erased = store.erase_answers(service.id, now - timedelta(days=keep_days), now)
            for case_id in erased:
                events.emit(CaseErased(case_id, service.id))
            gone += len(erased)
    return gone


def _complete(actor: Actor, before: Case, document: UUID | None, now: datetime) -> Case:
    after = replace(moves.moved(before, Standing.COMPLETED, actor, now), document=document)
    events.emit(CaseCompleted(after.id, after.service, after.resident))
    _record(actor, "applications.complete", after)
    return store.save(after, now)


def _key(number: str) -> CaseId | str:
    try:
        return CaseId(UUID(number))
    except ValueError:
        return numbers.read_number(number)


def _entry(register: Register, resident: ResidentId, fields: Sequence[str]) -> Mapping[str, str]:
    try:
        return registers.read(_FORM, register, resident, fields, OWN_REQUEST).fields
    except EntryMissing:
        return {}


def _refill(held: Case, service: Service, reading: prefill.Reading, now: datetime) -> Case:
    if held.standing is not Standing.DRAFT:  # sent from another window while the registers were asked
        return held
    filled = prefill.refilled(service, held.answers, reading)
    return held if filled == held.answers else store.save(replace(held, answers=filled), now)


def _blank(resident: ResidentId, service: Service, language: Language, now: datetime) -> Case:
    return Case(
        id=CaseId(new_id()), number="", service=service.id, resident=resident, language=language,
        standing=Standing.DRAFT, answers={}, fee=service.fee, begun=now, submitted=None, due=None, decided=None,
        reasons=(), document=None, history=(),
    )


def _stored(case: Case, store_it: Callable[[Case], Case | None]) -> Case:
    """Number a new case and keep it. Seldom two cases meet in one number; then a second draw is enough."""
    for _ in range(3):
        numbered = replace(case, number=numbers.number_for(case.id, case.begun.year))
        if kept := store_it(numbered):
            return kept
        case = replace(case, id=CaseId(new_id()))
    message = "three case numbers in a row were taken: the random source of this machine is broken"
    raise RuntimeError(message)


def _sent(draft: Case, actor: Actor, service: Service, now: datetime) -> Case:
    return moves.submitted(replace(draft, fee=service.fee), actor, now, _due(service, now))


def _due(service: Service, now: datetime) -> datetime:
    city = store.promises()
    hours = deadlines.OfficeHours(city.opens, city.closes, store.holidays_around(now.year))
    return deadlines.due(now, service.time.working_days, hours)


def _refuse_mistakes(mistakes: Sequence[Mistake]) -> None:
    if mistakes:
        first_of_each = {mistake.field: mistake for mistake in reversed(mistakes)}
        raise AnswersWrong(mistakes=tuple(reversed(first_of_each.values())))


def _tell_of_submission(actor: Actor, case: Case, service: Service) -> None:
    if case.standing is Standing.AWAITING_PAYMENT:
        events.emit(FeeDue(case.id, case.service, case.resident, service.fee.amount))
    else:
        events.emit(CaseReady(case.id, case.service, case.resident))
    _tell(case, "case_received", due=_day(case))
    _record(actor, "applications.submit", case)


def _tell(case: Case, template: str, **facts: str) -> None:
    known: dict[str, str | Text] = {"service": catalogue.service(case.service).name, "number": case.number}
    notify.tell(case.resident, template, known | facts, link=f"/my/cases/{case.number}", about=case.id)


def _day(case: Case) -> str:
    return case.due.isoformat() if case.due else ""


def _record(actor: Actor, action: str, case: Case) -> None:
    audit.record(actor, action, purpose=OWN_REQUEST, subject=case.resident, about=case.id)
