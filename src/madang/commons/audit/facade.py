"""The door to audit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from uuid import UUID

from madang.commons.audit import rules, store
from madang.commons.audit.contracts import GENESIS, STATED, Access, AuditSealed, ChainState, Entry, Head
from madang.commons.db.transactions import in_transaction, transaction
from madang.commons.events import facade as events
from madang.kernel import clock
from madang.kernel.actors import Actor, Stated
from madang.kernel.ids import AccountId, ResidentId, new_id

_TELL_EVERY = 1_000
_TELL_AFTER = timedelta(hours=1)
"""A head goes outside after so many entries or so long: what lies between two told heads rests on this database."""

SEE_OWN = "audit.see_own"
"""Needed by somebody who acts for the resident; the resident needs no permission to read who read their data."""

_trace: ContextVar[str] = ContextVar("audit_trace", default="")


@contextmanager
def traced(trace: str) -> Iterator[None]:
    """Everything recorded inside carries ``trace``, the id of the request that causes it. The edge calls this."""
    token = _trace.set(trace)
    try:
        yield
    finally:
        _trace.reset(token)


def record(
    actor: Actor, action: str, *, purpose: str | Stated, subject: ResidentId | None = None, about: UUID | None = None,
    fields: Sequence[str] = (),
) -> None:
    """Record an act in the open transaction: it stands if, and only if, the act itself is kept.

    ``action`` is ``room.verb``; ``fields`` are names of what was read or changed, never the values. A purpose that
    somebody stated is recorded by its name; the line that they wrote beside it is kept apart, because it can be
    forgotten and the record cannot. Raises EntryNotAllowed for anything else, and RuntimeError outside a transaction.
    """
    if not in_transaction():
        message = f"record({action}) outside a transaction: open one with transaction() first"
        raise RuntimeError(message)
    named = STATED + purpose.purpose if isinstance(purpose, Stated) else purpose
    rules.refuse_values(action, named, fields)
    entry = Entry(
        new_id(), clock.now(), actor.kind, actor.name, actor.account, action, named, subject, about, tuple(fields),
        _trace.get(),
    )
    store.add(entry)
    if isinstance(purpose, Stated) and purpose.line:
        store.add_line(entry, purpose.line)


def accesses_of(actor: Actor, *, before: datetime | None = None, limit: int = 50) -> list[Access]:
    """Who read or changed the data of the resident whom ``actor`` is, newest first; ``before`` pages on.

    Raises SignInNeeded, or NotPermitted for somebody who is no resident.
    """
    return store.accesses(actor.the_resident_alone(SEE_OWN), before, min(limit, 500))


def rooms_used_by(account: AccountId, since: datetime) -> frozenset[str]:
    """The rooms in which an account did anything since then, for the yearly review of who may do what."""
    return store.rooms_used_by(account, since)


def forget_lines(before: datetime) -> int:
    """Delete what was written beside stated purposes before then; how many lines. The record itself stays."""
    with transaction():
        return store.forget_lines(before)


def seal(now: datetime, limit: int = 5_000) -> int:
    """Chain up to ``limit`` entries that are kept and wait; how many. 0 while another sealer is at work.

    The chain's order is the order of sealing: an entry whose transaction is still open is simply sealed later.
    """
    with transaction():
        if not store.hold_seal():
            return 0
        entries = store.waiting(limit)
        if entries:
            _seal(entries, now)
    return len(entries)


def verify(anchors: Sequence[Head] = ()) -> ChainState:
    """Walk the whole chain and say what does not hold. ``anchors`` are heads that the outside kept (``audit.sealed``).

    Without anchors, somebody who owns the database and rewrites everything from some entry on is not found.
    """
    with transaction():
        head = store.head()
        walk = rules.Walk(store.position_of, {anchor.position: anchor.hash for anchor in anchors})
        for link in store.chain():
            walk.step(link)
        breaks = walk.end(head, store.head_at(walk.last.position))
        waiting, since = store.count_waiting()
    return ChainState(walk.last.position, waiting, since, head, breaks)


def _seal(entries: list[Entry], now: datetime) -> None:
    head = store.head()
    links = rules.chain(entries, head.position if head else 0, bytes.fromhex(head.hash) if head else GENESIS)
    store.set_seals(links)
    new = Head(links[-1].position, links[-1].hash.hex(), now)
    told = _is_to_be_told(new, store.last_told())
    store.add_head(new, told=told)
    if told:
        events.emit(AuditSealed(new.position, new.hash))


def _is_to_be_told(new: Head, last: Head | None) -> bool:
    if last is None:
        return True
    return new.position - last.position >= _TELL_EVERY or new.at - last.at >= _TELL_AFTER
