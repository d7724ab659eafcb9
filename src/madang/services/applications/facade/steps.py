"""The rooms' door: what moves a case on once it was sent. Each step, asked twice, gives the case as it is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from madang.commons.db.transactions import transaction
from madang.commons.events import facade as events
from madang.kernel.actors import Actor
from madang.records.catalogue import facade as catalogue
from madang.services.applications import store
from madang.services.applications.contracts import (
    Case,
    CaseApproved,
    CaseCompleted,
    CaseErased,
    CaseHandedOver,
    CaseId,
    CaseReady,
    CaseRefused,
    CaseWithdrawn,
    Mistake,
    Permission,
    Reason,
    Standing,
)
from madang.services.applications.facade import told
from madang.services.applications.rules import answers, moves, numbers, prefill


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
        after = store.save(moves.paid(before, actor, now, told.due(service, now)), now)
        events.emit(CaseReady(after.id, after.service, after.resident))
        told.record(actor, "applications.payment_received", after)
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
            told.tell(after, "case_waits_for_register", due=told.day(after))
            told.record(actor, "applications.wait_for_register", after)
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
        told.tell(after, "case_with_officer", due=told.day(after))
        told.record(actor, "applications.hand_over", after)
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
        told.record(actor, "applications.approve", after)
        if catalogue.service(after.service).outcome is None:
            told.tell(after, "case_approved")
            after = completed(actor, after, None, now)
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
        told.tell(after, "case_refused")
        told.record(actor, "applications.refuse", after)
    return after


def lapse(actor: Actor, case_id: CaseId, note: str, reasons: Sequence[Reason], now: datetime) -> Case:
    """End a case that nobody can answer any more: its place went unpaid, or none came free. Nothing is owed then.

    ``note`` is an English text with a translation. Ended before, the case as it is. Raises MoveNotAllowed once it is
    paid and decided, or lies with an officer.
    """
    actor.require(Permission.COMPLETE)
    with transaction():
        before = store.lock(case_id)
        if before.standing is Standing.WITHDRAWN:
            return before
        after = store.save(moves.lapsed(before, actor, now, note, reasons), now)
        events.emit(CaseWithdrawn(after.id, after.service, after.resident))
        told.record(actor, "applications.lapse", after)
    return after


def complete(actor: Actor, case_id: CaseId, document: UUID | None, now: datetime) -> Case:
    """Note that the resident has what they asked for, and in which document. Completed before, the case as it is."""
    actor.require(Permission.COMPLETE)
    with transaction():
        before = store.lock(case_id)
        return before if before.standing is Standing.COMPLETED else completed(actor, before, document, now)


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


def completed(actor: Actor, before: Case, document: UUID | None, now: datetime) -> Case:
    """A locked, approved case at its end, in the open transaction of whoever approved it."""
    after = replace(moves.moved(before, Standing.COMPLETED, actor, now), document=document)
    events.emit(CaseCompleted(after.id, after.service, after.resident))
    told.record(actor, "applications.complete", after)
    return store.save(after, now)
