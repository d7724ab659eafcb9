"""A resident's door: begin a form, keep what is typed, send it, see it, take it back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.commons.identity.wallets.contracts import Shown
from madang.kernel.actors import Actor
from madang.kernel.errors import BeyondDelegation
from madang.kernel.ids import ResidentId, new_id
from madang.kernel.languages import Language
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
    CaseId,
    CaseReady,
    CaseWithdrawn,
    FeeDue,
    Mistake,
    Permission,
    ShownBySomebodyElse,
    Standing,
)
from madang.services.applications.facade import alongside, billing, businesses, told
from madang.services.applications.rules import answers, drafts, fees, moves, numbers, prefill, signing

_FORM = Actor.system("applications", {OfRegisters.READ})
"""Who reads the registers for a form: the room, for the resident's own request."""


def ask_registers(actor: Actor, service_id: ServiceId, held: Mapping[str, Answer] | None = None) -> prefill.Reading:
    """What the registers answer of a service's form; with ``held`` only what is open in those answers.

    Each register is asked once, for the fields that the form needs, outside of any transaction. One that does not
    answer is left out: its questions stay open. Raises ServiceUnknown, SignInNeeded, NotPermitted.
    """
    actor.require(Permission.APPLY)
    resident, service = actor.the_resident(), catalogue.service(service_id)
    actor.require_matter(service.id, service.category)
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
    actor.require_matter(service.id, service.category)
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
        told.record(actor, "applications.begin", draft)
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
    actor.require_matter(service.id, service.category)
    actor.require_assurance(service.assurance)
    filled = prefill.prefilled(service, ask_registers(actor, service.id) if reading is None else reading)
    merged = answers.merged(service, filled, typed)
    whole, wrong = billing.against_bill(service, merged.answers, resident, now)
    _refuse_mistakes([*merged.mistakes, *answers.mistakes_in(service, whole), *wrong])
    with transaction():
        draft = replace(_blank(resident, service, language, now), answers=whole)
        case = _stored(_sent(draft, actor, service, now), store.add)
        businesses.note_delegate(actor, case, now)
        tell_of_submission(actor, case, now)
    return case


def keep(
    actor: Actor, number: str, typed: Mapping[str, str], now: datetime, *, language: Language | None = None,
    seen: str = "",
) -> tuple[Case, Sequence[Mistake]]:
    """Keep what was typed to a draft, also what is wrong, and say what is wrong with it.

    With ``seen`` (of ``seen_of``, over the same questions) nothing is overwritten that was changed elsewhere since.
    Raises ChangedMeanwhile, CaseUnknown, NumberMistyped; MoveNotAllowed for a request that has been sent.
    """
    actor.require(Permission.APPLY)
    with transaction():
        draft = store.lock_own(actor.the_resident(), _key(number))
        _require_matter(actor, draft)
        moves.require_draft(draft)
        drafts.require_seen(draft.answers, typed, seen)
        merged = answers.merged(catalogue.service(draft.service), draft.answers, typed)
        kept = replace(draft, answers=merged.answers, language=language or draft.language)
        return (store.save(kept, now) if kept != draft else draft), merged.mistakes


def seen_of(case: Case, names: Collection[str]) -> str:
    """What somebody sees of a draft's questions, to be sent back with what they type."""
    return drafts.seen({name: answer.value for name, answer in case.answers.items()}, names)


def seen_values(values: Mapping[str, str], names: Collection[str]) -> str:
    """As ``seen_of``, of values that a program held."""
    return drafts.seen(values, names)


def keep_shown(actor: Actor, number: str, shown: Shown, now: datetime) -> Case:
    """Keep in a draft what its resident has shown from their own wallet; recorded.

    Raises BeyondDelegation for whoever acts for another, ShownBySomebodyElse, and as ``keep``.
    """
    actor.require(Permission.APPLY)
    if actor.acting:
        raise BeyondDelegation
    if shown.identity.resident != str(actor.the_resident()):
        raise ShownBySomebodyElse
    with transaction():
        draft = store.lock_own(actor.the_resident(), _key(number))
        moves.require_draft(draft)
        said = answers.shown(catalogue.service(draft.service), draft.answers, shown.claims, shown.identity.provider)
        kept = store.save(replace(draft, answers=said), now)
        told.record(actor, "applications.keep_shown", kept)
    return kept


