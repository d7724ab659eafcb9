"""Which standing may follow which, why, and what the resident reads about it. Everything else is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from madang.kernel.actors import Actor, ActorKind
from madang.kernel.errors import NotPermitted
from madang.services.applications.contracts import Case, Happening, MoveNotAllowed, Reason, Standing


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed step: why there is such a step, and the line that it leaves in the case's history."""

    why: str
    note: str
    by_person: bool = False
    """Whether only a person may take it: machines prepare, people decide (Seoul's principle, 2025)."""


MOVES: Mapping[tuple[Standing, Standing], Move] = {
    (Standing.DRAFT, Standing.AWAITING_PAYMENT): Move(
        why="the service has a fee, and work begins when it is paid",
        note="We have received your request. It goes on as soon as the fee is paid.",
    ),
    (Standing.DRAFT, Standing.IN_REVIEW): Move(
        why="nothing is to be paid", note="We have received your request.",
    ),
    (Standing.DRAFT, Standing.WITHDRAWN): Move(
        why="a draft belongs to its resident", note="You discarded the draft.",
    ),
    (Standing.DRAFT, Standing.AWAITING_SIGNATURES): Move(
        why="a second person must sign what is sent",
        note="Your request is written. It goes on when everybody has signed.",
    ),
    (Standing.AWAITING_SIGNATURES, Standing.AWAITING_PAYMENT): Move(
        why="everybody signed, and the service has a fee",
        note="Everybody has signed. It goes on as soon as the fee is paid.",
    ),
    (Standing.AWAITING_SIGNATURES, Standing.IN_REVIEW): Move(
        why="everybody signed, and nothing is to be paid", note="Everybody has signed. We have received your request.",
    ),
    (Standing.AWAITING_SIGNATURES, Standing.WITHDRAWN): Move(
        why="it is not sent before everybody signed", note="You took the request back.",
    ),
    (Standing.AWAITING_PAYMENT, Standing.IN_REVIEW): Move(
        why="the fee was paid", note="We have received your payment. Your request is being checked.",
    ),
    (Standing.AWAITING_PAYMENT, Standing.WITHDRAWN): Move(
        why="nobody has to pay for what they no longer want", note="You took the request back.",
    ),
    (Standing.IN_REVIEW, Standing.WAITING_FOR_REGISTER): Move(
        why="a register that is needed does not answer; the case is delayed, never lost",
        note="A register does not answer at the moment. We go on by ourselves as soon as it does.",
    ),
    (Standing.IN_REVIEW, Standing.WITH_OFFICER): Move(
        why="a check did not hold, or the service is one that people decide",
        note="An officer is looking at your request.",
    ),
    (Standing.IN_REVIEW, Standing.APPROVED): Move(
        why="every check held and the service lets a machine approve",
        note="Your request was approved: every check held.",
    ),
    (Standing.IN_REVIEW, Standing.WITHDRAWN): Move(
        why="nothing is decided yet", note="You took the request back.",
    ),
    (Standing.WAITING_FOR_REGISTER, Standing.WITH_OFFICER): Move(
        why="the register answers again, and a check did not hold", note="An officer is looking at your request.",
    ),
    (Standing.WAITING_FOR_REGISTER, Standing.APPROVED): Move(
        why="the register answers again, and every check held",
        note="Your request was approved: every check held.",
    ),
    (Standing.WAITING_FOR_REGISTER, Standing.WITHDRAWN): Move(
        why="nothing is decided yet", note="You took the request back.",
    ),
    (Standing.WITH_OFFICER, Standing.APPROVED): Move(
        why="an officer decided for the resident", note="An officer approved your request.", by_person=True,
    ),
    (Standing.WITH_OFFICER, Standing.REFUSED): Move(
        why="an officer decided against the resident, with reasons and a way to appeal",
        note="An officer refused your request.", by_person=True,
    ),
    (Standing.WITH_OFFICER, Standing.WITHDRAWN): Move(
        why="nothing is decided yet", note="You took the request back.",
    ),
    (Standing.WITH_OFFICER, Standing.AWAITING_RESIDENT): Move(
        why="something is missing that only the resident can give; the city's time stands still",
        note="An officer needs something more from you.", by_person=True,
    ),
    (Standing.AWAITING_RESIDENT, Standing.WITH_OFFICER): Move(
        why="the resident answered, or the time for it is over; an officer goes on",
        note="An officer is looking at your request.",
    ),
    (Standing.AWAITING_RESIDENT, Standing.WITHDRAWN): Move(
        why="nothing is decided yet", note="You took the request back.",
    ),
    (Standing.REFUSED, Standing.APPEALED): Move(
        why="the resident appeals within the days of the law",
        note="You appealed. Another officer than the first looks at it again.",
    ),
    (Standing.COMPLETED, Standing.APPEALED): Move(
        why="the resident asks a person to look at what a machine decided",
        note="You appealed. An officer looks at what the machine decided.",
    ),
    (Standing.APPEALED, Standing.APPROVED): Move(
        why="another officer overturned the decision",
        note="Your appeal was right: the decision was changed.", by_person=True,
    ),
    (Standing.APPEALED, Standing.REFUSED): Move(
        why="another officer upheld the refusal, with reasons",
        note="The decision was upheld after your appeal.", by_person=True,
    ),
    (Standing.APPEALED, Standing.COMPLETED): Move(
        why="an officer upheld what the machine decided, with reasons",
        note="The decision was upheld after your appeal.", by_person=True,
    ),
    (Standing.APPROVED, Standing.COMPLETED): Move(
        why="what was approved is made and lies ready", note="What you asked for is ready.",
    ),
}
"""Every step that a case can take. Only an appeal leads out of refused or completed; nothing out of withdrawn."""

