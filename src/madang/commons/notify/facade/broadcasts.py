"""Emergency broadcasts: one officer writes, another approves, then everybody is told by every way at once."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from madang.commons.audit import facade as audit
from madang.commons.db.transactions import transaction
from madang.commons.notify import channels, ways
from madang.commons.notify.contracts import (
    LONGEST_BODY,
    LONGEST_TITLE,
    Broadcast,
    BroadcastDecided,
    BroadcastId,
    BroadcastState,
    BroadcastUnknown,
    BroadcastWrong,
    Draft,
    Permission,
    Report,
    SecondOfficerNeeded,
)
from madang.commons.notify.facade.carrying import deliver_due, free_claims_of_the_dead
from madang.commons.notify.rules import addresses
from madang.commons.notify.store import broadcasts, deliveries
from madang.commons.notify.store.broadcasts import Line
from madang.kernel import clock
from madang.kernel.actors import Actor
from madang.kernel.ids import new_id
from madang.kernel.languages import Language

_PURPOSE: Final = "warn residents of a danger"
_BREATH_SECONDS: Final = 0.1


def write(actor: Actor, draft: Draft, now: datetime) -> Broadcast:
    """Write a broadcast down, for another officer to approve. Raises NotPermitted, BroadcastWrong."""
    actor.require(Permission.WRITE_BROADCAST)
    _check(draft)
    written = Broadcast(BroadcastId(new_id()), draft, BroadcastState.WRITTEN, now, actor.name, None, "", 0, 0)
    with transaction():
        broadcasts.add(written, actor.account)
        audit.record(actor, "notify.write_broadcast", purpose=_PURPOSE, about=written.id)
    return written


def approve(actor: Actor, broadcast: UUID, now: datetime) -> Broadcast:
    """Approve what another officer wrote: it goes out. Raises NotPermitted, BroadcastUnknown, BroadcastDecided."""
    actor.require(Permission.APPROVE_BROADCAST)
    return _decide(actor, BroadcastId(broadcast), BroadcastState.APPROVED, now)


def withdraw(actor: Actor, broadcast: UUID, now: datetime) -> Broadcast:
    """Withdraw a broadcast that was not approved yet. Raises NotPermitted, BroadcastUnknown, BroadcastDecided."""
    actor.require(Permission.WRITE_BROADCAST)
    return _decide(actor, BroadcastId(broadcast), BroadcastState.WITHDRAWN, now)


def broadcast_of(actor: Actor, broadcast: UUID) -> Broadcast:
    """One broadcast. Raises NotPermitted, BroadcastUnknown."""
    _may_see(actor)
    found = broadcasts.one(BroadcastId(broadcast))
    if found is None:
        raise BroadcastUnknown
    return found


def newest_broadcasts(actor: Actor, limit: int = 50) -> Sequence[Broadcast]:
    """The last broadcasts, newest first. Raises NotPermitted."""
    _may_see(actor)
    return broadcasts.newest(limit)


def audience(actor: Actor, districts: Sequence[str]) -> Mapping[str, int]:
    """How many would be reached there by each channel, and ``residents``. Raises NotPermitted."""
    _may_see(actor)
    return broadcasts.audience(districts)


def report_of(actor: Actor, broadcast: UUID) -> Report:
    """Where a broadcast's deliveries stand. Raises NotPermitted, BroadcastUnknown."""
    return broadcasts.report(broadcast_of(actor, broadcast).id)


def approved() -> Sequence[UUID]:
    """Broadcasts that were approved and are not written down for everybody yet."""
    return broadcasts.approved()


def compose(broadcast: UUID, now: datetime) -> tuple[int, int]:
    """Write everybody's message down, once; how many residents and deliveries there are.

    Asked again after it is done it does nothing: a worker that dies in it leaves nothing behind.
    """
    with transaction():
        found = broadcasts.locked(BroadcastId(broadcast))
        if found is None or found[0].state is not BroadcastState.APPROVED:
            return (found[0].residents, found[0].deliveries) if found else (0, 0)
        return broadcasts.compose(found[0], broadcast_channels(), now)


def broadcast_channels() -> Sequence[str]:
    """The channels that a broadcast is carried by."""
    return [name for name in ways.ways().topics["emergency"].channels if name in channels.carried()]


def carry_on(channel: str) -> int:
    """Carry everything that is due on a channel until nothing is, as fast as its provider takes it; how much."""
    carried = 0
    while True:
        now = clock.now()
        some = deliver_due(now, only=channel)
        carried += some
        if not some and not free_claims_of_the_dead(now):
            if not deliveries.waiting(channel, now):
                return carried
            time.sleep(_BREATH_SECONDS)


def take_over(actor: Actor, lines: Iterable[Line], now: datetime) -> int:
    """Take contact points over from a register or an older system: resident, language, district, channel, address.

    How many contact points were new. What is no address is left out. Raises NotPermitted.
    """
    actor.require(Permission.SET_FOR_RESIDENT)
    with transaction():
        audit.record(actor, "notify.take_over", purpose="reach residents in an emergency", fields=["contact_points"])
        return broadcasts.take_over((line for line in lines if addresses.is_address(line[3], line[4])), actor.name, now)


def _decide(actor: Actor, broadcast: BroadcastId, state: BroadcastState, now: datetime) -> Broadcast:
    with transaction():
        found = broadcasts.locked(broadcast)
        if found is None:
            raise BroadcastUnknown
        written, writer = found
        if written.state is not BroadcastState.WRITTEN:
            raise BroadcastDecided
        if state is BroadcastState.APPROVED and (actor.account is None or writer in {actor.account, None}):
            raise SecondOfficerNeeded
        broadcasts.decide(broadcast, state, actor.name, now)
        audit.record(actor, f"notify.{state.value}_broadcast", purpose=_PURPOSE, about=broadcast)
    return broadcast_of(actor, broadcast)


def _may_see(actor: Actor) -> None:
    if not actor.may(Permission.APPROVE_BROADCAST):
        actor.require(Permission.WRITE_BROADCAST)


def _check(draft: Draft) -> None:
    for field, text, longest in (("title", draft.titles, LONGEST_TITLE), ("body", draft.bodies, LONGEST_BODY)):
        words = [text.by_language.get(language, "") for language in Language]
        if not text.by_language.get(Language.KO, "").strip() or any(len(one) > longest for one in words):
            raise BroadcastWrong(field=field)
    if set(draft.titles.by_language) != set(draft.bodies.by_language):
        raise BroadcastWrong(field="body")
    if not all(code.isdecimal() and len(code) == 5 for code in draft.districts):  # noqa: PLR2004 -- 행정구역 코드
        raise BroadcastWrong(field="districts")
    if not draft.link.startswith("/") or draft.link.startswith("//"):
        raise BroadcastWrong(field="link")