def submit(actor: Actor, number: str, now: datetime, *, language: Language | None = None) -> Case:
    """Send a draft: it waits for its fee, or for review. Sent before, the case as it is.

    Raises AnswersWrong with every mistake, AssuranceTooLow, CaseUnknown, NumberMistyped, MoveNotAllowed.
    """
    actor.require(Permission.APPLY)
    with transaction():
        draft = store.lock_own(actor.the_resident(), _key(number))
        _require_matter(actor, draft)
        if draft.submitted:
            return draft
        service = catalogue.service(draft.service)
        actor.require_assurance(service.assurance)
        said, wrong = billing.against_bill(service, draft.answers, draft.resident, now)
        _refuse_mistakes([*answers.mistakes_in(service, said), *wrong])
        whole = replace(draft, answers=answers.of_the_form(service, said), language=language or draft.language)
        case = store.save(_sent(whole, actor, service, now), now)
        businesses.note_delegate(actor, case, now)
        tell_of_submission(actor, case, now)
    return case


def withdraw(actor: Actor, number: str, now: datetime) -> Case:
    """Take a draft or an undecided request back; withdrawn before, the case as it is.

    Raises MoveNotAllowed once it is decided; CaseUnknown, NumberMistyped.
    """
    actor.require(Permission.APPLY)
    with transaction():
        case = store.lock_own(actor.the_resident(), _key(number))
        _require_matter(actor, case)
        if case.standing is Standing.WITHDRAWN:
            return case
        after = store.save(moves.moved(case, Standing.WITHDRAWN, actor, now), now)
        if case.submitted:
            events.emit(CaseWithdrawn(after.id, after.service, after.resident))
        told.record(actor, "applications.withdraw", after)
    return after


def case_of(actor: Actor, number: str) -> Case:
    """A case of the resident's own, by number or id. Raises CaseUnknown, also for somebody else's; NumberMistyped."""
    actor.require(Permission.SEE_OWN)
    found = store.find_own(actor.the_resident(), _key(number))
    _require_matter(actor, found)
    return found


def locked_own(actor: Actor, number: str) -> Case:
    """As ``case_of``, locked until the open transaction ends."""
    found = store.lock_own(actor.the_resident(), _key(number))
    _require_matter(actor, found)
    return found


def my_cases(actor: Actor, before: datetime | None = None, limit: int = 50) -> Sequence[Case]:
    """The resident's cases and drafts, the last begun first; ``before`` is the ``begun`` of the last one seen."""
    actor.require(Permission.SEE_OWN)
    found = store.of_resident(actor.the_resident(), before, min(max(limit, 1), 200))
    return [case for case in found if _is_covered(actor, case)]


def _require_matter(actor: Actor, case: Case) -> None:
    """Raise BeyondDelegation for a case of a service that somebody who acts for its resident was not given."""
    if not _is_covered(actor, case):
        raise BeyondDelegation


def _is_covered(actor: Actor, case: Case) -> bool:
    return actor.acting is None or actor.covers(case.service, catalogue.service(case.service).category)


def _key(number: str) -> CaseId | str:
    try:
        return CaseId(UUID(number))
    except ValueError:
        return numbers.read_number(number)


def _entry(register: Register, resident: ResidentId, fields: Sequence[str]) -> Mapping[str, str]:
    try:
        return registers.read(_FORM, register, resident, fields, told.OWN_REQUEST).fields
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
    priced = replace(draft, fee=fees.to_pay(service, draft.answers))
    if signing.needs_others(service):
        return signing.to_be_signed(priced, actor, now)
    return moves.submitted(priced, actor, now, told.due(service, now))


def _refuse_mistakes(mistakes: Sequence[Mistake]) -> None:
    if mistakes:
        first_of_each = {mistake.field: mistake for mistake in reversed(mistakes)}
        raise AnswersWrong(mistakes=tuple(reversed(first_of_each.values())))


def tell_of_submission(actor: Actor, case: Case, now: datetime) -> None:
    """Put down what follows from a request that is complete: its fee, or its review. Nothing before all have signed."""
    if case.standing is Standing.AWAITING_SIGNATURES:
        return told.record(actor, "applications.to_be_signed", case)
    alongside.go(case, now)
    if case.standing is Standing.AWAITING_PAYMENT:
        events.emit(FeeDue(case.id, case.service, case.resident, case.fee.amount))
    else:
        events.emit(CaseReady(case.id, case.service, case.resident))
    told.tell(case, "case_received", due=told.day(case))
    return told.record(actor, "applications.submit", case)