IN_REVIEW = frozenset({Standing.IN_REVIEW, Standing.WAITING_FOR_REGISTER})
"""Where the machine's checks may still move a case."""

DECIDED_FOR = frozenset({Standing.APPROVED, Standing.COMPLETED})
"""Decided for the resident: asked to approve again, the case stays as it is."""

PAID_OR_FREE = frozenset(Standing) - {Standing.DRAFT, Standing.AWAITING_SIGNATURES, Standing.AWAITING_PAYMENT}
"""Where news of a payment changes nothing any more."""


def after(standing: Standing) -> frozenset[Standing]:
    """The standings that may follow; none after a final one."""
    return frozenset(to for begin, to in MOVES if begin is standing)


def moved(
    case: Case, to: Standing, actor: Actor, now: datetime, reasons: Sequence[Reason] = (), note: str = ""
) -> Case:
    """The case in its new standing, with one line more in its history: the move's own, or ``note``.

    Raises MoveNotAllowed for a step that is not in ``MOVES``, and NotPermitted when a machine takes one that is
    a person's.
    """
    move = MOVES.get((case.standing, to))
    if move is None:
        raise MoveNotAllowed(case=case.number, standing=case.standing, wanted=to)
    if move.by_person and actor.kind is not ActorKind.OFFICER:
        raise NotPermitted
    happening = Happening(now, to, actor.name, note=note or move.note)
    return replace(
        case, standing=to, history=(*case.history, happening), reasons=tuple(reasons) or case.reasons, waits_for="",
    )


def require_draft(case: Case) -> None:
    """Raise MoveNotAllowed for a case whose answers were sent: they are the resident's word and stand."""
    if case.standing is not Standing.DRAFT:
        raise MoveNotAllowed(case=case.number, standing=case.standing, wanted=Standing.DRAFT)


def submitted(case: Case, actor: Actor, now: datetime, due: datetime) -> Case:
    """A draft as sent: it waits for its fee, or for review when there is none."""
    to = Standing.AWAITING_PAYMENT if case.fee else Standing.IN_REVIEW
    return replace(moved(case, to, actor, now), submitted=now, due=due, assurance=actor.assurance)


def paid(case: Case, actor: Actor, now: datetime, due: datetime) -> Case:
    """A case whose fee has come. The city's time runs from here: before, it may do nothing."""
    return replace(moved(case, Standing.IN_REVIEW, actor, now), due=due)


def waiting(case: Case, actor: Actor, now: datetime, register: str) -> Case:
    """A case that waits for a register; waiting already, it only notes which register it is."""
    if case.standing is Standing.WAITING_FOR_REGISTER:
        return replace(case, waits_for=register)
    return replace(moved(case, Standing.WAITING_FOR_REGISTER, actor, now), waits_for=register)


def approved(case: Case, actor: Actor, now: datetime, reasons: Sequence[Reason], *, automatic: bool) -> Case:
    """A case decided for its resident. What lies with an officer is not approved by a machine (NotPermitted)."""
    if automatic and case.standing is Standing.WITH_OFFICER:
        raise NotPermitted
    if case.standing is Standing.APPEALED:  # decided with its appeal, by another officer than the first
        raise MoveNotAllowed(case=case.number, standing=case.standing, wanted=Standing.APPROVED)
    return replace(
        moved(case, Standing.APPROVED, actor, now, reasons), decided=now, automatic=automatic,
        decided_by=actor.account,
    )


def lapsed(case: Case, actor: Actor, now: datetime, note: str, reasons: Sequence[Reason]) -> Case:
    """A case that ended by itself, without a decision, because what was asked for is not to be had any more.

    ``note`` is an English text with a translation. Raises MoveNotAllowed once it is decided or with an officer.
    """
    if case.standing not in {Standing.AWAITING_PAYMENT, Standing.IN_REVIEW}:
        raise MoveNotAllowed(case=case.number, standing=case.standing, wanted=Standing.WITHDRAWN)
    happening = Happening(now, Standing.WITHDRAWN, actor.name, note=note)
    return replace(
        case, standing=Standing.WITHDRAWN, history=(*case.history, happening), reasons=tuple(reasons), waits_for="",
    )


def refused(case: Case, actor: Actor, now: datetime, reasons: Sequence[Reason]) -> Case:
    """A case decided against its resident, by a person. Raises NotPermitted for a machine."""
    if case.standing is Standing.APPEALED:
        raise MoveNotAllowed(case=case.number, standing=case.standing, wanted=Standing.REFUSED)
    return replace(
        moved(case, Standing.REFUSED, actor, now, reasons), decided=now, automatic=False, decided_by=actor.account,
    )
